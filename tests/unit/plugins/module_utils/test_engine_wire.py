# SPDX-License-Identifier: GPL-3.0-or-later
"""Engines behind TCP, TLS and ssh: the same calls, and what each kind of failure is called."""

from __future__ import annotations

import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import sys
import typing as t

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_api import EngineApi, Tls
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Deserted, Unseen
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_engine import (
    FakeEngine,
    Reply,
    short_path,
)

TCP = "tcp://127.0.0.1:[0-9]+"


@pytest.fixture()
def place() -> t.Iterator[str]:
    with short_path() as path:
        yield path


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder with ca.pem, and cert.pem and key.pem for the name engine.test."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl here to make certificates with")
    folder = tmp_path_factory.mktemp("tls")
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch"]
    sign = ["openssl", "x509", "-req", "-days", "2", "-extfile", "names"]
    for command in (
        [*new, "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", "ca.key", "-out", "ca.pem"],
        [*new, "-subj", "/CN=engine.test", "-keyout", "key.pem", "-out", "request.pem"],
        [*sign, "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cert.pem"],
    ):
        (folder / "names").write_text("subjectAltName=DNS:engine.test\n")
        subprocess.run(command, cwd=str(folder), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return folder


def secure(certificates: pathlib.Path, ask_client: bool = False) -> FakeEngine:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificates / "cert.pem"), str(certificates / "key.pem"))
    if ask_client:
        context.load_verify_locations(str(certificates / "ca.pem"))
        context.verify_mode = ssl.CERT_REQUIRED
    return FakeEngine("", {"/info": Reply("{}")}, context=context)


def test_plain_tcp() -> None:
    with FakeEngine("", {"/info": Reply("{}")}) as engine:
        assert EngineApi(5).get(engine.endpoint, "/info").body == "{}"


def test_tls_that_looks_at_the_certificate_and_shows_its_own(certificates: pathlib.Path) -> None:
    own = {"client_cert": str(certificates / "cert.pem"), "client_key": str(certificates / "key.pem")}
    tls = Tls(validate_certs=True, ca_path=str(certificates / "ca.pem"), tls_hostname="engine.test", **own)
    with secure(certificates, ask_client=True) as engine:
        assert EngineApi(5, tls).get(engine.endpoint, "/info").body == "{}"


def test_tls_that_only_encrypts(certificates: pathlib.Path) -> None:
    with secure(certificates) as engine:
        assert EngineApi(5, Tls(tls=True)).get(engine.endpoint, "/info").body == "{}"


@pytest.mark.parametrize(
    "ca, name, scheme, reason",
    [
        ("", "engine.test", "tcp", f"{TCP}: certificate not trusted: (self.signed cert|unable to get).*"),
        ("ca.pem", "", "tcp", f"{TCP}: certificate not trusted: IP address mismatch, .*'127.0.0.1'.*"),
        ("", "", "https", "https://127.0.0.1:[0-9]+: certificate not trusted: .*"),  # nobody said not to look at it
        ("key.pem", "", "tcp", "TLS with .*key.pem: .*"),
        ("absent.pem", "", "tcp", "TLS with .*absent.pem: No such file or directory"),
    ],
)
def test_a_certificate_that_is_not_trusted(
    certificates: pathlib.Path, ca: str, name: str, scheme: str, reason: str
) -> None:
    tls = Tls(validate_certs=scheme == "tcp", ca_path=str(certificates / ca) if ca else "", tls_hostname=name)
    with secure(certificates) as engine, pytest.raises(Unseen) as exc:
        EngineApi(5, tls).get(engine.endpoint.replace("tcp", scheme), "/info")
    assert re.fullmatch(reason, exc.value.why)


def test_nobody_listens_on_a_port() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        endpoint = f"tcp://127.0.0.1:{sock.getsockname()[1]}"
        with pytest.raises(Deserted) as exc:
            EngineApi(5).get(endpoint, "/info")
    assert exc.value.why == f"nobody listens on {endpoint}"


SSH = """#!{python}
import os, pathlib, socket, sys, threading
pathlib.Path({seen!r}).write_text(" ".join(sys.argv[1:]))
if {fails!r}:
    sys.stderr.write({fails!r}); sys.exit(255)
engine = socket.socket(socket.AF_UNIX); engine.connect({place!r})
def copy():
    while True:
        data = engine.recv(65536)
        if not data: os._exit(0)
        os.write(1, data)
threading.Thread(target=copy, daemon=True).start()
while True:
    data = os.read(0, 65536)
    if not data: os._exit(0)
    engine.sendall(data)
"""


@pytest.fixture()
def ssh(tmp_path: pathlib.Path, place: str, monkeypatch: pytest.MonkeyPatch) -> t.Callable[[str], pathlib.Path]:
    """Puts an ssh in the PATH that reaches the fake engine, or fails; returns where it writes its arguments."""

    def install(fails: str = "") -> pathlib.Path:
        program, seen = tmp_path / "ssh", tmp_path / "arguments"
        program.write_text(SSH.format(python=sys.executable, seen=str(seen), place=place, fails=fails))
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return seen

    return install


@pytest.mark.parametrize(
    "endpoint, arguments",
    [
        ("ssh://db-01", "-T -o BatchMode=yes -o ConnectTimeout=4 -- db-01 docker system dial-stdio"),
        (
            "ssh://admin@db-01:2222",
            "-T -o BatchMode=yes -o ConnectTimeout=4 -l admin -p 2222 -- db-01 docker system dial-stdio",
        ),
        (
            "ssh://db-01/run/user/1000/docker.sock",
            "-T -o BatchMode=yes -o ConnectTimeout=4 -- db-01"
            " docker --host unix:///run/user/1000/docker.sock system dial-stdio",
        ),
    ],
)
def test_ssh_carries_the_same_calls(
    place: str, ssh: t.Callable[[], pathlib.Path], endpoint: str, arguments: str
) -> None:
    seen = ssh()
    with FakeEngine(place, {"/info": Reply("{}")}) as engine:
        api = EngineApi(5)
        assert [api.get(endpoint, "/info").status for _turn in range(3)] == [200] * 3
        assert engine.connections == 1
        api.close()
    assert seen.read_text() == arguments


def test_what_ssh_has_to_say_is_the_reason(ssh: t.Callable[[str], pathlib.Path]) -> None:
    ssh("Warning: something\nadmin@db-01: Permission denied (publickey).\n")
    with pytest.raises(Unseen) as exc:
        EngineApi(5).get("ssh://admin@db-01", "/info")
    assert exc.value.why == "ssh://admin@db-01: admin@db-01: Permission denied (publickey)."


def test_no_ssh(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unseen) as exc:
        EngineApi(5).get("ssh://db-01", "/info")
    assert (exc.value.why, exc.value.see) == ("ssh is not installed", "install an OpenSSH client")
