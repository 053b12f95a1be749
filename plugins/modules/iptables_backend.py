#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: iptables_backend
short_description: Have a Docker engine's rules in one backend of iptables
version_added: 1.0.0
description:
  - The kernel evaluates the rules of C(iptables-nft) and of C(iptables-legacy), and each program shows its own only.
    An engine whose C(iptables) was switched while it ran has rules in both. An engine whose C(iptables) is a variant
    that the kernel does not take has none.
  - This module finds out which variant holds whose rules, what C(iptables) and C(ip6tables) are, and what this kernel
    really takes, by trying an engine's rules in a network namespace that ends with the trial.
  - It then chooses a variant through the distribution's alternatives, restarts the engine as
    M(dockmaster.ports.docker_restart) does, and sweeps what the engine left in the other variant. Rules of anybody else
    stay, in Docker's chains too.
  - If the engine does not come back, or a container or published port does not, the alternatives are put back, the
    engine is restarted once more, and the module fails.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
  - dockmaster.ports._restart
attributes:
  check_mode:
    support: full
    details:
      - The trial runs in check mode too. The kernel may load modules for it.
  diff_mode:
    support: full
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  backend:
    description:
      - The variant to use. V(auto) keeps the one that C(iptables) is now if the kernel takes it, because other programs
        of the host use that too, and takes the other one if not.
      - A variant that the kernel does not take is refused with what the kernel says.
    type: str
    choices: [auto, legacy, nft]
    default: auto
  sweep:
    description: Remove what the engine left in the other variant.
    type: bool
    default: true
  restart:
    description:
      - Restart the engine if its rules are in the other variant. Without it, published ports cannot be added until
        somebody does, and nothing is swept.
    type: bool
    default: true
notes:
  - An engine that does not run is left alone, and so are its rules, because containers may go on without it.
seealso:
  - module: dockmaster.ports.docker_restart
  - ref: dockmaster.ports.wsl_iptables role <ansible_collections.dockmaster.ports.wsl_iptables_role>
    description: Uses this module on WSL2, where it is needed.
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: See how it stands
  dockmaster.ports.iptables_backend:
  check_mode: true
  register: backend

- name: Have all of the engine's rules in one place
  dockmaster.ports.iptables_backend:
  when: backend.split

- name: Use nft from now on
  dockmaster.ports.iptables_backend:
    backend: nft
"""

RETURN = r"""
variant:
  description: What C(iptables) is, before. V(legacy), V(nft), or empty.
  returned: always
  type: str
  sample: nft
chosen:
  description: What it is to be.
  returned: always
  type: str
  sample: nft
split:
  description: Whether the engine has rules in both variants.
  returned: always
  type: bool
backends:
  description: What is known of V(legacy) and V(nft).
  returned: always
  type: dict
  sample:
    legacy: {docker: 12, others: 0, refusal: ""}
    nft: {docker: 14, others: 3, refusal: ""}
wsl:
  description: V(2) on WSL2, V(1) on WSL1, else empty.
  returned: always
  type: str
restart_needed:
  description: Whether the engine's rules are in another variant than the chosen one, and O(restart=false).
  returned: always
  type: bool
removed:
  description: The rules that are swept.
  returned: always
  type: list
  elements: str
  sample: ["legacy ip nat: -A DOCKER ! -i docker0 -p tcp -m tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80"]
kept:
  description: Rules of somebody else in Docker's chains of the other variant. They stay, and the chains with them.
  returned: always
  type: list
  elements: str
blast:
  description: What the restart does, as RV(dockmaster.ports.docker_daemon#module:blast).
  returned: when the engine is restarted
  type: dict
"""

import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.alternatives import VARIANTS
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.plan import Plan, describe, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.state import State, state_of
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.switch import carry_out
from ansible_collections.dockmaster.ports.plugins.module_utils._backend.trial import tried
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import launch_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.report import blast_report, restart_diff
from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.careful import (
    RESTART_ARGUMENTS,
    careful,
    place_on,
)

LOCKED = "/etc/alternatives"


def run(module: AnsibleModule) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen, OSError."""
    params = module.params
    host, place = place_on(params)
    with alone_in(LOCKED):
        launch = launch_of(host, place)
        state = state_of(host, params["docker_host"])
        refusals = {one: tried(host, state.programs, one, sum(state.rules(one).values())) for one in VARIANTS}
        todo = plan(state, params["backend"], refusals, params["sweep"], params["restart"])
        restarts = todo.restart and params["restart"]
        ready = careful(params, host, place, launch) if restarts else None
        result = _report(state, todo, refusals)
        result["changed"] = bool(todo.choose or restarts or any(todo.sweep))
        result["restart_needed"] = todo.restart and not restarts
        result["diff"] = describe(todo) + (restart_diff(ready.blast) if ready else [])
        result.update({"blast": blast_report(ready.blast)} if ready else {})
        if result["changed"] and not module.check_mode:
            carry_out(host, todo, ready, lambda: state_of(host, params["docker_host"]), _runner(module))
    return result


def _report(state: State, todo: Plan, refusals: t.Mapping[str, str]) -> t.Dict[str, t.Any]:
    backends = {one: {**state.rules(one), "refusal": refusals[one]} for one in VARIANTS}
    return {
        "variant": state.variant,
        "chosen": todo.variant,
        "split": all(backends[one]["docker"] for one in VARIANTS),
        "backends": backends,
        "wsl": state.evidence.platform.wsl if state.evidence.platform else "",
        "removed": todo.removed,
        "kept": todo.kept,
    }


def _runner(module: AnsibleModule) -> t.Callable[[t.Sequence[str], str], t.Tuple[int, str]]:
    def runner(argv: t.Sequence[str], text: str) -> t.Tuple[int, str]:
        code, _out, said = module.run_command(list(argv), data=text, environ_update={"LC_ALL": "C", "LANGUAGE": "C"})
        return code, said

    return runner


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "backend": {"type": "str", "choices": ["auto", "legacy", "nft"], "default": "auto"},
            "sweep": {"type": "bool", "default": True},
            "restart": {"type": "bool", "default": True},
            **RESTART_ARGUMENTS,
            **ENGINE_ARGUMENTS,
        },
        supports_check_mode=True,
    )
    try:
        result = run(module)
    except (ValueError, Unseen) as exc:
        module.fail_json(msg=str(exc))
    except OSError as exc:
        module.fail_json(msg=told(exc))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
