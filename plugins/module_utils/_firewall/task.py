# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What the module does: lay out a policy, put one on trial, confirm it, take it away."""

from __future__ import annotations

import contextlib
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    engine,
    firewall,
    lasting,
    program,
    store,
    trial,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.firewall import Plan, Seen
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.lasting import Lasting
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import Policy
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.store import Trial
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System


class ConfirmedError(FirewallError):
    """Something failed after the policy on trial was confirmed: it is kept, and nothing takes it back."""


@dataclass(frozen=True)
class Task:
    """What is to be done. before, after: the policies; None: none. trial: the one under way, which ends.

    unread: why the policy before was not read; it is as if there was none.
    """

    seen: Seen
    before: t.Optional[Policy]
    after: t.Optional[Policy]
    rules: Plan
    lasting: Lasting
    trial: t.Optional[Trial] = None
    unread: str = ""

    @property
    def changes(self) -> bool:
        """Whether anything on the host differs from what is wanted."""
        return bool(self.rules.steps) or self.lasting.changes or self.trial is not None


def task(system: System, policy: t.Optional[Policy]) -> Task:
    """What a policy asks for; None: that nothing of ours is left. Nothing is changed. Raises FirewallError."""
    if policy:
        _check_engine(system)
    seen = firewall.look(system)
    before, under_way, unread = _before(system)
    return Task(
        seen=seen,
        before=before,
        after=policy,
        rules=firewall.plan(seen, policy),
        lasting=lasting.wanted(system, seen.engine, policy) if policy else lasting.gone(system),
        trial=under_way,
        unread=unread,
    )


def _before(system: System) -> t.Tuple[t.Optional[Policy], t.Optional[Trial], str]:
    """The policy in force, the trial, and why neither was read: a file that is broken must not stand in the way."""
    try:
        return store.in_force(system), store.trial(system), ""
    except FirewallError as exc:
        return None, None, str(exc)


def _check_engine(system: System) -> None:
    """Before anything is touched. Raises FirewallError for an engine that no policy can be laid out around."""
    refusal = engine.find(system, system.processes(engine.DAEMON)).refusal
    if refusal:
        raise FirewallError(refusal)


def present(system: System, policy: Policy) -> Task:
    """Lay the policy out, and have the host keep it. Raises FirewallError, OSError."""
    _check_engine(system)
    with store.locked():
        todo = task(system, policy)
        if todo.trial or todo.unread:
            trial.end(system)
        lasting.write(system, todo.lasting)  # first: killed from here on, the host goes forward to the new policy
        try:
            firewall.settle(system, policy, todo.seen)
        except FirewallError as exc:
            lasting.write(system, lasting.reverse(todo.lasting))
            raise _back(system, todo.before, exc) from exc
    lasting.start(system, todo.lasting)
    return todo


def tried(system: System, policy: Policy, seconds: float) -> t.Tuple[Task, t.Optional[Trial]]:
    """Lay the policy out, to be taken back after so many seconds. One that changes no rule needs no trial."""
    _check_engine(system)
    with store.locked():
        todo = task(system, policy)
        begun = None
        if todo.unread:
            raise FirewallError(f"{todo.unread}; there is nothing that a trial could fall back to: run without one")
        if todo.rules.steps or todo.trial:
            python = program.python(system)
            begun = trial.begin(system, policy, seconds, (program.archive(python), python))
            try:
                firewall.settle(system, policy, todo.seen)
            except FirewallError as exc:
                trial.end(system)
                raise _back(system, store.kept(system), exc) from exc
    if begun is None and todo.changes:
        present(system, policy)
    return todo, begun


def confirmed(system: System, token: str) -> Task:
    """Have the host keep the policy on trial. Raises FirewallError if the trial is over, OSError, ConfirmedError."""
    with store.locked():
        under_way = store.trial(system)
        if under_way is None or under_way.token != token or system.uptime() >= under_way.until:
            raise FirewallError("the trial is over: nobody confirmed it in time, and the old rules are back")
        todo = task(system, under_way.policy)
        lasting.write(system, todo.lasting)
        trial.end(system)
        with _confirmed():
            firewall.settle(system, under_way.policy, todo.seen)
    with _confirmed():
        lasting.start(system, todo.lasting)
    return todo


@contextlib.contextmanager
def _confirmed() -> t.Iterator[None]:
    try:
        yield
    except (FirewallError, OSError) as exc:
        raise ConfirmedError(f"{exc}; the new rules are confirmed all the same, and stay") from exc


def absent(system: System) -> Task:
    """Leave nothing of ours. Raises FirewallError, OSError."""
    todo = task(system, None)
    if not todo.changes:
        trial.clean(system)  # what a first run that was refused remembered
        return todo
    with store.locked():
        lasting.drop(system, todo.lasting)
        trial.end(system)
        firewall.settle(system, None)
    trial.clean(system)
    return todo


def _back(system: System, before: t.Optional[Policy], refused: FirewallError) -> FirewallError:
    """The kernel refused the new rules: the old ones are made whole again."""
    try:
        firewall.settle(system, before)
    except FirewallError as exc:
        return FirewallError(f"{refused}; and the old rules could not be put back: {exc}")
    return FirewallError(f"{refused}; the old rules are in place")
