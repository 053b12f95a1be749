# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Who may reach the published ports of a host: its policy for them, how that stands, and what is open in truth."""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    ANY_V4,
    ANY_V6,
    WILDCARDS,
    Binding,
    canonical,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import RUNNING
from ansible_collections.dockmaster.ports.plugins.module_utils._core.clashes import merged
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import (
    PolicyReach,
    PublishedPolicy,
)

AGAIN = "run role dockmaster.ports.docker_firewall"

_OURS = ("-j DOCKMASTER", "-j RETURN")  # in DOCKER-USER: the jump to the policy, and what engines put at the end


class Told(t.NamedTuple):
    """A line of the audit: its level, text and next step."""

    level: str
    text: str
    next: str = ""


def policy_lines(policy: t.Optional[PublishedPolicy]) -> t.Iterator[Told]:
    """What is wrong with the policy for published ports."""
    if policy is None or policy.state == "absent":
        return
    if policy.state == "left":
        text = "rules of a policy for published ports are left over: there is no policy"
        yield Told("orphan", text, f"{AGAIN}, to remove them with docker_firewall_state: absent")
        return
    places = [place for one in policy.places for place in one.open_at]
    if places:
        gone = policy.backend == "nftables"  # the whole table is the policy's
        what = f"{_all(places)} is gone, and packets pass" if gone else f"packets pass {_all(places)}"
        yield Told("exposed", f"{what} without meeting the policy for published ports: what it closes is open", AGAIN)
    drifted = [one.tool for one in policy.places if one.state == "drifted"]
    if drifted:
        yield Told("at_risk", f"the rules of {_all(drifted)} are not those of the policy for published ports", AGAIN)
    if policy.troubles:
        yield Told("at_risk", f"the policy for published ports does not last: {_all(policy.troubles)}", AGAIN)


def _all(words: t.Sequence[str]) -> str:
    return ", ".join(words[:-1]) + f" and {words[-1]}" if len(words) > 1 else words[0]


def open_lines(evidence: Evidence) -> t.Iterator[Told]:
    """Published ports that answer from every address, whatever the host's firewall says about its own ports.

    A line for those that are open to everybody, and one for each limit that the policy sets to it.
    """
    reach = _Reach(evidence.published_policy)
    open_to: dict[str, dict[str, list[Binding]]] = {}
    for one in evidence.publications or ():
        ip = canonical(one.ip) if one.ip else ANY
        if one.actual and one.first and one.state in RUNNING and ip in WILDCARDS:
            for limit, binding in reach.limits(Binding(ip, one.protocol, one.first, one.last)):
                open_to.setdefault(limit, {}).setdefault(one.by or one.name, []).append(binding)
    beside = _guards(evidence)
    for limit, by in sorted(open_to.items()):
        ports = [
            f"{str(b).rpartition(':')[2]} ({who})" for who, bindings in sorted(by.items()) for b in merged(bindings)
        ]
        yield Told(
            "open", f"{', '.join(ports)} {'answers' if len(ports) == 1 else 'answer'} from every address{limit}{beside}"
        )


class _Reach:
    """What the policy says of ports. None: there is none, or nobody knows."""

    def __init__(self, policy: t.Optional[PublishedPolicy]) -> None:
        self._trusted = policy.trusted_interfaces if policy else ()
        self._drifted = {family for one in (policy.places if policy else ()) for family in _drifted(one)}
        self._told: dict[tuple[str, str, int], list[PolicyReach]] = {}
        for one in policy.reach if policy else ():
            published = Binding.parse(one.published)
            for port in published.ports():
                self._told.setdefault((published.ip, published.protocol, port), []).append(one)

    def limits(self, asked: Binding) -> t.Iterator[tuple[str, Binding]]:
        """For each port that is open: the limit, empty for none, and the part of the binding that it is about."""
        if not self._told:
            yield "", asked
            return
        for port in asked.ports():
            for limit in dict.fromkeys(self._of(asked, port)):
                yield limit, Binding(asked.ip, asked.protocol, port, port)

    def _of(self, asked: Binding, port: int) -> t.Iterator[str]:
        families = (ANY_V4, ANY_V6) if asked.ip == ANY else (asked.ip,)
        told = {ip: self._told.get((ip, asked.protocol, port), []) for ip in (ANY_V4, ANY_V6)}
        if not any(told.values()) or self._drifted & set(families):
            yield ""  # the policy does not know the port, or its rules are not what is asked
            return
        for ip in families:
            yield from (self._limit(one) for one in told[ip] if self._is_open(one))

    def _is_open(self, one: PolicyReach) -> bool:
        return one.who in ("everybody", "everybody except") and (
            not one.in_interface or one.in_interface not in self._trusted
        )

    def _limit(self, one: PolicyReach) -> str:
        host = f" to {one.host_ip}" if one.host_ip else ""
        interface = f" that comes in by {one.in_interface}" if one.in_interface else ""
        return f"{interface}{host}{' but those that the policy denies' if one.who != 'everybody' else ''}"


def _drifted(place: t.Any) -> tuple[str, ...]:
    """The wildcards of the families whose rules differ. place: a PolicyPlace."""
    if place.state != "drifted":
        return ()
    if place.tool == "nftables":
        return (ANY_V4, ANY_V6)
    return (ANY_V6,) if place.tool.startswith("ip6") else (ANY_V4,)


def _guards(evidence: Evidence) -> str:
    """Firewalls that do not hold for published ports, and rules that may."""
    names = [name for name in ("ufw", "firewalld") if getattr(evidence.firewall, name, "") == "active"]
    despite = f" although {' and '.join(names)} is active" if names else ""
    rules = [text for one in (evidence.firewall.rulesets if evidence.firewall else ()) for text in one.user_rules]
    judged = all(text.endswith(_OURS) and len(text.split()) == 4 for text in rules)
    return despite + ("" if judged else ", unless rules in DOCKER-USER keep somebody out")
