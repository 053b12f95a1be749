#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_orphan_rules
short_description: Remove rules of Docker's that no container stands behind any more
version_added: 1.0.0
description:
  - An engine that is killed leaves its rules in the firewall, and its next start rebuilds its own chains and no others.
    Such a rule takes the traffic of whoever has the port by now.
  - Removes exactly the rules that are orphans now, by their exact text, from whichever backend and table they are in.
    All rules are read again right before, twice with O(pause) seconds between, because an engine up to 26 writes a
    container's rules before it has tried its ports.
  - A rule of another form than Docker's, or with a target elsewhere than in Docker's networks, is somebody else's and
    stays. So does a rule of a port that the engine itself listens on for no container, and everything where a container
    may exist that was not seen.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  rules:
    description:
      - The rules to remove if they are still orphans, as a finding of M(dockmaster.ports.port_check) with the remedy
        C(remove_orphan_rules) has them. All orphans if not given.
    type: list
    elements: dict
    suboptions:
      backend:
        description: Where it is.
        type: str
        choices: [iptables-legacy, iptables-nft, nft]
        required: true
      family:
        description: V(ip) or V(ip6).
        type: str
        required: true
      table:
        description: Its table.
        type: str
        required: true
      chain:
        description: Its chain.
        type: str
        required: true
      text:
        description: The rule exactly as printed.
        type: str
        required: true
  pause:
    description: Seconds between the two looks.
    type: float
    default: 3.0
seealso:
  - module: dockmaster.ports.port_check
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Remove whatever a killed engine has left
  dockmaster.ports.docker_orphan_rules:
"""

RETURN = r"""
removed:
  description: The rules that are removed.
  returned: always
  type: list
  elements: str
  sample:
    - "iptables-nft ip nat DOCKER: -A DOCKER -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.9:80"
kept:
  description: Rules of O(rules) that are no orphans now, or are not there any more.
  returned: always
  type: list
  elements: str
"""

import time
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS, host_of
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS
from ansible_collections.dockmaster.ports.plugins.module_utils._core.orphans import orphans
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import NatRule
from ansible_collections.dockmaster.ports.plugins.module_utils._holder.rules import (
    NotRemoved,
    Place,
    deletion,
    named,
    place_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request


def run(module: AnsibleModule, host: LiveHost) -> t.Dict[str, t.Any]:
    """Raises NotRemoved, Undecided, Unseen."""
    wanted = None if module.params["rules"] is None else [Place(**rule) for rule in module.params["rules"]]
    first = {place_of(rule) for rule in _orphans(module, host)}
    if first:
        time.sleep(module.params["pause"])
    doomed = [rule for rule in _orphans(module, host) if place_of(rule) in first] if first else []
    doomed = [rule for rule in doomed if wanted is None or place_of(rule) in wanted]
    for rule in [] if module.check_mode else doomed:
        _delete(module, rule)
    there = {place_of(rule) for rule in doomed}
    removed = [str(place_of(rule)) for rule in doomed]
    diff = [named(rule) for rule in doomed]
    return {
        "changed": bool(doomed),
        "removed": removed,
        "kept": [str(one) for one in wanted or () if one not in there],
        "diff": diff,
    }


def _orphans(module: AnsibleModule, host: LiveHost) -> t.List[NatRule]:
    """The last rule of a chain first: removing one moves those behind it."""
    sections = tuple(one for one in SECTIONS if one not in ("binds", "clients"))
    evidence = collect(host, Request(sections=sections, docker_host=module.params["docker_host"]))
    return [one.rule for one in reversed(orphans(evidence))]


def _delete(module: AnsibleModule, rule: NatRule) -> None:
    """Raises NotRemoved."""
    argv = deletion(rule)
    code, _out, said = module.run_command(argv, environ_update={"LC_ALL": "C", "LANGUAGE": "C"})
    if code:
        raise NotRemoved(f"{' '.join(argv)}: {said.strip()}")


def main() -> None:
    rule = {name: {"type": "str", "required": True} for name in ("family", "table", "chain", "text")}
    rule["backend"] = {"type": "str", "choices": ["iptables-legacy", "iptables-nft", "nft"], "required": True}
    module = AnsibleModule(
        argument_spec={
            "rules": {"type": "list", "elements": "dict", "options": rule},
            "pause": {"type": "float", "default": 3.0},
            **ENGINE_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    try:
        result = run(module, host_of(module.params))
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
