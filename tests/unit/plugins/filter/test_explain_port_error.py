# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.dockmaster.ports.plugins.filter import explain_port_error as plugin
from ansible_collections.dockmaster.ports.plugins.module_utils._core.symptom import LAYERS, REFUSALS

TEXT = (
    "Error response from daemon: failed to set up container networking: driver failed programming external connectivity "
    "on endpoint shop (8c3a1f9d27b5): failed to bind host port 0.0.0.0:8080/tcp: address already in use"
)
explain_port_error = plugin.FilterModule().filters()["explain_port_error"]


def test_it_is_the_same_of_a_text_and_of_a_failed_task():
    said = explain_port_error(TEXT)

    assert said == explain_port_error({"failed": True, "msg": TEXT})
    assert said == explain_port_error({"failed": True, "msg": "non-zero return code", "stderr": TEXT, "rc": 1})
    assert said["layer"] == "socket" and said["refusal"] == "address_in_use" and said["port"] == 8080
    assert said["causes"][0] == {"cause": "process", "reason": "a process of the host listens there"}


def test_the_message_comes_before_what_was_printed():
    assert explain_port_error({"stdout": TEXT, "msg": TEXT.replace("8080", "8081")})["port"] == 8081


def test_of_a_loop_the_items_that_failed_are_read():
    items = [
        {"failed": False, "msg": TEXT.replace("8080", "1")},
        {"failed": True, "msg": "non-zero return code", "stderr": TEXT},
        {"failed": True, "msg": TEXT.replace("8080", "2")},
    ]

    assert explain_port_error({"msg": "One or more items failed", "results": items}) == explain_port_error(TEXT)


def test_it_is_plain_data():
    said = explain_port_error(TEXT)

    assert json.loads(json.dumps(said)) == said


@pytest.mark.parametrize(
    "error, message",
    [
        (None, "'None' (NoneType) is not the text of an error"),
        ([TEXT], f"{str([TEXT])[:60]!r} (list) is not the text of an error"),
        ({}, "a mapping with no keys has none of msg, stderr, stdout, module_stderr, exception"),
        ({"rc": 1}, "a mapping with rc has none of msg, stderr, stdout, module_stderr, exception"),
    ],
)
def test_refuses_what_has_no_text(error, message):
    with pytest.raises(AnsibleFilterError) as refusal:
        explain_port_error(error)

    assert str(refusal.value) == f"dockmaster.ports.explain_port_error: {message}"


def test_the_documentation_names_what_it_returns():
    documented = yaml.safe_load(plugin.RETURN)["_value"]

    assert set(documented["contains"]) == set(explain_port_error(TEXT)) == set(documented["sample"])
    assert documented["contains"]["layer"]["choices"] == list(LAYERS)
    assert documented["contains"]["refusal"]["choices"] == list(REFUSALS)
