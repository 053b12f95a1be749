# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that is left on a host, run as a process of its own: no network, no rules, what it says and its exit status."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import command, program


@pytest.fixture
def packed(tmp_path):
    path = tmp_path / "dockmaster-firewall"
    path.write_bytes(program.archive(sys.executable).encode("utf-8", "surrogateescape"))
    return path


def run(packed, *words):
    return subprocess.run(
        [sys.executable, "-I", packed, *words], capture_output=True, text=True, cwd="/", timeout=60, check=False
    )


@pytest.mark.parametrize("words", [[], ["help"], ["apply", "now"], ["take-back"]])
def test_it_says_how_it_is_used(packed, words):
    done = run(packed, *words)

    assert (done.returncode, done.stdout, done.stderr) == (2, "", command.USAGE)


def test_the_same_files_are_the_same_archive():
    assert program.archive("/usr/bin/python3") == program.archive("/usr/bin/python3")
