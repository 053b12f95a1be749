# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._facts_task import PACKED, packed, unpacked

VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
FACTS = st.dictionaries(st.text(), VALUES | st.lists(VALUES, max_size=3), max_size=5)


@given(FACTS)
def test_what_is_packed_comes_back_with_what_ansible_adds(facts):
    arrived = json.loads(json.dumps({**packed({"ansible_facts": facts}), "changed": False}))

    assert unpacked(arrived) == {"ansible_facts": facts, "changed": False}


def test_the_interpreter_that_ansible_found_stays_among_the_facts():
    found = {"discovered_interpreter_python": "/usr/bin/python3"}

    assert unpacked({**packed({"ansible_facts": {"ports": {}}}), "ansible_facts": found}) == {
        "ansible_facts": {**found, "ports": {}}
    }


def test_a_module_that_failed_packed_nothing():
    assert unpacked({"failed": True, "msg": "timeout: 0 is not"}) == {"failed": True, "msg": "timeout: 0 is not"}


def test_one_value_is_all_that_ansible_goes_through():
    assert [type(value) for value in packed({"ansible_facts": {"ports": {"sockets": []}}}).values()] == [str]
    assert list(packed({})) == [PACKED]
