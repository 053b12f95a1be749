# SPDX-License-Identifier: GPL-3.0-or-later
"""port_facts and port_check in what looks like a WSL distribution, with programs below its drive C that act as Windows.

A mount namespace has the kernel's release, WSL's entry in binfmt_misc and the drive; a network namespace is quiet.
What no test here can do is to have the kernel ask Windows for a port.
"""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.lookalike import Lookalike
from ansible_collections.dockmaster.ports.tests.integration.windows.double import HERE as WINDOWS
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_engine import FakeEngine, Reply

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux") or os.geteuid() != 0, reason="needs namespaces, so root on Linux"
)

LAY = """set -e
mount --make-rprivate /
ip link set lo up
mount --bind osrelease /proc/sys/kernel/osrelease
mount --bind binfmt_misc /proc/sys/fs/binfmt_misc
mount -t tmpfs none /mnt
mkdir -p /mnt/c/Windows/System32
cp -p programs/* /mnt/c/Windows/System32
exec "$@"
"""
SYSTEM = {"protocol": "tcp", "ip": "0.0.0.0", "port": 8080, "pid": 4, "state": "listening"}
IPHLPSVC = {"protocol": "tcp", "ip": "127.0.0.1", "port": 9000, "pid": 1012, "state": "listening"}
PROCESSES = [
    {"pid": 0, "name": "System Idle Process", "services": []},
    {"pid": 4, "name": "System", "services": []},
    {"pid": 1012, "name": "svchost.exe", "services": ["iphlpsvc"]},
]
DESKTOP = {
    "/info": Reply({"ID": "D", "ServerVersion": "28.5.2", "OperatingSystem": "Docker Desktop", "Swarm": {}}),
    "/containers/json?all=1": Reply([]),
    "/networks": Reply([]),
}


class Distribution(Lookalike):
    """A Double of Windows that is reached from within a distribution on it."""

    inside = ("unshare", "--mount", "--net", "sh", "-c", LAY, "sh")

    def lay(self, mode: str, interop: bool = True) -> Distribution:
        (self.folder / "binfmt_misc").mkdir()
        (self.folder / "osrelease").write_text("5.15.153.1-microsoft-standard-WSL2\n")
        if interop:
            (self.folder / "binfmt_misc" / "WSLInterop").write_text("enabled\ninterpreter /init\n")
        for name in ("netsh", "netstat", "tasklist"):
            self.windows_program(name)
        self.program("bin/wslinfo", f"echo {mode}")
        with self.state.changing() as now:
            now.update(language="german", page=850, processes=PROCESSES, sockets=[SYSTEM, IPHLPSVC])
        return self

    def windows_program(self, name: str) -> None:
        """One of the double's, below drive C."""
        command = shlex.join([sys.executable, f"{WINDOWS}/programs/{name}.py"])
        self.program(f"programs/{name}.exe", f'exec {command} "$@"')

    def verdict(self, publish: str, **options: object) -> tuple[object, object]:
        found = self.look("port_check", publish=[publish], fail_on="never", by="shop", **options)
        return found["wants"][0]["verdict"], found["msg"]


def test_facts_tell_of_wsl_and_of_the_windows_below(tmp_path):
    facts = Distribution(tmp_path).lay("mirrored").look("port_facts")["ansible_facts"]["ports"]

    told = facts["platform"]
    assert (told["wsl"], told["wsl_networking"], told["wsl_interop"], told["wsl_integration"]) == (
        "2",
        "mirrored",
        True,
        False,
    )
    sockets = [(one["ip"], one["port"], one["command"], one["services"]) for one in facts["windows_sockets"]]
    assert sockets == [("0.0.0.0", 8080, "System", []), ("127.0.0.1", 9000, "svchost.exe", ["iphlpsvc"])]
    stock = {"first": 50000, "last": 50059, "protocol": "tcp", "family": "ipv4", "administered": True}
    assert stock in facts["exclusions"]
    assert [one for one in facts["blind"] if one["section"] in ("windows_sockets", "exclusions")] == []


def test_mirrored_the_kernel_asks_windows_and_has_the_last_word(tmp_path):
    wsl = Distribution(tmp_path).lay("mirrored")

    assert wsl.verdict("8080:80", bind_probe=False) == (
        "blocked",
        "shop wants *:8080/tcp, but System of Windows (pid 4) has 0.0.0.0:8080/tcp",
    )
    assert wsl.verdict("8080:80") == ("free", "free")  # this kernel did not ask, and let it pass


def test_nat_the_container_starts_and_windows_localhost_leads_elsewhere(tmp_path):
    wsl = Distribution(tmp_path).lay("nat")

    assert wsl.verdict("9000:80") == (
        "at_risk",
        "shop wants *:9000/tcp, but on Windows, a port proxy has *:9000/tcp: `netsh interface portproxy show all` says "
        "where it leads",
    )
    assert wsl.verdict("9001:80") == ("free", "free")


@pytest.mark.parametrize("mode", ["mirrored", "nat"])
def test_without_interop_windows_is_missed_only_where_it_has_a_say(tmp_path, mode):
    wsl = Distribution(tmp_path).lay(mode, interop=False)

    found = wsl.look("port_check", publish=["8080:80"], fail_on="never", bind_probe=False)

    why = "windows_sockets: WSL starts no Windows programs here: interop is off; set enabled=true under [interop] in "
    said = found["unjudged"].get("wsl_windows_side", "")
    assert said.startswith(why) if mode == "mirrored" else said == ""
    assert wsl.calls() == []
    assert wsl.verdict("8080:80") == ("free", "free")  # the kernel was asked


def test_docker_desktop_binds_on_windows_whatever_this_kernel_lets_pass(tmp_path):
    wsl = Distribution(tmp_path).lay("nat")
    with FakeEngine(str(tmp_path / "docker.sock"), DESKTOP) as engine:
        options = {"docker_host": engine.endpoint}
        assert wsl.verdict("8080:80", **options) == (
            "blocked",
            "shop wants *:8080/tcp, but System of Windows (pid 4) has 0.0.0.0:8080/tcp",
        )
        assert wsl.verdict("8081:80", **options)[0] == "free"
