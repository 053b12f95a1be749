# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What port_check said of a host before a deployment, as a block for people, and whether it stops the deployment."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import LEVELS as STRICTNESS
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit import LEVELS, HostAudit, Line
from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.catalogue import step

Plain = t.Mapping[str, t.Any]  # JSON data, as port_check returns it
TOLD = 3  # reasons that a host's failure tells; the block before has all


@dataclass(frozen=True)
class Strictness:
    """What stops a deployment. fail_on: as of port_check. enforce_policy: what goes against the policy does too."""

    fail_on: str
    enforce_policy: bool = True

    def stops(self, level: str) -> bool:
        """level: one of LEVELS."""
        if self.fail_on == "never":
            return False
        return level in STRICTNESS[1 : STRICTNESS.index(self.fail_on) + 1] or (
            level == "policy" and (self.enforce_policy or "at_risk" in STRICTNESS[: STRICTNESS.index(self.fail_on) + 1])
        )


def preflight(name: str, checked: Plain) -> HostAudit:
    """A host's block. checked: the result of port_check, with `fail_on: never`, or of the task that never got there."""
    if checked.get("unreachable") or "wants" not in checked:
        why = "unreachable: " if checked.get("unreachable") else ""
        return HostAudit(
            name, failed=f"not checked: {why}{' '.join(str(checked.get('msg', 'no reason told')).split())}"
        )
    wants = checked["wants"]
    said: dict[tuple[str, str], Line] = {}  # of replicas that are all told the same, only the suggested ports differ
    for line in (*_findings(wants), *_unknown(wants)):
        said.setdefault((line.level, line.text), line)
    lines = sorted(said.values(), key=lambda line: LEVELS.index(line.level))
    unseen = dict.fromkeys(why for want in wants for why in want["unjudged"].values())
    return HostAudit(name, "", _summary(wants), tuple(lines), tuple(unseen))


def refusal(host: HostAudit, strictness: Strictness) -> str:
    """Why nothing should be started on the host, with what to do about it; empty where nothing stands in the way."""
    if host.failed:
        return "" if strictness.fail_on == "never" else host.failed
    said = [
        f"{line.text} (next: {line.next})" if line.next else line.text
        for line in host.lines
        if strictness.stops(line.level)
    ]
    more = [f"and {len(said) - TOLD} more"] if len(said) > TOLD else []
    return "; ".join([*said[:TOLD], *more])


def missing(hosts: t.Sequence[str], strictness: Strictness) -> str:
    """Why nothing should be started anywhere where these hosts could not be asked; empty where that does not matter."""
    if strictness.fail_on == "never" or not hosts:
        return ""
    told = ", ".join(hosts[:TOLD]) + (f" and {len(hosts) - TOLD} more" if len(hosts) > TOLD else "")
    return f"not checked, for they dropped out of the play before: {told}"


def _summary(wants: t.Sequence[Plain]) -> str:
    if not wants:
        return "nothing is wanted"
    free = [_named(want) for want in wants if want["verdict"] == "free"]
    count = f"{len(wants)} published port{'' if len(wants) == 1 else 's'} wanted"
    told = "none of them is free" if not free else f"free: {', '.join(dict.fromkeys(free))}"
    return f"{count}, {'all ' if len(free) == len(wants) else ''}{told}"


def _named(want: Plain) -> str:
    what = want["binding"] or f"any port for {want['publish']}"
    return f"{what} ({want['by']})" if want["by"] else what


def _findings(wants: t.Iterable[Plain]) -> t.Iterator[Line]:
    mutual: set[frozenset[tuple[str, str]]] = set()
    for want in wants:
        for finding in want["findings"]:
            if finding["cause"] == "duplicate_want":
                pair = frozenset([(want["by"], want["publish"]), (finding["holder"]["by"], finding["holder"]["id"])])
                if pair in mutual:
                    continue
                mutual.add(pair)
            level = "policy" if finding["cause"] == "policy" else finding["consequence"]
            yield Line(level, finding["summary"], _next(want, finding), want["by"])


def _next(want: Plain, finding: Plain) -> str:
    """What to do, the gentlest first."""
    return ", or: ".join(
        step(one["id"], one["summary"], one["disrupts"]) + _instead(want, one["id"]) for one in finding["remedies"]
    )


def _instead(want: Plain, remedy: str) -> str:
    return f" ({want['suggestion']} is free)" if remedy == "move_want" and want["suggestion"] else ""


def _unknown(wants: t.Iterable[Plain]) -> t.Iterator[Line]:
    names = list(dict.fromkeys(_named(want) for want in wants if want["verdict"] == "unknown"))
    if names:
        verb = "is free is" if len(names) == 1 else "are free is"
        yield Line("unknown", f"whether {', '.join(names)} {verb} not known")
