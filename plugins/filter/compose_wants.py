# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: compose_wants
short_description: Read the published ports of a Compose project
version_added: 1.0.0
description:
  - Reads a Compose project as C(docker compose) does, and returns each host port that its services want, ready for
    O(dockmaster.ports.port_check#module:publish). Neither Docker nor a host is needed.
  - Knows variables in every form and their precedence, files over files, C(!reset) and C(!override), C(extends),
    C(include), C(profiles), C(scale) and C(deploy.replicas), C(network_mode) and C(container_name).
  - Files are read as YAML 1.2, as Compose does, so that C(22:22) is a port and no number to the base of 60.
  - What Compose refuses is refused, with the file, the service and the text at fault.
  - Warns of variables that are not set, and of services whose ports are not published.
positional: project_dir
options:
  _input:
    description:
      - Compose files of the controller, one or several, later ones over earlier ones. Relative ones lie in
        O(project_dir).
      - With an empty list, the files are found as Compose finds them. C(COMPOSE_FILE) of the variables says which, else
        it is C(compose.yaml), C(compose.yml), C(docker-compose.yml) or C(docker-compose.yaml) in O(project_dir), and
        its override.
      - Or the project itself as a mapping, as in O(community.docker.docker_compose_v2#module:definition).
        Ansible has read that as YAML 1.1; quote published ports in it.
    type: raw
    required: true
  project_dir:
    description:
      - The project's directory, an absolute path. That of the first file if not set.
      - Files of variables and C(extends) are relative to it, and its name is the project's if nothing else says one.
    type: path
  env_files:
    description: Files of variables instead of C(.env) in O(project_dir). Of several, the last has the last word.
    type: list
    elements: path
    default: []
  profiles:
    description: Profiles whose services are started too. C(COMPOSE_PROFILES) of the variables if not set.
    type: list
    elements: str
    default: []
  project_name:
    description:
      - Name of the project. C(COMPOSE_PROJECT_NAME) of the variables if not set, then C(name) of the file, then the
        name of O(project_dir).
    type: str
    default: ""
  environment:
    description:
      - Variables of the shell that Compose will be run from. They win over files of variables.
      - The controller's own environment is not looked at, for Compose does not run in it.
    type: dict
    default: {}
author:
  - Dockmaster contributors (@dockmaster)
seealso:
  - module: dockmaster.ports.port_check
"""

EXAMPLES = r"""
- name: Check a project that lies on the controller before it is copied and started
  dockmaster.ports.port_check:
    publish: "{{ [] | dockmaster.ports.compose_wants('/srv/projects/shop', environment={'TAG': '2'}) }}"

- name: List the host ports that two projects want
  ansible.builtin.debug:
    msg: "{{ (shop + blog) | map(attribute='publish') }}"
  vars:
    shop: "{{ ['/srv/projects/shop/compose.yaml'] | dockmaster.ports.compose_wants }}"
    blog: "{{ ['compose.yaml'] | dockmaster.ports.compose_wants('/srv/projects/blog', profiles=['live']) }}"
"""

RETURN = r"""
_value:
  description: One mapping a published port, or range of ports, of each container that would be started.
  type: list
  elements: dict
  contains:
    publish:
      description: The published port in the short form.
      type: str
    by:
      description: Project and service that want it.
      type: str
    replica:
      description: Which of the service's containers, from 1. Not there where the service has one container.
      type: int
  sample:
    - publish: "8080:80"
      by: shop/web
    - publish: 127.0.0.1:5432:5432
      by: shop/db
"""

import typing as t

from ansible.errors import AnsibleFilterError
from ansible.utils.display import Display

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.dotenv import lookup
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import Request, project_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Controller
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.wants import wants_of_project

OPTIONS = ("env_files", "profiles", "project_name", "environment")


def compose_wants(project: t.Any, project_dir: t.Any = "", **options: t.Any) -> list[dict[str, t.Any]]:
    try:
        found = wants_of_project(project_of(_request(project, project_dir, options), Controller()))
    except ValueError as exc:
        raise AnsibleFilterError(f"dockmaster.ports.compose_wants: {exc}") from exc
    for warning in found.warnings:
        Display().warning(f"dockmaster.ports.compose_wants: {warning}")
    return list(found.wants)


def _request(project: t.Any, project_dir: t.Any, options: dict[str, t.Any]) -> Request:
    """Raises ValueError for an option that there is not, or of a wrong type."""
    unknown = [name for name in options if name not in OPTIONS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is not an option: expected {', '.join(OPTIONS)}")
    given = isinstance(project, t.Mapping)
    return Request(
        files=() if given else _texts(project, "files"),
        folder=_text(project_dir, "project_dir"),
        env_files=_texts(options.get("env_files"), "env_files"),
        profiles=_texts(options.get("profiles"), "profiles"),
        name=_text(options.get("project_name"), "project_name"),
        variables=_variables(options.get("environment")),
        definition=project if given else None,
    )


def _text(value: t.Any, option: str) -> str:
    if value is not None and not isinstance(value, str):
        raise ValueError(f"{option}: {value!r} is not text")
    return value or ""


def _texts(value: t.Any, option: str) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else [] if value is None else value
    if not isinstance(values, (list, tuple)) or not all(isinstance(one, str) and one for one in values):
        raise ValueError(f"{option}: {value!r} is not a list of texts")
    return tuple(values)


def _variables(value: t.Any) -> dict[str, str]:
    if value is not None and not isinstance(value, t.Mapping):
        raise ValueError(f"environment: {value!r} is not a mapping of variables")
    return lookup(value or {})


class FilterModule:
    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        return {"compose_wants": compose_wants}
