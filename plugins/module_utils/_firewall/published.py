# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The ports that are published now, as the kernel's rules and the engine's proxies tell. The engine is not asked."""

from __future__ import annotations

import ipaddress
import typing as t
from dataclasses import dataclass, replace

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import saved
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.ports import PROTOCOLS
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.saved import Tables

_CHAINS = ("DOCKER", "DOCKER-INGRESS")
_PROXY = "docker-proxy"


@dataclass(frozen=True, order=True)
class Published:
    """Host ports `first` to `last` of one family, 4 or 6. ip: "" for every address.

    turned: whether a DNAT rule sends it to a container; proxied: whether a process of the engine answers on the host.
    """

    family: int
    protocol: str
    ip: str
    first: int
    last: int
    turned: bool = False
    proxied: bool = False

    @property
    def loopback(self) -> bool:
        """Whether it is published to this host alone."""
        return bool(self.ip) and ipaddress.ip_address(self.ip).is_loopback

    def __str__(self) -> str:
        ip = self.ip or ("0.0.0.0" if self.family == 4 else "::")
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{f'[{ip}]' if self.family == 6 else ip}:{ports}/{self.protocol}"


def of_rules(family: int, tables: Tables) -> t.Iterator[Published]:
    """What Docker's DNAT rules publish. A port of swarm's routing mesh has an engine's socket beside it, on [::]."""
    for chain in _CHAINS:
        for rule in tables.get("nat", {}).get(chain, ()):
            found = _dnat(family, rule)
            if found:
                yield found
                if chain == "DOCKER-INGRESS":
                    for other in (4, 6):
                        yield replace(found, family=other, turned=False, proxied=True)


def _dnat(family: int, rule: str) -> t.Optional[Published]:
    words = saved.words(rule)
    if "DNAT" not in words or "--dport" not in words or "-p" not in words:
        return None
    first, _colon, last = words[words.index("--dport") + 1].partition(":")
    ip = (
        words[words.index("-d") + 1]
        if "-d" in words and words[words.index("-d") - 1 : words.index("-d")] != ["!"]
        else ""
    )
    return Published(
        family, words[words.index("-p") + 1], ip.partition("/")[0], int(first), int(last or first), turned=True
    )


def of_proxy(command_line: t.Sequence[str]) -> t.Optional[Published]:
    """What a docker-proxy answers on; None for anything else. Source: moby, cmd/docker-proxy."""
    if not command_line or command_line[0].rpartition("/")[2] != _PROXY:
        return None
    options = dict(zip(command_line[1::1], command_line[2::1]))
    protocol, ip, port = (options.get(f"-{name}", "") for name in ("proto", "host-ip", "host-port"))
    if protocol not in PROTOCOLS or not port.isdigit():
        return None
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return None
    text = "" if address.is_unspecified else str(address)
    return Published(address.version, protocol, text, int(port), int(port), proxied=True)


def merge(published: t.Iterable[Published]) -> t.Tuple[Published, ...]:
    """Ports told twice are one; neighbouring ports of one kind are one range."""
    single: t.Dict[t.Tuple[int, str, str, int], Published] = {}
    for one in published:
        for port in range(one.first, one.last + 1):
            other = single.get((one.family, one.protocol, one.ip, port), one)
            single[one.family, one.protocol, one.ip, port] = replace(
                one, first=port, last=port, turned=one.turned or other.turned, proxied=one.proxied or other.proxied
            )
    merged: t.List[Published] = []
    for _key, one in sorted(single.items()):
        if merged and replace(merged[-1], first=one.first, last=one.last) == one and merged[-1].last + 1 == one.first:
            merged[-1] = replace(merged[-1], last=one.last)
        else:
            merged.append(one)
    return tuple(merged)


def bindings(published: t.Iterable[Published]) -> t.Tuple[Published, ...]:
    """The same ports, in as few ranges as they take, whoever answers on them; loopback's are left out."""
    return merge(replace(one, turned=False, proxied=False) for one in published if not one.loopback)
