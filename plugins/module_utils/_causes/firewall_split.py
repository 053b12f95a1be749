# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine's rules live in several backends of the firewall.

Seen as: no error at all. Published ports answer from some places and not from others, or are dropped by a rule that
`iptables` does not show; `iptables-nft-save` warns "iptables-legacy tables present".
The kernel evaluates both sets of rules: a DROP in either wins, and a stale DNAT in the one that nobody looks at still
fires. It comes from switching `iptables` between legacy and nft while the engine had rules in place.
Typical: WSL2, where "use iptables-legacy" was the advice for kernels that took no other. WSL's own rules for networking
mode mirrored are nft's.
Told apart from `nat_rule` by rules for other ports being there too, in chains that only the engine writes.
Source: nft(8); iptables-nft-save and iptables-legacy-save of the same host.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import split_backends, writes_rules
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.wsl import asks_windows, is_wsl

CAUSE = Cause(
    id="firewall_split",
    title="The engine's rules live in several backends of the firewall",
    needs=("firewall", "engine"),
    portless=True,
)

_IP = {"ip": "IPv4", "ip6": "IPv6"}


def explain(case: Case) -> t.Iterator[Finding]:
    firewall = case.evidence.firewall
    if firewall is None or not any(writes_rules(engine) for engine in running(case.evidence)):
        return
    for family, backends in split_backends(firewall).items():
        if _is_of_family(case, family):
            drops = any(r.forward_policy == "DROP" for r in firewall.rulesets if r.family == family)
            one = Remedy("use_one_backend", _advice(case.evidence), "its containers, while it restarts")
            because = (
                f"the engine's {_IP[family]} rules live in {' and in '.join(backends)}, and packets must pass both"
            )
            yield case.finding(CAUSE, None, because, one, consequence=Verdict.DIVERTED if drops else Verdict.AT_RISK)


def _advice(evidence: Evidence) -> str:
    """Which backend to keep, where that is not for taste to say."""
    if asks_windows(evidence):
        return "keep iptables-nft, in which WSL's own rules for networking mode mirrored are, and restart the engine"
    if is_wsl(evidence):
        return "keep the backend that WSL's kernel takes (role wsl_iptables finds out) and restart the engine"
    return "keep one backend and restart the engine"


def _is_of_family(case: Case, family: str) -> bool:
    ip = case.want.binding.ip
    return ip == "*" or (":" in ip) == (family == "ip6")
