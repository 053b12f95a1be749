# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What somebody says of the things that are to go."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._stale.age import AgeError, seconds_of

_PROJECT = "com.docker.compose.project"


@dataclass(frozen=True)
class Wish:
    """All that is given must be so. older_than: seconds. name: a regular expression that finds it.

    project: of Compose. image: of containers.
    """

    older_than: t.Optional[int] = None
    labels: t.Tuple[str, ...] = ()
    name: t.Optional[str] = None
    project: t.Optional[str] = None
    image: t.Optional[str] = None

    @property
    def all_labels(self) -> t.List[str]:
        """As the engine selects by them: Compose labels what it makes."""
        return [*self.labels, *([f"{_PROJECT}={self.project}"] if self.project else [])]

    def means(self, name: str, since: t.Optional[float], now: float) -> bool:
        """since: in seconds since the epoch. What has no such moment is not known to be old."""
        if self.name is not None and not re.search(self.name, name):
            return False
        return self.older_than is None or (since is not None and now - since >= self.older_than)


def wish_of(params: t.Mapping[str, t.Any]) -> Wish:
    """From a module's options. Raises ValueError."""
    age = params["older_than"]
    try:
        seconds = None if age is None else seconds_of(age)
    except AgeError as exc:
        raise ValueError(f"older_than: {exc}") from exc
    try:
        re.compile(params["name"] or "")
    except re.error as exc:
        raise ValueError(f"name: {params['name']!r} is not a regular expression: {exc}") from exc
    return Wish(seconds, tuple(params["labels"] or ()), params["name"], params["project"], params.get("image"))
