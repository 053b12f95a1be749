# SPDX-License-Identifier: GPL-3.0-or-later
"""Which processes have which sockets."""

from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.owners import owners_of
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.proc_words import Process, proc

INIT = Process(1, "systemd", 0)


def pids(host, *inodes):
    return {inode: owner.pid for inode, owner in owners_of(host, inodes).found.items()}


SHARED = [
    # case                                    processes, what each has                                    owners
    ("one owner", [INIT, Process(5, sockets=(70, 71))], {70: 5, 71: 5}),
    ("a master and its workers", [INIT, Process(5, sockets=(70,)), Process(6, parent=5, sockets=(70,)), Process(7, parent=5, sockets=(70,))], {70: 5}),
    ("the master has the higher number", [INIT, Process(4, parent=9, sockets=(70,)), Process(9, sockets=(70,))], {70: 9}),
    ("systemd activated it", [Process(1, "systemd", 0, (70,)), Process(5, sockets=(70, 71))], {70: 1, 71: 5}),
    ("three generations", [INIT, Process(5, sockets=(70,)), Process(6, parent=5, sockets=(70, 71)), Process(7, parent=6, sockets=(70, 71))], {70: 5, 71: 6}),
    ("a parent that has it no more", [INIT, Process(5), Process(6, parent=5, sockets=(70,))], {70: 6}),
    ("strangers", [INIT, Process(5, sockets=(70,)), Process(6, sockets=(70,))], {70: 5}),
    ("the same socket twice", [INIT, Process(5, sockets=(70, 70))], {70: 5}),
    ("a number within a number", [INIT, Process(4, sockets=(7, 700)), Process(5, sockets=(70,))], {70: 5}),
]  # fmt: skip


@pytest.mark.parametrize("processes, expected", [row[1:] for row in SHARED], ids=[row[0] for row in SHARED])
def test_who_has_a_socket(processes, expected):
    assert pids(proc(*processes), *expected) == expected


def test_it_ends_as_soon_as_every_socket_is_found():
    host = proc(INIT, Process(5, sockets=(70,)), Process(6, sockets=(71,)), Process(7), Process(8))

    assert pids(host, 70, 71, 0) == {70: 5, 71: 6}
    assert max(host.looked_at) == 6


def test_a_parent_is_looked_at_out_of_turn():
    host = proc(INIT, Process(4, parent=9, sockets=(70,)), Process(5), Process(9, sockets=(70,)))

    assert pids(host, 70) == {70: 9}
    assert 5 not in host.looked_at


def test_no_process_is_looked_at_for_sockets_without_a_file():
    host = proc(INIT, Process(5, sockets=(70,)))

    assert owners_of(host, [0, 0]) == ({}, None)
    assert host.looked_at == []


def test_the_oldest_come_first_after_the_numbers_began_again():
    host = proc(INIT, Process(300), Process(301), Process(32000, sockets=(70,)), Process(32001, parent=32000), last=301)

    assert pids(host, 70) == {70: 32000}
    assert host.looked_at[0] == 32000


def test_processes_of_other_network_namespaces_come_last():
    container = Process(5, namespace="net:[2]", sockets=(71,))
    host = proc(INIT, container, Process(6, sockets=(70,)))

    assert pids(host, 70) == {70: 6}
    assert 5 not in host.looked_at
    assert pids(host, 70, 71) == {70: 6, 71: 5}  # a socket may be handed into another namespace


def test_a_process_that_ends_meanwhile_is_passed_over():
    host = proc(INIT, Process(5, ended=True), Process(6, sockets=(70,)))

    assert owners_of(host, [70]).hidden is None
    assert pids(host, 70) == {70: 6}


HIDDEN = [
    # case                    processes                                                           why
    ("one refuses", [INIT, Process(5, refuses=True)], "a process hides its open files from this user; gather with become: true"),
    ("two refuse", [INIT, Process(5, refuses=True), Process(6, refuses=True)], "2 processes hide their open files from this user; gather with become: true"),
    ("hidepid", [Process(5)], "/proc hides other users' processes (hidepid); gather with become: true"),
    ("the kernel's own socket", [INIT, Process(5)], None),
]  # fmt: skip


@pytest.mark.parametrize("processes, why", [row[1:] for row in HIDDEN], ids=[row[0] for row in HIDDEN])
def test_why_an_owner_is_not_seen(processes, why):
    found, hidden = owners_of(proc(*processes), [70])

    assert found == {}
    assert (str(hidden) if hidden else None) == why


def test_a_refusal_is_no_news_where_every_owner_is_found():
    assert owners_of(proc(Process(3, refuses=True), Process(5, sockets=(70,))), [70]).hidden is None


def test_without_proc_nothing_is_seen():
    with pytest.raises(Unseen, match=r"^/proc is not in the recording$"):
        owners_of(ReplayHost({}), [70])
