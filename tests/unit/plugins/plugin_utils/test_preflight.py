# SPDX-License-Identifier: GPL-3.0-or-later
"""Before a deployment: what is said of a host, and what stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import diagnose
from ansible_collections.dockmaster.ports.plugins.module_utils._core.policy import policy_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.publish import wants_of
from ansible_collections.dockmaster.ports.plugins.module_utils._core.result import as_plain
from ansible_collections.dockmaster.ports.plugins.plugin_utils._audit_text import terminal
from ansible_collections.dockmaster.ports.plugins.plugin_utils._preflight import (
    Strictness,
    missing,
    preflight,
    refusal,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._causes.cases import NGINX, WEB_8080, host

SHOP = [{"publish": "80:80", "by": "shop/web"}, {"publish": "127.0.0.1:5432:5432", "by": "shop/db"}]
BLOG = [{"publish": "8080:80", "by": "blog/web"}]
POLICY = {"rules": {"*": "unprivileged"}}


def checked(publish, evidence=None, suggestions=None, policy=None):
    found = diagnose(evidence or host(), wants_of(publish), CAUSES, policy_of(policy) if policy else None)
    return preflight("web-01", as_plain(found, suggestions))


def said(*hosts):
    return [line.text for line in terminal(hosts, nothing="", missing="not checked")]


def test_a_host_on_which_everything_is_free():
    assert said(checked([*SHOP, *BLOG])) == [
        "web-01 3 published ports wanted, all free: *:80/tcp (shop/web), 127.0.0.1:5432/tcp (shop/db), *:8080/tcp (blog/web)",
        "fleet  1 host: 0 with findings.",
    ]


def test_a_block_names_who_is_in_the_way_and_the_remedies():
    found = checked([*SHOP, *BLOG], host(sockets=(NGINX,), publications=(WEB_8080,)), {0: "81:80", 2: "8081:80"})

    assert said(found) == [
        "web-01 3 published ports wanted, free: 127.0.0.1:5432/tcp (shop/db)",
        "  BLOCKED   shop/web wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp",
        "            next: publish shop/web on another host port or address (81:80 is free), or: remediate with stop_unit",
        "  BLOCKED   blog/web wants *:8080/tcp, but container web has 0.0.0.0:8080/tcp",
        "            next: publish blog/web on another host port or address (8081:80 is free), or: remediate with "
        "stop_container",
        "fleet  1 host: 1 with findings (2 blocked).",
    ]


def test_two_projects_that_want_one_port_are_told_once():
    found = checked([{"publish": "8080:80", "by": "shop/web"}, *BLOG], suggestions={0: "8081:80", 1: "8082:80"})

    assert said(found)[:-1] == [
        "web-01 2 published ports wanted, none of them is free",
        "  BLOCKED   shop/web wants *:8080/tcp, but blog/web also wants *:8080/tcp (published as 8080:80)",
        "            next: publish shop/web on another host port or address (8081:80 is free)",
    ]


def test_what_is_said_of_every_replica_is_told_once():
    publish = [{"publish": "80:80", "by": "shop/web", "replica": number} for number in (1, 2, 3)]

    assert said(checked(publish, suggestions={0: "1080:80", 1: "1081:80", 2: "1082:80"}, policy=POLICY)) == [
        "web-01 3 published ports wanted, none of them is free",
        "  BLOCKED   shop/web wants *:80/tcp, but another replica of it also wants *:80/tcp (published as 80:80)",
        "            next: publish shop/web on another host port or address (1080:80 is free)",
        "  POLICY    shop/web wants *:80/tcp, but ports below 1024 are not for containers here",
        "            next: publish shop/web on a host port from 1024 on (1080:80 is free)",
        "fleet  1 host: 1 with findings (1 blocked, 1 policy).",
    ]


def test_what_is_not_known_is_told_together_with_what_would_let_it_be_seen():
    found = checked([*SHOP, "80"], host(units=None))

    assert said(found)[:-1] == [
        "web-01 3 published ports wanted, free: any port for 80",
        "  UNKNOWN   whether *:80/tcp (shop/web), 127.0.0.1:5432/tcp (shop/db) are free is not known",
        "  not seen: units was not gathered",
    ]


def test_the_worst_host_comes_first_and_those_that_were_not_checked_before_the_clear_ones():
    away = preflight("a-host", {"unreachable": True, "msg": "no\nroute"})
    broken = preflight("b-host", {"msg": "compose.yaml: it is empty"})
    clear = replace(checked(BLOG), name="c-host")
    taken = replace(checked(SHOP, host(sockets=(NGINX,))), name="d-host")

    assert [line.split()[0] for line in said(away, broken, clear, taken) if line[0] != " "] == [
        "d-host",
        "a-host",
        "b-host",
        "c-host",
        "fleet",
    ]
    assert away.failed == "not checked: unreachable: no route"
    assert said(broken)[-1] == "fleet  1 host: 0 with findings, 1 not checked."


@pytest.mark.parametrize(
    "publish, evidence, fail_on, enforce, stops",
    [
        (BLOG, None, "unknown", True, False),
        (SHOP, None, "diverted", True, True),  # the policy: a port below 1024
        (SHOP, None, "diverted", False, False),
        (SHOP, None, "at_risk", False, True),
        (SHOP, None, "never", True, False),
        (BLOG, host(publications=(WEB_8080,)), "blocked", False, True),
        (BLOG, host(publications=(WEB_8080,)), "never", False, False),
        (BLOG, host(units=None), "at_risk", True, False),
        (BLOG, host(units=None), "unknown", True, True),
    ],
)
def test_what_stops_a_deployment(publish, evidence, fail_on, enforce, stops):
    found = checked(publish, evidence, policy=POLICY)

    assert bool(refusal(found, Strictness(fail_on, enforce))) is stops


@pytest.mark.parametrize("fail_on, stops", [("never", False), ("blocked", True)])
def test_a_host_that_was_not_checked_is_no_all_clear(fail_on, stops):
    assert bool(refusal(preflight("a", {"unreachable": True, "msg": "no route"}), Strictness(fail_on))) is stops


def test_a_failure_says_what_to_do():
    found = checked(SHOP, host(sockets=(NGINX,)), {0: "81:80"})

    assert refusal(found, Strictness("blocked")) == (
        "shop/web wants *:80/tcp, but nginx.service (pid 812) has 0.0.0.0:80/tcp (next: publish shop/web on another host "
        "port or address (81:80 is free), or: remediate with stop_unit)"
    )


def test_a_failure_tells_of_many_the_first():
    ports = [{"publish": f"80:{port}", "by": f"app{port}"} for port in range(1, 6)]
    found = checked(ports, host(sockets=(NGINX,)))

    assert refusal(found, Strictness("blocked")).endswith("; and 12 more")


def test_hosts_that_could_not_even_be_asked():
    lost = ["a", "b", "c", "d", "e"]

    assert missing(lost, Strictness("blocked")) == (
        "not checked, for they dropped out of the play before: a, b, c and 2 more"
    )
    assert missing(lost, Strictness("never")) == missing([], Strictness("unknown")) == ""


def test_nothing_is_wanted():
    assert checked([]).summary == "nothing is wanted"
