# SPDX-License-Identifier: GPL-3.0-or-later
"""Role and module docker_firewall as a user runs them: look first, apply, again, take away, be told what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support import look
from ansible_collections.dockmaster.ports.tests.integration.support.controller import Controller, Failed
from ansible_collections.dockmaster.ports.tests.integration.support.engine import Engine
from ansible_collections.dockmaster.ports.tests.integration.support.street import (
    FRIEND,
    FRIEND6,
    HOST,
    HOST6,
    SILENT,
    STRANGER,
    STRANGER6,
    Street,
    lacking,
    opened,
)

pytestmark = pytest.mark.skipif(bool(lacking()), reason=f"an engine with firewalls needs {lacking()}")

INVENTORY = {
    "app": {"hosts": {"friend": {"ansible_host": FRIEND, "docker_firewall_addresses": [FRIEND, FRIEND6]}}},
    "nobody": {"hosts": {}},
    "named": {"hosts": {"name": {"ansible_host": "name.example.org"}}},
}
POLICY = {
    "default": "deny",
    "rules": [
        {"ports": [8080], "sources": ["app"], "action": "allow", "comment": "web for app"},
        {"ports": ["9000-9010/udp"], "in_interfaces": ["tun*"], "action": "reject", "log": True},
    ],
}
BOTH = [(FRIEND, HOST, 8080), (STRANGER, HOST, 8080), (FRIEND6, HOST6, 8080), (STRANGER6, HOST6, 8080)]
FOREIGN = (
    "iptables -I DOCKER-USER -s 198.51.100.7/32 -m comment --comment 'f2b \"x\" \\ y' -j DROP",
    "iptables -A DOCKER-USER -p tcp -m tcp --dport 1 -j LOG",
    "ip6tables -A FORWARD -s 2001:db8:bad::/48 -j DROP",
)
TRACES = (
    "iptables-save; ip6tables-save; ipset list -n; nft list tables;"
    " find /etc/dockmaster /run/dockmaster /var/lib/dockmaster /usr/local/sbin/dockmaster* 2>&1 -type f"
)


def foreign(traces):
    """The rules of others, in their order. Of Docker's, the jump to DOCKER-USER has to be the first."""
    return [
        line
        for line in traces
        if line.startswith("-A") and "DOCKMASTER" not in line and line != "-A FORWARD -j DOCKER-USER"
    ]


class Site:
    """A host that publishes 8080, and its controller."""

    def __init__(self, engine, folder):
        self.engine = engine
        self.street = Street(engine)
        self.controller = Controller(engine, folder, INVENTORY)

    def role(self, policy=None, *options, **more):
        """The result of the role."""
        variables = {"docker_firewall_policy": policy or POLICY, "docker_firewall_rollback_after": 0, **more}
        role = {
            "ansible.builtin.include_role": {"name": "dockmaster.ports.docker_firewall"},
            "vars": variables,
        }
        keep = {"ansible.builtin.set_fact": {"done": "{{ docker_firewall_done }}"}}
        return self.controller.play([role, keep], *options)

    def module(self, arguments, *options):
        task = {"dockmaster.ports.docker_firewall": arguments, "register": "done"}
        return self.controller.play([task], *options)

    def traces(self):
        """Every rule, without counters, and every file of ours."""
        listed = subprocess.run(
            self.engine.inside("sh", "-c", TRACES), capture_output=True, text=True, timeout=30, check=False
        ).stdout
        return [line.partition(" [")[0] for line in listed.splitlines() if not line.startswith("#")]

    def processes(self):
        """The command lines of all that run on the host."""
        return self.street.run("ps", "-eo", "args").splitlines()

    def facts(self):
        """Section published_policy."""
        return json.loads(self.street.run(sys.executable, look.__file__, "published_policy"))["published_policy"]


@pytest.fixture
def site(tmp_path):
    with Engine(tmp_path / "engine") as engine:
        yield Site(engine, tmp_path / "controller")


def test_a_policy_from_the_inventory(site):
    street = site.street
    street.web("web", "-p", "8080:80")
    assert SILENT not in opened(street, *BOTH)
    for rule in FOREIGN:
        street.run("sh", "-c", rule)
    before = site.traces()

    would = site.role(None, "--check", "--diff")
    assert site.traces() == before
    did = site.role(None, "--diff")

    assert [answer == SILENT for answer in street.ask(*BOTH)] == [False, True, False, True]
    assert {key: would[key] for key in ("changed", "diff", "reachable", "summary", "status")} == {
        key: did[key] for key in ("changed", "diff", "reachable", "summary", "status")
    }
    assert did["changed"] is True
    assert did["summary"] == [
        f"0.0.0.0:8080/tcp: only {FRIEND} (before: everybody)",
        f"[::]:8080/tcp: only {FRIEND6} (before: everybody)",
    ]
    assert [one["after_header"] for one in did["diff"]] == [
        "reachable",
        "iptables-nft",
        "ip6tables-nft",
        "/etc/dockmaster/docker_firewall.json",
        "/usr/local/sbin/dockmaster-firewall",
    ]
    with_it = site.traces()
    assert foreign(with_it) == foreign(before)

    again = site.role(None, "--diff")
    assert (again["changed"], again["diff"], again["status"]) == (False, [], "present")
    assert site.traces() == with_it
    facts = site.facts()
    assert (facts["state"], facts["default"], facts["rules"], facts["troubles"]) == ("present", "deny", 2, [])
    assert [(one["published"], one["who"]) for one in facts["reach"]] == [
        ("0.0.0.0:8080/tcp", "only"),
        ("[::]:8080/tcp", "only"),
    ]

    would = site.module({"state": "absent"}, "--check", "--diff")
    assert site.traces() == with_it
    gone = site.module({"state": "absent"}, "--diff")
    assert (would["changed"], would["diff"]) == (gone["changed"], gone["diff"])
    assert gone["changed"] is True
    assert site.traces() == before
    assert SILENT not in street.ask(*BOTH)
    assert site.module({"state": "absent"})["changed"] is False
    assert site.facts()["state"] == "absent"


def test_what_drifted_is_said_and_put_right(site):
    site.street.web("web", "-p", "8080:80")
    site.role()

    site.street.run("iptables", "-D", "DOCKER-USER", "-j", "DOCKMASTER")
    site.street.run("ip6tables", "-A", "DOCKMASTER-POLICY", "-j", "ACCEPT")
    facts = site.facts()
    v4, v6 = facts["places"]

    assert facts["state"] == "jump_missing"
    assert (v4["tool"], v4["state"], v4["open_at"]) == ("iptables-nft", "jump_missing", ["DOCKER-USER of iptables"])
    assert (v6["tool"], v6["state"], v6["foreign"]) == ("ip6tables-nft", "drifted", ["-A DOCKMASTER-POLICY -j ACCEPT"])
    assert [(one["published"], one["who"]) for one in facts["reach"]] == [("0.0.0.0:8080/tcp", "everybody")]
    did = site.role()
    assert (did["changed"], did["status"], did["open_at"]) == (True, "jump_missing", ["DOCKER-USER of iptables"])
    assert site.facts()["state"] == "present"


def test_rules_that_nobody_confirms_are_gone_after_a_while(site):
    """The controller is killed, with all that it runs, as soon as the policy is on trial."""
    site.street.web("web", "-p", "8080:80")
    opened(site.street, *BOTH)
    site.street.run("sh", "-c", FOREIGN[2])  # ip6tables makes its table filter once it is used, and leaves it there
    before = site.traces()
    task = {"dockmaster.ports.docker_firewall": {**POLICY, "rollback_after": 4}, "register": "done"}

    process = site.controller.begin([task])
    while not any("trial.json" in line for line in site.traces()):
        assert process.poll() is None
    site.controller.kill(process)
    until = time.monotonic() + 40
    while site.traces() != before and time.monotonic() < until:
        time.sleep(0.2)

    assert site.traces() == before
    assert SILENT not in site.street.ask(*BOTH)


def test_rules_that_the_controller_confirms_stay(site):
    did = site.module({**POLICY, "rollback_after": 12})

    assert did["rollback"]["confirmed"] is True
    assert "sleep 12" in site.processes()  # who would have taken them back
    until = time.monotonic() + 60
    while "sleep 12" in site.processes():
        assert time.monotonic() < until
        time.sleep(0.2)
    assert site.facts()["state"] == "present"
    assert site.facts()["trial"] is False


RULE = {"ports": [80], "action": "deny", "comment": "web"}


NO_NETWORK = "expected an address, a network or a range, such as 192.0.2.7, 10.0.0.0/8 or 10.0.0.5-10.0.0.9"
NO_PORT = "expected a port or a rising range within 1-65535, such as 5432, 8000-8010/tcp or 53/udp, or all"
NO_GROUP = "and the inventory has no group of that name"
BITS = "it has bits set behind its prefix; write 10.0.0.0/8 for the network, 10.0.0.1 for the address"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"sources": ["10.0.0.1/8"]}, f"sources: '10.0.0.1/8' is not a network: {BITS}; {NO_GROUP}"),
        ({"sources": ["300.0.0.1"]}, f"sources: '300.0.0.1' is not a network: {NO_NETWORK}; {NO_GROUP}"),
        ({"sources": ["apps"]}, f"sources: 'apps' is not a network: {NO_NETWORK}; {NO_GROUP}"),
        ({"sources": ["nobody"]}, "sources: group nobody has no hosts"),
        (
            {"sources": ["named"]},
            "sources: host name of group named has no address: "
            "set docker_firewall_addresses for it, or gather its facts first",
        ),
        ({"sources": []}, "sources: the list is empty: leave it out if the rule is about everybody"),
        ({"ports": [0]}, f"ports: '0' is not a published port: {NO_PORT}"),
        ({"ports": ["70000"]}, f"ports: '70000' is not a published port: {NO_PORT}"),
        (
            {"ports": ["80/icmp"]},
            "ports: '80/icmp' names no protocol that has ports: expected one of tcp, udp, sctp",
        ),
        ({"ports": []}, "ports: it names none: expected published ports, such as 5432 or 53/udp, or all"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(told, wrong, said):
    before = told.traces()
    policy = {"default": "deny", "rules": [RULE, {**RULE, **wrong, "comment": "db"}]}

    with pytest.raises(Failed) as caught:
        told.role(policy)

    assert str(caught.value) == f"rule 2 (db): {said}"
    assert told.traces() == before


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """One host for all that is refused."""
    folder = tmp_path_factory.mktemp("told")
    with Engine(folder / "engine") as engine:
        yield Site(engine, folder / "controller")


def test_a_rule_that_never_decides_is_warned_of(told):
    rules = [{"ports": ["all"], "action": "deny", "comment": "nobody"}, {**RULE, "action": "allow"}]

    assert told.module({"default": "allow", "rules": rules}, "--check")["warnings"][0] == (
        "rule 2 (web) never decides anything: rule 1 (nobody), deny, is before it and matches all it does"
    )


def test_an_engine_that_turns_nothing(tmp_path):
    with Engine(tmp_path / "engine", config={"iptables": False, "ip6tables": False}) as engine:
        site = Site(engine, tmp_path / "controller")
        before = site.traces()

        for options in ((), ("--check",)):
            with pytest.raises(
                Failed, match=r"^the engine \(dockerd, pid \d+\) runs with iptables: false \(.*\): it turns no"
            ):
                site.role(None, *options)

        assert site.traces() == before
