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

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V6
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
    writes_rules,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
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
    for engine in running(case.evidence):
        missing, _why = _state(case, engine)
        if missing:
            worst = min(missing, key=lambda one: _rank(case, one))
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            yield _finding(case, f"{worst}{more}", _RANKS[_rank(case, worst)])
        elif writes_rules(engine) and _lost_its_rule(case, engine):
            yield _finding(case, "the engine's DNAT rule for it is gone", Verdict.DIVERTED)


def blind(case: Case) -> str:
    reasons = [_state(case, engine)[1] for engine in running(case.evidence)]
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


def _lost_its_rule(case: Case, engine: Engine) -> bool:
    """What runs on IPv4 has a DNAT rule; the IPv6 side of an IPv4-only container has none and lives by the proxy."""
    own = [b for b in case.met.own if b.ip != ANY_V6 and ":" not in b.ip]
    rules = [r for r in case.evidence.nat or () if r.owner in ("docker", "swarm", "other") and r.action == "dnat"]
    if not own or case.evidence.nat is None or _is_partly_dark(case):
        return False
    return not any(r.protocol == b.protocol and r.first <= b.first <= r.last for b in own for r in rules)


def _is_partly_dark(case: Case) -> bool:
    return any(blind.section == "nat" and blind.hides for blind in case.evidence.blind)
