# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock, on this machine's own files."""

from __future__ import annotations

import os
import stat

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, store
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "RUN", str(tmp_path / "run"))
    monkeypatch.setattr(files, "LOCK", str(tmp_path / "run/lock"))


def test_one_at_a_time(monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.1)
    with store.locked(), pytest.raises(
        FirewallError, match=r"^another run is changing the rules: it was not done after 0\.1 s$"
    ), store.locked():
        raise AssertionError("not reached")

    with store.locked():
        pass


def test_nobody_else_can_hold_it():
    with store.locked():
        pass

    assert stat.S_IMODE(os.stat(files.LOCK).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(files.RUN).st_mode) == 0o700
