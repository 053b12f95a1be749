# SPDX-License-Identifier: GPL-3.0-or-later
"""Real files, and an engine that starts with whatever is there or with nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._restart.back import go_back
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed
from ansible_collections.dockmaster.ports.tests.unit.plugins.module_utils.fake_module import FakeModule

OLD, NEW = b'{"old": 1}\n', b'{"new": 1}\n'
BACK = "; the old file is back, and the engine runs with it"


@pytest.fixture
def config(tmp_path):
    (tmp_path / "daemon.json").write_bytes(NEW)
    (tmp_path / "copy").write_bytes(OLD)
    return tmp_path / "daemon.json"


def ready(fails=""):
    def run(_was):
        if fails:
            raise Failed(fails)

    return SimpleNamespace(restart=SimpleNamespace(run=run), was=None)


def test_the_old_file_comes_back(config):
    assert go_back(FakeModule(), ready(), str(config), f"{config.parent}/copy") == BACK
    assert config.read_bytes() == OLD


def test_the_file_goes_where_there_was_none(config):
    assert go_back(FakeModule(), ready(), str(config), "none") == BACK
    assert not config.exists()
    assert go_back(FakeModule(), ready(), str(config), "none") == BACK  # somebody else removed it


def test_what_a_link_leads_to_comes_back(config):
    link = config.parent / "link.json"
    link.symlink_to("daemon.json")

    assert go_back(FakeModule(), ready(), str(link), f"{config.parent}/copy") == BACK
    assert (link.is_symlink(), config.read_bytes()) == (True, OLD)


def test_a_copy_that_is_gone_is_no_empty_file(config):
    assert go_back(FakeModule(), ready(), str(config), f"{config.parent}/gone") == (
        f"; the old file could not be put back: {config.parent}/gone: no such file or directory"
    )
    assert config.read_bytes() == NEW


ENDS = [
    ("", "x", ""),
    ("daemon.json", "", "; no copy of the old file was kept, so the new one is still there"),
    ("daemon.json", "none", "; the old file is back, but not all is as before: web does not run"),
]


@pytest.mark.parametrize("name, old_file, end", ENDS)
def test_how_it_ends(config, name, old_file, end):
    path = name and f"{config.parent}/{name}"

    assert go_back(FakeModule(), ready("web does not run"), path, old_file) == end
