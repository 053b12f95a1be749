# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from labkit import places


@pytest.fixture
def run_of(tmp_path, monkeypatch):
    """A run that belongs to a process."""
    monkeypatch.setattr(places, "run_dir", lambda _run=None: tmp_path)

    def make(pid):
        (tmp_path / "owner").write_text(f"{pid} {places._started(pid)}")

    return make


def test_a_run_is_forsaken_once_its_process_has_ended_even_if_nobody_has_asked_how(run_of):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        run_of(process.pid)
        assert not places.forsaken("run")

        process.kill()
        until = time.monotonic() + 10
        while ") Z " not in Path(f"/proc/{process.pid}/stat").read_text() and time.monotonic() < until:
            time.sleep(0.01)
        assert places.forsaken("run")

    assert places.forsaken("run")


def test_another_process_with_the_number_is_not_its_own(run_of, tmp_path):
    run_of(1)
    (tmp_path / "owner").write_text("1 7")

    assert places.forsaken("run")


def test_a_run_of_a_checkout_belongs_to_nobody(run_of):
    assert not places.forsaken("run")
