# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which wants go against a policy, and why."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import WILDCARDS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import wanted_text
from ansible_collections.dockmaster.ports.plugins.module_utils._core.free import Band
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import EVERY, Policy, is_owner
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._core.want import Want

Ranges = t.Tuple[Band, ...]

# Source: https://fetch.spec.whatwg.org/#port-blocking
BROWSERS_REFUSE = frozenset(
    (
        *(0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104),
        *(109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526),
        *(530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659),
        *(4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080),
    )
)


@dataclass(frozen=True)
class PolicyFinding:
    """A want that goes against a rule.

    rule: one of RULES, `owner` or `band`. band: the rule's, or EVERY. because: the end of the summary's sentence.
    remedy: what to do instead.
    """

    rule: str
    band: str
    want: Want
    because: str
    remedy: str

    @property
    def summary(self) -> str:
        return f"{_by(self.want)} wants {wanted_text(self.want)}, but {self.because}"


def findings_of(policy: Policy, wants: t.Iterable[Want], kernel: t.Optional[Kernel] = None) -> t.List[PolicyFinding]:
    """What a policy has against wants, in their order. kernel: the host's settings, where they are known."""
    drawn = _drawn(kernel) if kernel and len(kernel.port_range) == 2 else (policy.ephemeral,)
    return [finding for want in wants for finding in _of_want(policy, want, drawn)]


def bands_of(policy: Policy, want: Want) -> t.List[str]:
    """The bands that a want is of, by its host ports or its container ports."""
    host = (want.binding.first, want.binding.last)
    container = (want.target, want.target + want.targets - 1)
    return [
        name
        for name, ranges in policy.bands.items()
        if (host[0] and _meets(host, ranges))
        or (container[0] and _meets(container, policy.container_ports.get(name, ())))
    ]


def _drawn(kernel: Kernel) -> Ranges:
    """The ports that the kernel gives to clients: its range without those that are reserved."""
    first, last = kernel.port_range
    left = []
    for low, high in sorted((low, high) for low, high in kernel.reserved):
        if low > first:
            left.append((first, min(low - 1, last)))
        first = max(first, high + 1)
    return tuple(band for band in (*left, (first, last)) if band[0] <= band[1])


def _of_want(policy: Policy, want: Want, drawn: Ranges) -> t.Iterator[PolicyFinding]:
    bands = bands_of(policy, want)
    said = set()
    for band in (*bands, EVERY):
        for rule in policy.rules.get(band, ()):
            why = _CHECKS[rule](want, drawn)
            if why and rule not in said:
                said.add(rule)
                yield PolicyFinding(rule, band, want, why, _REMEDIES[rule].format(by=_by(want), drawn=_shown(drawn)))
    yield from _of_owners(policy, want, bands)


def _of_owners(policy: Policy, want: Want, bands: t.Iterable[str]) -> t.Iterator[PolicyFinding]:
    for band in bands:
        patterns = policy.owners.get(band)
        if patterns and not is_owner(want.by, patterns) and _meets(_host(want), policy.bands[band]):
            ranges = _shown(policy.bands[band])
            because = f"ports of {band} are kept for {', '.join(patterns)}"
            yield PolicyFinding("owner", band, want, because, f"publish {_by(want)} outside of {band} ({ranges})")
    owned = [band for band in policy.owned_by(want.by) if band in policy.bands]
    if owned and not any(_covers(_host(want), policy.bands[band]) for band in owned):
        shown = ", ".join(f"{band} ({_shown(policy.bands[band])})" for band in owned)
        because = f"its ports are those of {shown}"
        yield PolicyFinding("band", owned[0], want, because, f"publish {_by(want)} on a host port of {shown}")


def _by(want: Want) -> str:
    return want.by or "a container"


def _host(want: Want) -> Band:
    return want.binding.first, want.binding.last


def _meets(ports: Band, ranges: t.Iterable[Band]) -> bool:
    return any(ports[0] and ports[0] <= last and first <= ports[1] for first, last in ranges)


def _covers(ports: Band, ranges: t.Iterable[Band]) -> bool:
    return any(ports[0] and first <= ports[0] and ports[1] <= last for first, last in ranges)


def _shown(ranges: t.Iterable[Band]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)


def _is_local(ip: str) -> bool:
    return ip not in WILDCARDS and ipaddress.ip_address(ip).is_loopback


def _local_only(want: Want, _drawn: Ranges) -> str:
    return "" if _is_local(want.binding.ip) else "such ports are for local addresses only"


def _not_published(_want: Want, _drawn: Ranges) -> str:
    return "such ports are not published: containers reach each other over a network"


def _pinned(want: Want, _drawn: Ranges) -> str:
    return "" if want.binding.first and want.choice == "all" else "host ports are to be named, one for each"


def _unprivileged(want: Want, _drawn: Ranges) -> str:
    return "ports below 1024 are not for containers here" if 0 < want.binding.first < 1024 else ""


def _not_ephemeral(want: Want, drawn: Ranges) -> str:
    met = [band for band in drawn if _meets(_host(want), [band])]
    return f"the kernel gives ports of {_shown(met)} to clients" if met else ""


def _browser_safe(want: Want, _drawn: Ranges) -> str:
    refused = (
        [port for port in want.binding.ports() if port in BROWSERS_REFUSE] if want.binding.protocol == "tcp" else []
    )
    return f"browsers refuse to open port {refused[0]}" if refused else ""


_REMEDIES: t.Mapping[str, str] = {
    "local_only": "publish {by} on 127.0.0.1",
    "not_published": "do not publish {by}: give those who need it a network with it",
    "pinned": "name a host port for each container port of {by}",
    "unprivileged": "publish {by} on a host port from 1024 on",
    "not_ephemeral": "publish {by} on a host port outside of {drawn}",
    "browser_safe": "publish {by} on another host port",
}
_CHECKS: t.Mapping[str, t.Callable[[Want, Ranges], str]] = {
    "local_only": _local_only,
    "not_published": _not_published,
    "pinned": _pinned,
    "unprivileged": _unprivileged,
    "not_ephemeral": _not_ephemeral,
    "browser_safe": _browser_safe,
}
