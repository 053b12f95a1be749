#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: docker_daemon
short_description: Change keys of Docker's daemon.json and nothing else in it
version_added: 1.0.0
description:
  - Merges keys into the engine's configuration file, or removes them. Whatever is not named keeps its place, its order
    and its layout, byte for byte.
  - Before the file is replaced, the result is checked. Options that the engine's command line gives too, keys of the
    wrong type, and, through C(dockerd --validate) (engine 23 and later) or the options that C(dockerd --help) lists
    (before 23), everything that would keep the engine from starting.
  - The file is replaced in one step. Killed at any moment, the host has the old file or the new one.
  - Does not touch the engine. RV(reload) says what it takes until the engine follows, and RV(blast) what a restart
    would stop.
extends_documentation_fragment:
  - ansible.builtin.files
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details:
      - Where a restart is needed, the diff also says which containers it stops and which ports nobody holds meanwhile.
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux
options:
  config:
    description:
      - The keys. Mappings are merged key by key, lists as O(lists) says.
      - With O(state=absent), a key with no value is removed whatever it holds, a list's items are removed from the
        list, and any other key is removed only where it holds that very value. So the same O(config) undoes what
        O(state=present) did to a file that had none of it. A mapping or list that loses its last entry goes with it.
    type: dict
    required: true
  state:
    description: Whether the keys are to be there.
    type: str
    choices: [absent, present]
    default: present
  remove:
    description: With O(state=present), keys of the file to remove in the same step, whatever their value.
    type: list
    elements: str
    default: []
  lists:
    description:
      - How a list that is there already is merged, by the list's key. A key within another is written with a dot, such
        as V(builder.gc.policy).
      - V(union) keeps what is there and appends what it lacks. V(by_key) does so too, but C(KEY=VALUE) takes the place
        of the C(KEY) that is there. V(replace) leaves exactly what is given.
      - If a key is not named, V(by_key) is used for C(labels), C(exec-opts) and C(storage-opts), V(replace) for
        C(default-address-pools) and C(builder.gc.policy), and V(union) for all others.
    type: dict
    default: {}
  path:
    description:
      - The file. By default what the engine's command line names with C(--config-file), else
        C(/etc/docker/daemon.json), or C(~/.config/docker/daemon.json) of a rootless engine.
      - What a symbolic link leads to is changed; the link stays.
    type: path
  rootless:
    description:
      - Whether this is about the rootless engine of the user that the module runs as. With C(become_user), that user's.
      - By default so for everybody but root.
    type: bool
  unit:
    description: The systemd unit that starts the engine, and whose command line is checked against the file.
    type: str
    default: docker.service
  backup:
    description: Keep a copy of the old file beside the new one.
    type: bool
    default: true
notes:
  - Engine 25 and later refuse to reload a file in which C(userland-proxy) is V(true) and C(userland-proxy-path) is not
    set, though they start with it. To turn the proxy on, remove the key. With it, RV(reload) is V(restart) for all of
    them.
  - O(docker_host) names where the engine is asked what a restart would stop. By default it is the socket of the engine
    whose file this is. Another engine's is refused. An engine that does not run is not woken.
  - Two runs at once on one host wait for each other, for up to 30 seconds.
  - A file with comments, with a key twice, or that is no JSON at all is not changed. The message says line and column.
seealso:
  - ref: dockmaster.ports.userland_proxy role <ansible_collections.dockmaster.ports.userland_proxy_role>
    description: Turns the userland proxy on or off and restarts the engine with care.
author:
  - Dockmaster contributors (@dockmaster)
"""

EXAMPLES = r"""
- name: Publish on loopback where a container does not say otherwise
  dockmaster.ports.docker_daemon:
    config:
      ip: 127.0.0.1
      default-network-opts:
        bridge:
          com.docker.network.bridge.host_binding_ipv4: 127.0.0.1
  register: daemon

- name: Say what a restart would stop
  ansible.builtin.debug:
    var: daemon.blast.summary
  when: daemon.reload == 'restart'

- name: Use one more mirror, and these resolvers only
  dockmaster.ports.docker_daemon:
    config:
      registry-mirrors: ["https://mirror.example.org"]
      dns: [192.0.2.53]
    lists:
      dns: replace

- name: Remove the proxy setting, whatever it is
  dockmaster.ports.docker_daemon:
    config:
      userland-proxy:
    state: absent

- name: Change the file of a rootless engine
  dockmaster.ports.docker_daemon:
    config:
      live-restore: true
  become: true
  become_user: deploy
"""

RETURN = r"""
path:
  description: The file, symbolic links followed.
  returned: always
  type: str
  sample: /etc/docker/daemon.json
backup_file:
  description: The copy of the old file.
  returned: when a file was replaced and O(backup=true)
  type: str
  sample: /etc/docker/daemon.json.4711.2026-11-21@10:15:00~
reload:
  description:
    - What it takes until the engine follows the change. V(none), V(sighup) (C(systemctl reload docker)) or V(restart).
    - V(none) also where the engine does not run. It reads the file when it starts.
    - An engine keeps the old value of some keys that are removed until it restarts, though it would take a new value
      over at once. C(live-restore) is one.
  returned: always
  type: str
  sample: restart
changes:
  description: The keys that differ, C(features) one by one.
  returned: always
  type: list
  elements: dict
  contains:
    key:
      description: The key.
      type: str
    change:
      description: V(added), V(changed) or V(removed).
      type: str
    reload:
      description: V(sighup) or V(restart).
      type: str
  sample: [{key: userland-proxy, change: added, reload: restart}]
pending:
  description:
    - The keys that the running engine has not read, though the file has them. Changed by an earlier run of this module,
      and the engine was not restarted since.
  returned: always
  type: list
  elements: str
  sample: [userland-proxy]
consequences:
  description: What the change means on this very host, a sentence each, for keys that publish ports.
  returned: always
  type: list
  elements: str
  sample:
    - "nobody answers any more at [::]:8080/tcp: IPv6 to a container without IPv6, and ::1, need the proxy"
silences:
  description: Bindings at which nobody answers any more once the engine follows.
  returned: always
  type: list
  elements: str
  sample: ["[::]:8080/tcp"]
old_file:
  description:
    - A copy of the file as the running engine has read it, to go back to if it does not start with the new one.
    - V(none) if there was no file. Empty if there is nothing to go back to, or no copy was kept.
  returned: always
  type: str
  sample: /etc/docker/daemon.json.4711.2026-11-21@10:15:00~
validated:
  description: Who checked the new file. V(dockerd), V(help) (only that it knows all keys) or V(nobody) (not installed).
  returned: always
  type: str
  sample: dockerd
engine:
  description: The engine whose file it is.
  returned: always
  type: dict
  contains:
    pid:
      description: Of the engine that runs. Null if none does.
      type: int
    started:
      description: When it started, in seconds since the epoch. Null if none runs.
      type: float
    program:
      description: What is started, empty where it is not installed.
      type: str
    version:
      description: Of the program.
      type: str
    command_line:
      description: Where the flags were read that the file was checked against. Empty where nothing tells them.
      type: str
    unseen:
      description: Why the flags were not seen. Empty where they were.
      type: str
  sample:
    pid: 812
    started: 1795267093.44
    program: /usr/bin/dockerd
    version: 28.5.2
    command_line: unit docker.service
    unseen: ""
blast:
  description: What a restart of the engine would do now.
  returned: when RV(reload=restart)
  type: dict
  contains:
    summary:
      description: For people, a sentence a line.
      type: list
      elements: str
    containers:
      description: The containers that run or are paused.
      type: list
      elements: dict
      contains:
        id:
          description: The container's id.
          type: str
        name:
          description: The container's name.
          type: str
        restart:
          description: Its restart policy.
          type: str
        after:
          description:
            - V(survives), V(reload_first) (survives if the engine is reloaded before it is restarted, and so takes over
              C(live-restore), which the file turns on), V(returns), V(depends) (returns if it ends with an error),
              V(stays_down) or V(is_removed).
          type: str
        ports:
          description: Its published ports.
          type: list
          elements: str
    ports:
      description: The published ports that are needed again and that nobody holds while the engine is down.
      type: list
      elements: str
    live_restore:
      description: Whether containers survive. The engine has C(live-restore) on now, and will when it starts.
      type: bool
    swarm:
      description: Whether the engine is in a swarm, which moves its tasks elsewhere.
      type: bool
    why:
      description: Why it was not seen. Empty where it was.
      type: str
  sample:
    summary: ["1 container is stopped and started again: web", "nobody holds these ports meanwhile: 0.0.0.0:443/tcp"]
    containers: [{id: 3f4c1d9e, name: web, restart: always, after: returns, ports: ["0.0.0.0:443/tcp"]}]
    ports: ["0.0.0.0:443/tcp"]
    live_restore: false
    swarm: false
    why: ""
"""

import os
import tempfile
import typing as t

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import ENGINE_ARGUMENTS, host_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon import pending
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.document import Document
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place, launch_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.merge import policies_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.plan import Plan, Wish, path_of, place_of, plan
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.report import diff_of, report_of
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.verdict import judge
from ansible_collections.dockmaster.ports.plugins.module_utils._files import replace, told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in


def run(module: AnsibleModule) -> t.Dict[str, t.Any]:
    """Raises ValueError, Unseen, OSError."""
    params = module.params
    host = host_of(params)
    place = place_of(params["rootless"], params["unit"], os.environ)
    launch = launch_of(host, place)
    _warn(module, place, launch)
    path = os.path.realpath(params["path"] or path_of(place, launch))
    wish = Wish(
        params["config"],
        params["state"],
        policies_of(params["lists"]),
        params["docker_host"],
        tuple(params["remove"]),
    )
    with alone_in(os.path.dirname(path)):
        todo = plan(host, place, launch, path, wish)
        result = {"changed": todo.changed, **report_of(todo, launch)}
        result["validated"] = _validate(module, host, launch, todo.after)
        if todo.changed:
            if not module.check_mode:
                pending.keep(place, todo.after.path, todo.note)
            backup = replace(module, path, todo.before.raw, todo.after.encoded(), params["backup"])
            result.update(_keep(module, place, todo, backup))
    return _with_attributes(module, todo, result)


def _warn(module: AnsibleModule, place: Place, launch: Launch) -> None:
    """Of flags that the file was not checked against."""
    if launch.stale:
        module.warn(f"{place.unit} was changed after systemd read it: the file is checked against what it said before")
    if launch.program and launch.arguments is None:
        module.warn(f"the file is not checked against the engine's command line, which is not known: {launch.unseen}")


def _keep(module: AnsibleModule, place: Place, todo: Plan, backup: str) -> t.Dict[str, str]:
    """What the running engine has read is noted with the copy, too."""
    if module.check_mode:
        return {}
    note = todo.note.with_copy("none" if todo.before.raw is None else backup)
    pending.keep(place, todo.after.path, note)
    return {"old_file": note.old_file, **({"backup_file": backup} if backup else {})}


def _validate(module: AnsibleModule, host: Host, launch: Launch, document: Document) -> str:
    """Who did it. In check mode too: what the real run would refuse is refused now. Raises Refused."""
    if not document.text:
        return "nobody"
    with tempfile.NamedTemporaryFile(dir=module.tmpdir, suffix=".json") as file:
        file.write(document.encoded())
        file.flush()
        return judge(host, launch, document.config, file.name)


def _with_attributes(module: AnsibleModule, todo: Plan, result: t.Dict[str, t.Any]) -> t.Dict[str, t.Any]:
    """Owner, mode and SELinux context, if somebody asked for them. Those of a new file differ from nothing."""
    diff: t.Dict[str, t.Any] = {}
    if todo.before.raw is not None or todo.changed:
        wanted = module.load_file_common_arguments(module.params, path=todo.after.path)
        result["changed"] = module.set_fs_attributes_if_different(wanted, todo.changed, diff=diff)
    result["diff"] = diff_of(todo, {} if todo.before.raw is None else diff)
    return result


def main() -> None:
    module = AnsibleModule(
        argument_spec={
            "config": {"type": "dict", "required": True},
            "state": {"type": "str", "choices": ["absent", "present"], "default": "present"},
            "remove": {"type": "list", "elements": "str", "default": []},
            "lists": {"type": "dict", "default": {}},
            "path": {"type": "path"},
            "rootless": {"type": "bool"},
            "unit": {"type": "str", "default": "docker.service"},
            "backup": {"type": "bool", "default": True},
            **ENGINE_ARGUMENTS,
        },
        add_file_common_args=True,
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
