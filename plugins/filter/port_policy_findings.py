# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: port_policy_findings
short_description: Tell which published ports go against your conventions
version_added: 1.0.0
description:
  - Judges published ports by a policy, bands of ports by name, who may publish in them, and rules.
  - Works on what the inventory or a Compose project says; no host is contacted and nothing needs to run.
positional: policy
options:
  _input:
    description:
      - As O(dockmaster.ports.port_check#module:publish), so what P(dockmaster.ports.compose_wants#filter) returns too.
    type: list
    elements: raw
    required: true
  policy:
    description: The conventions, often a variable C(port_policy) of the inventory.
    type: dict
    required: true
    suboptions:
      bands:
        description: Ports such as V(3000-3099), or a list of them, by the name of the band. No two bands share a port.
        type: dict
      container_ports:
        description:
          - Container ports, as O(policy.bands), that are of a band whatever host port they are published on. A rule
            about databases then holds on host port 15432 too.
        type: dict
      owners:
        description:
          - Who may publish in a band, as O(by) or with V(*) for anything, such as V(shop/*), or a list of them.
          - One who is named here must publish in one of the bands it is named for.
        type: dict
      rules:
        description:
          - Rules by band, or by V(*) for every published port. One of the following, or a list of them.
          - V(local_only) wants loopback addresses.
          - V(not_published) wants nothing published, for what other containers reach over a network.
          - V(pinned) wants a host port that is named, not one that the engine chooses.
          - V(unprivileged) wants no port below 1024, which a rootless engine may not bind.
          - V(not_ephemeral) wants no port that the kernel may give to a client.
          - V(browser_safe) wants no port that browsers refuse to open.
        type: dict
      ephemeral:
        description: The kernel's range for clients. That of O(evidence) if it is given.
        type: str
        default: 32768-60999
  by:
    description: Who wants them, where an entry does not say.
    type: str
    default: ""
  evidence:
    description:
      - What M(dockmaster.ports.port_facts) returns as C(ansible_facts.ports), for the range of a host's kernel.
    type: dict
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - plugin: dockmaster.ports.compose_wants
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Hold a project against the conventions, before any host is touched
  ansible.builtin.assert:
    that: findings | length == 0
    fail_msg: "{{ findings | map(attribute='summary') | join('; ') }}"
  vars:
    wants: "{{ [] | dockmaster.ports.compose_wants('/srv/shop') }}"
    findings: "{{ wants | dockmaster.ports.port_policy_findings(port_policy) }}"
    port_policy:
      bands:
        api: 3000-3099
        databases: [5432-5499, 3306]
      container_ports:
        databases: [5432, 3306]
      owners:
        api: ["shop/*", blog/api]
      rules:
        databases: local_only
        "*": [pinned, not_ephemeral]
"""

RETURN = r"""
_value:
  description: What goes against the policy, in the order of the published ports. Empty where nothing does.
  type: list
  elements: dict
  contains:
    rule:
      description:
        - The rule, as in O(policy.rules).
        - V(owner) where the band is kept for others, V(band) where the port is outside the bands kept for this one.
      type: str
    band:
      description: The band that the rule is of, or V(*).
      type: str
    summary:
      description: One sentence for people.
      type: str
    next:
      description: What to do instead.
      type: str
    want:
      description: The want. C(publish), C(binding) (empty where the engine chooses) and C(by).
      type: dict
  sample:
    - rule: local_only
      band: databases
      summary: shop/db wants *:5432/tcp, but such ports are for local addresses only
      next: publish shop/db on 127.0.0.1
      want: {publish: "5432:5432", binding: "*:5432/tcp", by: shop/db}
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._core.load import load
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy_rules import PolicyFinding, findings_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of


def port_policy_findings(publish: t.Any, policy: t.Any, by: str = "", evidence: t.Any = None) -> list[dict[str, t.Any]]:
    try:
        kernel = load(evidence).kernel if evidence is not None else None
        found = findings_of(policy_of(policy), wants_of(publish, by), kernel)
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.port_policy_findings: {exc}") from exc
    return [_plain(finding) for finding in found]


def _plain(finding: PolicyFinding) -> dict[str, t.Any]:
    want = finding.want
    binding = str(want.binding) if want.binding.first else ""
    return {
        "rule": finding.rule,
        "band": finding.band,
        "summary": finding.summary,
        "next": finding.remedy,
        "want": {"publish": want.publish, "binding": binding, "by": want.by},
    }


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"port_policy_findings": port_policy_findings}
