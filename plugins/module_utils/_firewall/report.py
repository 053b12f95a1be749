# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a task returns: the result of the module, its diff and its warnings."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, firewall, reach, shadow
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.reach import Reach
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.task import Task

NO_SYSTEMD = (
    "this host has no systemd: nothing puts the policy back after a reboot, a flush or a reload of another firewall; "
    f"have its service manager run `{files.PROGRAM} apply` before the engine starts, "
    f"and `{files.PROGRAM} watch` from then on"
)
NO_ENGINE = "no engine (dockerd) runs in this network namespace: the policy is laid out as its configuration says"
SPLIT = (
    "the engine's rules are in both variants of iptables: the kernel evaluates both, and the policy is in {variant}; "
    "let the host use one variant and restart the engine"
)


def result(task: Task) -> t.Dict[str, t.Any]:
    """The result of a task, whether it was carried out or not."""
    before, after = reached(task)
    return {
        "changed": task.changes,
        "backend": task.seen.backend,
        "status": firewall.state_of(task.seen, task.before, bool(task.rules.steps)),
        "open_at": task.seen.open_at if task.before else [],
        "reachable": {
            "before": [one.plain() for one in before],
            "after": [one.plain() for one in after],
        },
        "summary": summary(before, after),
        "diff": diff(task, before, after),
    }


def reached(task: Task) -> t.Tuple[t.List[Reach], t.List[Reach]]:
    """Who may reach what that is published now: before and after. A policy that packets pass by keeps nobody out."""
    before = None if task.seen.open_at else task.before
    published = task.seen.around.current
    was = reach.reachable(before, published)
    return was, was if before == task.after else reach.reachable(task.after, published)


def summary(before: t.Sequence[Reach], after: t.Sequence[Reach]) -> t.List[str]:
    """A sentence an answer, with the one before where it was another."""
    old = {(one.published, one.host, one.interface): one for one in before}
    found = []
    for one in after:
        was = old.get((one.published, one.host, one.interface))
        changed = was is not None and (was.who, was.sources, was.more) != (one.who, one.sources, one.more)
        found.append(sentence(one) + (f" (before: {_who(was)})" if was and changed else ""))
    return found


def warnings(task: Task) -> t.List[str]:
    """What somebody should know beside it."""
    if not task.after:
        return []
    found = shadow.warnings(task.after)
    found += [f"{task.unread}; it is replaced"] if task.unread else []
    reading = task.seen.reading
    found += [SPLIT.format(variant=task.seen.backend)] if reading and reading.split else []
    found += [] if task.seen.engine.pid else [NO_ENGINE]
    return found + ([] if task.lasting.systemd else [NO_SYSTEMD])


def trouble(exc: OSError) -> str:
    """What stood in the way of a file, and what to do."""
    why = f"{exc.filename}: {(exc.strerror or str(exc)).lower()}"
    return f"{why}; run with become: true" if isinstance(exc, PermissionError) else why


def diff(task: Task, before: t.Iterable[Reach], after: t.Iterable[Reach]) -> t.List[t.Dict[str, str]]:
    """Who may reach what, then the rules, then the files: before and after."""
    texts = {"reachable": (_lines(before), _lines(after))}
    texts.update(task.rules.shown)
    texts.update(
        {file.path: (_shown(file.path, file.before), _shown(file.path, file.after)) for file in task.lasting.files}
    )
    return [
        {"before_header": name, "after_header": name, "before": old, "after": new}
        for name, (old, new) in texts.items()
        if old != new
    ]


def _lines(answers: t.Iterable[Reach]) -> str:
    return "".join(f"{sentence(one)}\n" for one in answers)


def sentence(one: Reach) -> str:
    """An answer for people: "0.0.0.0:5432/tcp: only 10.0.0.0/24"."""
    where = [f"to {one.host}"] * bool(one.host) + [f"by {one.interface}"] * bool(one.interface)
    condition = f" ({', '.join(where)})" if where else ""
    return f"{one.published}{condition}: {_who(one)}"


def _who(one: Reach) -> str:
    more = f" and {one.more} more" if one.more else ""
    return f"{one.who} {', '.join(one.sources)}{more}" if one.sources else one.who


def _shown(path: str, text: t.Optional[str]) -> str:
    if text is None or path != files.PROGRAM:
        return text or ""
    return f"program, sha256 {hashlib.sha256(text.encode('utf-8', 'surrogateescape')).hexdigest()}\n"
