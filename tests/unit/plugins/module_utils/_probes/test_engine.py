# SPDX-License-Identifier: GPL-3.0-or-later
"""Sections `engine`, `containers`, `publications` and `endpoints`: what is asked, and what bad luck leaves of them."""

from __future__ import annotations

import json
import pathlib
import time
import typing as t

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address, Kernel
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import engine as section
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_recordings import (
    entry,
    inspect,
    port,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_words import Made, MadeHost
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_engine import (
    FakeEngine,
    Reply,
    Route,
    short_path,
)

ALL = ("sockets", "engine", "containers", "publications", "endpoints", "nat")
SOCK = "/run/docker.sock"
USUAL = "unix:///var/run/docker.sock"
A, B, C = "a" * 64, "b" * 64, "c" * 64
INFO = {"ID": "x1", "ServerVersion": "28.5.2", "DockerRootDir": "/var/lib/docker"}
LIST = "/containers/json?all=1"
RUN = {"/run": ["docker.sock"], "/var/run": ["docker.sock"]}
DAEMON = (Made(1, "systemd", {10: SOCK}), Made(70, "dockerd", {10: SOCK}, ("-H", "fd://")))
BECOME = "gather with become: true"
WEB = entry("web", ports=[port("0.0.0.0", 80, 8080)], identity=A)
OLD = entry("old", "exited", identity=B)
OLDER = entry("older", "created", identity=C)
ASKS = {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}


class Gathered(t.NamedTuple):
    sections: t.Dict[str, t.Any]
    blind: t.List[Blind]

    def ports(self) -> t.List[str]:
        """Every publication in one line."""
        return [
            f"{one.name} {'has' if one.actual else 'asks'} {one.ip}:{one.first}-{one.last}"
            for one in self.sections["publications"]
        ]

    def unseen(self) -> t.List[t.Tuple[str, bool]]:
        return [(str(one), one.hides) for one in self.blind]


def gather(
    host: t.Any, docker_host: t.Optional[str] = None, sections: t.Tuple[str, ...] = ALL, kernel: t.Any = None
) -> Gathered:
    blind: t.List[Blind] = []
    request = Request(sections, docker_host=docker_host)
    return Gathered(section.probe(host, request, Evidence(kernel=kernel), blind), blind)


def answers(**routes: t.Any) -> t.Callable[[str, str], Answer]:
    """An engine with these containers, networks, ...; `info` and `list` are words for two of its paths."""

    def api(_endpoint: str, path: str) -> Answer:
        known = {"/info": routes.get("info", INFO), LIST: routes.get("list", [])}
        reply = {**known, **routes.get("paths", {})}.get(path)
        if isinstance(reply, Exception):
            raise reply
        if isinstance(reply, Answer):
            return reply
        return Answer(404, '{"message":"page not found"}') if reply is None else Answer(200, json.dumps(reply))

    return api


def test_two_calls_and_one_for_each_container_that_does_not_run() -> None:
    details = {f"/containers/{B}/json": inspect(bindings=ASKS), f"/containers/{C}/json": inspect("created")}
    paused = {**WEB, "State": "paused"}
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[paused, OLD, OLDER], paths=details))
    found = gather(host)
    assert host.called == [f"{USUAL} {path}" for path in ("/info", LIST, *details)]
    assert found.ports() == ["web has 0.0.0.0:8080-8080", "old asks :8080-8080"]
    assert [one.restart for one in found.sections["containers"]] == ["", "always", "always"]


def test_only_the_sections_that_somebody_wants_are_asked_for() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[OLD]))
    found = gather(host, sections=("engine",))
    assert host.called == [f"{USUAL} /info"]
    assert [(one.version, one.pid, one.unit) for one in found.sections["engine"]] == [("28.5.2", 70, "")]


def test_running_containers_say_what_they_are_configured_for_in_the_engines_own_files() -> None:
    folder = "/var/lib/docker/containers"
    config = {
        "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8000-8100"}]},
        "RestartPolicy": {"Name": "always"},
    }
    files = {f"{folder}/{A}/hostconfig.json": json.dumps(config)}
    host = MadeHost(*DAEMON, folders={**RUN, folder: [A]}, files=files, api=answers(list=[WEB]))
    found = gather(host)
    assert found.ports() == ["web has 0.0.0.0:8080-8080", "web asks :8000-8100"]
    assert found.sections["containers"][0].restart == "always"
    assert found.blind == []


def test_where_those_files_cannot_be_read_it_says_so() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[WEB]))
    why = "/var/lib/docker/containers: no such file or directory"
    assert gather(host).unseen() == [
        (f"what running containers are configured to ask for: {why}", False),
        (f"restart policies of running containers: {why}", False),
    ]


def test_a_container_that_is_removed_between_list_and_inspect_says_less() -> None:
    gone = {f"/containers/{B}/json": Answer(404, '{"message":"No such container: old"}')}
    host = MadeHost(
        *DAEMON,
        folders=RUN,
        api=answers(list=[OLD, OLDER], paths={**gone, f"/containers/{C}/json": inspect(bindings=ASKS)}),
    )
    found = gather(host)
    assert [(one.name, one.state) for one in found.sections["containers"]] == [("old", "exited"), ("older", "exited")]
    assert found.ports() == ["older asks :8080-8080"]
    assert found.blind == []


def test_a_container_that_starts_between_list_and_inspect_has_what_its_inspect_says() -> None:
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}]}
    networks = {"bridge": {"IPAddress": "172.17.0.9", "IPPrefixLen": 16}}
    now = inspect("running", ASKS, NetworkSettings={"Ports": ports, "Networks": networks})
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[OLD], paths={f"/containers/{B}/json": now}))
    found = gather(host)
    assert found.ports() == ["old has 0.0.0.0:8080-8080", "old asks :8080-8080"]
    assert found.sections["containers"][0].addresses == ("172.17.0.9",)
    assert [one.subnet for one in found.sections["endpoints"]] == ["172.17.0.0/16"]


ODD_INSPECTS = [
    (Answer(500, '{"message":"engine is on fire"}'), "was answered with 500: engine is on fire; see the engine's log"),
    (Answer(200, "<html>"), "was answered with what is no JSON: '<html>'"),
    (Answer(200, "[]"), "was answered with list: expected dict; see the engine's log"),
    (Unseen("it did not answer within 5 s", "raise timeout"), None),
]


@pytest.mark.parametrize("reply, reason", ODD_INSPECTS, ids=["500", "html", "list", "hangs"])
def test_an_inspect_that_fails_costs_one_record(reply: t.Any, reason: t.Optional[str]) -> None:
    details = {f"/containers/{B}/json": reply, f"/containers/{C}/json": inspect(bindings=ASKS)}
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[OLD, OLDER, WEB], paths=details))
    found = gather(host)
    hangs = reason is None
    assert found.ports() == (
        ["web has 0.0.0.0:8080-8080"] if hangs else ["older asks :8080-8080", "web has 0.0.0.0:8080-8080"]
    )
    names = "old, older" if hangs else "old"
    why = "it did not answer within 5 s; raise timeout" if hangs else f"{USUAL}: GET /containers/{B}/json {reason}"
    assert found.unseen()[0] == (f"what containers that do not run ask for ({names}): {why}", True)
    assert len(host.called) == (3 if hangs else 4)  # whoever hangs is not asked again


def test_its_own_files_stand_in_for_an_inspect_that_fails() -> None:
    folder = "/var/lib/docker/containers"
    files = {f"{folder}/{B}/hostconfig.json": json.dumps({"PortBindings": ASKS})}
    paths = {f"/containers/{B}/json": Answer(500, "")}
    host = MadeHost(*DAEMON, folders={**RUN, folder: [B]}, files=files, api=answers(list=[OLD], paths=paths))
    found = gather(host)
    assert (found.ports(), found.blind) == (["old asks :8080-8080"], [])


def test_what_is_no_container_is_counted() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[7, {"Id": "../x"}, {**WEB, "State": "exited"}]))
    found = gather(host)
    assert len(found.sections["containers"]) == 1
    why = "the engine lists what is no container; see the engine's log"
    assert found.unseen() == [(f"2 containers of {USUAL}: {why}", True)]


ODD_LISTS = [
    (Answer(500, '{"message":"no"}'), f"{USUAL}: GET {LIST} was answered with 500: no; see the engine's log"),
    (Answer(200, "{}"), f"{USUAL}: GET {LIST} was answered with dict: expected list; see the engine's log"),
    (Answer(200, ""), f"{USUAL}: GET {LIST} was answered with what is no JSON: ''"),
    (Unseen("it hangs"), "it hangs"),
]


@pytest.mark.parametrize("reply, reason", ODD_LISTS, ids=["500", "dict", "empty", "hangs"])
def test_without_a_list_there_are_no_containers_to_tell_of(reply: t.Any, reason: str) -> None:
    found = gather(MadeHost(*DAEMON, folders=RUN, api=answers(list=reply)))
    assert list(found.sections) == ["engine"]
    assert found.sections["engine"][0].version == "28.5.2"
    assert found.unseen() == [(f"{name}: {reason}", True) for name in ("containers", "publications", "endpoints")]


def test_no_engine() -> None:
    found = gather(MadeHost(Made(1, "systemd")))
    assert found.sections == {"engine": (), "containers": (), "publications": (), "endpoints": ()}
    why = "no Docker engine found: no dockerd runs for this network, and there is no socket of one"
    see = "install and start Docker, or name its endpoint in docker_host"
    assert found.unseen() == [(f"any engine: {why}; {see}", False)]


def test_an_engine_behind_a_socket_unit_is_not_woken() -> None:
    host = MadeHost(Made(1, "systemd", {10: SOCK}), folders=RUN)
    found = gather(host)
    assert [(one.endpoint, one.state) for one in found.sections["engine"]] == [(USUAL, "stopped")]
    why = "the engine is stopped behind docker.socket and was not woken; start docker.service"
    assert found.unseen() == [(f"{name}: {why}", True) for name in ("containers", "publications", "endpoints")]
    assert host.called == []


def test_a_socket_whose_file_was_left(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "docker.sock"
    path.write_text("")
    host = MadeHost(Made(1, "systemd"), api=EngineApi(5).get)
    found = gather(host, f"unix://{path}")
    assert [one.state for one in found.sections["engine"]] == ["stopped"]
    assert str(found.blind[0]) == f"containers: nobody listens on unix://{path}; start the engine"


def test_a_user_who_may_not_ask_sees_the_process() -> None:
    api = answers(info=Refused(f"{USUAL}: permission denied", BECOME))
    found = gather(MadeHost(*DAEMON, folders=RUN, api=api))
    assert [(one.state, one.pid, one.version) for one in found.sections["engine"]] == [("running", 70, "")]
    assert found.unseen() == [
        (f"version of {USUAL}: {USUAL}: permission denied; {BECOME}", True),
        *(
            (f"{name}: {USUAL}: permission denied; {BECOME}", True)
            for name in ("containers", "publications", "endpoints")
        ),
    ]


def test_an_engine_whose_process_is_not_seen_either_is_unknown() -> None:
    api = answers(info=Refused(f"{USUAL}: permission denied", BECOME))
    found = gather(MadeHost(Made(1, "sh"), folders=RUN, api=api))
    assert [one.state for one in found.sections["engine"]] == ["unknown"]


def test_an_endpoint_that_the_user_named_and_that_is_not_there() -> None:
    with pytest.raises(Unseen) as exc:
        gather(MadeHost(Made(1, "sh"), api=EngineApi(5).get), "unix:///nowhere/docker.sock")
    assert exc.value.why == "unix:///nowhere/docker.sock: no such file or directory"


def test_the_engine_of_the_user_is_the_only_one() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers())
    found = gather(host, "tcp://192.0.2.7:2376")
    assert host.called == [f"tcp://192.0.2.7:2376 {path}" for path in ("/info", LIST)]
    assert [(one.endpoint, one.pid) for one in found.sections["engine"]] == [("tcp://192.0.2.7:2376", None)]


TWO = (
    Made(1, "systemd"),
    Made(70, "dockerd", {20: SOCK}),
    Made(75, "dockerd", {25: "/srv/two.sock"}, ("-H", "unix:///srv/two.sock")),
)


@pytest.mark.parametrize(
    "processes, endpoint, others",
    [
        (TWO, "unix:///srv/two.sock", True),
        (TWO, "tcp://192.0.2.7:2376", True),
        (TWO[:2], USUAL, False),
        ((Made(1, "sh"), Made(70, "dockerd", {20: SOCK}, mounts="mnt:[9]")), USUAL, False),  # seen from a container
        (TWO[:2], "tcp://192.0.2.7:2376", True),
    ],
)
def test_that_others_were_not_asked_is_said(processes: t.Tuple[Made, ...], endpoint: str, others: bool) -> None:
    """What is theirs looks left over otherwise."""
    found = gather(MadeHost(*processes, folders=RUN, api=answers()), endpoint)
    said = f"containers of other engines: only {endpoint} was asked; leave out docker_host"
    assert found.unseen() == ([(said, True)] if others else [])


def test_one_engine_of_several_that_fails_leaves_the_others() -> None:
    def api(endpoint: str, path: str) -> Answer:
        if "two" in endpoint:
            raise Unseen(f"{endpoint} did not answer within 5 s", "raise timeout")
        return answers(list=[WEB])(endpoint, path)

    found = gather(MadeHost(*TWO, folders=RUN, api=api))
    assert [(one.endpoint, one.version) for one in found.sections["engine"]] == [
        (USUAL, "28.5.2"),
        ("unix:///srv/two.sock", ""),
    ]
    assert found.ports() == ["web has 0.0.0.0:8080-8080"]
    hung = "unix:///srv/two.sock did not answer within 5 s; raise timeout"
    told = [one for one in found.unseen() if "two" in one[0]]
    assert told == [
        (f"version of unix:///srv/two.sock: {hung}", True),
        *((f"{name} of unix:///srv/two.sock: {hung}", True) for name in ("containers", "publications", "endpoints")),
    ]


@pytest.mark.parametrize(
    "folders, count",
    [(("/var/lib/docker", "/var/lib/docker"), 1), (("/var/lib/docker", "/srv/docker"), 2)],
    ids=["one engine", "two with one id"],
)
def test_an_engine_that_is_reached_in_two_ways_is_one(folders: t.Tuple[str, str], count: int) -> None:
    """Two engines up to 24 that share /etc/docker have one id."""

    def api(endpoint: str, path: str) -> Answer:
        info = {**INFO, "DockerRootDir": folders["two" in endpoint]}
        return answers(info=info, list=[WEB])(endpoint, path)

    found = gather(MadeHost(*TWO, folders=RUN, api=api))
    assert len(found.sections["engine"]) == len(found.sections["containers"]) == count


def test_hidden_processes_may_be_engines() -> None:
    found = gather(MadeHost(Made(1, "systemd"), Made(70, "sh"), hidepid=True))
    see = f"engines of other users: /proc hides the processes of other users; {BECOME}"
    assert found.unseen()[0] == (see, True)


def test_settings_that_this_user_may_not_read() -> None:
    class Closed(MadeHost):
        def read(self, path: str) -> str:
            if path == "/etc/docker/daemon.json":
                raise Refused(f"{path}: permission denied", BECOME)
            return super().read(path)

    found = gather(Closed(*DAEMON, folders=RUN, api=answers()))
    why = f"/etc/docker/daemon.json: permission denied; {BECOME}"
    assert found.unseen() == [(f"settings of {USUAL}: {why}", False)]


SWARM = {**INFO, "Swarm": {"LocalNodeState": "active", "ControlAvailable": True}}
SERVICE = {
    "ID": "s1",
    "Spec": {"Name": "web"},
    "Endpoint": {"Ports": [{"PublishedPort": 80, "TargetPort": 80, "Protocol": "tcp"}]},
}


def test_a_swarm_manager_knows_the_services() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers(info=SWARM, paths={"/services": [SERVICE]}))
    found = gather(host)
    assert host.called == [f"{USUAL} {path}" for path in ("/info", LIST, "/services")]
    assert [(one.kind, one.name, one.first) for one in found.sections["publications"]] == [("service", "web", 80)]


def test_services_that_are_not_told() -> None:
    reply = Answer(503, '{"message":"This node is not a swarm manager."}')
    found = gather(MadeHost(*DAEMON, folders=RUN, api=answers(info=SWARM, paths={"/services": reply})))
    why = f"{USUAL}: GET /services was answered with 503: This node is not a swarm manager.; see the engine's log"
    assert found.unseen() == [(f"swarm services: {why}", True)]


def test_addresses_are_on_the_bridge_that_has_their_gateways() -> None:
    networks = {
        "shop": {"IPAddress": "172.18.0.2", "IPPrefixLen": 16, "Gateway": "172.18.0.1",
                 "GlobalIPv6Address": "fd00::2", "GlobalIPv6PrefixLen": 64, "IPv6Gateway": "fd00::1"},
        "none": {"IPAddress": ""},
    }  # fmt: skip
    kernel = Kernel(addresses=(Address("172.18.0.1", 16, "br-shop"), Address("fd00::1", 64, "br-shop")))
    web = {**WEB, "NetworkSettings": {"Networks": networks}}
    found = gather(MadeHost(*DAEMON, folders=RUN, api=answers(list=[web])), kernel=kernel)
    told = [(one.network, one.bridge, one.subnet, one.container, one.ip) for one in found.sections["endpoints"]]
    assert told == [
        ("shop", "br-shop", "172.18.0.0/16", A, "172.18.0.2"),
        ("shop", "br-shop", "fd00::/64", A, "fd00::2"),
    ]


def test_bridges_of_a_rootless_engine_are_not_this_hosts() -> None:
    web = {
        **WEB,
        "NetworkSettings": {
            "Networks": {"bridge": {"IPAddress": "172.17.0.2", "IPPrefixLen": 16, "Gateway": "172.17.0.1"}}
        },
    }
    kit = Made(400, "rootlesskit", user=1000)
    rootless = Made(410, "dockerd", {30: "/run/user/1000/docker.sock"}, parent=400, network="net:[2]", user=1000)
    host = MadeHost(Made(1, "systemd"), kit, rootless, api=answers(list=[web]))
    found = gather(host, kernel=Kernel(addresses=(Address("172.17.0.1", 16, "docker0"),)))
    assert [(one.bridge, one.ip) for one in found.sections["endpoints"]] == [("", "172.17.0.2")]


NETWORKS = {
    "/networks": [
        {"Name": "bridge", "Id": "n" * 64, "Driver": "bridge", "Options": {"com.docker.network.bridge.name": "docker0"},
         "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}},
        {"Name": "host", "Id": "h" * 64, "Driver": "host"},
    ],
    f"/networks/{'n' * 64}": {
        "Name": "bridge", "Id": "n" * 64, "Driver": "bridge", "Options": {"com.docker.network.bridge.name": "docker0"},
        "Containers": {A: {"Name": "web", "IPv4Address": "172.17.0.2/16"}, "ep-1": {"Name": "lost", "IPv4Address": "172.17.0.7/16"}},
    },
}  # fmt: skip


def test_networks_are_asked_for_where_nothing_else_would_tell_whether_they_matter() -> None:
    host = MadeHost(*DAEMON, folders=RUN, api=answers(list=[WEB], paths=NETWORKS))
    found = gather(host, sections=("endpoints",))
    assert host.called == [f"{USUAL} {path}" for path in ("/info", LIST, *NETWORKS)]
    assert [(one.name, one.ip, one.container, one.bridge) for one in found.sections["endpoints"]] == [
        ("", "", "", "docker0"),
        ("web", "172.17.0.2", A, "docker0"),
        ("lost", "172.17.0.7", "", "docker0"),
    ]


def test_environment_variables_are_in_nothing() -> None:
    paths = {f"/containers/{B}/json": inspect(bindings=ASKS)}
    found = gather(MadeHost(*DAEMON, folders=RUN, api=answers(list=[OLD], paths=paths)))
    assert "secret" not in repr(found)


@pytest.fixture()
def place() -> t.Iterator[str]:
    with short_path() as path:
        yield path


@pytest.mark.parametrize("hangs", ["/info", LIST, f"/containers/{B}/json"])
def test_an_engine_that_hangs_costs_one_timeout(place: str, hangs: str) -> None:
    routes: t.Dict[str, Route] = {"/info": Reply(INFO), LIST: Reply([OLD, OLDER, WEB], chunked=True)}
    details = {f"/containers/{one}/json": Reply(inspect(bindings=ASKS)) for one in (B, C)}
    with FakeEngine(place, {**routes, **details}) as fake:
        fake._routes = {**fake._routes, hangs: fake.hang}
        start = time.monotonic()
        try:
            found = gather(MadeHost(Made(1, "sh"), api=EngineApi(1.5).get), fake.endpoint)
            assert found.blind
        except Unseen as exc:
            assert (hangs, exc.why) == ("/info", f"{fake.endpoint} did not answer within 1.5 s")
        assert time.monotonic() - start < 3  # two would have cost
