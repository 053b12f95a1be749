# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Options of a gathering task on a Windows host: what cannot apply there is refused, and not passed over."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS, request_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

_ENDPOINTS = ("npipe://", "tcp://", "ssh://")
_CONTEXT = "make a docker context of it there, and name it as DOCKER_CONTEXT in the task's environment"
_TLS = ("tls", "tls_hostname", "ca_path", "client_cert", "client_key", "validate_certs")
_REFUSED = {
    **dict.fromkeys(_TLS, _CONTEXT),
    "api_version": "name it as DOCKER_API_VERSION in the task's environment",
    "command_lines": "tasklist does not tell the arguments of processes",
}


def validated(
    args: Mapping[str, t.Any], spec: dict[str, t.Any], required_one_of: Sequence[Sequence[str]] = ()
) -> dict[str, t.Any]:
    """The options as a module would have them. Raises ValueError."""
    found = ArgumentSpecValidator(spec, required_one_of=list(required_one_of)).validate(dict(args))
    if found.error_messages:
        raise ValueError(found.error_messages[0])
    return dict(found.validated_parameters)


def windows_request(params: Mapping[str, t.Any]) -> Request:
    """What the options ask for, on Windows. Which system a host has is part of every document. Raises ValueError."""
    for name, advice in _REFUSED.items():
        if params.get(name) not in (None, ENGINE_ARGUMENTS.get(name, {}).get("default", False)):
            raise ValueError(f"{name} cannot be applied on a Windows host: {advice}")
    endpoint = params["docker_host"]
    if endpoint and not endpoint.startswith(_ENDPOINTS):
        raise ValueError(
            f"docker_host: {endpoint!r} is nothing that a Windows host has: expected {', '.join(_ENDPOINTS)}"
        )
    if params["timeout"] <= 0:
        raise ValueError(f"timeout: {params['timeout']:g} is not a number of seconds: expected more than 0, such as 10")
    request = request_of(params)
    sections = tuple(one for one in SECTIONS if one in request.sections or one == "platform")
    return request._replace(sections=sections, system="Windows")
