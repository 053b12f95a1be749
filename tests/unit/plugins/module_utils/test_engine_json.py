# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._engine_json import get, get_if_there
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._replay_host import ReplayHost

ENGINE = "unix:///var/run/docker.sock"
ANSWERS = {
    "/x": [200, '[{"Id": "a"}]'],
    "/x?filters=%7B%22label%22%3A%20%5B%22a%3D1%26b%22%5D%7D": [200, "[]"],
    "/gone": [404, '{"message": "page not found"}'],
    "/ill": [500, "boom\n"],
    "/mute": [503, ""],
    "/web": [200, "<html>"],
}
HOST = ReplayHost({"api": {f"{ENGINE} {path}": answer for path, answer in ANSWERS.items()}})
REFUSED = [
    ("/ill", f"the engine at {ENGINE} answers /ill with status 500: boom"),
    ("/mute", f"the engine at {ENGINE} answers /mute with status 503"),
    ("/web", f"what answers at {ENGINE} is no container engine"),
]


def test_get():
    assert get(HOST, ENGINE, "/x") == [{"Id": "a"}]
    assert get(HOST, ENGINE, "/x", {"label": ["a=1&b"]}) == []


@pytest.mark.parametrize(
    "path, message", [*REFUSED, ("/gone", f"the engine at {ENGINE} answers /gone with status 404")]
)
def test_an_answer_that_is_none(path, message):
    with pytest.raises(Unseen) as raised:
        get(HOST, ENGINE, path)

    assert str(raised.value) == message


def test_what_may_be_gone():
    assert get_if_there(HOST, ENGINE, "/gone") is None


@pytest.mark.parametrize("path, message", REFUSED)
def test_what_is_no_answer_is_not_gone(path, message):
    with pytest.raises(Unseen) as raised:
        get_if_there(HOST, ENGINE, path)

    assert str(raised.value) == message
