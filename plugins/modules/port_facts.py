#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_facts
short_description: Gather who holds which host port
version_added: 1.0.0
description:
  - Gathers everything on a host that decides who has which port into one document, C(ansible_facts.ports). The kernel's
    sockets and their processes, systemd units and containers; the container engines and all their containers, in every
    state; NAT and filter rules of both iptables backends and of nftables; the kernel's settings.
  - Each record says only what its source says. What was not seen, why, and what would let it be seen stands in
    RV(ansible_facts.ports.blind).
  - Looking changes nothing. An engine that is stopped behind its listening socket unit is reported as stopped and is
    not started, and no table of the kernel comes into being by being read.
  - On macOS it reads lsof, pf and the engines that contexts lead to; on WSL also the Windows below. C(docs/macos.md)
    and C(docs/wsl2.md) say what is seen there.
  - Windows hosts need no Python. What their own programs print is fetched in one round trip of the connection
    (C(winrm), C(psrp) or C(ssh)) and read on the controller; C(docs/windows.md) says what is seen there.
  - Filters P(dockmaster.ports.diagnose#filter), P(dockmaster.ports.claims#filter) and
    P(dockmaster.ports.free_ports#filter) answer questions about the document on the controller.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._attributes.facts
  - dockmaster.ports._engine
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  facts:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux, macos, windows
options:
  sections:
    description:
      - The sections to gather.
      - V(all) are all but V(binds), which M(dockmaster.ports.port_check) fills.
      - A section that was left out is not seen, and what needs it is judged unknown.
    type: list
    elements: str
    default: [all]
    choices:
      - all
      - platform
      - kernel
      - sockets
      - clients
      - units
      - engine
      - containers
      - publications
      - endpoints
      - nat
      - firewall
      - published_policy
      - exclusions
      - windows_sockets
      - binds
  focus:
    description:
      - Ports, or ranges such as V(8000-8010), whose connections are looked for beside those of all published ports.
      - There may be a hundred thousand connections on a host; of ports that are not in focus none is reported.
    type: list
    elements: str
    default: []
  command_lines:
    description:
      - Also report the arguments of the processes that hold sockets. They may hold secrets.
      - Not on Windows hosts.
    type: bool
    default: false
  compatible_view:
    description:
      - Also return C(ansible_facts.tcp_listen) and C(ansible_facts.udp_listen) in the shape of
        C(community.general.listen_ports_facts), so that a playbook can change the module's name and keep working.
      - Where a process is not seen, C(pid) is 0 and C(name) empty, as there.
    type: bool
    default: false
  packed:
    description:
      - Not for tasks, in which it changes nothing. The action plugin of this module sets it and unpacks the result.
      - Return everything as one text of JSON. Ansible goes through what a module returns value by value, and thousands
        of sockets take longer that way than to be found.
    type: bool
    default: false
notes:
  - On Windows hosts O(docker_host) is such as V(npipe:////./pipe/docker_engine), and that of the user's docker context
    if not set. The options for TLS and O(api_version) are refused there; name a context in the task's environment.
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
"""

EXAMPLES = r"""
- name: Gather who holds which port
  dockmaster.ports.port_facts:
  become: true

- name: Name the processes that listen on every address
  ansible.builtin.debug:
    msg: "{{ item.command }} has {{ item.port }}/{{ item.protocol }}"
  loop: "{{ ansible_facts['ports'].sockets | selectattr('ip', 'in', ['0.0.0.0', '::']) }}"
  loop_control:
    label: "{{ item.port }}"

- name: Ask whether a port would be free, from the facts alone
  ansible.builtin.debug:
    msg: "{{ (ansible_facts['ports'] | dockmaster.ports.diagnose(['8080:80'])).msg }}"

- name: Gather only what the kernel and the engine say, and look for connections from port 8080
  dockmaster.ports.port_facts:
    sections: [kernel, sockets, clients, engine, containers, publications]
    focus: ["8080"]

- name: Keep a playbook working that was written for community.general.listen_ports_facts
  dockmaster.ports.port_facts:
    sections: [sockets]
    compatible_view: true
"""

RETURN = r"""
ansible_facts:
  description: The facts.
  returned: success
  type: dict
  contains:
    ports:
      description: One document for the host's network namespace. A section that was not seen is null.
      returned: success
      type: dict
      contains:
        schema:
          description: Version of the document's shape.
          type: int
          returned: success
          sample: 1
        taken_at:
          description: When it was gathered, in seconds since the epoch.
          type: float
          returned: success
          sample: 1795262411.2
        host:
          description: The host's own name for itself.
          type: str
          returned: success
          sample: web-01
        platform:
          description: Distribution, kernel, WSL and its networking mode, whether this is a container, service manager.
          type: dict
          returned: success
        kernel:
          description: Ephemeral range, reserved ports, unprivileged start, addresses, bridges, conntrack.
          type: dict
          returned: success
        sockets:
          description:
            - Sockets that can refuse a bind. TCP that listens or is bound without listening, bound UDP and SCTP.
            - Each with C(ip), C(protocol), C(port), C(state), C(v6only), C(uid), C(inode), C(interface), C(pid),
              C(started) (seconds since the epoch), C(command), C(unit) and C(container); on macOS C(label) of
              launchd's job.
          type: list
          elements: dict
          returned: success
          sample:
            - {"ip": "0.0.0.0", "protocol": "tcp", "port": 80, "state": "listen", "pid": 812, "command": "nginx",
               "unit": "nginx.service"}
        clients:
          description:
            - Connections, also in TIME-WAIT, whose own end is a port in RV(ansible_facts.ports.focus).
            - As C(sockets), with C(peer).
          type: list
          elements: dict
          returned: success
        units:
          description: Addresses that systemd socket units listen on, or would.
          type: list
          elements: dict
          returned: success
        engine:
          description: The container engines of this host.
          type: list
          elements: dict
          returned: success
        containers:
          description: Containers in every state.
          type: list
          elements: dict
          returned: success
        publications:
          description:
            - Published ports of containers in every state, and of swarm services where this node is a manager.
            - C(actual) tells what a running container really has from what it is configured to ask for.
          type: list
          elements: dict
          returned: success
        endpoints:
          description: Addresses that the engine's networks have given out.
          type: list
          elements: dict
          returned: success
        nat:
          description: Rules of every backend and family that send a port's packets elsewhere or drop them before.
          type: list
          elements: dict
          returned: success
        firewall:
          description: Which backends hold rules, Docker's chains and jumps, policies, firewalld, ufw, forwarding.
          type: dict
          returned: success
        published_policy:
          description:
            - How the policy for published ports stands that M(dockmaster.ports.docker_firewall) laid out.
            - C(state) is V(absent) (there is none), V(present) (the rules are the policy's), V(drifted) (they differ),
              V(jump_missing) (packets pass without meeting it, so what it closes is open) or V(left) (rules alone).
            - C(places) tells the same of each tool (C(tool)), with C(open_at), C(lacking) and C(foreign) rules.
            - C(troubles) says what keeps the policy from coming back by itself.
            - C(reach) says who may reach each port that is published now, as far as the policy goes.
          type: dict
          returned: success
          sample:
            {"state": "jump_missing", "backend": "iptables-nft", "default": "deny", "rules": 2, "trial": false,
             "trusted_interfaces": [], "troubles": ["dockmaster-firewall.service does not run"],
             "places": [{"tool": "iptables-nft", "state": "jump_missing", "open_at": ["DOCKER-USER of iptables"],
                         "lacking": ["-A DOCKER-USER -j DOCKMASTER"], "foreign": [], "more": 0}],
             "reach": [{"published": "0.0.0.0:5432/tcp", "who": "everybody", "sources": [], "more": 0, "host_ip": "",
                        "in_interface": ""}]}
        exclusions:
          description:
            - Ports that Windows keeps back. Null on other systems, but WSL that may start Windows' programs.
            - Each with C(first), C(last), C(protocol), C(family) (V(ipv4) or V(ipv6)) and C(administered).
            - A port of a range that is not administered cannot be bound. One that is, can; nobody is given it unasked.
          type: list
          elements: dict
          returned: success
          sample:
            - {"first": 50000, "last": 50059, "protocol": "tcp", "family": "ipv4", "administered": true}
        windows_sockets:
          description: As C(sockets), those of the Windows that a WSL distribution runs on. Null elsewhere.
          type: list
          elements: dict
          returned: success
        binds:
          description: What the bind probe found; null unless asked for.
          type: list
          elements: dict
          returned: success
        focus:
          description: Ports whose connections were looked for.
          type: list
          elements: str
          returned: success
        blind:
          description: What was not seen, wholly or in part. C(section), C(part), C(why), C(see), C(hides).
          type: list
          elements: dict
          returned: success
          sample:
            - {"section": "sockets", "part": "owners of 3 sockets", "why": "their processes belong to other users",
               "see": "gather with become", "hides": false}
        timings:
          description: Milliseconds that each probe took.
          type: dict
          returned: success
    tcp_listen:
      description: As C(community.general.listen_ports_facts) returns it.
      returned: when O(compatible_view=true)
      type: list
      elements: dict
    udp_listen:
      description: As C(community.general.listen_ports_facts) returns it.
      returned: when O(compatible_view=true)
      type: list
      elements: dict
"""

import gc

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import host_of, request_of
from ansible_collections.dockmaster.ports.plugins.module_utils._facts_task import (
    ARGUMENTS,
    PACKED,
    gathered,
    packed,
)


def main() -> None:
    gc.disable()  # a short process, and what it makes is returned: there is no garbage to look for
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    as_text = module.params.pop(PACKED)  # it would stand among what the user asked for
    try:
        host, request = host_of(module.params), request_of(module.params)
    except ValueError as exc:
        module.fail_json(msg=str(exc))
    result = gathered(host, request, module.params["compatible_view"])
    gc.freeze()  # nor does the interpreter look for any when it ends
    module.exit_json(**(packed(result) if as_text else result))


if __name__ == "__main__":
    main()
