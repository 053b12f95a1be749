# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._daemon import pending
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.launch import Launch, Place
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.pending import Note
from ansible_collections.dockmaster.ports.plugins.module_utils._daemon.reload import changes_of
from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost

ENGINE = Launch(pid=812, started=1795267093.44)
FILE = "/etc/docker/daemon.json"
STEPS = [
    # contents of the file one after the other, what the engine has not read after the last
    (({}, {"ip": "127.0.0.1"}), ("ip",)),
    (({}, {"ip": "127.0.0.1"}, {}), ()),
    (({}, {"ip": "127.0.0.1"}, {"ip": "127.0.0.2"}), ("ip",)),
    (({"ip": "127.0.0.1"}, {}, {"ip": "127.0.0.1", "mtu": 1400}), ("mtu",)),
    (({}, {"debug": True}), ()),  # taken over at SIGHUP
    (({"live-restore": True}, {}), ("live-restore",)),
    (({}, {"features": {"containerd-snapshotter": True}}), ("features.containerd-snapshotter",)),
]


@pytest.mark.parametrize("contents, waiting", STEPS)
def test_waiting(contents, waiting):
    note = Note(1, 1.0)
    for before, after in zip(contents, contents[1:]):
        note = note.with_changes(before, changes_of(before, after, (28, 5)))

    assert note.waiting(contents[-1]) == waiting


def test_an_engine_that_does_not_run_waits_for_nothing():
    changes = changes_of({}, {"ip": "127.0.0.1"}, (28, 5))

    assert Note().with_changes({}, changes) == Note()


def test_what_the_engine_goes_by():
    note = Note(1, 1.0, {"ip": [], "mtu": [1400], "features.cdi": [True]})

    assert note.running({"ip": "127.0.0.1", "debug": True}) == {"mtu": 1400, "debug": True}


@pytest.mark.parametrize(
    "engine, found",
    [
        (ENGINE, ("ip",)),
        (Launch(pid=813, started=1795267093.44), ()),  # it was restarted
        (Launch(pid=812, started=1795267100.0), ()),
        (Launch(), ()),
    ],
)
def test_a_note_is_about_one_engine(tmp_path, engine, found):
    place = Place(run=str(tmp_path))
    pending.keep(place, FILE, Note(812, 1795267093.44, {"ip": []}))

    assert pending.load(LiveHost(), place, engine, FILE).waiting({"ip": "127.0.0.1"}) == found
    assert pending.load(LiveHost(), place, engine, "/another/daemon.json").waiting({"ip": "127.0.0.1"}) == ()


def test_the_first_copy_is_the_one_to_go_back_to(tmp_path):
    place = Place(run=str(tmp_path))
    note = Note(812, 1795267093.44, {"ip": []}).with_copy("none").with_copy("/etc/docker/daemon.json.1")
    pending.keep(place, FILE, note)

    assert pending.load(LiveHost(), place, ENGINE, FILE).old_file == "none"


def test_a_note_that_cannot_be_read_is_none(tmp_path):
    place = Place(run=str(tmp_path))
    pending.keep(place, FILE, Note(812, 1795267093.44, {"ip": []}))
    (only,) = (tmp_path / "dockmaster-ports").iterdir()
    only.write_text("{")

    assert pending.load(LiveHost(), place, ENGINE, FILE) == Note(812, 1795267093.44)
