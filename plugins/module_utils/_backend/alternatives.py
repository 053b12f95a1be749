# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which variant `iptables` and `ip6tables` are, by the distribution's alternatives. Source: update-alternatives(1)."""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

PROGRAMS = ("iptables", "ip6tables")
VARIANTS = ("legacy", "nft")

_QUERY = re.compile(r"^(Status|Value|Alternative): (.+)$", re.MULTILINE)
_DISPLAY = re.compile(r"^(\S+) - (?:family \S+ )?priority", re.MULTILINE)
_POINTS = re.compile(r"link currently points to (\S+)")


class NoAlternatives(ValueError):
    """This host chooses its iptables in another way."""


@dataclass(frozen=True)
class Choice:
    """program: iptables or ip6tables. value: the path that it is now; auto: the distribution chose it.

    paths: by variant, those that can be chosen. tool: update-alternatives or alternatives.
    """

    program: str
    value: str
    auto: bool
    paths: t.Mapping[str, str]
    tool: str

    @property
    def variant(self) -> str:
        """legacy or nft; empty for neither."""
        return next((variant for variant in VARIANTS if self.value.endswith(f"-{variant}")), "")

    def __str__(self) -> str:
        return f"{self.program} is {self.value} ({'chosen by the distribution' if self.auto else 'chosen by hand'})"

    def choose(self, host: Host, variant: str) -> None:
        """Raises NoAlternatives."""
        self._run(host, "--set", self.program, self.paths[variant])

    def restore(self, host: Host) -> None:
        """As it was. Raises NoAlternatives."""
        if self.auto:
            self._run(host, "--auto", self.program)
        else:
            self._run(host, "--set", self.program, self.value)

    def _run(self, host: Host, *arguments: str) -> None:
        done = host.run(self.tool, *arguments)
        if done.rc:
            raise NoAlternatives(f"{self.tool} {' '.join(arguments)}: {(done.err or done.out).strip()}")


def choices(host: Host) -> t.Tuple[Choice, ...]:
    """Raises NoAlternatives."""
    return tuple(_choice(host, program) for program in PROGRAMS)


def _choice(host: Host, program: str) -> Choice:
    for tool, option, read in (("update-alternatives", "--query", _queried), ("alternatives", "--display", _displayed)):
        try:
            done = host.run(tool, option, program)
        except Unseen:
            continue
        if done.rc == 0:
            value, auto, paths = read(done.out)
            return Choice(program, value, auto, _by_variant(paths), tool)
    raise NoAlternatives(
        f"no alternatives are kept for {program}: install the distribution's package of the other variant"
    )


def _queried(text: str) -> t.Tuple[str, bool, t.List[str]]:
    """Of Debian and its kin."""
    found: t.Dict[str, t.List[str]] = {}
    for name, value in _QUERY.findall(text):
        found.setdefault(name, []).append(value.strip())
    value = found.get("Value", [""])[0]
    return value, found.get("Status", [""])[0] == "auto", found.get("Alternative", [])


def _displayed(text: str) -> t.Tuple[str, bool, t.List[str]]:
    """Of Red Hat and its kin."""
    points = _POINTS.search(text)
    return points[1] if points else "", "status is auto" in text, _DISPLAY.findall(text)


def _by_variant(paths: t.Iterable[str]) -> t.Dict[str, str]:
    return {variant: path for path in paths for variant in VARIANTS if path.endswith(f"-{variant}")}
