# SPDX-License-Identifier: GPL-3.0-or-later
"""What is suggested instead of a published port. The binds that are tried are this machine's."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._check import Suggester
from ansible_collections.dockmaster.ports.plugins.module_utils._check_task import ARGUMENTS, asked, checked
from ansible_collections.dockmaster.ports.plugins.module_utils._collect import sections_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import host

POLICY = {
    "bands": {"api": "25300-25399", "databases": "25432-25439"},
    "container_ports": {"databases": 5432},
    "owners": {"api": "shop/*"},
    "rules": {"databases": "local_only"},
}


def suggested(publish, by, policy=None, band=(25000, 25999), machine=None, binds=()):
    conventions = policy_of(policy) if policy else None
    evidence = host(binds=binds)
    found = diagnose(evidence, wants_of(publish, by), CAUSES, conventions)
    suggester = Suggester(machine or LiveHost(), Request(sections=("binds",), name="here"), evidence, band, conventions)
    return suggester.suggest(found)


def test_two_wants_of_one_port_are_not_told_to_keep_it():
    assert suggested(["127.0.0.1:25080:80", "127.0.0.1:25080:81"], "shop") == {
        0: "127.0.0.1:25081:80",
        1: "127.0.0.1:25079:81",
    }


@pytest.mark.parametrize(
    "publish, by, policy, expected",
    [
        # the address is at fault, not the port
        ("25432:5432", "blog/db", POLICY, "127.0.0.1:25432:5432"),
        # what is kept for somebody is where it should go
        ("127.0.0.1:25500:80", "shop/web", POLICY, "127.0.0.1:25399:80"),
        # what should not be published has no better port
        ("25432:5432", "blog/db", {**POLICY, "rules": {"databases": "not_published"}}, None),
        # a range of which any port would do, where ports are to be named
        ("127.0.0.1:25600-25610:80", "blog/web", {"rules": {"*": "pinned"}}, "127.0.0.1:25600:80"),
    ],
)
def test_a_suggestion_keeps_to_the_conventions(publish, by, policy, expected):
    assert suggested([publish], by, policy).get(0) == expected


class NoBinds(LiveHost):
    def bind(self, ip, protocol, port, reuse_address):
        raise AssertionError(f"{ip}:{port}/{protocol} was tried")


def test_no_bind_is_tried_for_a_suggestion_where_none_is_wanted():
    assert suggested(["127.0.0.1:25080:80"], "shop", machine=NoBinds(), binds=None) == {}

    twice = ["127.0.0.1:25080:80", "127.0.0.1:25080:81"]
    assert suggested(twice, "shop", machine=NoBinds(), binds=None) == {0: "127.0.0.1:25081:80", 1: "127.0.0.1:25079:81"}


def test_connections_from_the_band_are_looked_for_where_no_bind_tells_of_them():
    """Without them nothing could be said of any port that is suggested."""
    asked_for = {name: spec.get("default") for name, spec in ARGUMENTS.items()}
    publish = ["198.51.100.9:25080:80", "127.0.0.1:25080:80", "127.0.0.1:25080:81"]
    question = asked({**asked_for, "publish": publish, "suggest": "25500-25504", "bind_probe": False})
    request = Request(sections_of(["platform", "kernel", "sockets", "clients"]), name="here")

    result, failed = checked(NoBinds(), request, question, 3)

    assert failed
    assert result["evidence"]["binds"] is None
    assert result["evidence"]["focus"] == ["25080", "25500-25504"]
