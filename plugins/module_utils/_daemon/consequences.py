# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a change of some keys means on this very host, in the words of a person.

Source: moby, libnetwork/drivers/bridge (port mapping, bridge setup), 20.10 to 29; what engines 20.10.24, 26.1.5 and
28.5.2 did.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY_V6, Binding
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.blast import Affected

Config = t.Mapping[str, t.Any]

_OFF = (
    "route_localnet is set on every bridge, and containers are reached over hairpin: the kernel needs br_netfilter",
    "programs of this host reach containers with their own address, not with the bridge's",
    "the engine itself holds each port in place of a docker-proxy: a port that is taken stays taken",
)
_EVERYWHERE = (None, "", "0.0.0.0")
_IP = "ip counts for the default bridge alone; default-network-opts is for the other networks"


def consequences(before: Config, after: Config, containers: t.Sequence[Affected]) -> t.List[str]:
    """A sentence each, without a full stop; empty where nothing of it is known."""
    found: t.List[str] = []
    if _turns(before, after, "userland-proxy", to=False):
        found += [_silenced_text(_without_proxy(before, after, containers)), *_OFF]
    if _turns(before, after, "userland-proxy", to=True):
        ports = sum(len(one.ports) for one in containers)
        found.append(f"a docker-proxy runs for each published port and address: {ports} on this host now")
    if before.get("ip") != after.get("ip"):
        found += [_moved_text(moved(before, after, containers)), _opened_text(before, after, containers), _IP]
    if before.get("default-network-opts") != after.get("default-network-opts"):
        found.append("default-network-opts counts for networks that are made from now on: others have to be made anew")
    if _turns(before, after, "live-restore", to=True):
        found.append("containers go on while the engine is down, and nobody holds their published ports meanwhile")
    return [one for one in found if one]


def silenced(before: Config, after: Config, containers: t.Sequence[Affected]) -> t.List[str]:
    """Bindings that nobody, or somebody at another address, will answer at."""
    return sorted({*_without_proxy(before, after, containers), *moved(before, after, containers)})


def moved(before: Config, after: Config, containers: t.Sequence[Affected]) -> t.List[str]:
    """Bindings of the default bridge that go to another address."""
    if before.get("ip") == after.get("ip") or after.get("ip") in _EVERYWHERE:
        return []
    return _anywhere(containers)


def _anywhere(containers: t.Sequence[Affected]) -> t.List[str]:
    return sorted({port for one in containers for port in one.anywhere})


def _without_proxy(before: Config, after: Config, containers: t.Sequence[Affected]) -> t.List[str]:
    """::1, and IPv6 where the container has none."""
    if not _turns(before, after, "userland-proxy", to=False):
        return []
    found = set()
    for one in containers:
        for port in one.ports:
            binding = Binding.parse(port)
            if binding.ip == ANY_V6:
                found.add(str(binding.at("::1") if one.ipv6 else binding))
            elif binding.ip == "::1" or (":" in binding.ip and not one.ipv6):
                found.add(port)
    return sorted(found)


def _moved_text(bindings: t.Sequence[str]) -> str:
    return f"these are published at that address alone from then on: {', '.join(bindings)}" if bindings else ""


def _opened_text(before: Config, after: Config, containers: t.Sequence[Affected]) -> str:
    opens = before.get("ip") not in _EVERYWHERE and after.get("ip") in _EVERYWHERE
    bindings = _anywhere(containers) if opens else []
    return f"these are published on every address from then on: {', '.join(bindings)}" if bindings else ""


def _turns(before: Config, after: Config, key: str, to: bool) -> bool:
    """The proxy is on and live-restore off unless the file says otherwise."""
    default = key == "userland-proxy"
    return before.get(key, default) is not to and after.get(key, default) is to


def _silenced_text(bindings: t.Sequence[str]) -> str:
    if not bindings:
        return "every published port is still answered where it is now"
    return (
        f"nobody answers any more at {', '.join(bindings)}: IPv6 to a container without IPv6, and ::1, need the proxy"
    )
