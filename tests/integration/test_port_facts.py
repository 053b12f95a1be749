# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible itself does with a task of port_facts."""

from __future__ import annotations

import sys

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.controller import Controller
from ansible_collections.dockmaster.ports.tests.integration.support.engine import Engine, missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"an engine of its own needs {missing()}")


def test_the_interpreter_that_ansible_found_stays_among_the_facts(tmp_path):
    with Engine(tmp_path / "engine") as engine:
        task = {
            "dockmaster.ports.port_facts": {"sections": ["kernel"]},
            "vars": {
                "ansible_python_interpreter": "auto_silent",
                "ansible_interpreter_python_fallback": [sys.executable],
            },
            "register": "done",
        }

        facts = Controller(engine, tmp_path / "controller").play([task])["ansible_facts"]

    assert sorted(facts) == ["discovered_interpreter_python", "ports"]
    assert facts["ports"]["kernel"]["addresses"]
