# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The options that every gathering module has, and what becomes of them."""

from __future__ import annotations

import os
import socket
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi, Tls
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

ENGINE_ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    "docker_host": {"type": "str", "aliases": ["docker_url"]},
    "tls_hostname": {"type": "str"},
    "api_version": {"type": "str", "aliases": ["docker_api_version"]},
    "timeout": {"type": "float", "default": 10.0},
    "ca_path": {"type": "path", "aliases": ["ca_cert", "tls_ca_cert", "cacert_path"]},
    "client_cert": {"type": "path", "aliases": ["tls_client_cert", "cert_path"]},
    "client_key": {"type": "path", "aliases": ["tls_client_key", "key_path"]},
    "tls": {"type": "bool", "default": False},
    "validate_certs": {"type": "bool", "default": False, "aliases": ["tls_verify"]},
}

# A Compose project. An action plugin reads it on the controller and puts its ports into `publish`
COMPOSE_ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    "compose_files": {"type": "list", "elements": "path"},
    "project_dir": {"type": "path"},
    "env_files": {"type": "list", "elements": "path"},
    "profiles": {"type": "list", "elements": "str"},
    "project_name": {"type": "str"},
    "remote_src": {"type": "bool", "default": False},
}

# One of several projects, which docker_compose_v2 of community.docker takes as well
PROJECT_ARGUMENTS: t.Dict[str, t.Dict[str, t.Any]] = {
    **COMPOSE_ARGUMENTS,
    "compose_files": {"type": "list", "elements": "path", "aliases": ["files"]},
    "project_dir": {"type": "path", "aliases": ["project_src"]},
    "definition": {"type": "dict"},
    "environment": {"type": "dict"},
}

_TLS = ("tls", "validate_certs", "ca_path", "client_cert", "client_key", "tls_hostname")


def host_of(params: t.Mapping[str, t.Any]) -> LiveHost:
    """The machine, with the user's patience and certificates. Raises ValueError."""
    if params["timeout"] <= 0:
        raise ValueError(f"timeout: {params['timeout']:g} is not a number of seconds: expected more than 0, such as 10")
    api = EngineApi(params["timeout"], tls_of(params), params["api_version"] or "auto")
    return LiveHost(params["timeout"], api)


def tls_of(params: t.Mapping[str, t.Any]) -> Tls:
    """How the user wants TLS spoken."""
    return Tls(**{name: params[name] for name in _TLS if params[name]})


def request_of(params: t.Mapping[str, t.Any]) -> Request:
    """What the user asks the probes for. Raises ValueError."""
    try:
        sections = sections_of(params.get("sections") or ["all"])
    except ValueError as exc:
        raise ValueError(f"sections: {exc}") from exc
    return Request(
        sections=sections,
        name=socket.gethostname(),
        focus=tuple(_ports(text) for text in params.get("focus") or ()),
        docker_host=params["docker_host"],
        command_lines=bool(params.get("command_lines")),
        system="Darwin" if os.uname().sysname == "Darwin" else "Linux",
    )


def _ports(text: str) -> t.Tuple[int, int]:
    from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT  # few tasks need it

    first, _dash, last = str(text).partition("-")
    if first.isdigit() and (last or first).isdigit() and 1 <= int(first) <= int(last or first) <= MAX_PORT:
        return int(first), int(last or first)
    raise ValueError(
        f"focus: {text!r} is not a port or a rising range of ports within 1-{MAX_PORT}, such as 8080 or 8000-8010"
    )
