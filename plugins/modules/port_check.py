#!/usr/bin/python
# Copyright (c) Dockmaster contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: port_check
short_description: Check whether published ports would bind, and explain what is in the way
version_added: 1.0.0
description:
  - Takes published ports as people write them, and says of each whether it would be V(free), V(blocked), V(diverted),
    V(at_risk) or V(unknown) on this host, who or what is in the way, and the gentlest safe remedies.
  - The last word is a bind probe. It opens the very sockets that the host's engine would open and closes them at once.
    The evidence of M(dockmaster.ports.port_facts) explains a refusal; it does not overrule one.
  - Windows hosts need no Python. They are read as M(dockmaster.ports.port_facts) reads them, and judged on the
    controller.
  - V(free) is said only if everything that could object was able to judge. Otherwise the verdict is V(unknown), and
    RV(unjudged) says what was not seen and what would let it be seen.
  - Changes nothing, in check mode and otherwise.
extends_documentation_fragment:
  - dockmaster.ports._attributes
  - dockmaster.ports._engine
attributes:
  check_mode:
    support: full
  diff_mode:
    support: N/A
    details:
      - This module changes nothing.
  idempotent:
    support: full
  platform:
    support: full
    platforms: linux, macos, windows
options:
  publish:
    description:
      - What is wanted, as C(docker run -p) and Compose take it. V(8080:80), V(127.0.0.1:8080:80/tcp), V([::1]:8080:80),
        V(8000-8010:8000-8010), V(8000-8010:80) (any one port of the range), V(80) (the engine chooses), V(53:53/udp).
      - Or a bare binding such as V(0.0.0.0:8080/tcp).
      - Or Compose's long form, a mapping with C(target), C(published), C(host_ip), C(protocol) and C(mode).
      - Or a mapping with C(publish), any of these, and C(by), who wants it instead of O(by), and C(replica), which of
        several containers of it. So are the results of P(dockmaster.ports.compose_wants#filter).
      - Or a whole container or service in the words of the task that will start it, a mapping with C(name) and
        C(published_ports), as C(community.docker.docker_container) takes them, or with a list C(publish), as
        C(community.docker.docker_swarm_service) takes it, or C(ports). Its other keys are left alone, so that one list
        serves this task and those that start the containers.
      - Quote entries such as V("22:22"). YAML reads them as numbers to the base of 60 otherwise.
      - Required without O(compose_files), O(project_dir) and O(projects).
    type: list
    elements: raw
  compose_files:
    description:
      - Compose files whose services' published ports are wanted too, later ones over earlier ones.
      - P(dockmaster.ports.compose_wants#filter) says how they are read. It is done on the controller.
      - Relative ones lie in O(project_dir), or else where a playbook's files lie.
    type: list
    elements: path
  project_dir:
    description:
      - Directory of the Compose project. That of the first of O(compose_files) if not set.
      - Without O(compose_files), its file is found by the names that Compose looks for.
    type: path
  env_files:
    description: Files of variables for the project, instead of C(.env) in its directory.
    type: list
    elements: path
  profiles:
    description: Profiles of the project whose services are started too.
    type: list
    elements: str
  project_name:
    description: Name of the Compose project, as C(docker compose -p) takes it.
    type: str
  remote_src:
    description: The project lies on the target. Its files are fetched from there.
    type: bool
    default: false
  projects:
    description:
      - Several Compose projects that will run on this host. They are held against the host and against each other.
    type: list
    elements: dict
    suboptions:
      compose_files:
        description: As O(compose_files).
        type: list
        elements: path
        aliases: [files]
      project_dir:
        description: As O(project_dir).
        type: path
        aliases: [project_src]
      env_files:
        description: As O(env_files).
        type: list
        elements: path
      profiles:
        description: As O(profiles).
        type: list
        elements: str
      project_name:
        description: As O(project_name).
        type: str
      remote_src:
        description: As O(remote_src).
        type: bool
        default: false
      definition:
        description:
          - The project itself instead of its files, as C(community.docker.docker_compose_v2) takes it.
          - Ansible has read it as YAML 1.1, so quote published ports in it.
        type: dict
      environment:
        description: Variables of the shell that Compose will be run from, besides those of the task's environment.
        type: dict
  by:
    description:
      - Who wants them, a container's name or C(project/service) of Compose. It does not stand in its own way, so the
        check can be run again after it has started.
    type: str
    default: ""
  bind_probe:
    description:
      - Try the engine's own binds. Without it, sockets that this kernel does not show and what only the kernel knows
        leave verdicts V(unknown).
      - There is none on Windows hosts, whose own programs tell of all sockets.
    type: bool
    default: true
  fail_on:
    description:
      - Fail if a want is judged so or worse. V(blocked) is the worst, then V(diverted), V(at_risk) and V(unknown); each
        includes those before it.
      - With V(never) the module only reports.
    type: str
    choices: [never, blocked, diverted, at_risk, unknown]
    default: blocked
  port_policy:
    description:
      - Conventions, as O(dockmaster.ports.port_policy_findings#filter:policy). What goes against them is a finding of
        cause V(policy), and its want V(at_risk) if nothing worse is found.
      - Often the variable of this name in the inventory, V({{ port_policy }}).
    type: dict
  suggest:
    description:
      - A band of ports such as V(8000-8999). Its nearest free port is suggested for each want that is not free.
    type: str
notes:
  - An engine that O(docker_host) names on another host or in another network namespace takes its ports there. Its
    containers are judged by, and all else is V(unknown). Run the task on that host.
  - On Windows hosts O(docker_host) is such as V(npipe:////./pipe/docker_engine), and that of the user's docker context
    if not set. The options for TLS and O(api_version) are refused there; name a context in the task's environment.
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_facts
"""

EXAMPLES = r"""
- name: Check before the container starts
  dockmaster.ports.port_check:
    publish: ["443:8443", "127.0.0.1:9000:9000"]
    by: shop/web
  become: true

- name: Never fail, and ask for another port where one is taken
  dockmaster.ports.port_check:
    publish: ["8080:80"]
    suggest: 8000-8999
    fail_on: never
  register: checked

- name: Publish on the suggested port
  ansible.builtin.debug:
    msg: "{{ checked.wants[0].suggestion or checked.wants[0].publish }}"

- name: Check what a Compose project on the controller wants before it is copied and started
  dockmaster.ports.port_check:
    project_dir: files/shop
    env_files: [live.env]
  environment:
    TAG: "2"

- name: Check a project that lies on the target
  dockmaster.ports.port_check:
    compose_files: [compose.yaml, live.yaml]
    project_dir: /srv/shop
    remote_src: true

- name: Check all projects that go to this host, also against each other
  dockmaster.ports.port_check:
    projects:
      - project_dir: files/shop
        env_files: [live.env]
      - project_dir: /srv/blog
        remote_src: true

- name: Check together what a container task and a project of this play want
  dockmaster.ports.port_check:
    publish:
      - publish: "8080:80"
        by: proxy
    project_dir: files/shop

- name: Keep to the conventions of the inventory too
  dockmaster.ports.port_check:
    publish: ["5432:5432"]
    port_policy: "{{ port_policy }}"
    fail_on: at_risk

- name: Check all that the play is about to start on this host
  dockmaster.ports.port_check:
    publish: "{{ shop_containers + shop_services }}"
  vars:
    shop_containers:
      - name: proxy
        image: proxy:2
        published_ports: ["443:8443", "127.0.0.1:9000:9000"]
    shop_services:
      - name: metrics
        image: metrics:1
        publish:
          - {published_port: 9100, target_port: 9100, mode: host}

- name: Be strict, as an audit would be
  dockmaster.ports.port_check:
    publish:
      - target: 80
        published: "8080"
        host_ip: 127.0.0.1
    fail_on: unknown
"""

RETURN = r"""
msg:
  description: One line for people. The worst first.
  returned: always
  type: str
  sample: shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp
ok:
  description: Whether every want is V(free).
  returned: when the wants could be read
  type: bool
wants:
  description: Each want, in the order they were asked for.
  returned: when the wants could be read
  type: list
  elements: dict
  contains:
    publish:
      description: The words it was asked for in.
      type: str
      returned: always
      sample: "443:8443"
    binding:
      description: The binding on the host. Empty where the engine chooses the port. C(*) is every address.
      type: str
      returned: always
      sample: "*:443/tcp"
    by:
      description: Who wants it.
      type: str
      returned: always
      sample: shop/web
    choice:
      description: V(all) ports of the binding, or V(any) one of them.
      type: str
      returned: always
      sample: all
    replica:
      description: Which of several containers of O(by) wants it.
      type: int
      returned: always
      sample: 1
    verdict:
      description: V(free), V(blocked), V(diverted), V(at_risk) or V(unknown).
      type: str
      returned: always
      sample: blocked
    findings:
      description: As RV(findings), of this want.
      type: list
      elements: dict
      returned: always
    unjudged:
      description: As RV(unjudged), of this want.
      type: dict
      returned: always
    suggestion:
      description: What to publish instead. Null if none was asked for, needed or found.
      type: str
      returned: always
      sample: "8443:8443"
findings:
  description: Why wants are not free. All wants' findings.
  returned: when the wants could be read
  type: list
  elements: dict
  contains:
    cause:
      description: Id of the cause, such as V(container), V(unit) or V(nat_rule).
      type: str
      returned: always
      sample: unit
    consequence:
      description: What it does to the want, as a verdict.
      type: str
      returned: always
      sample: blocked
    summary:
      description: One sentence for people.
      type: str
      returned: always
      sample: shop/web wants *:443/tcp, but nginx.service (pid 812) has *:443/tcp
    want:
      description: The want. C(publish), C(binding), C(by), C(choice) and C(replica).
      type: dict
      returned: always
    holder:
      description:
        - Whom to act on. C(kind), C(name), C(id), C(by), C(pid), C(started) and C(detail).
        - C(pid) and C(started) together name a process for good.
      type: dict
      returned: always
    overlap:
      description: What both would hold.
      type: str
      returned: always
      sample: "*:443/tcp"
    remedies:
      description: The gentlest first. C(id) is an entry point of role C(remediate), C(disrupts) what it stops.
      type: list
      elements: dict
      returned: always
unjudged:
  description: The causes that could object and were not able to judge, with what was not seen and how to see it.
  returned: when the wants could be read
  type: dict
  sample: {"container": "publications: permission denied; gather with become: true"}
evidence:
  description: The document that the verdicts rest on, as M(dockmaster.ports.port_facts) returns it.
  returned: when the verbosity is 3 or more
  type: dict
"""

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.dockmaster.ports.plugins.module_utils._archive import compile_once

compile_once()

from ansible_collections.dockmaster.ports.plugins.module_utils._arguments import host_of, request_of
from ansible_collections.dockmaster.ports.plugins.module_utils._check_task import (
    ARGUMENTS,
    REQUIRED_ONE_OF,
    asked,
    checked,
)


def main() -> None:
    module = AnsibleModule(argument_spec=ARGUMENTS, required_one_of=REQUIRED_ONE_OF, supports_check_mode=True)
    try:
        question = asked(module.params)
        host, request = host_of(module.params), request_of(module.params)
    except ValueError as exc:
        module.fail_json(msg=str(exc))
    result, failed = checked(host, request, question, module._verbosity)
    if failed:
        module.fail_json(**result)
    module.exit_json(**result)


if __name__ == "__main__":
    main()
