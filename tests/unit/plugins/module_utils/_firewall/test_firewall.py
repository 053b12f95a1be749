# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import (
    chains,
    files,
    firewall,
    memory,
    nft,
    policy,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import Done, FirewallError, Process
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._firewall.fake_system import (
    DOCKERD,
    Kernel,
    after,
    engine_host,
    host,
    recording,
)

POLICY = policy.parse({"default": "deny", "rules": [{"ports": ["5432"], "sources": ["10.0.0.0/8"], "action": "allow"}]})
MANY = policy.parse(
    {"default": "deny", "rules": [{"ports": ["1"], "sources": [f"10.0.{n}.1" for n in range(20)], "action": "deny"}]}
)
NFTABLES = {"/proc/812/root/etc/docker/daemon.json": '{"firewall-backend": "nftables"}'}
LIST = "nft list table"


@pytest.mark.parametrize("wanted", [POLICY, MANY], ids=["few", "many"])
def test_what_is_laid_out_is_found_again_and_goes_without_a_trace(wanted):
    system = engine_host()
    before = system.programs["iptables-nft-save"]

    after(system, firewall.plan(firewall.look(system), wanted).steps)
    seen = firewall.look(system)
    assert firewall.plan(seen, wanted).steps == ()
    assert (seen.open_at, seen.laid_out) == ([], True)
    after(system, firewall.plan(seen, None).steps)

    gone = firewall.look(system)
    assert gone.reading.rules[4].filter == firewall.look(engine_host()).reading.rules[4].filter, before
    assert gone.reading.rules[6].filter == {"FORWARD": [], "INPUT": []}


def test_both_transactions_are_tried_before_the_first_is_made():
    todo = firewall.plan(firewall.look(engine_host()), POLICY)

    assert [(step.argv[0], step.argv[-1]) for step in todo.steps] == [
        ("ip6tables-nft-restore", "--test"),
        ("iptables-nft-restore", "--test"),
        ("ip6tables-nft-restore", "30"),
        ("iptables-nft-restore", "30"),
    ]


def test_sets_come_before_the_rules_that_use_them_and_go_after():
    system = engine_host(
        programs={"ipset save": "create dockmaster-4-000000000000 hash:net family inet\n", "ipset": ""}
    )

    todo = firewall.plan(firewall.look(system), MANY)

    assert [" ".join(step.argv[:2]) for step in (todo.steps[0], todo.steps[-1])] == ["ipset restore", "ipset destroy"]
    assert todo.steps[-1].argv[-1] == "dockmaster-4-000000000000"


BOTH = policy.parse(
    {
        "default": "deny",
        "rules": [
            {
                "ports": ["1"],
                "action": "deny",
                "sources": [*(f"10.0.{n}.1" for n in range(20)), *(f"2001:db8:{n:x}::1" for n in range(20))],
            }
        ],
    }
)


def test_sets_of_both_families_are_no_difference_where_they_are_as_wanted():
    system = engine_host(programs={"ipset save": "", "ipset": ""})
    after(system, firewall.plan(firewall.look(system), BOTH).steps)
    laid = [chains.lay_out(BOTH, firewall.look(system).around, family, True).sets for family in (4, 6)]
    system.programs["ipset save"] = "".join(
        f"create {name} hash:net family inet hashsize 64 maxelem 65536\n"
        + "".join(f"add {name} {net.split('/32')[0].split('/128')[0]}\n" for net in members)
        for one in laid
        for name, members in one.items()
    )

    todo = firewall.plan(firewall.look(system), BOTH)

    assert todo.steps == ()
    assert [tool for tool, (before, now) in todo.shown.items() if before != now] == []


def test_a_set_that_a_killed_run_left_is_in_nobodys_way():
    system = engine_host(programs={"ipset save": "create dockmaster-new hash:net family inet\n", "ipset": ""})

    todo = firewall.plan(firewall.look(system), POLICY)

    assert [(step.argv, step.text) for step in todo.steps if step.argv[0] == "ipset"] == [
        (("ipset", "restore"), "destroy dockmaster-new\n")
    ]


def test_a_kernel_without_sets_gets_a_rule_a_network():
    system = engine_host(
        programs={"ipset save": Done(1, "", "Kernel error received: Operation not supported"), "ipset": ""}
    )

    todo = firewall.plan(firewall.look(system), MANY)

    assert sum("--ctorigdstport 1 " in line for step in todo.steps for line in step.text.splitlines()) == 2 * 20


def test_a_look_sees_bridges_and_published_ports():
    proxy = Process(
        9, "docker-proxy", tuple("/usr/bin/docker-proxy -proto tcp -host-ip :: -host-port 8080".split()), ""
    )
    system = host(
        v4=recording("engine-28.5.2-proxy/one-port.iptables-nft-save"),
        processes=[DOCKERD, proxy],
        links=[("docker0", "bridge"), ("br-lan", "bridge"), ("eth0", "")],
    )

    around = firewall.look(system).around

    assert around.foreign == ("br-lan",)
    assert [str(one) for one in around.published] == ["0.0.0.0:8080/tcp", "[::]:8080/tcp"]


def test_what_was_published_lately_keeps_its_rule():
    known = '[[[6, "tcp", "", 8080], null]]'
    seen = firewall.look(host(v4=recording("engine-28.5.2-proxy/clean.iptables-nft-save"), files={files.KNOWN: known}))

    text = "".join(step.text for step in firewall.plan(seen, POLICY).steps)

    assert seen.around.current == ()
    assert "-A DOCKMASTER-LOCAL -p tcp -m tcp --dport 8080 -g DOCKMASTER-POLICY" in text


def full_disk(system):
    """Nothing can be written below /var."""
    write = system.write

    def refuse(path, text, mode=0o644):
        if path.startswith("/var/"):
            raise OSError(28, "No space left on device", path)
        write(path, text, mode)

    system.write = refuse
    return system


def test_a_full_disk_is_said_and_keeps_no_rule_away():
    system = full_disk(engine_host(kind=Kernel))

    with pytest.raises(OSError, match=f"^{re.escape('[Errno 28] No space left on device: ')}{files.KNOWN!r}$"):
        firewall.settle(system, POLICY)

    assert firewall.plan(firewall.look(system), POLICY).steps == ()


@pytest.mark.parametrize(
    "v4, open_at",
    [
        ("*filter\nCOMMIT\n", ["DOCKER-USER of iptables", "FORWARD of iptables", "INPUT of iptables"]),
        (
            "*filter\n-A INPUT -j DOCKMASTER-INPUT\n-A FORWARD -j ts\n-A FORWARD -j DOCKER-USER\n-A DOCKER-USER -j DOCKMASTER\nCOMMIT\n",
            ["FORWARD of iptables"],
        ),
    ],
)
def test_where_packets_pass_by(v4, open_at):
    seen = firewall.look(host(v4=v4))

    assert [place for place in seen.open_at if "ip6" not in place] == open_at


def nft_host(**more):
    listing = recording("engine-29.7.2-nftables-proxy/many-ports.nft")
    v4, v6 = listing.split("table ip6 docker-bridges")
    programs = {f"{LIST} ip docker-bridges": v4, f"{LIST} ip6 docker-bridges": v6, "nft": ""}
    programs.update(
        {f"{LIST} inet dockmaster": Done(1, "", "Error: No such file or directory\n"), **more.pop("programs", {})}
    )
    return host(programs=programs, files={**NFTABLES, **more.pop("files", {})}, **more)


def test_where_the_engine_uses_nftables_the_policy_is_a_table():
    seen = firewall.look(nft_host())

    todo = firewall.plan(seen, POLICY)

    assert seen.backend == "nftables"
    assert [step.argv for step in todo.steps] == [("nft", "-f", "-")]
    assert todo.steps[0].text == nft.GONE + nft.table(POLICY, seen.around)


def test_a_table_that_is_listed_as_it_was_is_what_was_loaded():
    system = nft_host(programs={f"{LIST} inet dockmaster": "table inet dockmaster {...}"})
    memory.keep(system, nft.table(POLICY, firewall.look(system).around))

    assert firewall.plan(firewall.look(system), POLICY).steps == ()

    system.programs[f"{LIST} inet dockmaster"] = "table inet dockmaster { somebody was here }"
    assert len(firewall.plan(firewall.look(system), POLICY).steps) == 1


def test_an_engine_that_went_back_to_iptables_takes_the_policy_along():
    system = nft_host(programs={f"{LIST} inet dockmaster": "table inet dockmaster {...}"})
    memory.keep(system, nft.table(POLICY, firewall.look(system).around))
    system.files["/proc/812/root/etc/docker/daemon.json"] = "{}"

    todo = firewall.plan(firewall.look(system), POLICY)

    assert todo.steps[-1].text == nft.GONE
    assert [step.argv[0] for step in todo.steps[:-1]] == ["ip6tables-nft-restore", "iptables-nft-restore"] * 2


def test_an_engine_that_went_to_nftables_leaves_nothing_in_iptables():
    system = engine_host()
    after(system, firewall.plan(firewall.look(system), POLICY).steps)
    system.files.update(NFTABLES)
    system.programs.update({"nft": "", f"{LIST} inet dockmaster": Done(1, "", "Error: No such file or directory\n")})

    todo = firewall.plan(firewall.look(system), POLICY)

    assert [step.argv[0] for step in todo.steps][-1] == "nft"
    assert "-X DOCKMASTER\n" in todo.steps[0].text


NOT_ITS_OWN = {"iptables-nft-save": "# Table `filter' is incompatible, use 'nft' tool.\n"}
NO_CHAIN = {
    f"nft list chain {family} filter DOCKMASTER": Done(1, "", "Error: No such file\n") for family in ("ip", "ip6")
}


def test_an_engine_with_nftables_has_its_policy_beside_tables_that_iptables_cannot_show():
    seen = firewall.look(nft_host(programs={**NOT_ITS_OWN, **NO_CHAIN}))

    assert seen.reading is None
    assert [step.argv for step in firewall.plan(seen, POLICY).steps] == [("nft", "-f", "-")]


@pytest.mark.parametrize(
    "system",
    [
        nft_host(programs={**NOT_ITS_OWN, **NO_CHAIN, "nft list chain ip filter DOCKMASTER": "table ip filter {...}"}),
        host(programs={**NOT_ITS_OWN, **NO_CHAIN}),
    ],
    ids=["one of ours is in it", "the engine needs it"],
)
def test_a_table_that_iptables_cannot_show_is_an_error(system):
    with pytest.raises(FirewallError, match=r"^iptables-nft-save cannot show a table that nft has changed: "):
        firewall.look(system)


def test_rules_that_do_not_stay_are_an_error():
    system = engine_host()  # its transactions change nothing
    message = (
        "the rules do not stay as they are made (ip6tables-nft-restore): somebody else changes them at the same time"
    )
    with pytest.raises(FirewallError, match=f"^{re.escape(message)}$"):
        firewall.settle(system, POLICY)
    assert len(system.did) == 3 * 4


def test_a_transaction_that_is_refused_is_an_error_after_three_times():
    system = engine_host()
    system.together = lambda steps: Done(2, "", "ip6tables-nft-restore: line 4 failed\n")
    with pytest.raises(FirewallError, match=r"^the rules could not be changed: ip6tables-nft-restore: line 4 failed$"):
        firewall.settle(system, POLICY)


STATES = [
    # policy, laid out, open at, differs, state
    (None, False, [], False, "absent"),
    (None, True, [], True, "left"),
    (POLICY, True, [], False, "present"),
    (POLICY, True, [], True, "drifted"),
    (POLICY, True, ["FORWARD of iptables"], True, "jump_missing"),
]


@pytest.mark.parametrize("wanted, laid_out, open_at, differs, state", STATES)
def test_state_of(wanted, laid_out, open_at, differs, state):
    class Seen:
        pass

    Seen.laid_out, Seen.open_at = laid_out, open_at
    assert firewall.state_of(Seen, wanted, differs) == state
