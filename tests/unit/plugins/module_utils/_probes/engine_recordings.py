# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents of real engines, and made ones of the same shape."""

from __future__ import annotations

import json
import pathlib
import typing as t

FOLDER = pathlib.Path(__file__).resolve().parents[3] / "recordings"
API = ("20.10.24", "26.1.5", "28.5.2")  # engines whose API was recorded with containers in every state
INSPECTED = ("20.10.24-proxy", "26.1.5-proxy", "28.5.2-proxy", "29.7.2-iptables-proxy", "29.7.2-nftables-proxy")
ID = "b979b7216a4bf76c4f169ffac820d98f2d4b21aba504a76b8e2ce7ea9b91688b"
ENDPOINT = "unix:///var/run/docker.sock"


def document(variant: str, state: str, source: str) -> t.Any:
    version = variant.partition("-")[0]
    return json.loads((FOLDER / f"engine-{variant}" / f"{state}.engine-{version}.{source}.json").read_text())


def entry(
    name: str = "web", state: str = "running", ports: t.Sequence[t.Any] = (), **more: t.Any
) -> t.Dict[str, t.Any]:
    """A container as GET /containers/json has it."""
    return {
        "Id": more.pop("identity", ID),
        "Names": [f"/{name}"],
        "Image": "nginx:1",
        "State": state,
        "Created": 1700000000,
        "Ports": list(ports),
        "Labels": {},
        "HostConfig": {"NetworkMode": "bridge"},
        "NetworkSettings": {"Networks": {"bridge": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16}}},
        **more,
    }


def inspect(state: str = "exited", bindings: t.Any = None, **more: t.Any) -> t.Dict[str, t.Any]:
    """A container as GET /containers/{id}/json has it."""
    return {
        "State": {"Status": state, "ExitCode": 0, "Error": "", "Pid": 0},
        "HostConfig": {"PortBindings": bindings or {}, "RestartPolicy": {"Name": "always"}, "NetworkMode": "bridge"},
        "Config": {"Env": ["PASSWORD=secret"]},
        "NetworkSettings": {"Ports": {}, "Networks": {}},
        **more,
    }


def port(text: str, private: int, public: t.Optional[int] = None, protocol: str = "tcp") -> t.Dict[str, t.Any]:
    """A port as GET /containers/json has it."""
    return {"IP": text, "PrivatePort": private, "PublicPort": public or private, "Type": protocol}
