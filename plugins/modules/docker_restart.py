#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_restart
short_description: Restart a Docker engine, and see that everything that answered before answers again
version_added: 1.0.0
description:
  - Restarts the engine the way the host does it, through systemd, OpenRC or an init script. Where systemd counts
    starts, its count is reset first, because the fourth start within a minute is refused.
  - Before, it notes which containers run and at which published TCP ports somebody answers. Afterwards it waits until
    all of them run and answer again, starts containers that the restart has left stopped, and fails if something is not
    as before.
  - Containers that a restart would remove (C(--rm)) are a reason to refuse, unless O(lose=true).
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
  - dockmaster.ports._restart
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - The diff says which containers stop and which ports nobody holds meanwhile.
  idempotent:
    support: partial
    details:
      - With O(pid) and O(started), an engine that was restarted since is left alone. Without them, it is restarted each
        time.
  platform:
    support: full
    platforms: linux
options:
  how:
    description:
      - With V(reload), the engine is told to read its file again (SIGHUP), which stops nothing, and only some keys are
        taken over.
    type: str
    choices: [reload, restart]
    default: restart
  pid:
    description: Restart this very engine and no other, as RV(dockmaster.ports.docker_daemon#module:engine.pid) has it.
    type: int
  started:
    description: When that engine started, in seconds since the epoch. A pid is given again, its start is not.
    type: float
  config_file:
    description: The engine's file, RV(dockmaster.ports.docker_daemon#module:path), if something is to be gone back to.
    type: path
    default: ""
  old_file:
    description:
      - If the engine, a container or a port does not come back, put this copy in the place of O(config_file), restart
        the engine with it, and fail. V(none) removes O(config_file). As
        RV(dockmaster.ports.docker_daemon#module:old_file).
    type: str
    default: ""
notes:
  - O(docker_host) names where the engine is asked what runs. By default it is the socket of the engine itself. If it is
    another engine's, nothing is restarted.
  - Two runs at once on one host wait for each other, for up to O(wait) seconds.
  - With C(live-restore), containers go on meanwhile, but their published ports are held by nobody for a moment.
seealso:
  - module: dockmaster.ports.docker_daemon
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Restart the engine
  dockmaster.ports.docker_restart:

- name: Change the engine's settings
  dockmaster.ports.docker_daemon:
    config:
      ip: 127.0.0.1
  register: daemon

- name: Restart it if that takes a restart, once however often this is run
  dockmaster.ports.docker_restart:
    pid: "{{ daemon.engine.pid }}"
    started: "{{ daemon.engine.started }}"
  when: daemon.reload == 'restart'
"""

RETURN = r"""
blast:
  description: What the restart does, as RV(dockmaster.ports.docker_daemon#module:blast).
  returned: when it is restarted
  type: dict
answered:
  description: Where somebody answered before.
  returned: when it is restarted
  type: list
  elements: str
  sample: ["127.0.0.1:8080"]
started_again:
  description: Containers that the restart had left stopped.
  returned: when it is restarted, not in check mode
  type: list
  elements: str
  sample: [db]
engine:
  description: The engine that runs now.
  returned: always
  type: dict
  contains:
    pid:
      description: Its process.
      type: int
    started:
      description: When it started, in seconds since the epoch.
      type: float
  sample:
    pid: 4711
    started: 1795267093.44
"""

import os
import signal
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, launch_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.report import blast_report, restart_diff
from ansible_collections.dockmaster.ports.plugins.module_utils._files import told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.back import go_back
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.careful import (
    RESTART_ARGUMENTS,
    Careful,
    careful,
    place_on,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed


def run(module: AnsibleModule) -> t.Dict[str, t.Any]:
    """One restart at a time: what another run stops meanwhile would seem to be down for good.

    Raises ValueError, Unseen, OSError.
    """
    params = module.params
    host, place = place_on(params)
    with alone_in(place.run, params["wait"]):
        launch = launch_of(host, place)
        if _is_another(launch, params):
            return {"changed": False, "engine": _engine(launch)}
        if params["how"] == "reload":
            return _reload(module, launch)
        return _restart(module, careful(params, host, place, launch))


def _restart(module: AnsibleModule, ready: Careful) -> t.Dict[str, t.Any]:
    """Raises Refused, Failed, OSError."""
    params = module.params
    answered = sorted(str(door) for door in ready.was.doors)
    result = {"changed": True, "blast": blast_report(ready.blast), "answered": answered}
    result["diff"] = restart_diff(ready.blast)
    if module.check_mode:
        return {**result, "engine": _engine(ready.launch)}
    try:
        _now, started = ready.do()
    except (Failed, NotWhole) as exc:
        raise Failed(f"{exc}{go_back(module, ready, params['config_file'], params['old_file'])}") from exc
    return {**result, "started_again": started, "engine": _engine(launch_of(ready.host, ready.place))}


def _reload(module: AnsibleModule, launch: Launch) -> t.Dict[str, t.Any]:
    """Raises Failed, OSError."""
    if launch.pid is None:
        raise Failed("the engine does not run, so there is nothing to tell it")
    if not module.check_mode:
        os.kill(launch.pid, signal.SIGHUP)
    return {"changed": True, "engine": _engine(launch)}


def _is_another(launch: Launch, params: t.Mapping[str, t.Any]) -> bool:
    """The engine that is meant does not run any more: it was restarted since, or stopped."""
    if params["pid"] is None:
        return False
    return launch.pid != params["pid"] or (params["started"] is not None and launch.started != params["started"])


def _engine(launch: Launch) -> t.Dict[str, t.Any]:
    return {"pid": launch.pid, "started": launch.started}


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "how": {"type": "str", "choices": ["reload", "restart"], "default": "restart"},
            "pid": {"type": "int"},
            "started": {"type": "float"},
            "config_file": {"type": "path", "default": ""},
            "old_file": {"type": "str", "default": ""},
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
