#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: win_dynamic_ports
short_description: Set the range of ports that Windows hosts draw from
version_added: 1.0.0
description:
  - Windows draws ports for outgoing connections from its dynamic range, and blocks of ports for Hyper-V, WSL and WinNAT
    as well. Such a block refuses whoever binds one of its ports.
  - The range is V(49152) to V(65535), unless something has changed it. Some setups leave it to start at V(1024). Then
    blocks come to lie on ports such as 3000, 5000 or 8080, on other ones after each boot.
  - Without O(start) and O(count), this module brings back Windows' own range.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: windows
options:
  start:
    description: First port of the range, V(1025) or higher.
    type: int
    default: 49152
  count:
    description: How many ports there are, V(255) or more.
    type: int
    default: 16384
  protocol:
    description: Whose range it is.
    type: str
    choices: [both, tcp, udp]
    default: both
  families:
    description: The families of addresses whose ranges are set.
    type: list
    elements: str
    choices: [ipv4, ipv6]
    default: [ipv4, ipv6]
notes:
  - The connection's user must be an elevated administrator. Over WinRM, members of the group Administrators are.
  - Blocks that were drawn from the old range stay until the host boots. RV(reboot_required) says whether there are any.
    The host is not booted.
seealso:
  - module: dockmaster.ports.win_port_reservation
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Bring back Windows' own range
  dockmaster.ports.win_dynamic_ports:
  register: dynamic

- name: Have Hyper-V draw its blocks from there
  ansible.windows.win_reboot:
  when: dynamic.reboot_required

- name: Leave 50000 and above to applications
  dockmaster.ports.win_dynamic_ports:
    start: 40000
    count: 10000
    protocol: tcp
"""

RETURN = r"""
before:
  description: The ranges as they were.
  returned: success, or if Windows refused a part
  type: list
  elements: dict
  contains: &range
    family:
      description: V(ipv4) or V(ipv6).
      type: str
      returned: always
    protocol:
      description: V(tcp) or V(udp).
      type: str
      returned: always
    start:
      description: First port.
      type: int
      returned: always
    count:
      description: How many ports there are.
      type: int
      returned: always
after:
  description: The ranges as they are. In check mode, as they would be.
  returned: success, or if Windows refused a part
  type: list
  elements: dict
  contains: *range
reboot_required:
  description: Whether this run has left blocks outside of the new range, which stay until the host boots.
  returned: success, or if Windows refused a part
  type: bool
"""
