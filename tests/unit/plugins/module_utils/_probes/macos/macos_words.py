# SPDX-License-Identifier: GPL-3.0-or-later
"""A Mac with Docker Desktop, from a recording; its engine's API is a fake one, or nobody listens."""

from __future__ import annotations

import json
import pathlib
import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Deserted, Output, Tried, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

RECORDINGS = pathlib.Path(__file__).resolve().parents[4] / "recordings" / "macos"
SOCKET = "/Users/anna/.docker/run/docker.sock"
ENDPOINT = f"unix://{SOCKET}"
META = "/Users/anna/.docker/contexts/meta"
CONTEXT = json.dumps({"Name": "desktop-linux", "Metadata": {}, "Endpoints": {"docker": {"Host": ENDPOINT}}})
INFO = {
    "ID": "DESK",
    "ServerVersion": "27.2.0",
    "OperatingSystem": "Docker Desktop",
    "Swarm": {"LocalNodeState": "inactive"},
}
WEB = {
    "Id": "a" * 64,
    "Names": ["/web"],
    "State": "running",
    "Image": "nginx",
    "Labels": {"com.docker.compose.project": "shop", "com.docker.compose.service": "web"},
    "Ports": [
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
    ],
    "NetworkSettings": {
        "Networks": {"bridge": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16, "GlobalIPv6Address": ""}}
    },
    "HostConfig": {"NetworkMode": "bridge"},
}


def text(name: str, variant: str = "desktop") -> str:
    return (RECORDINGS / variant / f"{name}.txt").read_text(encoding="utf-8")


def chosen(lines: str, wanted: t.Container[str]) -> str:
    """What sysctl prints of all that was recorded."""
    return "".join(line for line in lines.splitlines(keepends=True) if line.partition(":")[0] in wanted)


class Mac(ReplayHost):
    """user: who asks; only root may ask pf, and lsof shows the sockets of his own processes to anybody else.

    runs: instead of what is recorded, by command. refused: binds by "ip port"; nothing else is.
    """

    def __init__(
        self,
        user: int = 0,
        api: t.Optional[t.Mapping[str, t.Any]] = None,
        runs: t.Optional[t.Mapping[str, t.Any]] = None,
        refused: t.Optional[t.Mapping[str, str]] = None,
        files: t.Optional[t.Mapping[str, str]] = None,
        names: t.Optional[t.Mapping[str, t.Sequence[str]]] = None,
        link: t.Optional[t.Mapping[str, str]] = None,
    ) -> None:
        folders = {
            "/Users": [".localized", "Shared", "anna"],
            "/Users/anna/.docker/run": ["docker.sock"],
            META: ["fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e"],
            "/var/run": ["docker.sock", "mDNSResponder"],
        }
        self._user, self._api, self._refused = user, api, refused or {}
        recording = {
            "read": {f"{META}/{folders[META][0]}/meta.json": CONTEXT, **(files or {})},
            "names": {**folders, **(names or {})},
            "link": {"/var/run/docker.sock": SOCKET, **(link or {})},
        }
        super().__init__(recording)
        self._runs = runs or {}
        self.called: t.List[str] = []

    def run(self, *argv: str) -> Output:
        command = " ".join(argv)
        self.called.append(command)
        if command in self._runs:
            told = self._runs[command]
            if told is None:
                raise Unseen(f"{argv[0]} is not installed")
            return Output(*told)
        return self._recorded(command, argv)

    def _recorded(self, command: str, argv: t.Sequence[str]) -> Output:
        if argv[0] == "sysctl":
            return Output(0, chosen(text("sysctl"), argv[1:]), "")
        if argv[0] == "pfctl":
            if self._user:
                return Output(1, "", "pfctl: /dev/pf: Permission denied\n")
            return Output(0, text("pfctl-info" if argv[-1] == "info" else "pfctl-nat"), "No ALTQ support in kernel\n")
        if argv[0] == "lsof":
            return Output(0, self._lsof(), "")
        if argv[0] == "ps" or argv[:3] == ("env", "TZ=UTC0", "ps"):
            return Output(0, self._ps(argv), "")
        plain = {"sw_vers": "sw_vers", "ifconfig -a": "ifconfig", "launchctl list": "launchctl"}
        if command in plain:
            return Output(0, text(plain[command]), "")
        if command == "id -u":
            return Output(0, f"{self._user}\n", "")
        raise Unseen(f"{argv[0]} is not installed")

    def _lsof(self) -> str:
        processes = re.split(r"^(?=p\d)", text("lsof"), flags=re.MULTILINE)
        return "".join(one for one in processes if self._user == 0 or f"\nu{self._user}\n" in one)

    def _ps(self, argv: t.Sequence[str]) -> str:
        asked = argv[-1].split(",")
        rows = (line for line in text("ps").splitlines(keepends=True) if line.split()[0] in asked)
        if "pid=,args=" in argv:
            return "".join(f"{row.split()[0]} {row.split(' 2026 ')[1].strip()} --secret\n" for row in rows)
        return "".join(rows)

    def api(self, endpoint: str, path: str) -> Answer:
        if self._api is None or endpoint != ENDPOINT:
            raise Deserted(f"nobody listens on {endpoint}", "start the engine")
        found = self._api.get(path)
        if found is None:
            return Answer(404, '{"message":"no such thing"}')
        return Answer(200, json.dumps(found), {"api-version": "1.47"})

    def bind(self, ip: str, protocol: str, port: int, reuse_address: bool) -> Tried:
        error = self._refused.get(f"{ip} {port}", "")
        return Tried("bind" if error else "", error)


RUNNING = {"/info": INFO, "/containers/json?all=1": [WEB], "/networks": []}
