#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: win_port_reservation
short_description: Keep ports of Windows hosts for who asks for them by number
version_added: 1.0.0
description:
  - Windows hands blocks of ports to Hyper-V, WSL and WinNAT, other ones after each boot. Whoever binds a port of such a
    block is refused, Docker Desktop and Windows containers included.
  - This module reserves ports before that happens. It makes them an administrator's excluded port ranges
    (C(netsh interface ipv4 add excludedportrange)). Windows then gives them to nobody by itself, and to whoever asks
    for them by number.
  - Ports are what counts, not rows. Ports that stand reserved in other rows than they are asked for are left as they
    stand.
  - Rows that Windows itself keeps are never deleted.
  - On a Windows host it runs through the connection. On a WSL distribution it asks the Windows below, through its
    C(netsh.exe).
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
    details:
      - Nothing but programs that show something is run.
      - Windows refuses a port that a program has at that moment. Check mode warns of those that it sees, and only the
        real run fails.
  diff_mode:
    support: full
    details:
      - When winnat was stopped, the diff of the real run also shows the other blocks that it has drawn since.
  idempotent:
    support: full
  platform:
    support: full
    platforms: windows, WSL
    details:
      - WSL starts Windows' programs without elevation, unless it was itself started with it. Then what is reserved can
        be seen and checked, and a change fails with the commands that make it.
options:
  ranges:
    description:
      - Ports and ranges of ports, such as V(8080), V(8000-8010) or V(53/udp).
      - It may be empty, with O(state=exactly) to release all.
    type: list
    elements: str
    required: true
  protocol:
    description: Protocol of the ranges that name none.
    type: str
    choices: [both, tcp, udp]
    default: tcp
  state:
    description:
      - With V(present), the ports are reserved, and all others are left as they are.
      - With V(absent), no administrator has them reserved. Of a row that holds other ports too, these stay reserved.
      - With V(exactly), the ports are reserved, and no others of the protocols of O(ranges) and O(protocol). Windows'
        own V(50000-50059), which it excludes when it is installed, is among the others, unless it is named.
      - Rows that Windows itself keeps (Hyper-V, WinNAT, HTTP.sys) do not count as reserved, and stay in any case.
    type: str
    choices: [absent, exactly, present]
    default: present
  store:
    description:
      - With V(persistent), now and at every boot.
      - With V(active), until the next boot. What comes back at the next boot is left alone.
    type: str
    choices: [active, persistent]
    default: persistent
  families:
    description:
      - The families of addresses whose tables are looked at and changed. All Windows versions that are known keep one
        list for both.
    type: list
    elements: str
    choices: [ipv4, ipv6]
    default: [ipv4, ipv6]
  restart_winnat:
    description:
      - Whether the service C(winnat) may be stopped for a moment, if it keeps a block where a port is to be reserved.
      - Meanwhile the network of running Windows containers, of WSL 2 with NAT networking and of virtual machines behind
        a NAT switch of Hyper-V is cut. Connections through it do not survive.
      - Stop, changes and start are sent to the host together. Before the stop, a process is started on the host that
        starts C(winnat) about a minute later in any case, even if the connection is lost. If C(winnat) does not start
        again, the task fails and says so.
      - With V(never), the task fails before it changes anything. From within WSL it always does.
      - A row of a single port is a service's, which the stop does not let go of. Where one is in the way, the task
        fails before it stops anything.
      - With V(always), C(winnat) is stopped and started in any case, also with no O(ranges). Hyper-V then draws other
        blocks, or the same.
    type: str
    choices: [always, if_needed, never]
    default: never
notes:
  - The connection's user must be an elevated administrator. Over WinRM, members of the group Administrators are.
  - A Windows host needs Windows PowerShell 5.1, as all Windows since 10 and Server 2016 have, and no Python.
  - A row can be deleted only as a whole. What is to stay of it is unreserved for some milliseconds, and is added again
    right after, by the same round trip. Where a program has one of these ports, Windows would refuse that. Then the
    task fails before it changes anything.
  - Windows refuses to reserve a port that a program has. Reserve ports before what is to use them is started.
  - Windows containers cannot publish a port that is reserved. Docker Desktop with Linux containers, and WSL, can.
seealso:
  - module: dockmaster.ports.win_dynamic_ports
  - module: dockmaster.ports.port_reservation
  - name: Excluded ports of Windows
    description: How Windows behaves, with examples.
    link: https://github.com/dockmaster/ports/blob/main/docs/windows.md
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Reserve what the shop publishes
  dockmaster.ports.win_port_reservation:
    ranges: ["8080-8089", "5432", "53/udp"]

- name: Reserve it also where Hyper-V has a block, which cuts the network of WSL and containers for a moment
  dockmaster.ports.win_port_reservation:
    ranges: ["8080-8089"]
    restart_winnat: if_needed

- name: Have these TCP ports reserved and no others
  dockmaster.ports.win_port_reservation:
    ranges: ["8080-8089", "50000-50059"]
    state: exactly

- name: Release one of them
  dockmaster.ports.win_port_reservation:
    ranges: ["8085"]
    state: absent
"""

RETURN = r"""
before:
  description: The rows of the tables that were looked at.
  returned: success, or if anything changed
  type: list
  elements: dict
  contains: &row
    family:
      description: V(ipv4) or V(ipv6).
      type: str
      returned: always
    protocol:
      description: V(tcp) or V(udp).
      type: str
      returned: always
    first:
      description: First port.
      type: int
      returned: always
    last:
      description: Last port.
      type: int
      returned: always
    administered:
      description:
        - Whether an administrator has reserved it. Then who asks for a port by number gets it. Of other rows, a bind is
          refused.
      type: bool
      returned: always
    active:
      description: Whether it is in force.
      type: bool
      returned: always
    persistent:
      description: Whether an administrator has reserved it for every boot.
      type: bool
      returned: always
after:
  description: The rows now. In check mode, the rows as they would be, if winnat draws none in their place.
  returned: success, or if anything changed
  type: list
  elements: dict
  contains: *row
restarted_winnat:
  description: Whether winnat was stopped and started, or would have been in check mode.
  returned: always
  type: bool
disrupts:
  description: What the stop of winnat cuts. Empty if it is not stopped.
  returned: always
  type: str
  sample: >-
    the network of running Windows containers, of WSL 2 with NAT networking and of virtual machines behind a NAT switch
    of Hyper-V is cut
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.arguments import SPEC, task_of
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.reservation import (
    Reservation,
    ReservationError,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._excluded.wsl import WslNat, WslShell, insist_on_wsl
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import PortsError


def main() -> None:
    module = AnsibleModule(argument_spec=SPEC, supports_check_mode=True)
    host = LiveHost(timeout=30.0)
    try:
        task = task_of(module.params)
        insist_on_wsl(host)
        restart = module.params["restart_winnat"]
        result = Reservation(WslShell(host), WslNat(), task, restart, module.check_mode, module.warn).run()
    except PortsError as exc:
        module.fail_json(msg=f"ranges: {exc}")
    except (ReservationError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
