# SPDX-License-Identifier: GPL-3.0-or-later
"""Section published_policy, from recordings of hosts whose policy stands, has drifted, or is passed by."""

from __future__ import annotations

import json
import re
import struct

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.dump import dump
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import (
    PolicyPlace,
    PolicyReach,
    PublishedPolicy,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    files,
    firewall,
    memory,
    policy,
    store,
    trial,
    units,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.store import Trial
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done
from ansible_collections.dockmaster.ports.plugins.module_utils._host import BECOME, Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import inet_diag, rtnetlink, rulesets
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import (
    NFT_VERSION,
    Kernel,
    after,
    host,
    recording,
)

DENY = policy.parse(
    {
        "default": "deny",
        "rules": [{"ports": ["8080"], "sources": ["192.0.2.7"], "action": "allow", "comment": "web"}],
        "trusted_interfaces": ["wg0"],
    }
)
SHOW = f"systemctl show --property=UnitFileState,ActiveState {units.EARLY} {units.WATCH}"
SETTLED = "UnitFileState=enabled\nActiveState=inactive\n\nUnitFileState=enabled\nActiveState=active\n"
NFT = "nft -j list ruleset"
NOTHING = '{"nftables": [{"metainfo": {"version": "1.1.3", "json_schema_version": 1}}]}'
ONE_PORT = recording("engine-28.5.2-proxy/one-port.iptables-nft-save")
FILTER = next(part for part in re.findall(r"^\*.*?^COMMIT\n", ONE_PORT, re.MULTILINE | re.DOTALL) if part[1] == "f")
DAEMON = {
    "/proc/812/comm": "dockerd\n",
    "/proc/812/status": "Name:\tdockerd\nUid:\t0\t0\t0\t0\n",
    "/proc/812/cmdline": "/usr/sbin/dockerd\0-H\0fd://\0",
}


def laid(wanted=DENY, kept=DENY, **more):
    """A host with an engine that publishes 8080, on which a policy is laid out and kept."""
    system = host(v4=ONE_PORT, v6="*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\nCOMMIT\n", kind=Kernel, **more)
    steps = firewall.plan(firewall.look(system), wanted).steps
    system.programs["iptables-nft-save"], rest = FILTER, ONE_PORT.replace(FILTER, "")
    after(system, steps).programs["iptables-nft-save"] += rest
    system.files.update({files.PROGRAM: "#!", "/proc/uptime": "100.00 99.00\n", trial.SYSTEMD: ""})
    if kept:
        system.files[files.POLICY] = store.text(kept)
    system.programs[SHOW] = SETTLED
    return system


def link(name, kind):
    def attribute(number, value):
        return struct.pack("=HH", 4 + len(value), number) + value + bytes(-len(value) % 4)

    body = struct.pack("=BxHiII", 0, 0, 1, 0, 0) + attribute(3, name.encode() + b"\0")
    body += attribute(18, attribute(1, kind.encode() + b"\0"))
    return struct.pack("=IHHII", 16 + len(body), 16, 0, 1, 0) + body


def recorded(system, **reads):
    """What a Host would see of it."""
    programs = {line: said if isinstance(said, Done) else Done(0, said, "") for line, said in system.programs.items()}
    requests = [(rtnetlink.PROTOCOL, rtnetlink.LINKS)]
    requests += [
        (inet_diag.PROTOCOL, one)
        for one in (inet_diag.tcp(inet_diag.LISTEN), inet_diag.udp(2, 1 << 7), inet_diag.udp(10, 1 << 7))
    ]
    answers = {f"{protocol}:{request.hex()}": [] for protocol, request in requests}
    answers[f"0:{rtnetlink.LINKS.hex()}"] = [link("docker0", "bridge").hex()]
    return {
        "run": {"iptables --version": Done(0, NFT_VERSION, ""), NFT: Done(0, NOTHING, ""), **programs},
        "read": {**system.files, **DAEMON, **reads},
        "names": {"/proc": ["1", "812", "self"], "/proc/net": []},
        "link": {f"/proc/{pid}/ns/net": "net:[4026531840]" for pid in ("self", "812")},
        "netlink": answers,
    }


class Counting(ReplayHost):
    """Notes what is run."""

    def __init__(self, recording):
        super().__init__(recording)
        self.ran = []

    def run(self, *argv):
        self.ran.append(" ".join(argv))
        return super().run(*argv)


def look(one):
    """The section, and why it was not seen."""
    blind = []
    seen = rulesets.probe(one, Request(sections=rulesets.SECTIONS), Evidence(), blind)
    json.dumps(dump(list(seen.values()))).encode()
    return seen.get("published_policy"), [str(gap) for gap in blind if gap.section == "published_policy"]


def found(system, **reads):
    section, unseen = look(ReplayHost(recorded(system, **reads)))
    assert unseen == []
    return section


def changed(system, tool, pattern, by):
    """Somebody changes the rules."""
    text, count = re.subn(pattern, by, system.programs[f"{tool}-save"], count=1, flags=re.MULTILINE)
    assert count
    system.programs[f"{tool}-save"] = text
    return system


def test_a_host_without_a_policy_is_asked_for_two_files_and_no_more():
    system = host(v4=ONE_PORT)
    one = Counting(recorded(system))

    assert look(one) == (PublishedPolicy(), [])
    assert [line for line in one.ran if "-save" in line] == ["iptables-nft-save", "ip6tables-nft-save"]


def test_a_policy_that_stands():
    one = Counting(recorded(laid()))

    assert look(one) == (
        PublishedPolicy(
            state="present",
            backend="iptables-nft",
            default="deny",
            rules=1,
            trusted_interfaces=("wg0",),
            places=(PolicyPlace("iptables-nft", "present"), PolicyPlace("ip6tables-nft", "present")),
            reach=(
                PolicyReach("0.0.0.0:8080/tcp", "only", ("192.0.2.7",)),
                PolicyReach("0.0.0.0:8080/tcp", "everybody", in_interface="wg0"),
            ),
        ),
        [],
    )
    assert [line for line in one.ran if "-save" in line] == ["iptables-nft-save", "ip6tables-nft-save"]


def test_what_the_policy_lacks_and_what_it_does_not_know():
    system = changed(laid(), "iptables-nft", r"^-A DOCKMASTER-POLICY .* -j RETURN$", "-A DOCKMASTER-POLICY -j ACCEPT")

    section = found(system)

    assert section.state == "drifted"
    lacking = (
        '-A DOCKMASTER-POLICY -s 192.0.2.7/32 -p tcp -m conntrack --ctorigdstport 8080 --ctdir ORIGINAL -m comment --comment "1: web" -j RETURN',
    )
    assert section.places == (
        PolicyPlace("iptables-nft", "drifted", lacking=lacking, foreign=("-A DOCKMASTER-POLICY -j ACCEPT",)),
        PolicyPlace("ip6tables-nft", "present"),
    )
    assert section.reach == ()  # only IPv4 is published


def test_rules_in_another_order_are_not_the_policys():
    two = policy.parse({"default": "deny", "rules": [{"ports": [port], "action": "allow"} for port in ("1", "2")]})
    first, second = (rf"-A DOCKMASTER-POLICY -p tcp .*--ctorigdstport {port} .*\n" for port in (1, 2))
    system = changed(laid(two, two), "iptables-nft", f"({first})({second})", r"\2\1")

    (place, _other) = found(system).places

    assert (place.state, place.lacking, place.foreign) == ("drifted", (), ())


def test_of_many_rules_some_are_named():
    many = policy.parse({"default": "deny", "rules": [{"ports": [str(n)], "action": "allow"} for n in range(1, 40)]})

    (place, _other) = found(laid(DENY, many)).places

    assert (len(place.lacking), len(place.foreign), place.more) == (10, 3, 29)


@pytest.mark.parametrize(
    "tool, rule, by, open_at",
    [
        ("iptables-nft", r"^-A DOCKER-USER -j DOCKMASTER\n", "", "DOCKER-USER of iptables"),
        ("iptables-nft", r"^-A FORWARD -j DOCKER-USER$", "-A FORWARD -j ACCEPT", "FORWARD of iptables"),
        ("ip6tables-nft", r"^-A INPUT -j DOCKMASTER-INPUT\n", "", "INPUT of ip6tables"),
    ],
)
def test_a_jump_that_is_missing_leaves_a_family_open(tool, rule, by, open_at):
    section = found(changed(laid(), tool, rule, by))

    assert section.state == "jump_missing"
    assert [(one.tool, one.open_at) for one in section.places if one.state == "jump_missing"] == [(tool, (open_at,))]
    whole = "everybody" if tool == "iptables-nft" else "only"
    assert section.reach[0].who == whole


def test_a_flush_leaves_everything_open():
    system = laid()
    system.programs["iptables-nft-save"] = ONE_PORT

    section = found(system)

    assert section.state == "jump_missing"
    assert [one.who for one in section.reach] == ["everybody"]
    assert section.places[0].open_at == ("DOCKER-USER of iptables", "INPUT of iptables")


def test_rules_without_a_policy_are_left_over():
    section = found(laid(kept=None))

    assert (section.state, section.default, section.reach) == ("left", "", ())
    assert [(one.tool, one.state) for one in section.places] == [("iptables-nft", "left"), ("ip6tables-nft", "left")]


@pytest.mark.parametrize(
    "until, state, default, on_trial", [(130.0, "present", "deny", True), (90.0, "left", "", False)]
)
def test_a_trial(until, state, default, on_trial):
    system = laid(kept=None)
    store.try_out(system, Trial("a", until, DENY))

    section = found(system)

    assert (section.state, section.default, section.trial) == (state, default, on_trial)


@pytest.mark.parametrize(
    "change, troubles",
    [
        ({SHOW: SETTLED.replace("=active", "=failed")}, ("dockmaster-firewall.service does not run",)),
        (
            {SHOW: "UnitFileState=disabled\nActiveState=inactive\n\nUnitFileState=enabled\nActiveState=active\n"},
            ("dockmaster-firewall-early.service is not enabled",),
        ),
        (
            {SHOW: "UnitFileState=\nActiveState=inactive\n\nUnitFileState=\nActiveState=inactive\n"},
            (
                "dockmaster-firewall-early.service is not enabled",
                "dockmaster-firewall.service is not enabled",
                "dockmaster-firewall.service does not run",
            ),
        ),
    ],
)
def test_what_keeps_a_policy_from_lasting(change, troubles):
    system = laid()
    system.programs.update(change)

    assert (found(system).state, found(system).troubles) == ("present", troubles)


def test_a_host_without_the_program_or_with_an_engine_that_turns_nothing():
    system = laid()
    del system.files[files.PROGRAM]
    system.files["/proc/812/root/etc/docker/daemon.json"] = '{"iptables": false}'

    assert found(system).troubles == ("the engine runs with iptables: false", f"{files.PROGRAM} is missing")


def test_on_a_host_without_systemd_units_are_not_asked_for():
    system = laid()
    del system.files[trial.SYSTEMD]
    one = Counting(recorded(system))

    assert look(one)[0].troubles == ()
    assert SHOW not in one.ran


def test_an_engine_with_nftables():
    config = {"/proc/812/root/etc/docker/daemon.json": '{"firewall-backend": "nftables"}'}
    listing = recording("engine-29.7.2-nftables-proxy/one-port.nft").split("table ip6 docker-bridges")[0]
    table = "table inet dockmaster {\n}\n"
    programs = {
        "nft list table ip docker-bridges": listing,
        "nft list table ip6 docker-bridges": Done(1, "", "Error: No such file or directory\n"),
        "nft list table inet dockmaster": table,
        "nft --version": "nftables v1.1.3\n",
    }
    system = host(files=config, programs=programs, kind=Kernel)
    system.files.update({files.PROGRAM: "#!", "/proc/uptime": "1 1\n", files.POLICY: store.text(DENY)})
    wanted = firewall.plan(firewall.look(system), DENY).shown["nftables"][1]
    memory.keep(system, wanted)

    section = found(system)
    system.programs["nft list table inet dockmaster"] = "table inet dockmaster {\n\tchain more {\n\t}\n}\n"
    drifted = found(system)
    system.programs["nft list table inet dockmaster"] = Done(1, "", "Error: No such file or directory\n")
    flushed = found(system)

    assert (section.state, section.backend) == ("present", "nftables")
    assert section.places == (PolicyPlace("nftables", "present"),)
    assert section.reach[0] == PolicyReach("0.0.0.0:8080/tcp", "only", ("192.0.2.7",))
    assert (drifted.places, drifted.reach) == ((PolicyPlace("nftables", "drifted"),), ())
    assert flushed.places == (PolicyPlace("nftables", "jump_missing", ("table inet dockmaster",)),)
    assert flushed.reach[0].who == "everybody"


@pytest.mark.parametrize(
    "text, why",
    [
        ("{", f"{files.POLICY} is not JSON: "),
        ('{"schema": 9}', f"{files.POLICY} has schema 9, and this release of dockmaster.ports reads 1"),
    ],
)
def test_a_policy_file_that_is_broken_is_no_all_clear(text, why):
    system = laid()
    system.files[files.POLICY] = text

    section, unseen = look(ReplayHost(recorded(system)))

    assert section is None
    assert len(unseen) == 1
    assert unseen[0].startswith(f"published_policy: {why}")


class Closed(ReplayHost):
    """A host where this user may not look into /run/dockmaster."""

    def read(self, path):
        if path == files.TRIAL:
            raise Refused(f"{path}: permission denied", BECOME)
        return super().read(path)


def test_without_rights_it_says_so():
    system = laid(kept=None)

    assert look(Closed(recorded(system))) == (
        None,
        [f"published_policy: {files.TRIAL}: permission denied; gather with become: true"],
    )
