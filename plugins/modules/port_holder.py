#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_holder
short_description: Have a process, a unit, a container or an endpoint let go of its port
version_added: 1.0.0
description:
  - Acts on the very holder that a finding names, and on no other that may have its place by now. A process is known by
    its number together with its start, a container by its full id, an endpoint by its address.
  - A holder that is gone already is no failure, and nothing changes.
  - Refuses to end what the host or this very run needs, what a systemd unit would start again, processes of containers,
    and a docker-proxy that a container stands behind, or the engine that started it.
  - Fails where the engine has a port for an endpoint that no network of it lists. Only a restart of the engine, or
    making the network anew, lets go of that one, and the message says so.
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
  kind:
    description: What it is. V(endpoint) is an engine's record of a container that is no more.
    type: str
    choices: [container, endpoint, process, unit]
    required: true
  state:
    description:
      - With V(stopped), a process is ended or a running container is stopped. A systemd unit is stopped and disabled,
        with the sockets that would start it again, and a socket with the service that has its port by now.
      - With V(absent), a container that does not run is removed, without its volumes, or an endpoint is cut off its
        network. A container that runs is not removed.
    type: str
    choices: [absent, stopped]
    default: stopped
  pid:
    description: The process. Required for O(kind=process).
    type: int
  started:
    description: When the process started, in seconds since the epoch. Required for O(kind=process).
    type: float
  container:
    description: The container's full id. Required for O(kind=container).
    type: str
  unit:
    description: The systemd unit, such as V(nginx.service) or V(rpcbind.socket). Required for O(kind=unit).
    type: str
  address:
    description: The endpoint's address, such as V(172.17.0.9). Required for O(kind=endpoint).
    type: str
  grace:
    description:
      - Seconds that a process or container has to end by itself (SIGTERM, or the container's own stop signal) before it
        is killed.
    type: float
    default: 10.0
notes:
  - A container is looked for on all engines of the host, rootless ones included.
seealso:
  - module: dockmaster.ports.port_check
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Ask who is in the way
  dockmaster.ports.port_check:
    publish: ["8080:80"]
    fail_on: never
  register: checked

- name: End the process that has the port
  dockmaster.ports.port_holder:
    kind: process
    pid: "{{ checked.findings[0].holder.pid }}"
    started: "{{ checked.findings[0].holder.started }}"
  when: checked.findings | map(attribute='cause') is contains('process')

- name: Stop a service and the socket that would start it again, and keep them from starting at boot
  dockmaster.ports.port_holder:
    kind: unit
    unit: "{{ checked.findings[0].holder.name }}"

- name: Stop a container
  dockmaster.ports.port_holder:
    kind: container
    container: "{{ checked.findings[0].holder.id }}"
"""

RETURN = r"""
found:
  description: Whether the very holder was still there.
  returned: always
  type: bool
holder:
  description: What it is called.
  returned: always
  type: str
  sample: nginx (pid 812)
told:
  description: What stops and what is disabled. One line each.
  returned: for O(kind=unit)
  type: list
  elements: str
  sample: [nginx.service stops, nginx.service is disabled]
signal:
  description: The signal that ended a process, V(TERM) or V(KILL).
  returned: when a process was ended
  type: str
  sample: TERM
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS, host_of, tls_of
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.claims import claims_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_action import EngineAction
from ansible_collections.dockmaster.ports.plugins.module_utils._holder import containers, endpoints, process, units
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

_STOPPING = 30.0  # seconds that an engine may take beyond the grace
_UNITS = 150.0  # seconds: systemd kills what has not stopped after 90


def end_process(module: AnsibleModule, host: LiveHost) -> t.Dict[str, t.Any]:
    """Raises Refused, NotEnded, Unseen."""
    target = process.Target(module.params["pid"], module.params["started"])
    owner = process.found(host, target)
    if owner is None:
        return _gone(f"process {target.pid}")
    process.refuse(host, owner, claims_of(_evidence(module, host)))
    title = f"{owner.command} (pid {target.pid})"
    result = _done(title, f"{title} ends\n")
    if not module.check_mode:
        result["signal"] = process.end(host, target, module.params["grace"])
    return result


def let_go_container(module: AnsibleModule, host: LiveHost) -> t.Dict[str, t.Any]:
    """Raises Refused, Refusal, Unseen."""
    params = module.params
    one = containers.container_of(host, _evidence(module, host), params["container"])
    if one is None:
        return _gone(f"container {params['container'][:12]}")
    title = f"container {one.name}"
    action = EngineAction(one.endpoint, tls_of(params), params["grace"] + _STOPPING)
    if params["state"] == "absent":
        if one.runs:
            raise process.Refused(f"{title} is {one.state}: only a container that does not run is removed")
        if not module.check_mode:
            containers.remove(action, one)
        return _done(title, f"{title} is removed, not its volumes\n")
    if not one.runs:
        return {"changed": False, "found": True, "holder": title}
    if containers.warning(one):
        module.warn(containers.warning(one))
    if not module.check_mode:
        containers.stop(action, one, params["grace"])
    return _done(title, f"{title} stops\n")


def cut_off_endpoint(module: AnsibleModule, host: LiveHost) -> t.Dict[str, t.Any]:
    """Raises Refused, Refusal, Unseen."""
    address = module.params["address"]
    ghost = endpoints.ghost_of(_evidence(module, host), address)
    if ghost is None:
        return _gone(f"endpoint {address}")
    title = f"endpoint {ghost.name or address} of network {ghost.network}"
    if not module.check_mode:
        endpoints.cut_off(EngineAction(ghost.engine, tls_of(module.params), _STOPPING), ghost)
        held = endpoints.held_for(_evidence(module, host), address)
        if held:
            raise process.Refused(f"{title} is cut off, and the engine still has {', '.join(held)}: restart it")
    return _done(title, f"{title} is cut off\n")


def stop_unit(module: AnsibleModule, host: LiveHost) -> t.Dict[str, t.Any]:
    """Raises Refused, NotStopped, Unseen."""
    name = module.params["unit"]
    found = units.together(host, name)
    todo = units.told(found)
    if not todo:
        return {"changed": False, "found": bool(found), "holder": name, "told": []}
    units.refuse(host, found)
    if not module.check_mode:
        units.stop(LiveHost(_UNITS), found)
    return {**_done(name, "".join(f"{line}\n" for line in todo)), "told": todo}


def _evidence(module: AnsibleModule, host: LiveHost) -> Evidence:
    sections = tuple(one for one in SECTIONS if one not in ("binds", "clients"))
    return collect(host, Request(sections=sections, docker_host=module.params["docker_host"]))


def _gone(title: str) -> t.Dict[str, t.Any]:
    return {"changed": False, "found": False, "holder": title}


def _done(title: str, said: str) -> t.Dict[str, t.Any]:
    return {"changed": True, "found": True, "holder": title, "diff": {"prepared": said}}


ACTIONS = {"process": end_process, "container": let_go_container, "endpoint": cut_off_endpoint, "unit": stop_unit}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "kind": {"type": "str", "choices": sorted(ACTIONS), "required": True},
            "state": {"type": "str", "choices": ["absent", "stopped"], "default": "stopped"},
            "pid": {"type": "int"},
            "started": {"type": "float"},
            "container": {"type": "str"},
            "unit": {"type": "str"},
            "address": {"type": "str"},
            "grace": {"type": "float", "default": 10.0},
            **ENGINE_ARGUMENTS,
        },
        required_if=[
            ("kind", "process", ("pid", "started")),
            ("kind", "container", ("container",)),
            ("kind", "endpoint", ("address",)),
            ("kind", "unit", ("unit",)),
        ],
        supports_check_mode=True,
    )
    try:
        if module.params["grace"] < 0:  # to an engine, for ever
            raise ValueError(f"grace: {module.params['grace']:g} is not a number of seconds: expected 0 or more")
        result = ACTIONS[module.params["kind"]](module, host_of(module.params))
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
