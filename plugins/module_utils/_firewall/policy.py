# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The policy: who may reach the published ports of a host. Parsed and validated here, and nowhere else."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import interfaces, networks, ports
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import Spans
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import Ports

ACTIONS = ("allow", "deny", "reject")
DEFAULTS = ("allow", "deny")
SCHEMA = 1

_KEYS = ("ports", "sources", "host_ip", "in_interfaces", "action", "log", "comment")


class PolicyError(ValueError):
    """A policy that cannot be. The message names the rule by number and comment."""


@dataclass(frozen=True)
class Sources:
    """Addresses of both families, merged."""

    v4: Spans = ()
    v6: Spans = ()

    def of(self, family: int) -> Spans:
        """Those of one family, 4 or 6."""
        return self.v4 if family == 4 else self.v6

    def texts(self) -> t.List[str]:
        """The fewest networks, IPv4 first."""
        return networks.short(4, self.v4) + networks.short(6, self.v6)


@dataclass(frozen=True)
class Rule:
    """One rule. sources, host: None where it does not ask for any. interfaces: of which the packet came in by one."""

    number: int
    ports: t.Tuple[Ports, ...]
    action: str
    sources: t.Optional[Sources] = None
    host: t.Optional[Sources] = None
    interfaces: t.Tuple[str, ...] = ()
    log: bool = False
    comment: str = ""

    @property
    def label(self) -> str:
        """What a message calls it."""
        return f"rule {self.number} ({self.comment})" if self.comment else f"rule {self.number}"

    def plain(self) -> t.Dict[str, t.Any]:
        """As one would write it."""
        return {
            "ports": [str(one) for one in self.ports],
            "sources": None if self.sources is None else self.sources.texts(),
            "host_ip": None if self.host is None else self.host.texts()[0],
            "in_interfaces": list(self.interfaces),
            "action": self.action,
            "log": self.log,
            "comment": self.comment,
        }


@dataclass(frozen=True)
class Policy:
    """default: what happens to a new connection from outside that no rule decides.

    trusted: interfaces whose connections are not looked at. routed: container networks that may be reached directly.
    """

    default: str
    rules: t.Tuple[Rule, ...] = ()
    trusted: t.Tuple[str, ...] = ()
    routed: Sources = Sources()

    def plain(self) -> t.Dict[str, t.Any]:
        """As one would write it, and as it is kept on the host."""
        return {
            "default": self.default,
            "rules": [rule.plain() for rule in self.rules],
            "trusted_interfaces": list(self.trusted),
            "routed_networks": self.routed.texts(),
        }


def parse(plain: t.Mapping[str, t.Any]) -> Policy:
    """The policy that these options describe. Raises PolicyError for the first thing that is wrong."""
    default = _choice(plain.get("default"), DEFAULTS, "default")
    trusted = _interfaces(plain.get("trusted_interfaces"), "trusted_interfaces")
    routed = _sources(plain.get("routed_networks") or [], "routed_networks")
    rules = tuple(_rule(number, rule) for number, rule in enumerate(plain.get("rules") or [], 1))
    return Policy(default, rules, trusted, routed)


def _rule(number: int, plain: t.Mapping[str, t.Any]) -> Rule:
    comment = " ".join(str(plain.get("comment") or "").split())
    label = Rule(number, (), "", comment=comment).label
    unknown = sorted(set(plain) - set(_KEYS))
    if unknown:
        raise PolicyError(f"{label}: {unknown[0]!r} is not an option of a rule: expected one of {', '.join(_KEYS)}")
    sources = _some(plain.get("sources"), f"{label}: sources")
    host = _host(plain.get("host_ip"), f"{label}: host_ip")
    if sources and host and not any(sources.of(family) and host.of(family) for family in networks.FAMILIES):
        raise PolicyError(f"{label}: it can match nothing: its sources and its host_ip are of two families")
    return Rule(
        number=number,
        ports=_ports(plain.get("ports"), f"{label}: ports"),
        action=_choice(plain.get("action"), ACTIONS, f"{label}: action"),
        sources=sources,
        host=host,
        interfaces=_interfaces(plain.get("in_interfaces"), f"{label}: in_interfaces"),
        log=bool(plain.get("log")),
        comment=comment,
    )


def _choice(value: t.Any, choices: t.Tuple[str, ...], where: str) -> str:
    if value is None:
        raise PolicyError(f"{where}: it is missing: expected one of {', '.join(choices)}")
    if value not in choices:
        raise PolicyError(f"{where}: {value!r} is not one of {', '.join(choices)}")
    return str(value)


def _ports(texts: t.Any, where: str) -> t.Tuple[Ports, ...]:
    if not texts:
        raise PolicyError(f"{where}: it names none: expected published ports, such as 5432 or 53/udp, or all")
    try:
        return ports.merge(ports.parse(text) for text in texts)
    except ports.PortsError as exc:
        raise PolicyError(f"{where}: {exc}") from exc


def _sources(texts: t.Iterable[t.Any], where: str) -> Sources:
    spans: t.Dict[int, t.List[networks.Span]] = {4: [], 6: []}
    try:
        for text in texts:
            family, first, last = networks.parse(str(text))
            spans[family].append((first, last))
    except networks.NetworkError as exc:
        raise PolicyError(f"{where}: {exc}") from exc
    return Sources(networks.merge(spans[4]), networks.merge(spans[6]))


def _some(texts: t.Any, where: str) -> t.Optional[Sources]:
    """An empty list is a mistake: taken for everybody it would open all, taken for nobody it would hide the mistake."""
    if texts is None:
        return None
    sources = _sources(texts, where)
    if not sources.v4 and not sources.v6:
        raise PolicyError(f"{where}: the list is empty: leave it out if the rule is about everybody")
    return sources


def _host(text: t.Any, where: str) -> t.Optional[Sources]:
    if text is None:
        return None
    if str(text) in ("0.0.0.0", "::"):
        raise PolicyError(f"{where}: {text!r} is no address that a client connects to: leave it out for every address")
    host = _sources([text], where)
    if len(host.texts()) != 1:
        raise PolicyError(f"{where}: {text!r} is a range: expected an address of this host, or a network")
    return host


def _interfaces(names: t.Any, where: str) -> t.Tuple[str, ...]:
    try:
        return tuple(interfaces.parse(name) for name in names or ())
    except interfaces.InterfaceError as exc:
        raise PolicyError(f"{where}: {exc}") from exc
