# SPDX-License-Identifier: GPL-3.0-or-later
"""Options on a Windows host: what cannot apply is refused by name."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._check_task import ARGUMENTS as CHECK
from ansible_collections.dockmaster.ports.plugins.module_utils._check_task import REQUIRED_ONE_OF
from ansible_collections.dockmaster.ports.plugins.module_utils._facts_task import ARGUMENTS as FACTS
from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.options import (
    validated,
    windows_request,
)

CONTEXT = (
    "cannot be applied on a Windows host: make a docker context of it there, and name it as DOCKER_CONTEXT in the "
    "task's environment"
)

REFUSED = [
    ({"tls": True}, f"tls {CONTEXT}"),
    ({"tls_verify": True}, f"validate_certs {CONTEXT}"),
    ({"cacert_path": "/ca"}, f"ca_path {CONTEXT}"),
    ({"client_key": "/key"}, f"client_key {CONTEXT}"),
    ({"tls_hostname": "x"}, f"tls_hostname {CONTEXT}"),
    ({"api_version": "1.41"},
     "api_version cannot be applied on a Windows host: name it as DOCKER_API_VERSION in the task's environment"),
    ({"command_lines": True},
     "command_lines cannot be applied on a Windows host: tasklist does not tell the arguments of processes"),
    ({"docker_host": "unix:///run/docker.sock"},
     "docker_host: 'unix:///run/docker.sock' is nothing that a Windows host has: expected npipe://, tcp://, ssh://"),
    ({"timeout": 0}, "timeout: 0 is not a number of seconds: expected more than 0, such as 10"),
    ({"focus": ["x"]},
     "focus: 'x' is not a port or a rising range of ports within 1-65535, such as 8080 or 8000-8010"),
    ({"nonsense": 1}, "nonsense. Supported parameters include"),
]  # fmt: skip


@pytest.mark.parametrize("args, message", REFUSED)
def test_refused(args, message):
    with pytest.raises(ValueError) as caught:
        windows_request(validated(args, FACTS))

    assert str(caught.value).startswith(message)


@pytest.mark.parametrize("args", [{}, {"tls": False, "command_lines": False, "docker_host": "npipe:////./pipe/x"}])
def test_defaults_are_no_wishes(args):
    request = windows_request(validated(args, FACTS))

    assert (request.system, request.docker_host) == ("Windows", args.get("docker_host"))


def test_which_system_it_is_belongs_to_every_document():
    assert windows_request(validated({"sections": ["sockets"]}, FACTS)).sections == ("platform", "sockets")


def test_a_check_needs_something_to_check():
    with pytest.raises(ValueError, match=r"^one of the following is required: publish, compose_files, project_dir"):
        validated({}, CHECK, REQUIRED_ONE_OF)
