# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Findings and the remedies that are allowed in, steps in their order out. Pure.

Each finding gets the gentlest of its remedies that is allowed; a step that several findings share is taken once; a
finding without one is left, with the reason. Steps go from gentle to harsh: a restart of the engine comes last, when
nothing else may have made it needless.
"""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.catalogue import BY_ID, REMEDIES, Kind

Plain = t.Mapping[str, t.Any]

NO_SELECTION = "nothing is selected: expected one of older_than, image, labels, name, project"

_ORDER = [kind.id for kind in REMEDIES]
_OF_PROCESSES = ("process", "proxy")  # kinds of holders that are one process: another start is another holder
_CHORES = {
    "prune_networks": "remove networks that no container uses",
    "remove_stale_containers": "remove containers that do not run",
}
_CHOOSY = ("remove_stale_containers",)
_DETAILED = ("orphan_rule", "endpoint")  # kinds whose detail names them too; elsewhere it is a state


class PlanError(ValueError):
    """What is to be planned is not what it should be. The message says which."""


@dataclass(frozen=True)
class Step:
    """A remedy to take.

    about: keys of the findings that it is for. why: their summaries. wants: as port_check takes them.
    """

    remedy: str
    summary: str
    disrupts: str
    params: t.Mapping[str, t.Any]
    about: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    wants: tuple[Plain, ...] = ()


@dataclass(frozen=True)
class Left:
    """A finding that is left alone, and why."""

    summary: str
    why: str


@dataclass(frozen=True)
class Plan:
    steps: tuple[Step, ...]
    left: tuple[Left, ...]


def plan(findings: t.Iterable[Plain], allow: t.Collection[str], chores: t.Mapping[str, Plain] | None = None) -> Plan:
    """findings: as port_check has them. chores: by remedy, what it is to act on. Raises PlanError."""
    unknown = sorted(set(allow) - set(BY_ID))
    if unknown:
        raise PlanError(f"{', '.join(unknown)}: no such remedy; there are {', '.join(_ORDER)}")
    steps: dict[str, Step] = {}
    left: dict[str, Left] = {}
    for finding in {key_of(one): one for one in findings}.values():
        remedy = _gentlest(finding, allow)
        if remedy is None:
            left[key_of(finding)] = Left(finding["summary"], _why_left(finding))
            continue
        step = _step(finding, remedy)
        place = _place(step)
        steps[place] = _joined(steps[place], step) if place in steps else step
    asked = {name: params for name, params in (chores or {}).items() if name in allow}
    chosen = [
        *steps.values(),
        *(_chore(name, params) for name, params in asked.items() if name not in _selects_none(asked)),
    ]
    chosen.sort(key=lambda step: _ORDER.index(step.remedy))  # stable: findings keep their order
    return Plan(tuple(chosen), (*left.values(), *(Left(name, NO_SELECTION) for name in _selects_none(asked))))


def key_of(finding: Plain) -> str:
    """What a finding is about: equal as long as the very same holder is in the way of the very same want.

    A unit or a container stays the same when its process is another one, a process does not.
    """
    want, holder = finding["want"], finding["holder"]
    who = [holder["kind"], holder["name"], holder["id"]]
    if holder["kind"] in _OF_PROCESSES:
        who += [holder["pid"], holder["started"]]
    if holder["kind"] in _DETAILED:
        who.append(holder["detail"])
    return json.dumps([finding["cause"], want["by"], want["binding"] or want["publish"], *who])


def _gentlest(finding: Plain, allow: t.Collection[str]) -> Plain | None:
    """A finding's remedies come gentlest first."""
    return next((one for one in finding["remedies"] if one["id"] in allow and one["id"] in BY_ID), None)


def _why_left(finding: Plain) -> str:
    """In the words of remediate_allow; what no role can do is for people."""
    offered = [one["id"] for one in finding["remedies"] if one["id"] in BY_ID]
    by_hand = [one["summary"] for one in finding["remedies"] if one["id"] not in BY_ID]
    if len(offered) == 1:
        return f"{offered[0]} is not in remediate_allow"
    if offered:
        return f"none of {', '.join(offered)} is in remediate_allow"
    return f"that is for people to do: {', or: '.join(by_hand)}" if by_hand else "there is no remedy for it"


def _step(finding: Plain, remedy: Plain) -> Step:
    want = {"publish": finding["want"]["publish"] or finding["want"]["binding"], "by": finding["want"]["by"]}
    return Step(
        remedy["id"],
        remedy["summary"],
        remedy["disrupts"],
        {**remedy["params"], **want} if BY_ID[remedy["id"]].by_want else dict(remedy["params"]),
        (key_of(finding),),
        (finding["summary"],),
        (want,) if want["publish"] else (),
    )


def _place(step: Step) -> str:
    """Equal for steps that do the same."""
    kind = BY_ID[step.remedy]
    acts_on: t.Any = step.wants if kind.by_want else [step.params.get(name) for name in kind.acts_on]
    return json.dumps([kind.id, acts_on])


def _joined(one: Step, other: Step) -> Step:
    return Step(
        one.remedy,
        one.summary,
        one.disrupts,
        _params(BY_ID[one.remedy], one.params, other.params),
        _unique(one.about + other.about),
        _unique(one.why + other.why),
        _unique(one.wants + other.wants),
    )


def _params(kind: Kind, one: Plain, other: Plain) -> dict[str, t.Any]:
    joined = {name: list(_unique((*one.get(name, ()), *other.get(name, ())))) for name in kind.joins}
    lowest = {name: min(one[name], other[name]) for name in kind.lowest}
    return {**one, **joined, **lowest}


def _unique(items: tuple[t.Any, ...]) -> tuple[t.Any, ...]:
    """In their order; mappings too."""
    return tuple({json.dumps(item, sort_keys=True): item for item in items}.values())


def _selects_none(chores: t.Mapping[str, Plain]) -> list[str]:
    """Chores that would act on everything, if they did not refuse."""
    return [name for name, params in chores.items() if name in _CHOOSY and not any(params.values())]


def _chore(name: str, params: Plain) -> Step:
    chosen = ", ".join(f"{key} {value}" for key, value in params.items() if value)
    return Step(name, _CHORES[name] + (f" ({chosen})" if chosen else ""), "", dict(params))
