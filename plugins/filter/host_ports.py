# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: host_ports
short_description: List the host ports of published ports
version_added: 1.0.0
description:
  - Returns the fewest ranges of host ports that published ports take, whatever the addresses. TCP comes first, and
    ranges rise.
  - Published ports whose host port the engine chooses take none.
options:
  _input:
    description:
      - Published ports in every form that O(dockmaster.ports.port_check#module:publish) takes, such as what
        P(dockmaster.ports.compose_wants#filter) returns.
    type: raw
    required: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.win_port_reservation
  - module: dockmaster.ports.port_reservation
"""

EXAMPLES = r"""
- name: Reserve on Windows what a Compose project publishes
  dockmaster.ports.win_port_reservation:
    ranges: "{{ ['compose.yaml'] | dockmaster.ports.compose_wants('/srv/shop') | dockmaster.ports.host_ports }}"

- name: Show some
  ansible.builtin.debug:
    msg: "{{ ['8080:80', '127.0.0.1:8081:81', '53:53/udp', '9000'] | dockmaster.ports.host_ports }}"
    # -> ["8080-8081/tcp", "53/udp"]
"""

RETURN = r"""
_value:
  description: Ports and ranges of ports with their protocols.
  type: list
  elements: str
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import PROTOCOLS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.port_spec import PublishError
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of


def host_ports(publish: t.Any) -> list[str]:
    try:
        bindings = {want.binding for want in wants_of(publish)}
    except PublishError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.host_ports: {exc}") from exc
    found = []
    for protocol in PROTOCOLS:
        taken = sorted((one.first, one.last) for one in bindings if one.protocol == protocol and one.first)
        found += [f"{_text(*run)}/{protocol}" for run in _merged(taken)]
    return found


def _merged(taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for first, last in taken:
        if runs and first <= runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], max(last, runs[-1][1]))
        else:
            runs.append((first, last))
    return runs


def _text(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


class FilterModule:
    """What Ansible asks for."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"host_ports": host_ports}
