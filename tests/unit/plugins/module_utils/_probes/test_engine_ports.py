# SPDX-License-Identifier: GPL-3.0-or-later
"""Published ports out of documents of engines 20.10, 26.1, 28.5 and 29.7, and out of nonsense."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Publication
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_documents import container_of, with_detail
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_ports import (
    bound,
    configured,
    listed,
    of_services,
)
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_recordings import (
    API,
    ENDPOINT,
    INSPECTED,
    document,
    entry,
    port,
)

WEB = Container("a" * 64, "web", ENDPOINT)


def words(publications: t.Iterable[Publication]) -> t.List[str]:
    """The way people read them; what the engine has beside what was asked for."""
    found = []
    for one in publications:
        ip = f"[{one.ip}]" if ":" in one.ip else one.ip
        host = str(one.first) if one.first == one.last else f"{one.first}-{one.last}"
        any_of = "any of " if one.choice == "any" else ""
        found.append(f"{'has' if one.actual else 'asks'} {any_of}{ip}:{host}:{one.target}/{one.protocol}")
    return found


ASKED = [
    # HostConfig.PortBindings                                             what the container asks for
    ({"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}, ["asks :8080:80/tcp"]),
    ({"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "8080"}]}, ["asks 127.0.0.1:8080:80/tcp"]),
    ({"80/tcp": [{"HostIp": "::1", "HostPort": "8080"}]}, ["asks [::1]:8080:80/tcp"]),
    ({"80/tcp": [{"HostIp": "0:0:0:0:0:0:0:1", "HostPort": "80"}]}, ["asks [::1]:80:80/tcp"]),
    ({"53/udp": [{"HostIp": "", "HostPort": "53"}]}, ["asks :53:53/udp"]),
    ({"9/sctp": [{"HostIp": "", "HostPort": "9"}]}, ["asks :9:9/sctp"]),
    ({"80/TCP": [{"HostIp": "", "HostPort": "80"}]}, ["asks :80:80/tcp"]),
    ({"80": [{"HostIp": "", "HostPort": "8080"}]}, ["asks :8080:80/tcp"]),
    ({"80/tcp": [{"HostIp": "", "HostPort": ""}]}, ["asks :0:80/tcp"]),
    ({"80/tcp": [{"HostIp": "", "HostPort": "0"}]}, ["asks :0:80/tcp"]),
    ({"80/tcp": []}, ["asks :0:80/tcp"]),  # engines fill it in at the start
    ({"80/tcp": None}, ["asks :0:80/tcp"]),
    ({"80/tcp": [{"HostIp": "", "HostPort": "8000-8010"}]}, ["asks any of :8000-8010:80/tcp"]),
    ({"80/tcp": [{"HostIp": "", "HostPort": "8000-8000"}]}, ["asks :8000:80/tcp"]),
    (
        {"80/tcp": [{"HostIp": "", "HostPort": "8080"}, {"HostIp": "127.0.0.1", "HostPort": "8081"}]},
        ["asks :8080:80/tcp", "asks 127.0.0.1:8081:80/tcp"],
    ),
    ({f"{n}/tcp": [{"HostIp": "", "HostPort": str(n)}] for n in range(9000, 9100)}, ["asks :9000-9099:9000/tcp"]),
    (
        {"9000/tcp": [{"HostIp": "", "HostPort": "9000"}], "9001/udp": [{"HostIp": "", "HostPort": "9001"}]},
        ["asks :9000:9000/tcp", "asks :9001:9001/udp"],
    ),
    (
        {"9000/tcp": [{"HostIp": "", "HostPort": "9000"}], "9001/tcp": [{"HostIp": "10.0.0.1", "HostPort": "9001"}]},
        ["asks :9000:9000/tcp", "asks 10.0.0.1:9001:9001/tcp"],
    ),
    ({"80/tcp": [{"HostIp": "", "HostPort": "9100"}, {"HostIp": "", "HostPort": "9101"}]}, ["asks :9100:80/tcp", "asks :9101:80/tcp"]),
    (
        {"80/tcp": [{"HostIp": "", "HostPort": "8000-8001"}], "81/tcp": [{"HostIp": "", "HostPort": "8002"}]},
        ["asks any of :8000-8001:80/tcp", "asks :8002:81/tcp"],
    ),
    (
        {"80/tcp": [{"HostIp": "", "HostPort": "8000-8001"}], "82/tcp": [{"HostIp": "", "HostPort": "8002-8003"}]},
        ["asks any of :8000-8001:80/tcp", "asks any of :8002-8003:82/tcp"],
    ),
    ({"80/tcp": [{"HostIp": "localhost", "HostPort": "8080"}]}, ["asks :8080:80/tcp"]),  # as engines take it
    ({"80/quic": [{"HostIp": "", "HostPort": "8080"}]}, []),
    ({"eighty": [{"HostIp": "", "HostPort": "8080"}]}, []),
    ({"80/tcp": [{"HostIp": "", "HostPort": "70000"}]}, []),
    ({"80/tcp": [{"HostIp": "", "HostPort": "8010-8000"}]}, []),
    ({"80/tcp": ["8080"]}, ["asks :0:80/tcp"]),
    ({"80/tcp": "8080"}, ["asks :0:80/tcp"]),
    (None, []),
    ("none", []),
]  # fmt: skip


@pytest.mark.parametrize("bindings, expected", ASKED)
def test_what_a_container_asks_for(bindings: t.Any, expected: t.List[str]) -> None:
    assert words(configured({"PortBindings": bindings}, (), WEB)) == expected


def test_publish_all_asks_for_every_exposed_port_that_is_not_published_by_name() -> None:
    config = {"PublishAllPorts": True, "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}
    asked = configured(config, ["80/tcp", "443/tcp", "53/udp"], WEB)
    assert words(asked) == ["asks :0:443/tcp", "asks :8080:80/tcp", "asks :0:53/udp"]


@pytest.mark.parametrize("mode", ["host", "none", "container:abc"])
def test_an_engine_ignores_published_ports_in_some_network_modes(mode: str) -> None:
    config = {"PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}}
    assert configured(config, (), Container("a", "web", network_mode=mode)) == ()


HAS = [
    ([port("0.0.0.0", 80, 8080), port("::", 80, 8080)], ["has 0.0.0.0:8080:80/tcp", "has [::]:8080:80/tcp"]),
    ([{"PrivatePort": 80, "Type": "tcp"}], []),  # exposed, and not published
    ([port("0.0.0.0", n) for n in (9001, 9000, 9002)], ["has 0.0.0.0:9000-9002:9000/tcp"]),
    ([port("0.0.0.0", 80, 8080)] * 2, ["has 0.0.0.0:8080:80/tcp"]),
    ([{"PublicPort": 8080, "PrivatePort": 80, "Type": "tcp"}], ["has :8080:80/tcp"]),
    ([{"IP": "0.0.0.0", "PublicPort": 8080}], ["has 0.0.0.0:8080:0/tcp"]),
    ([port("0.0.0.0", 80, 65536), port("0.0.0.0", 80, -1), port("0.0.0.0", 80, True), 7, None, "x"], []),  # type: ignore[list-item]
]  # fmt: skip


@pytest.mark.parametrize("ports, expected", HAS)
def test_what_a_running_container_has(ports: t.List[t.Any], expected: t.List[str]) -> None:
    assert words(listed(entry(ports=ports), WEB)) == expected


LISTED = {
    "web": ["has 0.0.0.0:8080:80/tcp", "has [::]:8080:80/tcp"],
    "lo": ["has 127.0.0.1:8081:80/tcp"],
    "udp": ["has 0.0.0.0:8053:53/udp", "has [::]:8053:53/udp"],
    "rng": ["has 0.0.0.0:9000-9002:9000/tcp", "has [::]:9000-9002:9000/tcp"],
    "rnd": ["has 0.0.0.0:32768:80/tcp", "has [::]:32768:80/tcp"],
    "v6only": ["has [::1]:8082:80/tcp"],
    "hostnet": [],
    "paused": ["has 0.0.0.0:8090:80/tcp", "has [::]:8090:80/tcp"],
}


@pytest.mark.parametrize("version", API)
def test_lists_of_real_engines(version: str) -> None:
    entries = document(f"{version}-api", "many-ports", "api-containers")
    found = [(one, container_of(one, ENDPOINT)) for one in entries]
    running = {c.name: words(listed(one, c)) for one, c in found if c and c.state in ("running", "paused")}
    assert {name: ports for name, ports in running.items() if name != "rnd"} == {
        name: ports for name, ports in LISTED.items() if name != "rnd"
    }
    assert len(running["rnd"]) == 2


@pytest.mark.parametrize("version", API)
def test_a_list_and_an_inspect_of_one_engine_tell_the_same(version: str) -> None:
    entries = document(f"{version}-api", "many-ports", "api-containers")
    details = {one["Id"]: one for one in document(f"{version}-api", "many-ports", "docker-inspect")}
    for one in entries:
        container = container_of(one, ENDPOINT)
        assert container
        if container.state in ("running", "paused"):
            assert listed(one, container) == bound(details[container.id], container)


@pytest.mark.parametrize("variant", INSPECTED)
def test_inspects_of_real_engines(variant: str) -> None:
    found = {}
    for one in document(variant, "many-ports", "docker-inspect"):
        container = with_detail(Container(one["Id"], one["Name"][1:]), one)
        found[container.name] = words(bound(one, container))
    known = {name: LISTED[name] for name in found if name in LISTED and name != "rnd"}
    assert {name: found[name] for name in known} == known
    assert found["net"] == ["has 0.0.0.0:8083:80/tcp", "has [::]:8083:80/tcp"]


STOPPED = {
    "created": ["asks :8092:80/tcp"],
    "exited": ["asks :8091:80/tcp"],
    "looping": ["asks :8093:80/tcp"],
}


@pytest.mark.parametrize("version", API)
def test_what_stopped_containers_of_real_engines_ask_for(version: str) -> None:
    found = {}
    for one in document(f"{version}-api", "many-ports", "docker-inspect"):
        container = with_detail(Container(one["Id"], one["Name"][1:]), one)
        if container.state not in ("running", "paused"):
            found[container.name] = words(
                configured(one["HostConfig"], one["Config"].get("ExposedPorts") or {}, container)
            )
    assert found == STOPPED


@pytest.mark.parametrize("version", API)
def test_services_of_real_swarms(version: str) -> None:
    services = document(f"{version}-swarm", "services", "api-services")
    found = {one.name: (words([one]), one.kind, one.mode, one.by) for one in of_services(services, ENDPOINT)}
    assert found == {
        "inhost": (["has :8084:80/tcp"], "service", "host", "inhost"),
        "ingress": (["has :8085:80/tcp"], "service", "ingress", "ingress"),
    }


def test_a_service_whose_ports_are_not_allotted_yet() -> None:
    spec = {"Name": "web", "EndpointSpec": {"Ports": [{"Protocol": "udp", "TargetPort": 53}]}}
    (one,) = of_services([{"ID": "s1", "Spec": spec}], ENDPOINT)
    assert (words([one]), one.container, one.mode) == (["has :0:53/udp"], "s1", "ingress")


PORTS = st.lists(
    st.tuples(
        st.sampled_from(["", "0.0.0.0", "::", "127.0.0.1"]),
        st.integers(1, 12),
        st.integers(1, 6),
        st.sampled_from(["tcp", "udp"]),
    )
)


@given(PORTS)
def test_ranges_say_exactly_what_the_single_ports_said(ports: t.List[t.Tuple[str, int, int, str]]) -> None:
    told = listed(entry(ports=[port(ip, target, host, protocol) for ip, host, target, protocol in ports]), WEB)
    said = [
        (one.ip, one.first + n, one.target + n, one.protocol) for one in told for n in range(one.last - one.first + 1)
    ]
    assert sorted(said) == sorted(set(ports))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["80/tcp", "Ports", "IP", "PublicPort", "HostPort", "HostIp", "Endpoint", "Spec", "EndpointSpec", "NetworkSettings", "x"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_nonsense_is_no_publication_and_no_crash(nonsense: t.Any) -> None:
    anything = nonsense if isinstance(nonsense, dict) else {"Ports": nonsense}
    found = [
        *listed(anything, WEB),
        *bound({"NetworkSettings": {"Ports": nonsense}}, WEB),
        *configured({"PortBindings": nonsense, "PublishAllPorts": True}, ["80/tcp", "x"], WEB),
        *of_services(nonsense, ENDPOINT),
    ]
    for one in found:
        assert 0 <= one.first <= one.last <= 65535
        json.dumps(vars(one)).encode("utf-8")
