# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine's chains or rules are gone from the firewall.

Seen as: "(iptables failed: iptables --wait -t nat -A DOCKER ...: iptables: No chain/target/match by that name. (exit
status 1))", since 27 behind "Unable to enable DNAT rule: "; or as a container that starts and cannot be reached.
A flush or a reload of a firewall removed them. The engine does not notice; its restart brings them back.
Told apart from `nat_rule` by what is missing rather than by what is there, and from `firewall_split` by no backend
having it.
Source: moby, setup_ip_tables_linux.go, internal/iptabler, internal/nftabler.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import (
    Missing,
    docker_chains_state,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided

CAUSE = Cause(
    id="chains_missing",
    title="The engine's chains or rules are gone from the firewall",
    needs=("firewall", "engine"),
    portless=True,
)

_STARTS_FAIL = ("nat/DOCKER", "filter/DOCKER")  # the engine adds its rules to these
_ASIDE = ("DOCKER-USER", "DOCKER-ISOLATION", "DOCKER-INTERNAL")  # without these ports answer, and guards are gone


def explain(case: Case) -> t.Iterator[Finding]:
    missing: t.Tuple[Missing, ...] = ()
    for engine in running(case.evidence):
        missing, _why = _state(case, engine)
        if missing:
            worst = min(missing, key=lambda one: _rank(case, one))
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield _finding(case, f"{worst}{more}", _RANKS[_rank(case, worst)])
    if not missing and _lost_its_rule(case):
        yield _finding(case, "the engine's DNAT rule for it is gone", Verdict.DIVERTED)


def blind(case: Case) -> str:
    reasons = [_state(case, engine)[1] for engine in running(case.evidence)]
    if case.met.own:
        reasons.append(case.rules.unrouted_doubt)
    return "; ".join(reason for reason in reasons if reason)


_RANKS = (Verdict.BLOCKED, Verdict.DIVERTED, Verdict.AT_RISK)


def _finding(case: Case, because: str, verdict: Verdict) -> Finding:
    restart = Remedy("restart_engine", "restart the engine", "its containers, unless live-restore is on")
    return case.finding(CAUSE, None, because, restart, consequence=verdict)


def _state(case: Case, engine: Engine) -> t.Tuple[t.Tuple[Missing, ...], str]:
    """What is missing of what this want needs, and why it is not known."""
    firewall, kernel, ip = case.evidence.firewall, case.evidence.kernel, case.want.binding.ip
    if firewall is None:
        return (), ""
    try:
        missing = docker_chains_state(firewall, engine, ipv6=kernel is None or kernel.ipv6 is not False)
    except Undecided as exc:
        return (), str(exc)
    return tuple(one for one in missing if ip == ANY or (":" in ip) == (one.family == "ip6")), ""


def _rank(case: Case, missing: Missing) -> int:
    """An IPv6 chain that is gone harms containers that have IPv6; whether this one has is not known."""
    if missing.family == "ip6" and case.want.binding.ip == ANY:
        return 2
    if missing.what in _STARTS_FAIL:
        return 0
    return 2 if any(word in missing.what for word in _ASIDE) else 1


def _lost_its_rule(case: Case) -> bool:
    """Whether the want runs, and one of its ports has no rule that leads to it."""
    lost = (Binding(one.ip or ANY, one.protocol, one.first, one.last) for one in case.rules.unrouted)
    return any(binding.meet(own) for binding in lost for own in case.met.own)
