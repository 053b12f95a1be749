# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The rules that are there, from the variant of iptables that holds the engine's.

The kernel evaluates the rules of both variants, whatever `iptables` in the PATH stands for. Listing a legacy table
makes it, so none is listed that the kernel does not already have. Source: iptables(8), /proc/net/ip_tables_names.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass, field

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import marks, placement, saved
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import FAMILIES
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.saved import Chains, Tables
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.view import View

NFT, LEGACY = "nft", "legacy"
PROGRAMS = {4: "iptables", 6: "ip6tables"}

_LEGACY_TABLES = {4: "/proc/net/ip_tables_names", 6: "/proc/net/ip6_tables_names"}


class NotItsOwnError(FirewallError):
    """A table of iptables' that nft has changed into one which iptables cannot show."""


@dataclass(frozen=True)
class Rules:
    """The rules of one family in one variant. text: as its save program printed them."""

    family: int
    variant: str
    save: str
    restore: str
    text: str = ""
    tables: Tables = field(default_factory=dict)

    @property
    def filter(self) -> Chains:
        """The chains of the filter table."""
        return self.tables.get("filter", {})

    @property
    def engines(self) -> bool:
        """Whether an engine wrote rules here."""
        return placement.ENGINES in self.filter

    @property
    def ours(self) -> bool:
        """Whether a policy is laid out here."""
        return bool(placement.mine(self.filter))


@dataclass(frozen=True)
class Reading:
    """rules: of the variant that the policy belongs in, by family. strays: of the other, where one is left in it."""

    variant: str
    rules: t.Dict[int, Rules]
    strays: t.Tuple[Rules, ...] = ()
    split: bool = False


def read(system: View) -> Reading:
    """One listing a family, and of the other variant only if it has any rules. Raises FirewallError."""
    default = _default(system)
    families = FAMILIES if _has_ipv6(system) else (4,)
    rules = {family: _read(system, family, default) for family in families}
    other = LEGACY if default == NFT else NFT
    others = {family: _read(system, family, other) for family in families if _holds_rules(system, family, other)}
    here, there = (any(one.engines for one in found.values()) for found in (rules, others))
    if there and not here:
        rules, others = {family: others.get(family) or _read(system, family, other) for family in families}, rules
        default = other
    return Reading(default, rules, tuple(one for one in others.values() if one.ours), split=here and there)


def nft_shows_ours(system: View) -> bool:
    """Whether a policy is in tables of the nft variant, whatever else is there."""
    lists = [system.run("nft", "list", "chain", family, "filter", marks.CHAIN) for family in ("ip", "ip6")]
    return any(done.rc == 0 for done in lists)


def _default(system: View) -> str:
    done = system.run("iptables", "--version")
    return NFT if "nf_tables" in done.out else LEGACY


def _has_ipv6(system: View) -> bool:
    try:
        system.read("/proc/net/if_inet6")
    except FileNotFoundError:  # ipv6.disable=1: no packet of that family comes in
        return False
    return True


def _holds_rules(system: View, family: int, variant: str) -> bool:
    if variant == LEGACY and not _has_legacy_filter(system, family):
        return False
    return system.which(f"{PROGRAMS[family]}-{variant}-save") is not None


def _has_legacy_filter(system: View, family: int) -> bool:
    try:
        return "filter" in system.read(_LEGACY_TABLES[family]).split()
    except FileNotFoundError:
        return False


def _read(system: View, family: int, variant: str) -> Rules:
    program = f"{PROGRAMS[family]}-{variant}"
    if not system.which(f"{program}-save"):
        program = PROGRAMS[family]
    done = system.run(f"{program}-save")
    if done.rc != 0:
        raise FirewallError(f"{program}-save failed: {done.err.strip() or f'exit status {done.rc}'}")
    if "is incompatible, use 'nft' tool" in done.out:
        raise NotItsOwnError(
            f"{program}-save cannot show a table that nft has changed: {done.out.strip().splitlines()[0]}"
        )
    try:
        tables = saved.parse(done.out)
    except saved.SavedError as exc:
        raise FirewallError(f"{program}-save: {exc}") from exc
    return Rules(family, variant, f"{program}-save", f"{program}-restore", done.out, tables)
