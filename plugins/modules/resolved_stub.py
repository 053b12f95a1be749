#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: resolved_stub
short_description: Free port 53 of systemd-resolved's stub listener, and keep the host resolving names
version_added: 1.0.0
description:
  - The stub listener of systemd-resolved has C(127.0.0.53:53) and C(127.0.0.54:53). A container that publishes port 53
    on every address is refused because of it. One that publishes on a concrete address of the host is not. That
    disturbs nothing, so prefer it where it will do.
  - With O(state=present), the stub is turned off with a drop-in file, C(/etc/resolv.conf) leads to the DNS servers that
    systemd-resolved itself asks, and the service restarts, which takes a moment.
  - Before anything is changed, those servers must answer. Afterwards they must answer again, and resolve every name of
    O(names) that the stub resolved before. If they do not, everything is put back, and the module fails.
  - Where somebody else has turned the stub off, or systemd-resolved does not run, there is nothing to do.
extends_documentation_fragment:
  - dockmaster.ports._attributes
attributes:
  check_mode:
    support: full
    details:
      - The DNS servers are asked in check mode too.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  state:
    description:
      - With V(present), the port is released.
      - With V(absent), what this module changed is taken back. It is refused while something else has the stub's port.
    type: str
    choices: [absent, present]
    default: present
  names:
    description:
      - Names that the host must still resolve afterwards, if it did before. Name one that only your own DNS servers
        know if there are such, and one of each VPN. A name that only one link's server knows cannot be resolved any
        more.
      - Without names, it is only checked that the servers answer.
    type: list
    elements: str
    default: []
  verify:
    description: Ask the DNS servers. With V(false), nothing is asked and nothing is put back because of an answer.
    type: bool
    default: true
notes:
  - Programs that resolve through C(nss-resolve) or the service's D-Bus and Varlink interfaces notice nothing.
  - Programs that read C(/etc/resolv.conf) ask the servers directly from then on, without cache, without DNSSEC and
    DNS over TLS of systemd-resolved, and without its choice of a server by domain.
seealso:
  - module: dockmaster.ports.port_check
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Leave port 53 to a container
  dockmaster.ports.resolved_stub:
    names: [intranet.example.com]

- name: Give it back
  dockmaster.ports.resolved_stub:
    state: absent
"""

RETURN = r"""
active:
  description: Whether systemd-resolved runs.
  returned: always
  type: bool
listens:
  description: Whether its stub has the port, before.
  returned: always
  type: bool
servers:
  description: The DNS servers that systemd-resolved asks.
  returned: always
  type: list
  elements: str
  sample: [192.0.2.53]
resolv_conf:
  description: What C(/etc/resolv.conf) leads to afterwards. Empty where it is a file of its own.
  returned: always
  type: str
  sample: ../run/systemd/resolve/resolv.conf
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._files import look_whether_writable, told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.apply import carry_out
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.dns import A, Answer, ask, question
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.plan import (
    Plan,
    Refused,
    describe,
    release,
    take_back,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.state import (
    DROPIN,
    FOLDER,
    RESOLV_CONF,
    State,
    state_of,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._resolved.verify import bindable, look_before


def run(module: AnsibleModule, host: Host) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen, OSError."""
    _check(module.params["names"])
    with alone_in(FOLDER):
        state = state_of(host)
        todo = _plan(module, host, state)
        changed = todo.restart or bool(todo.link) or todo.keep or todo.dropin != (state.dropin or state.undoing)
        asker = ask if module.params["verify"] else _always
        before = look_before(state, todo, module.params["names"], asker)
        if changed:
            look_whether_writable(DROPIN)
            look_whether_writable(RESOLV_CONF)
        if changed and not module.check_mode:
            carry_out(module, host, state, todo, before)
    return {
        "changed": changed,
        "active": state.active,
        "listens": state.listens,
        "servers": list(state.servers),
        "resolv_conf": state.link if not (todo.link or todo.keep) else todo.link,
        "diff": _diff(state, todo),
    }


def _check(names: t.Iterable[str]) -> None:
    """Raises ValueError for what is no name, before anything is asked or changed."""
    for name in names:
        try:
            question(0, name or ".", A)
        except ValueError as exc:
            raise ValueError(f"names: {exc}") from exc


def _plan(module: AnsibleModule, host: Host, state: State) -> Plan:
    if module.params["state"] == "present":
        return release(state)
    todo = take_back(state)
    taken = bindable(host, state) if todo.back and state.active and not state.off else ""
    if taken:
        raise Refused(taken)
    return todo


def _always(_server: str, _name: str, _kind: int) -> Answer:
    """Nobody is asked."""
    return Answer(0, 1)


def _diff(state: State, todo: Plan) -> t.List[t.Dict[str, str]]:
    old = state.dropin or state.undoing
    file = {"before_header": DROPIN, "after_header": DROPIN, "before": old, "after": todo.dropin}
    return ([file] if old != todo.dropin else []) + describe(state, todo)


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
            "names": {"type": "list", "elements": "str", "default": []},
            "verify": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        result = run(module, LiveHost())
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=told(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
