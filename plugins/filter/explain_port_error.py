# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: explain_port_error
short_description: Tell from an error's text which layer refused a port, and why
version_added: 1.0.0
description:
  - Reads the text of a failed start, as the Docker engine, Compose, Docker Desktop, swarm, the Docker SDK for Python,
    C(community.docker) and journals print it, and says which layer refused what.
  - C(port is already allocated) and C(address already in use) look alike and are not. The first is said by the
    engine's own table, so that only another container of this engine can be behind it. The second is said by the
    operating system, so that a process has the port.
  - What looks like a refused port and is none is told apart. A container's name may be taken, a pool of addresses
    exhausted, an image not to be had, or a program in a container could not listen there.
  - It reads text and sees no host. M(dockmaster.ports.port_check) on the host says who has the port.
options:
  _input:
    description:
      - The text, or the result of the task that failed. Of a result, C(msg), C(stderr), C(stdout), C(module_stderr) and
        C(exception) are read, in this order, and then those of the items that failed in a loop.
      - Of several failures in one text the first is explained.
    type: raw
    required: true
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
"""

EXAMPLES = r"""
- name: Start the shop, and say what was in the way if a port was refused
  block:
    - name: Start it
      community.docker.docker_container:
        name: shop
        image: shop:2
        published_ports: ["8080:80"]
  rescue:
    - name: Look who has the port
      dockmaster.ports.port_check:
        publish: ["8080:80"]
        by: shop
        fail_on: never
      register: shop_ports

    - name: Say both
      ansible.builtin.fail:
        msg: "{{ (ansible_failed_result | dockmaster.ports.explain_port_error).summary }}. {{ shop_ports.msg }}"

- name: Explain what an engine said
  ansible.builtin.debug:
    msg: "{{ text | dockmaster.ports.explain_port_error }}"
  vars:
    text: >-
      Error response from daemon: failed to set up container networking: driver failed programming external connectivity
      on endpoint shop (8c3a1f9d27b5): failed to bind host port 0.0.0.0:8080/tcp: address already in use
  # layer: socket
  # refusal: address_in_use
  # address: 0.0.0.0
  # port: 8080
  # protocol: tcp
  # container: shop
"""

RETURN = r"""
_value:
  description: What the text says.
  type: dict
  contains:
    layer:
      description:
        - Which layer refused.
        - V(allocator) is the engine's own table, V(socket) the operating system, V(firewall) iptables or nftables,
          V(platform) Windows, Docker Desktop or RootlessKit.
      type: str
      choices: [allocator, socket, firewall, platform, config, input, other]
    refusal:
      description: What was refused. V(not_a_port_problem) too where nothing in the text was recognised.
      type: str
      choices:
        - port_allocated
        - address_in_use
        - address_not_available
        - permission_privileged
        - windows_excluded_or_forbidden
        - windows_in_use
        - hns_conflict
        - desktop_backend
        - iptables_chain_missing
        - iptables_backend
        - proxy_failed
        - swarm_port_in_use
        - host_mode_port_no_node
        - rootless_port_driver
        - invalid_port_spec
        - not_a_port_problem
    summary:
      description: The same in a sentence.
      type: str
    said_by:
      description: Which engines or programs use these words. Empty where nothing was recognised.
      type: str
      sample: Engine 29 and newer
    address:
      description:
        - The address in the text, V(none) where it says none.
        - With RV(_value.refusal=port_allocated), engines from 28.3 may name the holder's address, not the wanted one.
      type: str
    port:
      description: The host port in the text, V(none) where it says none.
      type: int
    protocol:
      description: V(tcp), V(udp) or V(sctp), V(none) where the text does not say.
      type: str
    container:
      description: The container that failed to start, its id where the text has no name, V(none) where it says neither.
      type: str
    causes:
      description: What may be behind it, the most likely first.
      type: list
      elements: dict
      contains:
        cause:
          description: Its id, as in RV(dockmaster.ports.port_check#module:findings).
          type: str
        reason:
          description: Why it can be behind this text.
          type: str
    next:
      description: What to run to know, the most telling first.
      type: list
      elements: str
  sample:
    layer: allocator
    refusal: port_allocated
    summary: "the engine's own table has the port already: another endpoint of this engine holds it, no other process"
    said_by: Engine 28.0.1 and newer
    address: 0.0.0.0
    port: 8080
    protocol:
    container: shop
    causes:
      - cause: container
        reason: another container of this engine publishes it, running or paused
    next:
      - "dockmaster.ports.port_check with publish: ['0.0.0.0:8080/tcp']"
"""

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom import SymptomError, explain

KEYS = ("msg", "stderr", "stdout", "module_stderr", "exception")


def explain_port_error(error: t.Any) -> dict[str, t.Any]:
    try:
        return t.cast("dict[str, t.Any]", dump(explain(_text_of(error))))
    except SymptomError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.explain_port_error: {exc}") from exc


def _text_of(error: t.Any) -> t.Any:
    """The text of a failed task's result. Raises SymptomError where it has none."""
    if not isinstance(error, t.Mapping):
        return error
    texts = _texts(error)
    if not texts:
        raise SymptomError(f"a mapping with {', '.join(map(str, error)) or 'no keys'} has none of {', '.join(KEYS)}")
    return "\n".join(texts)


def _texts(error: t.Mapping[str, t.Any]) -> list[str]:
    """What the result says, and what the failed items of a loop say in it."""
    results = error.get("results")
    items = [one for one in results if isinstance(one, t.Mapping)] if isinstance(results, (list, tuple)) else []
    own = [str(error[key]) for key in KEYS if error.get(key)]
    return [*own, *(text for one in items if one.get("failed") for text in _texts(one))]


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"explain_port_error": explain_port_error}
