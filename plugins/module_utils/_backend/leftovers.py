# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What an engine left in the backend of iptables that it no longer uses.

Docker's: in its own chains, rules that name one of its bridges or an address of its networks, and what only its own
chains lead to; in the built-in chains, exactly the forms that engines write. Everything else is somebody's, and stays:
so does a chain that still holds such a rule, and so do the rules that lead there.
Source: moby, libnetwork's bridge driver, 20.10 to 29; what engines 20.10.24, 26.1.5, 28.5.2 and 29.7.2 wrote.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_owner import is_dockers_bridge, owner_of
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Chain, Rule, Table

CHAINS = frozenset(
    "DOCKER DOCKER-BRIDGE DOCKER-CT DOCKER-FORWARD DOCKER-INGRESS DOCKER-INTERNAL DOCKER-ISOLATION"
    " DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2".split()
)
USERS = "DOCKER-USER"  # its rules are people's; the chain itself and its RETURN are the engine's

# In the built-in chains; (?P<br>) must be a bridge of the engine's, (?P<ip>) and (?P<net>) within one of its networks
_FORMS = {
    ("filter", "FORWARD"): (
        r"-o (?P<br>\S+) -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        r"-i (?P<br>\S+) ! -o (?P=br) -j ACCEPT",
        r"-i (?P<br>\S+) -o (?P=br) -j (?:ACCEPT|DROP)",
        r"-m set --match-set docker-ext-bridges-v[46] dst .*",
    ),
    ("nat", "POSTROUTING"): (
        r"-s (?P<net>\S+) ! -o (?P<br>\S+) -j MASQUERADE",
        r"-o (?P<br>\S+) -m addrtype --src-type LOCAL -j MASQUERADE",
        r"-s (?P<ip>[^/ ]+)/(?:32|128) -d (?P=ip)/(?:32|128) -p \w+ -m \w+ --dport \d+ -j MASQUERADE",
    ),
}


@dataclass(frozen=True)
class Networks:
    """Of the engines of this host. bridges: their interfaces' names; subnets: as text."""

    bridges: t.FrozenSet[str] = frozenset()
    subnets: t.FrozenSet[str] = frozenset()

    def has(self, ip: str) -> bool:
        address = ipaddress.ip_address(ip)
        return any(address in ipaddress.ip_network(subnet, strict=False) for subnet in self.subnets)

    def is_bridge(self, name: str) -> bool:
        return is_dockers_bridge(name, self.bridges)


@dataclass(frozen=True)
class Leftovers:
    """Of one table. rules: as printed, in their order; chains: that are empty then.

    kept: somebody's rules within Docker's chains.
    policy: FORWARD's policy DROP goes too, for nobody else accepts anything there. blocks: it stays, because somebody
    does: without the engine's rules beside it, it drops what containers send and get.
    """

    family: str
    table: str
    rules: t.Tuple[str, ...] = ()
    chains: t.Tuple[str, ...] = ()
    kept: t.Tuple[str, ...] = ()
    policy: bool = False
    blocks: bool = False

    def __bool__(self) -> bool:
        return bool(self.rules or self.chains or self.policy)

    def transaction(self) -> str:
        """For iptables-restore --noflush: all of it or nothing."""
        lines = [f"*{self.table}"]
        lines += ["-D" + rule[2:] for rule in self.rules] + [f"-X {chain}" for chain in self.chains]
        return "\n".join([*lines, "COMMIT", ""])


def leftovers(tables: t.Iterable[Table], networks: Networks) -> t.Tuple[Leftovers, ...]:
    """Of every table that has any."""
    found = (_of_table(table, networks) for table in tables)
    return tuple(one for one in found if one or one.kept)


def _of_table(table: Table, networks: Networks) -> Leftovers:
    theirs = {name: _theirs(table, chain, networks) for name, chain in table.chains.items() if name in (*CHAINS, USERS)}
    staying = _staying(table, {name for name, kept in theirs.items() if kept})
    going = [name for name in theirs if name not in staying]
    rules = [
        rule for chain in table.chains.values() for rule in chain.rules if _goes(table, chain, rule, networks, going)
    ]
    kept = tuple(rule.text for rules_ in theirs.values() for rule in rules_)
    drops = _drops(table) and bool(rules)
    accepted = drops and _accepts(table, {rule.text for rule in rules})
    return Leftovers(
        table.family,
        table.name,
        tuple(rule.text for rule in rules),
        tuple(going),
        kept,
        policy=drops and not accepted,
        blocks=accepted,
    )


def _drops(table: Table) -> bool:
    return table.name == "filter" and "FORWARD" in table.chains and table.chains["FORWARD"].policy == "DROP"


def _accepts(table: Table, gone: t.Container[str]) -> bool:
    """Whether somebody else's rules let anything pass FORWARD: then the policy is that somebody's too."""
    for rule in table.chains["FORWARD"].rules:
        if rule.text in gone or rule.verdict in ("drop", "return"):
            continue
        inner = table.chains[rule.target].rules if rule.target in table.chains else (rule,)
        if any(one.text not in gone and one.verdict not in ("drop", "return") for one in inner):
            return True
    return False


def _staying(table: Table, holding: t.Set[str]) -> t.Set[str]:
    """Chains with somebody's rules, and those that lead there."""
    staying = set(holding)
    while True:
        more = {
            name
            for name, chain in table.chains.items()
            if name in CHAINS and name not in staying and any(rule.target in staying for rule in chain.rules)
        }
        if not more:
            return staying
        staying |= more


def _theirs(table: Table, chain: Chain, networks: Networks) -> t.List[Rule]:
    """Rules in a chain of Docker's that Docker did not write."""
    return [rule for rule in chain.rules if not _is_dockers(chain, rule, networks)]


def _is_dockers(chain: Chain, rule: Rule, networks: Networks) -> bool:
    bare = not (rule.ips or rule.ports or rule.interfaces or rule.condition or rule.protocol)
    if bare and rule.verdict == "return":
        return True
    if chain.name == USERS:
        return False
    if rule.target in CHAINS and (bare or any(map(networks.is_bridge, rule.interfaces))):
        return True
    if chain.name == "DOCKER-INGRESS":
        return rule.verdict in ("dnat", "accept") and bool(rule.ports or rule.condition)
    if any(map(networks.is_bridge, rule.interfaces)):
        return True
    addresses = [rule.to_ip] if rule.to_ip else list(rule.ips)
    return bool(addresses) and all("/" not in ip and networks.has(ip) for ip in addresses)


def _goes(table: Table, chain: Chain, rule: Rule, networks: Networks, going: t.Sequence[str]) -> bool:
    if chain.name in going or rule.target in going:
        return True
    if chain.name in (*CHAINS, USERS):
        return _is_dockers(chain, rule, networks) and rule.verdict != "return" and rule.target not in table.chains
    if owner_of(table.backend, table.name, chain.name, rule, networks.bridges) == "docker":
        return True
    return _has_form(table, chain, rule, networks)


def _has_form(table: Table, chain: Chain, rule: Rule, networks: Networks) -> bool:
    body = rule.text.partition(f"-A {chain.name} ")[2]
    for form in _FORMS.get((table.name, chain.name), ()):
        match = re.fullmatch(form, body)
        if match:
            found = match.groupdict()
            bridge, ip = found.get("br"), found.get("ip")
            return (bridge is None or networks.is_bridge(bridge)) and (ip is None or networks.has(ip))
    return False
