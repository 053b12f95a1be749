# SPDX-License-Identifier: GPL-3.0-or-later
"""Which engines there are on a host, how each is called, and which must not be."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_places import Finder
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_processes import listeners
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_words import (
    ELSEWHERE,
    Made,
    MadeHost,
    table,
)

SOCK = "/run/docker.sock"
USUAL = "unix:///var/run/docker.sock"
BEHIND = "the engine is stopped behind docker.socket and was not woken"
RUN = {"/run": ["docker.sock", "lock"], "/var/run": ["docker.sock", "lock"]}

SYSTEMD = Made(1, "systemd", {10: SOCK})
INIT = Made(1, "systemd")
UNDER_SYSTEMD = Made(
    70, "dockerd", {10: SOCK, 71: "/run/docker/metrics.sock", 72: "/run/docker/libnetwork/ab12.sock"}, ("-H", "fd://")
)
BY_ITSELF = Made(70, "dockerd", {20: "/var/run/docker.sock"})
NAMED = Made(
    70, "dockerd", {20: "/srv/d.sock", 21: "/run/docker.sock"}, ("-H", "unix:///srv/d.sock", "-H", "tcp://0.0.0.0:2375")
)
KIT = Made(400, "rootlesskit", parent=300, user=1000)
KIT_CHILD = Made(401, "rootlesskit", parent=400, network=ELSEWHERE, user=1000)
ROOTLESS = Made(
    410, "dockerd", {30: "/run/user/1000/docker.sock"}, parent=401, network=ELSEWHERE, mounts="mnt:[4]", user=1000
)  # fmt: skip
NESTED = Made(500, "dockerd", {40: SOCK}, network=ELSEWHERE, mounts="mnt:[5]", cgroup="/docker/" + "c" * 64)
IN_CONTAINER = Made(600, "dockerd", {50: "/var/run/docker.sock"}, mounts="mnt:[6]")
OTHER_ENGINE = Made(80, "balena-engine-daemon", {10: SOCK})
DESKTOP = Made(90, "com.docker.backend", {60: "/home/ann/.docker/desktop/docker.sock"})
PODMAN = Made(1, "systemd", {11: "/run/podman/podman.sock"})
TCP_ONLY = Made(70, "dockerd", {72: "/run/docker/libnetwork/ab12.sock"}, ("--host=tcp://[::]:2375",))


def shut(one: Made) -> Made:
    """The same process as a user who may not look into it sees it."""
    return Made(**{**vars(one), "shut": True})


LISTENING = f"SubState=listening\nListen={SOCK} (Stream)\n\nSubState=dead\n"
RUNS = f"SubState=running\nListen={SOCK} (Stream)\n\nSubState=dead\n"

CASES = {
    # what there is                                          endpoint, pid of its engine, why it must not be called
    "nothing": (MadeHost(INIT), []),
    "behind a socket unit, and running": (MadeHost(SYSTEMD, UNDER_SYSTEMD, folders=RUN), [(USUAL, 70, "")]),
    "behind a socket unit, and stopped": (MadeHost(SYSTEMD, folders=RUN), [(USUAL, None, BEHIND)]),
    "listening by itself": (MadeHost(INIT, BY_ITSELF, folders=RUN), [(USUAL, 70, "")]),
    "told another socket": (MadeHost(INIT, NAMED, folders=RUN), [("unix:///srv/d.sock", 70, "")]),
    "without a file for its usual socket": (MadeHost(INIT, BY_ITSELF), [(USUAL, 70, "")]),
    "only on TCP": (MadeHost(INIT, TCP_ONLY), [("tcp://[::1]:2375", 70, "")]),
    "a file that nobody listens on": (MadeHost(INIT, folders=RUN), [(USUAL, None, "")]),
    "an engine of another name": (MadeHost(SYSTEMD, OTHER_ENGINE, folders=RUN), [(USUAL, None, "")]),
    "a container's view of a mounted socket": (MadeHost(Made(1, "sh"), folders=RUN), [(USUAL, None, "")]),
    "rootless": (
        MadeHost(INIT, KIT, KIT_CHILD, ROOTLESS, folders={"/run/user": ["1000"], "/run/user/1000": ["docker.sock"]}),
        [("unix:///run/user/1000/docker.sock", 410, "")],
    ),
    "rootless beside the system's": (
        MadeHost(SYSTEMD, UNDER_SYSTEMD, KIT, KIT_CHILD, ROOTLESS, folders=RUN),
        [(USUAL, 70, ""), ("unix:///run/user/1000/docker.sock", 410, "")],
    ),
    "nested in a container": (MadeHost(INIT, NESTED), []),
    "nested beside a stopped one": (MadeHost(SYSTEMD, NESTED, folders=RUN), [(USUAL, None, BEHIND)]),
    "in a container on this network": (
        MadeHost(INIT, IN_CONTAINER, links={"/proc/600/root/var/run": "/run"}),
        [("unix:///proc/600/root/run/docker.sock", 600, "")],
    ),
    "in a container whose /var/run is a folder": (
        MadeHost(INIT, IN_CONTAINER),
        [("unix:///proc/600/root/var/run/docker.sock", 600, "")],
    ),
    "in a container on this network, beside the system's": (
        MadeHost(SYSTEMD, UNDER_SYSTEMD, IN_CONTAINER, folders=RUN, links={"/proc/600/root/var/run": "../run"}),
        [(USUAL, 70, ""), ("unix:///proc/600/root/run/docker.sock", 600, "")],
    ),
    "in a container on this network, beside a stopped one": (
        MadeHost(SYSTEMD, IN_CONTAINER, folders=RUN, links={"/proc/600/root/var/run": "/run"}),
        [("unix:///proc/600/root/run/docker.sock", 600, ""), (USUAL, None, BEHIND)],
    ),
    "of the host, seen from a network namespace of one's own": (
        MadeHost(Made(**{**vars(SYSTEMD), "network": ELSEWHERE}), Made(**{**vars(UNDER_SYSTEMD), "network": ELSEWHERE}), folders=RUN),
        [],
    ),
    "stopped on the host, seen from a network namespace of one's own": (
        MadeHost(Made(**{**vars(SYSTEMD), "network": ELSEWHERE}), folders=RUN),
        [(USUAL, None, BEHIND)],
    ),
    "Docker Desktop": (
        MadeHost(INIT, DESKTOP, folders={"/home/ann/.docker/desktop": ["docker.sock"]}),
        [("unix:///home/ann/.docker/desktop/docker.sock", None, "")],
    ),
    "podman in Docker's place, and asleep": (
        MadeHost(PODMAN, folders=RUN, links=dict.fromkeys(("/var/run/docker.sock", SOCK), "/run/podman/podman.sock")),
        [(USUAL, None, "the engine is stopped behind podman.socket and was not woken")],
    ),
    "two engines": (
        MadeHost(INIT, BY_ITSELF, Made(75, "dockerd", {25: "/srv/two.sock"}, ("-H=unix:///srv/two.sock",)), folders=RUN),
        [(USUAL, 70, ""), ("unix:///srv/two.sock", 75, "")],
    ),
    "told by its file": (
        MadeHost(INIT, Made(70, "dockerd", {20: "/srv/d.sock", 21: SOCK}), files={"/etc/docker/daemon.json": '{"hosts": ["unix:///srv/d.sock"]}'}),
        [("unix:///srv/d.sock", 70, "")],
    ),
    "to a plain user, running": (
        MadeHost(shut(SYSTEMD), shut(UNDER_SYSTEMD), folders=RUN, units=RUNS),
        [(USUAL, 70, "")],
    ),
    "to a plain user, stopped": (MadeHost(shut(SYSTEMD), folders=RUN, units=LISTENING), [(USUAL, None, BEHIND)]),
    "to a plain user without systemctl, stopped": (MadeHost(shut(SYSTEMD), folders=RUN), [(USUAL, None, BEHIND)]),
    "to a plain user, another engine": (MadeHost(shut(SYSTEMD), shut(OTHER_ENGINE), folders=RUN, units=RUNS), [(USUAL, None, "")]),
    "to a plain user without systemd, beside a nested one": (
        MadeHost(shut(Made(1, "sh")), shut(NESTED), shut(OTHER_ENGINE), folders=RUN),
        [(USUAL, None, "")],
    ),
    "to a plain user, nested beside a stopped one": (
        MadeHost(shut(SYSTEMD), shut(NESTED), folders=RUN, units=LISTENING),
        [(USUAL, None, BEHIND)],
    ),
    "to a plain user, rootless": (
        MadeHost(shut(INIT), shut(KIT), shut(KIT_CHILD), shut(ROOTLESS)),
        [("unix:///run/user/1000/docker.sock", 410, "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("host, expected", CASES.values(), ids=CASES.keys())
def test_where_engines_are(host: MadeHost, expected: t.List[t.Tuple[str, t.Optional[int], str]]) -> None:
    places = Finder(host).all()
    assert [(one.endpoint, one.daemon and one.daemon.pid, one.asleep) for one in places] == expected
    assert host.called == []


NAMED_BY_THE_USER = [
    (MadeHost(SYSTEMD, UNDER_SYSTEMD, folders=RUN), "/var/run/docker.sock", 70, ""),
    (MadeHost(SYSTEMD, UNDER_SYSTEMD, folders=RUN), "/run/docker.sock", 70, ""),
    (MadeHost(SYSTEMD, folders=RUN), "/run/docker.sock", None, BEHIND),
    (MadeHost(INIT, KIT, KIT_CHILD, ROOTLESS), "/run/user/1000/docker.sock", 410, ""),
    (MadeHost(INIT, links={"/srv/docker.sock": "/run/podman/podman.sock"}), "/srv/docker.sock", None, ""),
    (MadeHost(PODMAN, links={"/srv/docker.sock": "../run/podman/podman.sock"}), "/srv/docker.sock", None, ""),
    (MadeHost(INIT, NESTED), SOCK, None, ""),  # the user's own word
    (MadeHost(INIT), "/nowhere/docker.sock", None, ""),
]


@pytest.mark.parametrize("host, path, pid, asleep", NAMED_BY_THE_USER)
def test_what_listens_where_the_user_says(host: MadeHost, path: str, pid: t.Optional[int], asleep: str) -> None:
    place = Finder(host).at(path)
    assert (place.endpoint, place.daemon and place.daemon.pid, place.asleep) == (f"unix://{path}", pid, asleep)


NETWORKS = {
    "this one": (MadeHost(SYSTEMD, UNDER_SYSTEMD, folders=RUN), SOCK, ""),
    "this one's, of another name": (MadeHost(SYSTEMD, OTHER_ENGINE, folders=RUN), "/var/run/docker.sock", ""),
    "a nested engine's": (MadeHost(INIT, PODMAN, NESTED), SOCK, ELSEWHERE),
    "the host's, seen from a network of one's own": (
        MadeHost(INIT, DESKTOP, Made(**{**vars(BY_ITSELF), "network": ELSEWHERE}), folders=RUN),
        SOCK,
        ELSEWHERE,
    ),
    "the host's, mounted into a container": (MadeHost(Made(1, "sh"), folders=RUN), SOCK, "not seen"),
    "the host's, mounted beside a socket of the container's": (MadeHost(DESKTOP, folders=RUN), SOCK, "not seen"),
    "a rootless engine's": (MadeHost(INIT, DESKTOP, KIT, KIT_CHILD, ROOTLESS), "/run/user/1000/docker.sock", ""),
    "no table of sockets": (MadeHost(INIT, files={"/proc/net/unix": ""}, folders=RUN), SOCK, ""),
}


@pytest.mark.parametrize("host, path, network", NETWORKS.values(), ids=NETWORKS.keys())
def test_whose_network_a_socket_is_of(host: MadeHost, path: str, network: str) -> None:
    assert Finder(host).at(path).namespace == network


BY_TCP = [
    (NAMED, "tcp://127.0.0.1:2375", 70),
    (NAMED, "tcp://localhost:2375", 70),
    (NAMED, "tcp://192.0.2.10:2375", 70),
    (TCP_ONLY, "http://[::1]:2375", 70),
    (NAMED, "tcp://127.0.0.1:2376", None),
    (NAMED, "tcp://192.0.2.7:2375", None),  # another host has such an engine, too
    (BY_ITSELF, "tcp://127.0.0.1:2375", None),  # a tunnel, to wherever
    (NAMED, "ssh://root@192.0.2.10", None),
]


@pytest.mark.parametrize("engine, endpoint, pid", BY_TCP)
def test_an_endpoint_by_tcp_is_this_hosts_if_its_engine_listens_there(
    engine: Made, endpoint: str, pid: t.Optional[int]
) -> None:
    place = Finder(MadeHost(INIT, engine, folders=RUN)).by_tcp(endpoint, ("192.0.2.10", "::1"))
    assert (place.endpoint, place.daemon and place.daemon.pid) == (endpoint, pid)


def test_processes_of_others_may_be_hidden() -> None:
    assert Finder(MadeHost(Made(1, "systemd"), Made(70, "sh"), hidepid=True)).hidden
    assert not Finder(MadeHost(Made(1, "systemd"), Made(70, "sh"))).hidden


def test_without_proc_nothing_is_known() -> None:
    with pytest.raises(Unseen) as exc:
        Finder(ReplayHost({}))
    assert exc.value.why == "/proc is not in the recording"


def test_an_engine_that_was_upgraded_while_it_runs() -> None:
    host = MadeHost(INIT, BY_ITSELF, folders=RUN)
    host._links["/proc/70/exe"] = "/usr/bin/dockerd (deleted)"
    assert [one.daemon and one.daemon.pid for one in Finder(host).all()] == [70]


def test_only_what_listens_and_has_a_file_counts() -> None:
    assert listeners(table(SYSTEMD)) == {10: SOCK}
    assert listeners("") == listeners("Num       RefCount Protocol Flags    Type St Inode Path\n") == {}
    line = "ffff9d5c3f0a1100: 00000002 00000000 00010000 0001 01 12345 /run/my sock/with spaces\n"
    assert listeners(line) == {12345: "/run/my sock/with spaces"}
