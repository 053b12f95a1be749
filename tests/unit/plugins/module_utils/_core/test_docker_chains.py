# SPDX-License-Identifier: GPL-3.0-or-later
"""What engines need in the firewall, and what is missing of it."""

from __future__ import annotations

import dataclasses

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.docker_chains import (
    docker_chains_state,
    split_backends,
    writes_rules,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.rules import Firewall, Ruleset
from ansible_collections.dockmaster.ports.plugins.module_utils._core.undecided import Undecided
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.firewall import ruleset
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.rule_recordings import tables_of

EVERY = [(backend, family) for backend in ("iptables-legacy", "iptables-nft", "nft") for family in ("ip", "ip6")]


def firewall(folder, state, unseen=()):
    """What is told of a recorded state."""
    tables = tables_of(folder, state) if state else []
    known = {(one.family, one.name) for one in tables if one.backend == "iptables-nft"}
    tables = [one for one in tables if one.backend != "nft" or (one.family, one.name) not in known]
    return Firewall(rulesets=tuple(ruleset(*one, tables) for one in EVERY if one not in unseen), iptables="nf_tables")


def engine(version, **more):
    return Engine(version=version, endpoint="unix:///var/run/docker.sock", pid=7, **more)


NFT = {"firewall_backend": "nftables"}
WHOLE = [
    # a recorded state in which nothing is missing, and its engine
    ("engine-20.10.24-proxy", "one-port", engine("20.10.24+dfsg1")),
    ("engine-20.10.24-noproxy", "clean", engine("20.10.24+dfsg1")),
    ("engine-20.10.24-states", "firewalld-after-reload", engine("20.10.24")),
    ("engine-20.10.24-states", "flushed-nat-docker-chain", engine("20.10.24")),
    ("engine-26.1.5-proxy", "many-ports", engine("26.1.5")),
    ("engine-26.1.5-states", "firewalld-stopped", engine("26.1.5")),
    ("engine-28.5.2-proxy", "many-ports", engine("28.5.2", firewall_backend="iptables")),
    ("engine-28.5.2-states", "firewalld-active", engine("28.5.2", firewall_backend="iptables+firewalld")),
    ("engine-28.5.2-states", "legacy-mixed", engine("28.5.2")),
    ("engine-29.7.2-iptables-proxy", "clean", engine("29.7.2", firewall_backend="iptables")),
    ("engine-29.7.2-iptables-noproxy", "many-ports", engine("29.7.2", firewall_backend="iptables")),
    ("engine-29.7.2-nftables-proxy", "clean", engine("29.7.2", **NFT)),
    ("engine-29.7.2-nftables-noproxy", "many-ports", engine("29.7.2", **NFT)),
    ("engine-29.7.2-nftables-states", "before", engine("29.7.2", **NFT)),
    ("engine-28.5.2-proxy", "clean", engine("", firewall_backend="iptables")),  # a version that does not tell itself
]


@pytest.mark.parametrize("folder, state, one", WHOLE, ids=[f"{row[0]} {row[1]}" for row in WHOLE])
def test_nothing_is_missing(folder, state, one):
    assert docker_chains_state(firewall(folder, state), one) == ()


def missing(folder, state, one, **more):
    return [str(found) for found in docker_chains_state(firewall(folder, state), one, **more)]


NFT_V4 = "(iptables-nft, IPv4)"


def test_all_was_flushed_before_27():
    assert missing("engine-20.10.24-states", "all-flushed", engine("20.10.24")) == [
        f"table nat has no chain DOCKER {NFT_V4}",
        f"nothing in chain PREROUTING of table nat leads to DOCKER {NFT_V4}",
        f"nothing in chain OUTPUT of table nat leads to DOCKER {NFT_V4}",
        f"table filter has no chain DOCKER {NFT_V4}",
        f"table filter has no chain DOCKER-USER {NFT_V4}",
        f"nothing in chain FORWARD of table filter leads to DOCKER-USER {NFT_V4}",
        f"table filter has no chain DOCKER-ISOLATION-STAGE-1 {NFT_V4}",
        f"table filter has no chain DOCKER-ISOLATION-STAGE-2 {NFT_V4}",
        f"nothing in chain FORWARD of table filter leads to DOCKER-ISOLATION-STAGE-1 {NFT_V4}",
    ]


def test_firewalld_was_stopped_and_took_the_chains_along():
    assert len(missing("engine-20.10.24-states", "firewalld-stopped", engine("20.10.24"))) == 9


def test_all_of_ipv4_was_flushed_in_28():
    found = docker_chains_state(firewall("engine-28.5.2-states", "all-flushed"), engine("28.5.2"))

    assert {one.family for one in found} == {"ip"}  # IPv6 chains were left alone
    assert [one.what for one in found if one.id == "missing_jump"] == [
        "nat/PREROUTING > DOCKER",
        "nat/OUTPUT > DOCKER",
        "filter/FORWARD > DOCKER-USER",
        "filter/FORWARD > DOCKER-FORWARD",
        "filter/DOCKER-FORWARD > DOCKER-CT",
        "filter/DOCKER-FORWARD > DOCKER-BRIDGE",
        "filter/DOCKER-FORWARD > DOCKER-ISOLATION-STAGE-1",
    ]


def test_the_ruleset_was_flushed_under_29_with_nftables():
    """The engine goes on publishing: chains come back without the base chains and maps that lead to them."""
    where = "(nft, IPv4)"

    assert missing("engine-29.7.2-nftables-states", "after-flush-and-new-publish", engine("29.7.2", **NFT)) == [
        f"table docker-bridges has no chain filter-FORWARD {where}",
        f"table docker-bridges has no chain nat-PREROUTING {where}",
        f"table docker-bridges has no chain nat-OUTPUT {where}",
        f"table docker-bridges has no chain nat-POSTROUTING {where}",
        f"nothing in chain nat-PREROUTING of table docker-bridges leads to nat-prerouting-and-output {where}",
        f"nothing in chain nat-OUTPUT of table docker-bridges leads to nat-prerouting-and-output {where}",
        f"nothing in chain filter-FORWARD of table docker-bridges leads to filter-forward-in__docker0 {where}",
        f"nothing in chain nat-POSTROUTING of table docker-bridges leads to nat-postrouting-in__docker0 {where}",
        "there is no table docker-bridges (nft, IPv6)",
    ]


def test_no_table_at_all_with_nftables():
    assert missing("", "", engine("29.7.2", **NFT)) == [
        "there is no table docker-bridges (nft, IPv4)",
        "there is no table docker-bridges (nft, IPv6)",
    ]


def without(told, *gone):
    """A firewall that lost some chains and jumps, in every ruleset."""
    return dataclasses.replace(
        told,
        rulesets=tuple(
            dataclasses.replace(
                one,
                chains=tuple(name for name in one.chains if name not in gone),
                jumps=tuple(name for name in one.jumps if name not in gone),
            )
            for one in told.rulesets
        ),
    )


@pytest.mark.parametrize("version, folder, jump", [
    ("20.10.24", "engine-20.10.24-proxy", "filter/FORWARD > DOCKER-USER"),
    ("26.1.5", "engine-26.1.5-proxy", "nat/PREROUTING > DOCKER"),
    ("28.5.2", "engine-28.5.2-proxy", "filter/FORWARD > DOCKER-FORWARD"),
    ("28.5.2", "engine-28.5.2-proxy", "filter/DOCKER-FORWARD > DOCKER-ISOLATION-STAGE-1"),
    ("29.7.2", "engine-29.7.2-iptables-proxy", "filter/DOCKER-FORWARD > DOCKER-INTERNAL"),
])  # fmt: skip
def test_one_jump_is_missing(version, folder, jump):
    found = docker_chains_state(without(firewall(folder, "clean"), jump), engine(version), ipv6=False)

    assert [(one.id, one.family, one.what) for one in found] == [("missing_jump", "ip", jump)]


def test_a_network_that_the_maps_lost():
    jump = "docker-bridges/filter-FORWARD > filter-forward-in__docker0"

    found = docker_chains_state(
        without(firewall("engine-29.7.2-nftables-proxy", "one-port"), jump), engine("29.7.2", **NFT)
    )

    assert [(one.id, one.family, one.what) for one in found] == [("missing_jump", "ip", jump)]


def test_28_0_0_has_chains_of_its_own():
    told = firewall("engine-26.1.5-proxy", "clean")

    assert docker_chains_state(told, engine("28.0.0"), ipv6=False) == ()
    assert docker_chains_state(told, engine("28.0.1"), ipv6=False) != ()


def test_ipv6_counts_from_27_on():
    told = firewall("engine-28.5.2-proxy", "clean")
    lost = dataclasses.replace(
        told,
        rulesets=tuple(
            without(told, "nat/DOCKER").rulesets[i] if one.family == "ip6" else one
            for i, one in enumerate(told.rulesets)
        ),
    )

    assert [one.family for one in docker_chains_state(lost, engine("28.5.2"))] == ["ip6"]
    assert docker_chains_state(lost, engine("28.5.2"), ipv6=False) == ()
    assert docker_chains_state(lost, engine("28.5.2", ip6tables=False)) == ()


def test_an_engine_that_found_no_ip6tables_needs_no_ipv6_chains():
    """It goes on without them. So does one of 26, which writes them only if told to."""
    assert docker_chains_state(firewall("engine-26.1.5-proxy", "clean"), engine("26.1.5", ip6tables=True)) == ()


def test_ipv6_chains_of_26_where_they_were_asked_for():
    both = firewall("engine-26.1.5-proxy", "clean")
    half = tuple(
        dataclasses.replace(one, jumps=("nat/PREROUTING > DOCKER",)) if one.family == "ip6" else one
        for one in both.rulesets
    )

    found = docker_chains_state(Firewall(rulesets=half), engine("26.1.5", ip6tables=True))

    assert {one.family for one in found} == {"ip6"}


def test_the_backend_with_most_of_it_is_measured():
    """Here iptables now means nft, and the engine's rules are in the legacy tables since it started."""
    legacy = [
        dataclasses.replace(
            one, backend={"iptables-nft": "iptables-legacy", "iptables-legacy": "iptables-nft"}.get(one.backend, "nft")
        )
        for one in firewall("engine-26.1.5-proxy", "clean").rulesets
    ]

    assert docker_chains_state(Firewall(rulesets=tuple(legacy), iptables="nf_tables"), engine("26.1.5")) == ()


UNSEEN = [
    # backends that were not seen, the engine, why it is not judged
    ((("iptables-legacy", "ip"),), engine("26.1.5"), "the IPv4 rules of iptables-legacy were not seen"),
    ((("iptables-nft", "ip"), ("iptables-legacy", "ip")), engine("26.1.5"), "the IPv4 rules of iptables-legacy and iptables-nft were not seen"),
    ((("nft", "ip"),), engine("29.7.2", **NFT), "the IPv4 rules of nft were not seen"),
]  # fmt: skip


@pytest.mark.parametrize("unseen, one, why", UNSEEN)
def test_what_may_be_elsewhere_is_not_called_missing(unseen, one, why):
    with pytest.raises(Undecided, match=f"^{why}$"):
        docker_chains_state(firewall("", "", unseen), one)


def test_what_is_there_is_there_whatever_else_was_not_seen():
    told = firewall("engine-26.1.5-proxy", "clean", unseen=(("iptables-legacy", "ip"), ("nft", "ip")))

    assert docker_chains_state(told, engine("26.1.5")) == ()


@pytest.mark.parametrize("one", [
    engine("28.5.2", rootless=True),
    engine("28.5.2", iptables=False),
    engine("28.5.2", state="stopped"),
    engine("28.5.2", operating_system="Docker Desktop"),
    Engine(name="podman", version="5.0.0", pid=7),
    Engine(version="28.5.2", endpoint="tcp://10.0.0.1:2376"),
])  # fmt: skip
def test_engines_that_write_no_rules_here(one):
    assert not writes_rules(one)
    assert docker_chains_state(Firewall(), one) == ()


def test_rules_in_two_backends():
    assert split_backends(firewall("engine-28.5.2-states", "legacy-mixed")) == {
        "ip": ("iptables-legacy", "iptables-nft")
    }
    assert split_backends(firewall("engine-28.5.2-proxy", "clean")) == {}


def test_docker_user_alone_is_no_second_backend():
    """Engine 29 leaves it behind when it is switched to nftables."""
    told = Firewall(rulesets=(
        Ruleset("iptables-nft", "ip", chains=("filter/DOCKER-USER",), jumps=("filter/FORWARD > DOCKER-USER",)),
        Ruleset("nft", "ip", docker_rules=9),
    ))  # fmt: skip

    assert split_backends(told) == {}
