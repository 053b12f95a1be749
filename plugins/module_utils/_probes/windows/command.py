# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What probes of Windows hosts run. Windows has no Python for us: all of it is run before, and replayed to the probes.

So each probe says beforehand, in COMMANDS, what it will run.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible


@dataclass(frozen=True)
class Command:
    """A program and its arguments. each: the words that this earlier command printed are arguments too.

    Where that printed none, the command is not run, and has printed nothing.
    """

    argv: t.Tuple[str, ...]
    each: t.Optional[t.Tuple[str, ...]] = None


def printed(host: Host, *argv: str) -> str:
    """What a command printed. Raises Unseen where it failed, and where it is silent: ours all have something to say."""
    answer = host.run(*argv)
    name = " ".join(argv)
    if answer.rc:
        said = " ".join(visible(answer.err or answer.out).split())
        raise Unseen(f"{name}: {said or f'exit status {answer.rc}'}")
    if not answer.out.strip():
        raise Unseen(f"{name} printed nothing")
    return answer.out
