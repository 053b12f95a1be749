# SPDX-License-Identifier: GPL-3.0-or-later
"""Role remediate on a host, held to what it promises: nothing else than what was in the way differs afterwards."""

from __future__ import annotations

import re
import typing as t

from .play import Played, Task, everything, play, promise, role
from .scenario import BY, Lab, Mismatch


def remedied(
    lab: Lab, publish: t.Optional[str], allow: t.Sequence[str], differs: str, says: str = "DONE", **variables: t.Any
) -> Played:
    """The role in check mode, for real and once more, on what is in the way of a published port.

    publish: None for what an audit finds. differs: what of the host may be another afterwards, as a regular expression.
    says: what the role's table must hold.
    """
    before = everything(lab.host)
    did = promise(lab.host, tasks(publish, allow, **variables))
    if did.failed or says not in did.text:
        raise Mismatch(f"{allow} was to say {says!r}: {did.text}")
    only(before, everything(lab.host), differs)
    return did


def refused(lab: Lab, publish: str, allow: t.Sequence[str], says: str, **variables: t.Any) -> None:
    """The role fails in check mode and for real, says why, and nothing differs."""
    did = promise(lab.host, tasks(publish, allow, **variables))
    if did.failed != 1 or says not in did.text:
        raise Mismatch(f"{allow} was to fail with {says!r}: {did.text}")


def idle(lab: Lab, publish: t.Optional[str], allow: t.Sequence[str], says: str, **variables: t.Any) -> None:
    """The role changes nothing, and says why."""
    did = promise(lab.host, tasks(publish, allow, **variables))
    if did.failed or did.changed or says not in did.text:
        raise Mismatch(f"nothing was to be done, and {says!r} said: {did.text}")


def tasks(publish: t.Optional[str], allow: t.Sequence[str], **variables: t.Any) -> list[Task]:
    """As a play of a user has them."""
    given = {"remediate_allow": list(allow), **variables}
    if publish is None:
        return [role("remediate", **given)]
    asked = {"publish": [publish], "by": BY, "fail_on": "never", **lookup(variables)}
    check = {"name": "Ask for the port", "dockmaster.ports.port_check": asked, "register": "asked"}
    return [check, role("remediate", **{"remediate_findings": "{{ asked }}", **given})]


def lookup(variables: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The engine that is meant, as port_check takes it."""
    engine = variables.get("remediate_docker_host")
    return {"docker_host": engine} if engine else {}


def only(before: t.Sequence[str], after: t.Sequence[str], differs: str) -> None:
    """Raises Mismatch with what differs beyond that."""
    changed = sorted(set(before) ^ set(after))
    wrong = [line for line in changed if not re.search(differs, line)]
    if wrong:
        raise Mismatch(f"besides {differs} differs: {wrong[:8]}")


__all__ = ["idle", "only", "play", "refused", "remedied", "tasks"]
