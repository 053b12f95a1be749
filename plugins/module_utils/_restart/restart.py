# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Restarts an engine, and waits until everything that answered before answers again."""

from __future__ import annotations

import contextlib
import time
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    MAX_PORT,
    Binding,
    BindingError,
    canonical,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Affected, Blast
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction, Refusal
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.answers import Door
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.inventory import After, Before, Knock, after
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed, Service

_PAUSE = 0.5  # seconds between two looks
_PATIENT = 3.0  # seconds after which a container that is down is not about to start by itself


class NotWhole(ValueError):
    """The engine runs again, and something that answered before does not."""


@dataclass(frozen=True)
class Restart:
    """wait: seconds until everything must be as before. start_again: containers that the restart leaves stopped.

    tolerated: where nobody need answer afterwards.
    """

    host: Host
    service: Service
    action: EngineAction
    knock: Knock
    wait: float
    start_again: bool = True
    tolerated: t.FrozenSet[Binding] = frozenset()

    def run(self, was: Before) -> t.Tuple[After, t.List[str]]:
        """What is not as before, and the containers that were started again. Raises Failed, NotWhole."""
        self.service.restart(self.host)
        began = time.monotonic()
        started: t.List[str] = []
        while True:
            now, why = self._look(was)
            if now and self._is_whole(now):
                return now, started
            passed = time.monotonic() - began
            if now and self.start_again and passed > _PATIENT:
                started += self._start(now.stopped, started)
            if passed > self.wait:
                raise self._failure(now, why)
            time.sleep(_PAUSE)

    def _look(self, was: Before) -> t.Tuple[t.Optional[After], str]:
        try:
            return after(self.host, self.action.endpoint, was, self.knock), ""
        except Unseen as exc:
            return None, str(exc)

    def _is_whole(self, now: After) -> bool:
        left_down = [one for one in now.down if self.start_again or one.after not in ("stays_down", "depends")]
        lost = [one for one in now.gone if one.after != "is_removed"]
        return not left_down and not lost and not self._silent(now)

    def _silent(self, now: After) -> t.List[Door]:
        return [door for door in now.silent if not any(_covers(one, door) for one in self.tolerated)]

    def _start(self, down: t.Sequence[Affected], tried: t.Sequence[str]) -> t.List[str]:
        """Each once: what fails to start fails for a reason that does not go away. Raises NotWhole."""
        started = []
        for one in down:
            if one.name in tried:
                continue
            try:
                self.action.post(f"/containers/{one.id}/start")
            except (Refusal, Unseen) as exc:
                raise NotWhole(f"{one.name} ran before, and does not start again: {exc}") from exc
            started.append(one.name)
        return started

    def _failure(self, now: t.Optional[After], why: str) -> ValueError:
        if now is None:
            return Failed(f"the engine did not answer within {self.wait:g} s ({why}): {self.service.news(self.host)}")
        parts = [f"{one.name} does not run" for one in now.down] + [f"{one.name} is gone" for one in now.gone]
        parts += [f"nobody answers at {door}" for door in self._silent(now)]
        return NotWhole(f"{self.wait:g} s after the restart: {', '.join(parts)}")


def tolerated_of(texts: t.Iterable[str]) -> t.FrozenSet[Binding]:
    """Addresses, which stand for all their ports, and bindings. Raises ValueError for neither."""
    return frozenset(_tolerated(text) for text in texts)


def _tolerated(text: str) -> Binding:
    with contextlib.suppress(BindingError):
        return Binding(canonical(text), "tcp", 1, MAX_PORT)
    try:
        return Binding.parse(text)
    except BindingError:
        raise ValueError(
            f"tolerate: {text!r} is neither an address nor a binding: expected one such as ::1 or [::]:8080/tcp"
        ) from None


def _covers(tolerated: Binding, door: Door) -> bool:
    return tolerated.covers(Binding(door.ip, "tcp", door.port, door.port))


def losses(blast: Blast) -> t.List[str]:
    """Containers that a restart removes for good."""
    return [one.name for one in blast.containers if one.after == "is_removed"]
