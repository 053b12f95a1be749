# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to an engine's API, on real sockets: what is read, and what each kind of failure is called."""

from __future__ import annotations

import json
import os
import pathlib
import socket
import subprocess
import sys
import textwrap
import time
import typing as t

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils import _engine_client
from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Deserted, Refused, Unseen
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_engine import (
    FakeEngine,
    Reply,
    listening,
    short_path,
)

ROOT = os.geteuid() == 0
EXPECTED = "expected one such as unix:///var/run/docker.sock, tcp://192.0.2.7:2376 or ssh://root@192.0.2.7"


@pytest.fixture()
def place() -> t.Iterator[str]:
    with short_path() as path:
        yield path


def why(exc: pytest.ExceptionInfo[Unseen], place: str) -> t.Tuple[str, str]:
    return exc.value.why.replace(place, "SOCK"), exc.value.see


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("close", [False, True])
def test_it_reads_a_whole_answer(place: str, chunked: bool, close: bool) -> None:
    document = {"names": ["wöb", "\udcff"], "much": "x" * 100_000}
    body = json.dumps(document, ensure_ascii=False)
    with FakeEngine(place, {"/info": Reply(body, chunked=chunked, close=close)}) as engine:
        answer = EngineApi(5).get(engine.endpoint, "/info")
    assert (answer.status, json.loads(answer.body)) == (200, document)
    assert answer.headers["api-version"] == "1.41"


@pytest.mark.parametrize(
    "newest, asked",
    [("1.41", "/v1.41"), ("1.55", "/v1.55"), ("1.99", "/v1.55"), ("2.1", "/v1.55"), ("", ""), ("soon", "")],
)
def test_after_the_first_call_it_asks_for_a_version_that_it_knows(place: str, newest: str, asked: str) -> None:
    with FakeEngine(place, {"/info": Reply("{}"), "/x": Reply("{}")}, api_version=newest) as engine:
        api = EngineApi(5)
        api.get(engine.endpoint, "/info")
        api.get(engine.endpoint, "/x")
        assert engine.calls == ["/info", f"{asked}/x"]
        api.close()


def test_a_version_that_the_user_names_is_asked_for_from_the_start(place: str) -> None:
    with FakeEngine(place, {"/info": Reply("{}")}) as engine:
        api = EngineApi(5, api_version="1.40")
        api.get(engine.endpoint, "/info")
        api.get(engine.endpoint, "/info")
        assert engine.calls == ["/v1.40/info", "/v1.40/info"]
        api.close()


def test_one_stream_carries_every_call_until_the_engine_closes_it(place: str) -> None:
    with FakeEngine(place, {"/a": Reply("{}"), "/b": Reply("{}", close=True)}) as engine:
        api = EngineApi(5)
        assert [api.get(engine.endpoint, path).status for path in ("/a", "/a", "/b", "/a", "/a")] == [200] * 5
        assert engine.connections == 2
        api.close()


def test_an_engine_that_breaks_off_is_not_called_anew(place: str) -> None:
    """It may have been stopped on purpose, and its socket may start it."""
    api = EngineApi(5)
    with FakeEngine(place, {"/a": Reply("1")}) as engine:
        assert api.get(engine.endpoint, "/a").body == "1"
        for wire in api._connected()._wires.values():
            wire._sock.shutdown(socket.SHUT_RDWR)
        with pytest.raises(Unseen) as exc:
            api.get(engine.endpoint, "/a")
        assert (engine.calls, engine.connections) == (["/a"], 1)
        assert why(exc, place)[0] == "unix://SOCK: broken pipe"
        assert api.get(engine.endpoint, "/a").body == "1"  # somebody asks for it again
        api.close()


def test_a_status_that_is_no_success_is_an_answer_too(place: str) -> None:
    with FakeEngine(place, {"/x": Reply({"message": "engine is on fire"}, status=500)}) as engine:
        answer = EngineApi(5).get(engine.endpoint, "/x")
    assert (answer.status, answer.body) == (500, '{"message": "engine is on fire"}')


def test_nobody_has_made_the_socket(place: str) -> None:
    with pytest.raises(Unseen) as exc:
        EngineApi(5).get(f"unix://{place}", "/info")
    see = "install Docker, or name its endpoint in docker_host"
    assert why(exc, place) == ("unix://SOCK: no such file or directory", see)


def test_nobody_listens_on_a_socket_that_was_left(place: str) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(place)
    with pytest.raises(Deserted) as exc:
        EngineApi(5).get(f"unix://{place}", "/info")
    assert why(exc, place) == ("nobody listens on unix://SOCK", "start the engine")


def test_a_file_that_is_no_socket(place: str) -> None:
    pathlib.Path(place).write_text("")
    with pytest.raises(Deserted):
        EngineApi(5).get(f"unix://{place}", "/info")


@pytest.mark.parametrize("path", ["/info", "/x"])
def test_an_engine_that_hangs_costs_the_timeout_and_no_more(place: str, path: str) -> None:
    with FakeEngine(place, {"/info": Reply("{}")}) as engine:
        engine._routes = {"/info": Reply("{}"), path: engine.hang}  # type: ignore[dict-item]
        start = time.monotonic()
        with pytest.raises(Unseen) as exc:
            api = EngineApi(0.3)
            api.get(engine.endpoint, "/info")
            api.get(engine.endpoint, path)
        assert 0.25 < time.monotonic() - start < 2
    see = "see whether the engine hangs, or raise timeout"
    assert why(exc, place) == ("unix://SOCK did not answer within 0.3 s", see)


def test_every_call_has_a_timeout_of_its_own(place: str) -> None:
    with FakeEngine(place, {"/a": Reply("{}")}) as engine:
        api = EngineApi(1.0)
        for _turn in range(3):
            assert api.get(engine.endpoint, "/a").status == 200
            time.sleep(0.6)
        assert engine.connections == 1
        api.close()


def test_a_socket_whose_owner_does_not_accept(place: str) -> None:
    with listening(place), pytest.raises(Unseen) as exc:
        EngineApi(0.2).get(f"unix://{place}", "/info")
    assert why(exc, place)[0] == "unix://SOCK did not answer within 0.2 s"


def test_an_engine_that_drips_costs_the_timeout_all_the_same(place: str) -> None:
    program = textwrap.dedent("""
        import socket, sys, time
        sock = socket.socket(socket.AF_UNIX); sock.bind(sys.argv[1]); sock.listen(1); print("up", flush=True)
        peer = sock.accept()[0]
        peer.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 100000\\r\\n\\r\\n")
        while True:
            peer.sendall(b" "); time.sleep(0.05)
    """)
    with subprocess.Popen(
        [sys.executable, "-c", program, place], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as drip:
        assert drip.stdout and drip.stdout.readline()
        start = time.monotonic()
        with pytest.raises(Unseen, match=r"did not answer within 0\.5 s"):
            EngineApi(0.5).get(f"unix://{place}", "/info")
        drip.kill()
    assert time.monotonic() - start < 2


GARBAGE = [
    (
        b"SSH-2.0-OpenSSH_9.2\r\n",
        "unix://SOCK does not speak HTTP as an engine does: BadStatusLine: SSH-2.0-OpenSSH_9.2",
    ),
    (b"", "unix://SOCK: remote end closed connection without response"),
    (
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        "unix://SOCK does not speak HTTP as an engine does: IncompleteRead",
    ),
    (
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200,
        "unix://SOCK does not speak HTTP as an engine does: HTTPException: got more than 100 headers",
    ),
    (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "unix://SOCK does not speak HTTP as an engine does: IncompleteRead",
    ),
]


@pytest.mark.parametrize("raw, reason", GARBAGE, ids=["ssh", "nothing", "cut", "headers", "chunks"])
def test_whatever_is_no_http_is_named_so(place: str, raw: bytes, reason: str) -> None:
    with FakeEngine(place, {"/info": Reply(raw=raw)}) as engine, pytest.raises(Unseen) as exc:
        EngineApi(5).get(engine.endpoint, "/info")
    assert why(exc, place)[0].startswith(reason)


def test_an_answer_without_end_is_not_read_into_memory(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_engine_client, "MOST", 1 << 20)
    with FakeEngine(place, {"/info": Reply("x" * (1 << 21))}) as engine, pytest.raises(Unseen) as exc:
        EngineApi(5).get(engine.endpoint, "/info")
    assert (
        why(exc, place)[0]
        == "unix://SOCK does not speak HTTP as an engine does: HTTPException: an answer of more than 1 MiB"
    )


@pytest.mark.skipif(not ROOT, reason="only root can become somebody else")
def test_a_user_who_may_not_use_the_socket_is_told_what_would_let_him(place: str) -> None:
    with FakeEngine(place, {"/info": Reply("{}")}) as engine:
        os.chmod(place, 0o600)
        os.seteuid(65534)
        try:
            with pytest.raises(Refused) as exc:
                EngineApi(5).get(engine.endpoint, "/info")
        finally:
            os.seteuid(0)
    see = "gather with become: true, or as a user who may use the engine (group docker)"
    assert why(exc, place) == ("unix://SOCK: permission denied", see)


@pytest.mark.parametrize(
    "endpoint, reason",
    [
        ("/var/run/docker.sock", "'/var/run/docker.sock' is not the address of an engine"),
        ("unix://", "'unix://' is not the address of an engine"),
        ("tcp://", "'tcp://' is not the address of an engine"),
        (
            "tcp://host:http",
            "'tcp://host:http' is not the address of an engine: Port could not be cast to integer value as 'http'",
        ),
        ("ssh://-oProxyCommand=true", "'ssh://-oProxyCommand=true' is not the address of an engine"),
        ("fd://", "'fd://' is not the address of an engine"),
        (
            "npipe:////./pipe/docker_engine",
            "npipe:////./pipe/docker_engine is a pipe of Windows, which no other system can open",
        ),
    ],
)
def test_an_endpoint_that_is_none_is_quoted(endpoint: str, reason: str) -> None:
    with pytest.raises(Unseen) as exc:
        EngineApi(1).get(endpoint, "/info")
    assert (exc.value.why, exc.value.see) == (reason, EXPECTED)


@pytest.mark.parametrize("path", ["info", "/containers/a b/json", "/x\r\nEvil: 1", "/wöb"])
def test_a_path_cannot_smuggle_a_second_request(path: str) -> None:
    with pytest.raises(ValueError, match="is not a path of the API"):
        EngineApi(1).get("unix:///nowhere", path)


@pytest.mark.parametrize("version", ["", "1", "v1.41", "1.41/../..", "latest"])
def test_a_version_that_is_none_is_quoted(version: str) -> None:
    with pytest.raises(ValueError) as exc:
        EngineApi(1, api_version=version)
    assert str(exc.value) == f"api_version: {version!r} is not a version: expected auto, or one such as 1.41"
