# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is asked of Docker's command line: documents in JSON, a line each, shaped as those of its API."""

from __future__ import annotations

ENDPOINT = "{{.Endpoints.docker.Host}}"


def _json(**fields: str) -> str:
    """A JSON object as a Go template: a value is the path of a field, or an object."""
    members = (
        f'"{name}":' + (path if path.startswith("{") else "{{json " + path + "}}") for name, path in fields.items()
    )
    return "{" + ",".join(members) + "}"


def _label(name: str) -> str:
    return "(index .Config.Labels " + f'"{name}")'


_LABELS = ("com.docker.compose.project", "com.docker.compose.service")

INFO = _json(
    ID=".ID",
    ServerVersion=".ServerVersion",
    OperatingSystem=".OperatingSystem",
    OSType=".OSType",
    SecurityOptions=".SecurityOptions",
    LiveRestoreEnabled=".LiveRestoreEnabled",
    Swarm=_json(LocalNodeState=".Swarm.LocalNodeState", ControlAvailable=".Swarm.ControlAvailable"),
)

CONTAINER = _json(
    Id=".Id",
    Name=".Name",
    State=_json(**{key: f".State.{key}" for key in ("Status", "Pid", "ExitCode", "Error")}),
    HostConfig=_json(
        **{key: f".HostConfig.{key}" for key in ("NetworkMode", "PortBindings", "PublishAllPorts", "RestartPolicy")}
    ),
    Config=_json(
        Image=".Config.Image",
        ExposedPorts=".Config.ExposedPorts",
        Labels=_json(**{name: _label(name) for name in _LABELS}),
    ),
    NetworkSettings=_json(Ports=".NetworkSettings.Ports", Networks=".NetworkSettings.Networks"),
)
