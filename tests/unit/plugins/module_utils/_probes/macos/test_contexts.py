# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the engines of a Mac are found, and what is seen of them."""

from __future__ import annotations

import json

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Refused
from ansible_collections.dockmaster.ports.plugins.module_utils._probes import engine
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.macos import contexts
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils._probes.macos.macos_words import (
    ENDPOINT,
    META,
    RUNNING,
    Mac,
)

COLIMA = "/Users/anna/.colima/default"
REQUEST = Request(sections=("engine", "containers", "publications", "endpoints"), system="Darwin")


def found(host):
    places, hidden = contexts.places(host)
    return [place.endpoint for place in places], hidden


def context(host):
    return json.dumps({"Name": "x", "Endpoints": {"docker": {"Host": host}}})


def with_context(text, **more):
    return Mac(files={f"{META}/other/meta.json": text}, names={META: ["other"], **more})


CONTEXTS = [
    # what a second context says                                          endpoints beside Docker Desktop's
    (context(f"unix://{COLIMA}/docker.sock"), [f"unix://{COLIMA}/docker.sock"]),
    (context(f"unix://{COLIMA}/gone.sock"), []),
    (context("ssh://build@192.0.2.9"), []),
    (context(f"http://{COLIMA}/docker.sock"), []),
    (context("tcp://192.0.2.9:2376"), []),
    (context(["no", "text"]), []),
    ('{"Endpoints": []}', []),
    ("no json", []),
    ("[" * 2000, []),
]


@pytest.mark.parametrize("text, beside", CONTEXTS)
def test_a_context_leads_to_an_engine_if_its_socket_is_here(text, beside):
    assert found(with_context(text, **{COLIMA: ["docker.sock"]})) == ([ENDPOINT, *beside], False)


def test_one_engine_is_one_however_many_names_its_socket_has():
    assert found(Mac()) == ([ENDPOINT], False)


def test_the_default_socket_is_an_engines_too():
    mac = Mac(names={"/Users/anna/.docker/run": [], META: []}, link={"/var/run/docker.sock": "mDNSResponder"})

    assert found(mac) == (["unix:///var/run/docker.sock"], False)


def test_a_link_that_leads_nowhere_is_no_engine():
    assert found(Mac(names={"/Users/anna/.docker/run": [], META: []})) == ([], False)


class Shut(Mac):
    """Somebody else's home."""

    def names(self, path):
        if path.startswith("/Users/bert/"):
            raise Refused(f"{path}: permission denied", "gather with become: true")
        return super().names(path)


def test_homes_that_are_shut_may_hide_engines():
    assert found(Shut(names={"/Users": ["anna", "bert"]})) == ([ENDPOINT], True)


def gather(host, **request):
    blind = []
    return engine.probe(host, REQUEST._replace(**request), Evidence(), blind), blind


def test_docker_desktop_and_its_containers():
    seen, blind = gather(Mac(api=RUNNING))

    one = seen["engine"][0]
    assert (one.endpoint, one.state, one.version, one.operating_system) == (
        ENDPOINT,
        "running",
        "27.2.0",
        "Docker Desktop",
    )
    assert [(p.by, p.ip, p.first, p.actual) for p in seen["publications"]] == [
        ("shop/web", "0.0.0.0", 8080, True),
        ("shop/web", "::", 8080, True),
    ]
    why = "the engine's own files are on another host"
    assert [(b.section, b.why, b.hides) for b in blind] == [("publications", why, False), ("containers", why, False)]


def test_a_docker_desktop_that_does_not_run_is_stopped():
    seen, blind = gather(Mac())

    assert [(one.endpoint, one.state) for one in seen["engine"]] == [(ENDPOINT, "stopped")]
    assert {b.why for b in blind} == {f"nobody listens on {ENDPOINT}"}


def test_a_mac_without_docker():
    seen, blind = gather(Mac(names={"/Users/anna/.docker/run": [], META: []}))

    assert (seen["engine"], seen["containers"], seen["publications"]) == ((), (), ())
    why = "no Docker engine found: no user's context leads to a socket that is there"
    see = "install and start Docker, or name its endpoint in docker_host"
    assert blind == [Blind("engine", why, see, part="any engine", hides=False)]


def test_other_users_engines_may_be_hidden():
    _seen, blind = gather(Shut(names={"/Users": ["anna", "bert"]}))

    assert blind[0] == Blind(
        "engine", "other users' contexts may not be read", "gather with become: true", "engines of other users"
    )


def test_the_endpoint_that_is_named_is_asked():
    seen, _blind = gather(Mac(api=RUNNING), docker_host=ENDPOINT)

    assert [one.id for one in seen["engine"]] == ["DESK"]
