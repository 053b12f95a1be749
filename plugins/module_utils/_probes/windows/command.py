# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is run on Windows hosts. Windows has no Python for us: all is run at once, and replayed to the probes.

So each probe of Windows says beforehand what it will run: `commands(request) -> Sequence[Command]`.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

MACHINE = "machine"
"""Under this name what the host says of itself is read: JSON with name, version, elevated, addresses."""

ELEVATE = "connect as an administrator, without a token that UAC filtered"


@dataclass(frozen=True)
class Command:
    """A program and its arguments.

    each: an earlier command; the words that it printed are arguments too, and if it printed none, this one is not run.
    after: an earlier command; if that does not end with 0, this one is not run.
    seconds: that it may take.
    """

    argv: t.Tuple[str, ...]
    each: t.Optional[Command] = None
    after: t.Optional[Command] = None
    seconds: int = 30

    def __str__(self) -> str:
        return " ".join(self.argv)


def printed(host: Host, command: Command) -> str:
    """What a command printed. Raises Unseen where it failed, and where it is silent: ours all have something to say."""
    answer = host.run(*command.argv)
    if answer.rc:
        said = " ".join(visible(answer.err or answer.out).split())
        raise Unseen(f"{command}: {said or f'exit status {answer.rc}'}")
    if not answer.out.strip():
        raise Unseen(f"{command} printed nothing")
    return answer.out


def machine_of(host: Host) -> t.Dict[str, t.Any]:
    """Raises Unseen where the host said nothing of itself."""
    told: t.Dict[str, t.Any] = json.loads(host.read(MACHINE))
    return told
