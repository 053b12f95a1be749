# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""A Windows host recorded: what the probes of Windows read there, got in one round trip."""

from __future__ import annotations

import dataclasses
import json
import math
import time
import typing as t
from collections.abc import Mapping

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.catalogue import WINDOWS_PROBES
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import MACHINE, Command
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.remote import Answer, Machine, Windows


def recorded(
    windows: Windows, request: Request, timeout: float, environment: Mapping[str, str]
) -> tuple[ReplayHost, Request]:
    """The host, and the request with the host's own name. timeout: seconds that any one command may take.

    Raises AnsibleActionFail, AnsibleConnectionFailure.
    """
    commands = _commands(request)
    answers = windows.run(commands, environment, seconds=math.ceil(timeout))
    run = {str(one): _output(one, answer, timeout) for one, answer in zip(commands, answers, strict=True)}
    machine = t.cast(Machine, windows.machine)  # who answers says who he is
    read = {MACHINE: json.dumps(dataclasses.asdict(machine))}
    host = ReplayHost({"run": run, "read": read}, taken_at=round(time.time(), 3))
    return host, request._replace(name=machine.name)


def _commands(request: Request) -> list[Command]:
    """What the probes of the request's sections run, each command once."""
    probes = [one.load() for one in WINDOWS_PROBES if set(one.sections) & set(request.sections)]
    return list(dict.fromkeys(command for probe in probes for command in probe.commands(request)))


def _output(command: Command, answer: Answer, timeout: float) -> t.Any:
    """As ReplayHost takes it."""
    if answer.missing:
        return None
    if answer.late:
        return f"{command} did not end within {timeout:g} s; raise timeout"
    if answer.why:
        return f"{command}: {answer.complaint}"
    return [answer.code, answer.text, answer.error] if answer.run else [0, "", ""]
