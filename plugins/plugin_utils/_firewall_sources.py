# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Names of inventory groups among a policy's sources: what the controller knows and the target does not."""

from __future__ import annotations

import ipaddress
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import networks
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import NetworkError

EXPLICIT = "docker_firewall_addresses"


class SourceError(ValueError):
    """A source that stands for no address. The message names the rule by number and comment."""


def resolved(
    rules: t.Sequence[t.Any], groups: t.Mapping[str, t.Sequence[str]], hostvars: t.Mapping[str, t.Any]
) -> list[t.Any]:
    """The rules, with addresses in the place of groups' names. Raises SourceError.

    What is no rule is left as it is: the module says what is wrong with it.
    """
    found = []
    for number, rule in enumerate(rules, 1):
        sources = rule.get("sources") if isinstance(rule, t.Mapping) else None
        if isinstance(sources, str):
            sources = sources.split(",")  # as Ansible makes a list of a text
        if isinstance(sources, (list, tuple)):
            label = f"rule {number} ({rule['comment']})" if rule.get("comment") else f"rule {number}"
            addresses = [one for text in sources for one in _addresses(str(text).strip(), label, groups, hostvars)]
            found.append({**rule, "sources": addresses})
        else:
            found.append(rule)
    return found


def _addresses(
    text: str, label: str, groups: t.Mapping[str, t.Sequence[str]], hostvars: t.Mapping[str, t.Any]
) -> list[str]:
    try:
        networks.parse(text)
    except NetworkError as exc:
        if text not in groups:
            raise SourceError(f"{label}: sources: {exc}; and the inventory has no group of that name") from exc
    else:
        return [text]
    if not groups[text]:
        raise SourceError(f"{label}: sources: group {text} has no hosts")
    return [one for host in groups[text] for one in _of_host(host, text, label, hostvars[host])]


def _of_host(host: str, group: str, label: str, variables: t.Mapping[str, t.Any]) -> list[str]:
    """What a host of a group stands for: what is said for this purpose, else what Ansible knows of it."""
    explicit = variables.get(EXPLICIT)
    if explicit is not None:
        found = [explicit] if isinstance(explicit, str) else [str(one) for one in explicit]
        _check(found, f"{label}: sources: {EXPLICIT} of host {host}")
    else:
        facts = variables.get("ansible_facts") or {}
        known = [variables.get("ansible_host")] + [
            (facts.get(name) or {}).get("address") for name in ("default_ipv4", "default_ipv6")
        ]
        found = list(dict.fromkeys(str(one) for one in [*known, host] if _usable(one)))
    if not found:
        raise SourceError(
            f"{label}: sources: host {host} of group {group} has no address: "
            f"set {EXPLICIT} for it, or gather its facts first"
        )
    return found


def _check(found: t.Iterable[str], where: str) -> None:
    try:
        for one in found:
            networks.parse(one)
    except NetworkError as exc:
        raise SourceError(f"{where}: {exc}") from exc


def _usable(text: t.Any) -> bool:
    """Whether a packet of that host can bear it as its source: ansible_host may be a name, or the end of a tunnel."""
    try:
        address = ipaddress.ip_address(str(text))
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or address.is_link_local)
