# SPDX-License-Identifier: GPL-3.0-or-later
"""docker: as much of the command line as is asked on Windows hosts.

The state's `docker` has `version`, `containers` and `refuses`: what it says instead of answering. A container has
`name`, `state`, `ports` (as of `docker inspect`: {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}), `labels`, `env`.
`ports` are those that it asks for, and has while it runs. Templates are filled in as Go's are: `{{json .A.B}}`.
"""

from __future__ import annotations

import json
import re
import sys
import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows.state import State

FIELD = re.compile(r"\{\{(?:json )?(\(index ([.\w]+) \"([^\"]+)\"\)|[.\w]+)\}\}")


def filled(template: str, document: t.Mapping[str, t.Any]) -> str:
    """A template's fields replaced by their values as JSON, or as text where it does not ask for JSON."""

    def value(match: t.Match[str]) -> str:
        found = path(document, match[2] or match[1])
        found = (found or {}).get(match[3], "") if match[3] else found
        return json.dumps(found) if match[0].startswith("{{json ") else str(found)

    return FIELD.sub(value, template)


def path(document: t.Any, text: str) -> t.Any:
    for name in text.strip(".").split("."):
        document = document[name]
    return document


def info(told: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    return {
        "ID": "e0f1", "ServerVersion": told["version"], "OperatingSystem": "Docker Desktop",
        "OSType": told.get("os_type", "linux"), "SecurityOptions": ["name=seccomp"], "LiveRestoreEnabled": False,
        "Swarm": {"LocalNodeState": "inactive", "ControlAvailable": False},
    }  # fmt: skip


def inspect(number: int, one: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    runs = one["state"] == "running"
    return {
        "Id": f"{number:064x}",
        "Name": "/" + one["name"],
        "State": {"Status": one["state"], "Pid": 700 if runs else 0, "ExitCode": 0, "Error": ""},
        "HostConfig": {
            "NetworkMode": "bridge", "PortBindings": one["ports"], "PublishAllPorts": False,
            "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0},
        },
        "Config": {"Image": "nginx", "ExposedPorts": None, "Labels": one.get("labels", {}), "Env": one.get("env", [])},
        "NetworkSettings": {"Ports": one["ports"] if runs else {}, "Networks": {}},
    }  # fmt: skip


def answer(told: t.Mapping[str, t.Any], words: t.Sequence[str]) -> str:
    """Raises ValueError for what is never asked."""
    containers = dict(enumerate(told["containers"], 1))
    if words[:3] == ["context", "inspect", "--format"]:
        return filled(words[3], {"Endpoints": {"docker": {"Host": "npipe:////./pipe/docker_engine"}}}) + "\n"
    if words[:2] == ["info", "--format"]:
        return filled(words[2], info(told)) + "\n"
    if words == ["container", "ls", "--all", "--quiet"]:
        return "".join(f"{number:064x}"[-12:] + "\n" for number in containers)
    if words[:3] == ["container", "inspect", "--format"]:
        return "".join(filled(words[3], inspect(int(one, 16), containers[int(one, 16)])) + "\n" for one in words[4:])
    raise ValueError(f"docker: unknown command: {' '.join(words)}")


def main() -> int:
    told = State().read()["docker"]
    if told.get("refuses") and sys.argv[1] != "context":
        sys.stderr.write(told["refuses"] + "\n")
        return 1
    try:
        sys.stdout.write(answer(told, sys.argv[1:]))
    except ValueError as exc:
        sys.stderr.write(f"{exc}\n")
        return 125
    return 0


if __name__ == "__main__":
    sys.exit(main())
