#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_firewall
short_description: Decide who may reach the published ports of a Docker host
version_added: 1.0.0
description:
  - Makes the rules for new connections from outside to published ports exactly what the policy says, beside Docker's
    own rules and those of every other firewall.
  - Ports are B(published host ports), whatever port the container listens on. Rules follow a port, not a container, so
    they hold when a container is made anew with another address.
  - V(allow) hands a connection on to whatever follows in C(DOCKER-USER), and never accepts it by itself. Bans of
    fail2ban or CrowdSec, and rules written by hand, still hold.
  - What containers do among themselves, their own outgoing connections, what the host itself does, and connections that
    are established already are never touched.
  - Everything is done in chains called C(DOCKMASTER), or in the nftables table C(inet dockmaster) where the engine's
    backend is nftables. Nothing else is changed but the place of C(FORWARD)'s jump to C(DOCKER-USER), which has to be
    first.
  - The policy is kept in C(/etc/dockmaster), and two systemd units put it back without Ansible after a reboot, a
    restart of the engine, and a reload or flush by another firewall.
  - In O(rules[].sources), names of inventory groups stand for the addresses of their hosts. The action plugin of this
    module looks them up on the controller.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Shows who may reach which published port, the rules, and the files, each before and after.
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  state:
    description: Whether there is a policy. V(absent) leaves no trace of one.
    type: str
    choices: [absent, present]
    default: present
  default:
    description:
      - What happens to a new connection from outside to a published port that no rule decides. Required with
        O(state=present).
      - With V(deny), containers' own addresses cannot be reached from outside either, nor ports that are published on
        loopback. Engines up to 27 leave both open to hosts of the same network.
    type: str
    choices: [allow, deny]
  rules:
    description: The rules. The first one that matches a connection decides it.
    type: list
    elements: dict
    default: []
    suboptions:
      ports:
        description:
          - Published host ports or ranges of them, with a protocol, such as V(443), V(8000-8010/tcp) or V(53/udp).
            Without a protocol, it is TCP.
          - V(all) is every port of every protocol, V(all/udp) every one of UDP.
        type: list
        elements: str
        required: true
      sources:
        description:
          - Addresses, networks and ranges, IPv4 and IPv6, such as V(192.0.2.7), V(10.0.0.0/8), V(10.0.0.5-10.0.0.9) or
            V(2001:db8::/32), and names of inventory groups.
          - Left out, the rule is about everybody. An empty list is an error.
          - A group stands for its hosts' variable C(docker_firewall_addresses), a list, where it is set. Else for
            C(ansible_host) and a host's name, where they are addresses, and the default addresses among its facts.
        type: list
        elements: str
      host_ip:
        description: Only connections to this address or network of the host. Left out, to any of its addresses.
        type: str
      in_interfaces:
        description:
          - Only connections that come in by one of these interfaces. A name may end with V(*), such as V(tun*).
        type: list
        elements: str
        default: []
      action:
        description: V(deny) does not answer. V(reject) answers that the port is closed.
        type: str
        choices: [allow, deny, reject]
        required: true
      log:
        description: Write a line to the kernel's log for a connection that the rule decides, up to 30 in a minute.
        type: bool
        default: false
      comment:
        description: What the rule is for. Messages and the kernel's rules name it.
        type: str
        default: ""
  trusted_interfaces:
    description:
      - Interfaces whose connections are not looked at, such as that of a VPN. A name may end with V(*).
    type: list
    elements: str
    default: []
  routed_networks:
    description:
      - Networks of containers that are meant to be reached at their own addresses (gateway mode C(routed)), in CIDR
        form. O(default=deny) does not close them.
    type: list
    elements: str
    default: []
  rollback_after:
    description:
      - If not V(0), the new rules are on trial for so many seconds. The old ones come back by themselves unless the
        controller confirms the new ones over a new connection, which it does right after.
      - Neither a lost connection nor a killed controller or module keeps them from coming back.
    type: int
    default: 0
  confirm:
    description:
      - The token of a trial, RV(rollback.token), to confirm it. The action plugin does so. Nobody else needs to.
    type: str
notes:
  - Ports of containers on the host's network are not published ones, and neither are those of a rootless engine. No
    rule here is about them.
  - What arrives from a bridge of Docker's is never from outside. If such a bridge has a port of the machine in it, that
    is so for whoever is behind that port.
  - Where C(ipset) is installed, a rule with 16 networks or more keeps them in a set.
seealso:
  - module: dockmaster.ports.port_facts
  - plugin: dockmaster.ports.network_set
    plugin_type: filter
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Close every published port but those for everybody, and the database to all but the application servers
  dockmaster.ports.docker_firewall:
    default: deny
    rules:
      - ports: [80, 443, 443/udp]
        action: allow
        comment: web for everybody
      - ports: [5432]
        sources: [app, 192.0.2.7]
        action: allow
        comment: database for group app and the backup host
    trusted_interfaces: [wg0]
    rollback_after: 60

- name: Keep a network out of everything, and say so in the log
  dockmaster.ports.docker_firewall:
    default: allow
    rules:
      - ports: [all]
        sources: "{{ blocklist | dockmaster.ports.network_set }}"
        action: deny
        log: true
        comment: blocklist

- name: Take the policy away
  dockmaster.ports.docker_firewall:
    state: absent
"""

RETURN = r"""
backend:
  description: Where the rules are. V(iptables-nft), V(iptables-legacy) or V(nftables).
  returned: always
  type: str
  sample: iptables-nft
status:
  description:
    - How the host stood before. V(present) (its rules were those of the policy), V(drifted) (they differed),
      V(jump_missing) (packets passed without meeting them), V(absent), or V(left) (rules without a policy).
  returned: always
  type: str
  sample: present
open_at:
  description: Where packets passed without meeting the policy that the host had.
  returned: always
  type: list
  elements: str
  sample: [DOCKER-USER of iptables]
reachable:
  description:
    - Who can reach each port that is published now, as far as the policy goes. Another firewall may still keep him out.
  returned: always
  type: dict
  contains:
    before:
      description: Before the change.
      type: list
      elements: dict
      contains: &reach
        published:
          description: The published port or range.
          type: str
        who:
          description: V(everybody), V(nobody), V(only), V(everybody except) or V(this host).
          type: str
        sources:
          description: Addresses and networks, with V(only) and V(everybody except). The first 20.
          type: list
          elements: str
        more:
          description: How many others there are.
          type: int
        host_ip:
          description: Connections to which address of the host this is about. Null for all that no other entry names.
          type: str
        in_interface:
          description: Connections by which interface this is about. Null for all that no other entry names.
          type: str
    after:
      description: After it.
      type: list
      elements: dict
      contains: *reach
  sample:
    before:
      - {published: "0.0.0.0:5432/tcp", who: everybody, sources: [], more: 0, host_ip: null, in_interface: null}
    after:
      - {published: "0.0.0.0:5432/tcp", who: only, sources: [10.0.0.0/24], more: 0, host_ip: null, in_interface: null}
summary:
  description: The same for people, a sentence an entry.
  returned: always
  type: list
  elements: str
  sample: ["0.0.0.0:5432/tcp: only 10.0.0.0/24 (before: everybody)"]
rollback:
  description: The trial that the new rules are on.
  returned: when rules changed and O(rollback_after) is not 0, but not in check mode
  type: dict
  contains:
    token:
      description: What confirms it.
      type: str
    seconds:
      description: After how many seconds the old rules come back.
      type: int
    confirmed:
      description: Whether the controller has confirmed it.
      type: bool
  sample: {token: 5b1d0c3e9f2a4d77, seconds: 60, confirmed: true}
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import policy, report, task
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.policy import PolicyError
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError, System

NAMES: t.Dict[str, t.Any] = {"type": "list", "elements": "str", "default": []}
RULE = {
    "ports": {"type": "list", "elements": "str", "required": True},
    "sources": {"type": "list", "elements": "str"},
    "host_ip": {"type": "str"},
    "in_interfaces": NAMES,
    "action": {"type": "str", "choices": list(policy.ACTIONS), "required": True},
    "log": {"type": "bool", "default": False},
    "comment": {"type": "str", "default": ""},
}
ARGUMENTS = {
    "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
    "default": {"type": "str", "choices": list(policy.DEFAULTS)},
    "rules": {"type": "list", "elements": "dict", "default": [], "options": RULE},
    "trusted_interfaces": NAMES,
    "routed_networks": NAMES,
    "rollback_after": {"type": "int", "default": 0},
    "confirm": {"type": "str", "no_log": False},
}


def run(params: t.Mapping[str, t.Any], check: bool) -> t.Tuple[task.Task, t.Dict[str, t.Any]]:
    """Raises PolicyError, FirewallError, OSError."""
    system = System()
    if params["confirm"]:
        return task.confirmed(system, params["confirm"]), {}
    if params["rollback_after"] < 0:
        raise PolicyError(f"rollback_after: {params['rollback_after']} is not a number of seconds: expected 0 or more")
    wanted = policy.parse(params) if params["state"] == "present" else None
    if check:
        return task.task(system, wanted), {}
    if wanted is None:
        return task.absent(system), {}
    if not params["rollback_after"]:
        return task.present(system, wanted), {}
    done, begun = task.tried(system, wanted, params["rollback_after"])
    seconds = params["rollback_after"]
    return done, {"rollback": {"token": begun.token, "seconds": seconds, "confirmed": False}} if begun else {}


def main() -> None:
    module = AnsibleModule(
        argument_spec=ARGUMENTS,
        supports_check_mode=True,
    )
    try:
        done, more = run(module.params, module.check_mode)
        result = {**report.result(done), **more}
    except task.ConfirmedError as exc:
        module.fail_json(msg=str(exc), confirmed=True)
    except (PolicyError, FirewallError) as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=told(exc))
    for warning in report.warnings(done):
        module.warn(warning)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
