# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Every cause, most certain first. The only list of them.

Written out because Ansible ships to a target what import statements name, and nothing else.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import (
    address_absent,
    chains_missing,
    client_socket,
    container,
    desktop_backend,
    duplicate_want,
    ephemeral,
    excluded_range,
    firewall_split,
    ghost_endpoint,
    host_network,
    ipv6_unserved,
    nat_rule,
    orphan_proxy,
    policy,
    privileged_port,
    process,
    rootless_port_driver,
    socket_unit,
    stopped_container,
    swarm_service,
    unit,
    windows_service,
    wsl_windows_side,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import CauseModule

CAUSES: t.Tuple[CauseModule, ...] = (
    container,
    host_network,
    unit,
    socket_unit,
    desktop_backend,
    windows_service,
    wsl_windows_side,
    process,
    orphan_proxy,
    ghost_endpoint,
    swarm_service,
    duplicate_want,
    nat_rule,
    chains_missing,
    firewall_split,
    address_absent,
    excluded_range,
    ipv6_unserved,
    privileged_port,
    rootless_port_driver,
    client_socket,
    stopped_container,
    ephemeral,
    policy,
)
