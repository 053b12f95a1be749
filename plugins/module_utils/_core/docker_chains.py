# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which chains and jumps an engine needs in the firewall, and which of them are missing.

A flush or a reload of a firewall removes them behind the engine's back; only its restart brings them back.

| engine         | in table filter, beside DOCKER and FORWARD > DOCKER-USER                           |
|----------------|------------------------------------------------------------------------------------|
| up to 27       | FORWARD > DOCKER-ISOLATION-STAGE-1; -STAGE-2                                       |
| 28.0.0         | the same; FORWARD > DOCKER                                                         |
| 28.0.1 to 28.5 | FORWARD > DOCKER-FORWARD > DOCKER-CT, DOCKER-ISOLATION-STAGE-1, DOCKER-BRIDGE      |
| 29 and later   | FORWARD > DOCKER-FORWARD > DOCKER-CT, DOCKER-INTERNAL, DOCKER-BRIDGE               |

All: table nat has DOCKER, and PREROUTING and OUTPUT jump to it. IPv6: the same from 27.0.1 on, before only with
"ip6tables": true. With "firewall-backend": "nftables" (29) there are instead tables `ip docker-bridges` and
`ip6 docker-bridges` with five base chains, and maps that lead to four chains a network.
Source: moby, libnetwork/drivers/bridge/setup_ip_tables_linux.go (20.10 to 27), internal/iptabler and internal/nftabler
(28, 29), and what engines 20.10.24, 26.1.5, 28.5.2 and 29.7.2 wrote.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, Ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided

NFT_TABLE = "docker-bridges"

_IP = {"ip": "IPv4", "ip6": "IPv6"}
_IPTABLES = ("iptables-nft", "iptables-legacy")
_VERSION = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")
_UNKNOWN = (0, 0, 0)

_COMMON = (
    "nat/DOCKER",
    "nat/PREROUTING > DOCKER",
    "nat/OUTPUT > DOCKER",
    "filter/DOCKER",
    "filter/DOCKER-USER",
    "filter/FORWARD > DOCKER-USER",
)
_ISOLATION = ("filter/DOCKER-ISOLATION-STAGE-1", "filter/DOCKER-ISOLATION-STAGE-2")
_FORWARD = (
    "filter/DOCKER-FORWARD",
    "filter/DOCKER-CT",
    "filter/DOCKER-BRIDGE",
    "filter/FORWARD > DOCKER-FORWARD",
    "filter/DOCKER-FORWARD > DOCKER-CT",
    "filter/DOCKER-FORWARD > DOCKER-BRIDGE",
)
_BY_VERSION: t.Tuple[t.Tuple[t.Tuple[int, int, int], t.Tuple[str, ...]], ...] = (
    ((29, 0, 0), (*_FORWARD, "filter/DOCKER-INTERNAL", "filter/DOCKER-FORWARD > DOCKER-INTERNAL")),
    ((28, 0, 1), (*_FORWARD, *_ISOLATION, "filter/DOCKER-FORWARD > DOCKER-ISOLATION-STAGE-1")),
    ((28, 0, 0), (*_ISOLATION, "filter/FORWARD > DOCKER-ISOLATION-STAGE-1", "filter/FORWARD > DOCKER")),
    ((1, 0, 0), (*_ISOLATION, "filter/FORWARD > DOCKER-ISOLATION-STAGE-1")),
)
_NFT = tuple(
    f"{NFT_TABLE}/{name}"
    for name in (
        "filter-FORWARD",
        "nat-PREROUTING",
        "nat-OUTPUT",
        "nat-POSTROUTING",
        "raw-PREROUTING",
        "nat-prerouting-and-output",
        "nat-PREROUTING > nat-prerouting-and-output",
        "nat-OUTPUT > nat-prerouting-and-output",
    )
)
_NFT_BASES = {"filter-forward": "filter-FORWARD", "nat-postrouting": "nat-POSTROUTING"}  # of a network's chains


@dataclass(frozen=True)
class Missing:
    """What an engine needs and the firewall does not have.

    id: missing_table, missing_chain or missing_jump. what: "nat/DOCKER", "nat/PREROUTING > DOCKER", "docker-bridges".
    """

    id: str
    backend: str
    family: str
    what: str

    def __str__(self) -> str:
        where = f"({self.backend}, {_IP[self.family]})"
        table, _slash, rest = self.what.partition("/")
        chain, _arrow, target = rest.partition(" > ")
        if self.id == "missing_table":
            return f"there is no table {table} {where}"
        if self.id == "missing_jump":
            return f"nothing in chain {chain} of table {table} leads to {target} {where}"
        return f"table {table} has no chain {chain} {where}"


def docker_chains_state(firewall: Firewall, engine: Engine, ipv6: bool = True) -> t.Tuple[Missing, ...]:
    """What the engine needs and no backend has; empty for an engine that writes no rules into this host's firewall.

    ipv6: whether the host has IPv6. Raises Undecided where a backend that may have it was not seen.
    """
    if not writes_rules(engine):
        return ()
    judge = _missing_nft if "nftables" in engine.firewall_backend else _missing_iptables
    lacking = judge(firewall, engine, "ip")
    if not ipv6 or not writes_ipv6_rules(engine) or (not lacking and not _has_any_ipv6(firewall)):
        return lacking  # an engine that finds no ip6tables goes on without any IPv6 rule
    return lacking + judge(firewall, engine, "ip6")


def writes_rules(engine: Engine) -> bool:
    """Whether this engine writes into the firewall of this very host and namespace.

    A rootless one has a network namespace of its own, Docker Desktop a virtual machine; one whose process is not here
    (pid is None) works elsewhere.
    """
    here = engine.name == "docker" and engine.state == "running" and engine.pid is not None
    desktop = "docker desktop" in engine.operating_system.lower()
    return here and engine.iptables is not False and not engine.rootless and not desktop


def writes_ipv6_rules(engine: Engine) -> bool:
    """Its own setting, else the default of its version."""
    return engine.ip6tables if engine.ip6tables is not None else _version(engine) >= (27, 0, 1)


def split_backends(firewall: Firewall) -> t.Dict[str, t.Tuple[str, ...]]:
    """Families whose rules of Docker's are in several backends: the kernel evaluates them all."""
    having: t.Dict[str, t.List[str]] = {}
    for ruleset in firewall.rulesets:
        if ruleset.docker_rules:
            having.setdefault(ruleset.family, []).append(ruleset.backend)
    return {family: tuple(backends) for family, backends in having.items() if len(backends) > 1}


def _version(engine: Engine) -> t.Tuple[int, int, int]:
    match = _VERSION.match(engine.version)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else _UNKNOWN


def _has_any_ipv6(firewall: Firewall) -> bool:
    dockers = [one for one in firewall.rulesets if one.family == "ip6" and (one.docker_rules or one.jumps)]
    return bool(dockers) or not any(one.family == "ip6" for one in firewall.rulesets)


def _missing_iptables(firewall: Firewall, engine: Engine, family: str) -> t.Tuple[Missing, ...]:
    """Measured against the backend that has most of it, else the one that `iptables` now means."""
    version = _version(engine)
    needed = _COMMON + next((more for since, more in _BY_VERSION if version >= since), ())
    usual = "iptables-legacy" if firewall.iptables == "legacy" else "iptables-nft"
    seen = [one for one in firewall.rulesets if one.family == family and one.backend in _IPTABLES]
    best = max(seen, key=lambda one: (len(set(needed) & _has(one)), one.backend == usual), default=None)
    lacking = [what for what in needed if best is None or what not in _has(best)]
    if lacking and len(seen) < len(_IPTABLES):
        unseen = " and ".join(sorted(set(_IPTABLES) - {one.backend for one in seen}))
        raise Undecided(f"the {_IP[family]} rules of {unseen} were not seen")
    return tuple(_missing(best.backend, family, what) for what in lacking) if best else ()


def _missing_nft(firewall: Firewall, engine: Engine, family: str) -> t.Tuple[Missing, ...]:
    ruleset = next((one for one in firewall.rulesets if one.backend == "nft" and one.family == family), None)
    if ruleset is None:
        raise Undecided(f"the {_IP[family]} rules of nft were not seen")
    if NFT_TABLE not in ruleset.tables:
        return (Missing("missing_table", "nft", family, NFT_TABLE),)
    needed = (*_NFT, *_network_jumps(ruleset))
    return tuple(_missing("nft", family, what) for what in needed if what not in _has(ruleset))


def _network_jumps(ruleset: Ruleset) -> t.Iterator[str]:
    """The jumps to each network's chains, such as filter-forward-in__docker0: elements of the base chains' maps."""
    for chain in ruleset.chains:
        name = chain.partition("/")[2]
        base = next((base for start, base in _NFT_BASES.items() if name.startswith(f"{start}-") and "__" in name), "")
        if base and chain.startswith(f"{NFT_TABLE}/"):
            yield f"{NFT_TABLE}/{base} > {name}"


def _has(ruleset: Ruleset) -> t.Set[str]:
    return {*ruleset.chains, *ruleset.jumps}


def _missing(backend: str, family: str, what: str) -> Missing:
    return Missing("missing_jump" if " > " in what else "missing_chain", backend, family, what)
