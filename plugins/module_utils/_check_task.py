# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A task of port_check: its options, what it asks, and its result. The same wherever it runs."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import (
    COMPOSE_ARGUMENTS,
    ENGINE_ARGUMENTS,
    PROJECT_ARGUMENTS,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._check import Suggester, check
from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band, band_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import Policy, policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import LEVELS, as_plain, failing
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

ARGUMENTS: t.Dict[str, t.Any] = {
    "publish": {"type": "list", "elements": "raw"},
    "by": {"type": "str", "default": ""},
    "bind_probe": {"type": "bool", "default": True},
    "fail_on": {"type": "str", "choices": list(LEVELS), "default": "blocked"},
    "port_policy": {"type": "dict"},
    "suggest": {"type": "str"},
    **COMPOSE_ARGUMENTS,
    "projects": {"type": "list", "elements": "dict", "options": PROJECT_ARGUMENTS},
    **ENGINE_ARGUMENTS,
}
REQUIRED_ONE_OF = [("publish", "compose_files", "project_dir", "projects")]

_EVIDENCE = 3  # the verbosity from which on the result holds the document


@dataclass(frozen=True)
class Question:
    """band: for suggestions, None where none are asked for."""

    wants: t.Tuple[Want, ...]
    band: t.Optional[Band]
    policy: t.Optional[Policy]
    bind_probe: bool
    fail_on: str


def asked(params: t.Mapping[str, t.Any]) -> Question:
    """What the options ask. Raises ValueError that names the option."""
    unread = [name for name in ("compose_files", "project_dir", "projects") if params[name]]
    if unread:
        raise ValueError(f"{unread[0]}: Compose projects are read by the action plugin, and this ran without it")
    option = "publish"
    try:
        wants = wants_of(params["publish"] or [], by=params["by"])
        option = "suggest"
        band = band_of(params["suggest"]) if params["suggest"] else None
        option = "port_policy"
        policy = policy_of(params["port_policy"]) if params["port_policy"] else None
    except ValueError as exc:
        raise ValueError(f"{option}: {exc}") from exc
    return Question(tuple(wants), band, policy, params["bind_probe"], params["fail_on"])


def checked(host: Host, request: Request, question: Question, verbosity: int) -> t.Tuple[t.Dict[str, t.Any], bool]:
    """The task's result, and whether it fails.

    Where no bind is tried that would tell of connections, as on Windows, they are looked for in the whole band.
    """
    if question.band and (request.system == "Windows" or not question.bind_probe):
        request = request._replace(focus=(*request.focus, question.band))
    evidence, diagnosis = check(host, request, question.wants, question.bind_probe, question.policy)
    band, policy = question.band, question.policy
    suggestions = Suggester(host, request, evidence, band, policy).suggest(diagnosis) if band else {}
    result = as_plain(diagnosis, suggestions)
    if verbosity >= _EVIDENCE:
        result["evidence"] = dump(evidence)
    return result, failing(diagnosis, question.fail_on)
