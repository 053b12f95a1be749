# SPDX-License-Identifier: GPL-3.0-or-later
"""Section `clients`, from recordings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import clients, inet_diag
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.netlink_words import V4, V6, diag
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.proc_words import Process, proc
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.test_proc_net import HEAD, TCP

INIT = Process(1, "systemd", 0)


def host(focus, tcp=(), udp4=(), udp6=()):
    """A host that was asked for exactly this focus."""
    asked = [
        (inet_diag.tcp(inet_diag.CONNECTIONS, focus), tcp),
        (inet_diag.udp(V4, 1 << 1, focus), udp4),
        (inet_diag.udp(V6, 1 << 1, focus), udp6),
    ]
    told = {f"4:{request.hex()}": [b"".join(answer).hex()] for request, answer in asked}
    return proc(INIT, Process(77, "curl", sockets=(7,)), more={"netlink": told})


def gather(a_host, *focus, evidence=None):
    blind = []
    return clients.probe(a_host, Request(("clients",), focus=focus), evidence or Evidence(), blind), blind


def test_connections_of_the_ports_that_are_asked_for():
    tcp = [
        diag(V4, "192.0.2.10", 40000, 1, "198.51.100.7", 443, uid=1000, inode=7),
        diag(V4, "192.0.2.10", 40000, 6, "198.51.100.7", 444),
        diag(V6, "fd00::5", 40000, 8, "fd00::9", 80, inode=7),
    ]
    udp = [diag(V4, "192.0.2.10", 40000, 1, "192.0.2.53", 53, inode=7)]

    seen, blind = gather(host([(40000, 40000)], tcp, udp), (40000, 40000))

    assert [(s.ip, s.protocol, s.state, s.peer, s.pid, s.command) for s in seen["clients"]] == [
        ("192.0.2.10", "tcp", "time_wait", "198.51.100.7:444", None, ""),
        ("192.0.2.10", "tcp", "established", "198.51.100.7:443", 77, "curl"),
        ("fd00::5", "tcp", "close_wait", "[fd00::9]:80", 77, "curl"),
        ("192.0.2.10", "udp", "established", "192.0.2.53:53", 77, "curl"),
    ]
    assert blind == []


def publication(first, last):
    return Publication("c1", "web", "web", "tcp", first, last, 80)


FOCUS = [
    # asked for                 published                 focus
    ([], [], ()),
    ([(8080, 8080)], [], ("8080",)),
    ([(8000, 8010)], [(8011, 8011)], ("8000-8011",)),
    ([(90, 90), (80, 80)], [(80, 80)], ("80", "90")),
    ([(1, 100)], [(50, 60), (100, 200)], ("1-200",)),
    ([], [(0, 0)], ()),  # the engine chooses
]  # fmt: skip


@pytest.mark.parametrize("asked, published, expected", FOCUS)
def test_the_focus_is_what_is_asked_for_and_what_is_published(asked, published, expected):
    evidence = Evidence(publications=tuple(publication(*ports) for ports in published))
    numbers = [(int(first), int(last or first)) for first, _dash, last in (text.partition("-") for text in expected)]

    seen, _blind = gather(host(numbers), *asked, evidence=evidence)

    assert seen == {"clients": (), "focus": expected}


def test_the_focus_is_part_of_the_document():
    evidence = collect(host([(8080, 8080)]), Request(("clients",), focus=((8080, 8080),)))

    assert (evidence.clients, evidence.focus, evidence.blind) == ((), ("8080",), ())


def test_nothing_is_asked_for_without_a_focus():
    assert gather(proc(INIT))[0] == {"clients": (), "focus": ()}


def test_many_connections_of_one_port_are_cut_and_counted():
    tcp = [diag(V4, "192.0.2.10", 443, 1, "198.51.100.7", 1024 + i, inode=7) for i in range(100)]
    tcp += [diag(V4, "192.0.2.11", 443, 1, "198.51.100.7", 1024 + i, inode=7) for i in range(64)]

    seen, blind = gather(host([(443, 443)], tcp), (443, 443))

    assert [sum(s.ip == ip for s in seen["clients"]) for ip in ("192.0.2.10", "192.0.2.11")] == [64, 64]
    why = "at most 64 connections from one address and port are reported"
    assert blind == [Blind("clients", why, part="36 more connections", hides=False)]


def test_hidden_owners_are_counted():
    told = host([(80, 80)], [diag(V4, "192.0.2.1", 80, 1, "192.0.2.2", 9, inode=3)])._recording["netlink"]
    a_host = proc(INIT, Process(5, refuses=True), more={"netlink": told})

    _seen, blind = gather(a_host, (80, 80))

    why = "a process hides its open files from this user"
    assert blind == [Blind("clients", why, "gather with become: true", part="owners of 1 socket", hides=False)]


def test_where_netlink_is_refused_proc_net_serves():
    read = {"/proc/net/tcp": TCP, "/proc/net/udp": HEAD}
    a_host = proc(INIT, more={"names": {"/proc/net": ["tcp", "udp"]}, "read": read})

    seen, _blind = gather(a_host, (40000, 40000))

    assert [(s.ip, s.port, s.state, s.peer) for s in seen["clients"]] == [
        ("127.0.0.1", 40000, "established", "127.0.0.1:8080")
    ]


def test_nothing_is_seen_where_neither_tells():
    with pytest.raises(Unseen, match=r"^/proc/net/tcp: no such file$"):
        gather(proc(INIT, more={"names": {"/proc/net": []}}), (80, 80))


pairs = st.tuples(st.integers(1, 65535), st.integers(0, 300)).map(lambda one: (one[0], min(65535, one[0] + one[1])))


@given(st.lists(pairs, max_size=90))
def test_merging_keeps_the_ports_and_leaves_gaps_between(ranges):
    merged = list(clients.merged(ranges))

    assert {p for first, last in merged for p in range(first, last + 1)} == {
        p for a, b in ranges for p in range(a, b + 1)
    }
    assert all(after[0] > before[1] + 1 for before, after in zip(merged, merged[1:]))


@given(st.lists(pairs, max_size=90), st.integers(1, 20))
def test_coarser_ranges_hold_all_ports_and_are_few(ranges, most):
    merged = list(clients.merged(ranges))

    few = clients.coarser(merged, most)

    assert len(few) == min(most, len(merged))
    assert all(any(first <= a and b <= last for first, last in few) for a, b in merged)


def test_the_smallest_gaps_are_closed_first():
    assert clients.coarser([(1, 1), (3, 3), (100, 100), (150, 160)], 2) == [(1, 3), (100, 160)]


def test_ports_between_the_asked_ones_are_dropped_again():
    many = [(port, port) for port in range(1, 400, 3)]
    asked = clients.coarser(many, 64)
    between = diag(V4, "192.0.2.1", many[-1][0] - 1, 1, "192.0.2.2", 9)
    wanted = diag(V4, "192.0.2.1", many[-1][0], 1, "192.0.2.2", 9)

    seen, _blind = gather(host(asked, [between, wanted]), *many)

    assert [s.port for s in seen["clients"]] == [many[-1][0]]
