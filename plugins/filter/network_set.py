# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: network_set
short_description: Merge addresses, networks and ranges to the fewest networks
version_added: 1.0.0
description:
  - Returns the fewest networks that hold exactly the given addresses. IPv4 comes first, then IPv6, each sorted.
  - What contains another, what touches another, and what is given twice becomes one. A range becomes networks.
requirements:
  - netaddr (on the controller)
options:
  _input:
    description: Addresses, networks in CIDR form and ranges C(first-last), as one text or as lists, nested or not.
    type: raw
    required: true
  family:
    description: Return one family only.
    type: str
    choices: [ipv4, ipv6]
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.docker_firewall
"""

EXAMPLES = r"""
- name: Let the offices reach the database
  dockmaster.ports.docker_firewall:
    default: deny
    rules:
      - ports: [5432]
        sources: "{{ [office_networks, vpn_networks, '192.0.2.7'] | dockmaster.ports.network_set }}"
        action: allow

- name: Show them, IPv4 only
  ansible.builtin.debug:
    msg: "{{ ['10.0.0.0/9', '10.128.0.0/9', '2001:db8::1'] | dockmaster.ports.network_set(family='ipv4') }}"
    # -> ["10.0.0.0/8"]
"""

RETURN = r"""
_value:
  description: The networks. An address stands without a prefix.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.networks import NetworkError, parse

try:
    import netaddr
except ImportError:
    netaddr = None

VERSIONS = {"ipv4": 4, "ipv6": 6}


def network_set(value: t.Any, family: str | None = None) -> list[str]:
    if netaddr is None:
        raise AnsibleFilterError("dockmaster.ports.network_set: netaddr is not installed on the controller")
    if family not in (None, *VERSIONS):
        raise AnsibleFilterError(
            f"dockmaster.ports.network_set: family: {family!r} is not one of {', '.join(VERSIONS)}"
        )
    try:
        asked = [_asked(text) for text in _flat(value)]
    except NetworkError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.network_set: {exc}") from exc
    wanted = [one for one in asked if family is None or one.version == VERSIONS[family]]
    return [_text(network) for network in netaddr.cidr_merge(wanted)]


def _flat(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, (list, tuple, set)):
        for one in value:
            yield from _flat(one)
    else:
        yield str(value)


def _asked(text: str) -> t.Any:
    """Read by the rules that hold on targets: netaddr takes "10" for 0.0.0.10."""
    family, first, last = parse(text)
    return netaddr.IPRange(netaddr.IPAddress(first, family), netaddr.IPAddress(last, family))


def _text(network: t.Any) -> str:
    return str(network.ip) if network.size == 1 else str(network)


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"network_set": network_set}
