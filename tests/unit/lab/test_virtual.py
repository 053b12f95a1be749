# SPDX-License-Identifier: GPL-3.0-or-later
"""What a virtual machine of the lab is known by; that one boots and serves is proven by the scenarios that need it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import pytest
from labkit import images, network, places, virtual
from labkit.errors import LabError


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    monkeypatch.setattr(places, "run_dir", lambda _run=None: tmp_path)
    return tmp_path


def test_a_stranger_that_has_the_number_by_now_is_not_the_machine(run_dir):
    (run_dir / "sid.pid").write_text(f"{os.getpid()}\n")

    assert virtual.pid("sid") is None
    virtual.stop("sid", None)  # and is left in peace


@pytest.mark.parametrize("said", ["", "no number\n"])
def test_a_file_that_is_not_written_yet_names_nobody(said, run_dir):
    (run_dir / "sid.pid").write_text(said)

    assert virtual.pid("sid") is None


def test_a_machine_is_stopped_and_its_files_are_gone(run_dir):
    path = run_dir / "sid.pid"
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "-pidfile", str(path)]) as process:
        for name in ("sid.pid", "sid.console", "sid.disk", "trixie.pid"):
            (run_dir / name).write_text(f"{process.pid}\n")
        until = time.monotonic() + 10
        while virtual.pid("sid") is None and time.monotonic() < until:  # its command line is not told at once
            time.sleep(0.01)
        assert virtual.pid("sid") == process.pid

        _reaped_when_it_ends(process)
        virtual.stop("sid", None)

    assert process.returncode == -9
    assert [path.name for path in run_dir.iterdir()] == ["trixie.pid"]


def _reaped_when_it_ends(process):
    """A machine is nobody's child; this one is ours, and would stay as a zombie."""
    threading.Thread(target=process.wait, daemon=True).start()


def test_what_a_machine_left_that_ended_by_itself_goes_too(run_dir, monkeypatch):
    ran = []
    monkeypatch.setattr(virtual, "run", lambda *argv: ran.append(argv[-3:]))
    net = network.Network("sid", 7)

    virtual.stop("sid", net)
    assert ran == []  # there was none
    (run_dir / "sid.console").write_text("Kernel panic")
    virtual.stop("sid", net)

    assert ran == [("link", "del", "dml7t")]
    assert list(run_dir.iterdir()) == []


def test_its_image_is_called_by_its_own_recipe():
    names = {virtual._image(suite).name for suite in images.SUITES}

    assert len(names) == 3
    assert images.digest(images.recipe("sid")) not in str(virtual._image("sid"))


def test_a_machine_that_does_not_fit_into_memory_is_not_started(monkeypatch):
    monkeypatch.setattr(images, "_available", lambda: 1400 << 20)

    images.enough_memory(3)
    with pytest.raises(LabError) as error:
        images.enough_memory(0, virtual=1)
    assert str(error.value) == (
        "lab: 1 hosts need about 1500 MB of free memory, and 1400 MB are free; end other programs, or bring up fewer hosts"
    )
