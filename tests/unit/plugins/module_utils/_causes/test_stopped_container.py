# SPDX-License-Identifier: GPL-3.0-or-later
"""Cause `stopped_container`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import stopped_container
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import (
    WEB_8080,
    host,
    judge,
    remedies,
    summaries,
    verdicts,
)


@pytest.mark.parametrize("state", ["created", "exited", "dead", "restarting", "removing"])
def test_it_is_a_promise_and_no_holder(state):
    stopped = replace(WEB_8080, state=state, actual=False)

    found = judge(host(publications=(stopped,)), "8080:80", stopped_container, "blog")

    assert summaries(found) == [
        f"blog wants *:8080/tcp, but {state} container web will want 0.0.0.0:8080/tcp when it starts"
    ]
    assert (verdicts(found), remedies(found)) == (["at_risk"], [["move_want", "remove_container"]])


@pytest.mark.parametrize("publish, by", [("8080:80", "shop/web"), ("8081:80", "blog"), ("[::]:8080:80", "blog")])
def test_it_is_in_nobodys_way(publish, by):
    stopped = replace(WEB_8080, state="exited", actual=False)

    assert verdicts(judge(host(publications=(stopped,)), publish, stopped_container, by)) == ["free"]
