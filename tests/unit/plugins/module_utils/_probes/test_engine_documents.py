# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines and containers out of documents of engines 20.10, 26.1, 28.5 and 29.7, and out of nonsense."""

from __future__ import annotations

import json
import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.engines import Container, Engine
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Answer, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_documents import (
    container_of,
    message,
    with_detail,
    with_info,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.engine_values import address, decoded, visible
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.engine_recordings import (
    API,
    ENDPOINT,
    ID,
    INSPECTED,
    document,
    entry,
    inspect,
)


@pytest.mark.parametrize(
    "version, full, backend",
    [("20.10.24", "20.10.24+dfsg1", ""), ("26.1.5", "26.1.5+dfsg1", ""), ("28.5.2", "28.5.2+dfsg4", "iptables")],
)
def test_what_real_engines_tell_of_themselves(version: str, full: str, backend: str) -> None:
    info = document(f"{version}-api", "many-ports", "api-info")
    engine = with_info(Engine(state="unknown"), info, {"api-version": "1.41", "server": "Docker/1 (linux)"})
    assert (engine.name, engine.state, engine.version, engine.api_version) == ("docker", "running", full, "1.41")
    assert (engine.firewall_backend, engine.rootless, engine.live_restore) == (backend, False, False)
    assert (engine.swarm, engine.manager, engine.id) == ("inactive", False, info["ID"])


@pytest.mark.parametrize("version", ["26.1.5", "28.5.2"])
def test_a_rootless_engine_says_so(version: str) -> None:
    info = document(f"{version}-rootless", "many-ports", "api-info")
    assert with_info(Engine(), info, {}).rootless


TOLD = [
    ({"Swarm": {"LocalNodeState": "active", "ControlAvailable": True}}, {"swarm": "active", "manager": True}),
    ({"Swarm": {"LocalNodeState": "active"}}, {"swarm": "active", "manager": False}),
    ({"LiveRestoreEnabled": True}, {"live_restore": True}),
    ({"OperatingSystem": "Docker Desktop"}, {"operating_system": "Docker Desktop"}),
    ({"FirewallBackend": {"Driver": "nftables+firewalld"}}, {"firewall_backend": "nftables+firewalld"}),
    ({"ID": 7, "Swarm": [], "SecurityOptions": {"name=rootless": 1}, "FirewallBackend": None}, {}),
    ({}, {}),
]


@pytest.mark.parametrize("info, expected", TOLD)
def test_what_an_engine_tells_of_itself(info: t.Dict[str, t.Any], expected: t.Dict[str, t.Any]) -> None:
    assert vars(with_info(Engine(), info, {})) == {**vars(Engine()), **expected}


def test_podman_is_not_docker() -> None:
    assert with_info(Engine(), {}, {"server": "Libpod/4.9.3 (linux)"}).name == "podman"


@pytest.mark.parametrize("version", API)
def test_containers_in_every_state_of_real_engines(version: str) -> None:
    found = [container_of(one, ENDPOINT) for one in document(f"{version}-api", "many-ports", "api-containers")]
    states = {one.name: one.state for one in found if one}
    assert states == {
        **dict.fromkeys(["hostnet", "v6only", "rnd", "rng", "udp", "lo", "web"], "running"),
        "looping": "restarting",
        "created": "created",
        "exited": "exited",
        "paused": "paused",
    }
    by_name = {one.name: one for one in found if one}
    assert by_name["hostnet"].network_mode == "host"
    assert by_name["web"].networks == ("bridge",)
    assert len(by_name["web"].addresses) == len(by_name["paused"].addresses) == 1
    assert not any(by_name[name].addresses for name in ("exited", "created", "looping", "hostnet"))


@pytest.mark.parametrize("version", API)
def test_what_inspects_of_real_engines_add(version: str) -> None:
    details = document(f"{version}-api", "many-ports", "docker-inspect")
    found = {one["Name"][1:]: with_detail(Container(one["Id"], one["Name"][1:]), one) for one in details}
    told = {name: (one.state, one.restart, one.exit_code, one.error) for name, one in found.items()}
    assert told["looping"] == ("restarting", "always", 1, "")
    assert told["created"] == ("created", "no", 0, "")
    assert told["exited"][:2] == ("exited", "no")
    assert found["looping"].pid is None
    assert found["web"].pid


@pytest.mark.parametrize("variant", INSPECTED)
def test_addresses_on_every_network_of_real_engines(variant: str) -> None:
    details = {one["Name"][1:]: one for one in document(variant, "many-ports", "docker-inspect")}
    net = with_detail(Container(ID, "net"), details["net"])
    assert net.addresses == ("10.77.0.10",)
    if details["net6"]["State"]["Running"]:  # without IPv6 forwarding engine 29 does not start it
        net6 = with_detail(Container(ID, "net6"), details["net6"])
        assert [":" in one for one in net6.addresses] == [False, True]


def test_a_container_of_compose() -> None:
    labels = {"com.docker.compose.project": "shop", "com.docker.compose.service": "db", "secret": "x"}
    one = container_of(entry("shop-db-1", Labels=labels), ENDPOINT)
    assert one and (one.name, one.project, one.service) == ("shop-db-1", "shop", "db")


@pytest.mark.parametrize(
    "names, expected",
    [
        (["/web"], "web"),
        (["/other/alias", "/web"], "web"),  # a link of another container to it
        (["/other/alias"], ID[:12]),
        ([], ID[:12]),
        (None, ID[:12]),
        ([7, "/web"], "web"),
        (["/we\\b\n\x1b[31m"], "we\\b\n\x1b[31m"),  # whoever prints it makes it visible
        (["/w\ud83d"], "w\\ud83d"),
        (["/w\udcff"], "w\\xff"),
        (["/" + "x" * 100_000], "x" * 100_000),
    ],
)
def test_names(names: t.Any, expected: str) -> None:
    one = container_of(entry(Names=names), ENDPOINT)
    assert one and one.name == expected
    one.name.encode("utf-8")


def test_a_container_that_does_not_run_has_no_address() -> None:
    """Its document keeps the one of its last start, which another container may have by now."""
    for state in ("created", "exited", "dead", "restarting", "removing"):
        one = container_of(entry(state=state), ENDPOINT)
        assert one and one.addresses == ()


@pytest.mark.parametrize("nonsense", [None, 7, "x", [], {}, {"Id": ""}, {"Id": "../info"}, {"Id": 7}, {"Id": "A" * 64}])
def test_what_is_no_container(nonsense: t.Any) -> None:
    assert container_of(nonsense, ENDPOINT) is None


def test_an_inspect_is_later_than_the_list() -> None:
    listed = container_of(entry(state="exited"), ENDPOINT)
    assert listed
    networks = {"bridge": {"IPAddress": "172.17.0.9", "GlobalIPv6Address": "fd00::9"}}
    later = with_detail(listed, inspect("running", NetworkSettings={"Networks": networks}))
    assert (later.state, later.addresses, later.restart) == ("running", ("172.17.0.9", "fd00::9"), "always")


MESSAGES = [
    ('{"message":"No such container: x"}\n', "No such container: x"),
    ("<html>\n<h1>502 Bad Gateway</h1>", "<html> <h1>502 Bad Gateway</h1>"),
    ('{"error": "x"}', '{"error": "x"}'),
    ("[1]", "[1]"),
    ("", ""),
    ('{"message": "%s"}' % ("x" * 1000), "x" * 300),
    ("\udcff", "\\xff"),
]


@pytest.mark.parametrize("body, expected", MESSAGES)
def test_what_an_engine_says_about_a_call_that_failed(body: str, expected: str) -> None:
    assert message(Answer(500, body)) == expected


@pytest.mark.parametrize("body", ["", "<html>", '{"a"', "[" * 100_000, "\udcff"])
def test_what_is_no_json_is_quoted(body: str) -> None:
    with pytest.raises(Unseen) as exc:
        decoded(body, "GET /info")
    assert exc.value.why == f"GET /info was answered with what is no JSON: {visible(body[:60])!r}"


@pytest.mark.parametrize(
    "text, expected",
    [("10.0.0.1", "10.0.0.1"), ("::0001", "::1"), ("::ffff:10.0.0.1", "10.0.0.1"), ("", ""), ("*", ""), ("host", "")],
)
def test_addresses(text: str, expected: str) -> None:
    assert address({"IP": text}, "IP") == expected


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["Names", "State", "Labels", "Image", "NetworkSettings", "Networks", "Status", "IPAddress", "HostConfig", "Swarm", "Created"]
    ), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@given(JSON)
def test_nonsense_says_less_and_does_not_crash(nonsense: t.Any) -> None:
    told = nonsense if isinstance(nonsense, dict) else {}
    one = container_of({**told, "Id": ID}, ENDPOINT)
    assert one
    for record in (one, with_detail(one, told), with_info(Engine(), told, {})):
        json.dumps(vars(record), allow_nan=False, ensure_ascii=False).encode("utf-8")
