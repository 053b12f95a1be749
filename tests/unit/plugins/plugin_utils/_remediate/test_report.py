# SPDX-License-Identifier: GPL-3.0-or-later
"""One host out of a report: the same as if all of it were read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.report import cut, report_with

NAMES = st.text(min_size=1, max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "hosts", "x"]), inner),
    max_leaves=8,
)


def host(name, evidence=None):
    return {
        "name": name, "failed": "", "summary": "", "lines": [], "unseen": [], "diagnosis": None, "evidence": evidence,
    }  # fmt: skip


def report(*hosts):
    return {"schema": 1, "made_at": "2026-01-01", "hosts": list(hosts)}


def written(data):
    """As audit_report writes it."""
    return json.dumps(data, indent=1, sort_keys=True) + "\n"


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=4))
def test_each_host_is_found_and_no_other(evidence):
    data = report(*(host(name, one) for name, one in evidence.items()))

    for one in data["hosts"]:
        assert cut(written(data).encode(), one["name"]) == {"schema": 1, "hosts": [one]}


TEXTS = [
    # a host that is not there, a report that another program wrote
    (written(report(host("web-01"))), "db-02"),
    (json.dumps(report(host("web-01"))), "web-01"),
    (json.dumps(report(host("web-01")), indent=4), "web-01"),
    (json.dumps({**report(host("web-01")), "schema": 9}, indent=1), "web-01"),
]


@pytest.mark.parametrize("text, name", TEXTS)
def test_what_is_not_as_an_audit_writes_it_is_read_whole(tmp_path, text, name):
    path = tmp_path / "ports-audit.json"
    path.write_text(text, encoding="utf-8")

    assert cut(text.encode(), name) is None
    assert report_with(str(path), name) == json.loads(text)


@pytest.mark.parametrize("text, words", [("", "^it is empty$"), ("no JSON", "^Expecting value: line 1 column 1")])
def test_what_is_no_report(tmp_path, text, words):
    path = tmp_path / "ports-audit.json"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(ValueError, match=words):
        report_with(str(path), "web-01")
