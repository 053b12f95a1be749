# SPDX-License-Identifier: GPL-3.0-or-later
"""The list of probes: whole, and true of the modules that it names."""

from __future__ import annotations

import pathlib
import subprocess
import sys

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.catalogue import (
    MACOS_PROBES,
    PROBES,
    PROBES_OF,
    WINDOWS_PROBES,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

FOLDER = pathlib.Path(__file__).resolve().parents[5] / "plugins" / "module_utils" / "_probes"


def name_of(probe):
    return probe.load().__name__.rpartition(".")[2]


def folder_of(probe):
    return pathlib.Path(probe.load().__file__).resolve().parent


@pytest.mark.parametrize("probe", PROBES + WINDOWS_PROBES + MACOS_PROBES, ids=name_of)
def test_a_probe_reports_what_the_list_says(probe):
    assert probe.sections == probe.load().SECTIONS
    assert callable(probe.load().probe)


def test_every_section_is_reported_by_somebody():
    assert {one for probes in PROBES_OF.values() for probe in probes for one in probe.sections} == set(SECTIONS)


@pytest.mark.parametrize(
    "folder, listed", [(FOLDER, PROBES), (FOLDER / "windows", WINDOWS_PROBES), (FOLDER / "macos", MACOS_PROBES)]
)
def test_no_probe_is_left_out(folder, listed):
    probes = {path.stem for path in folder.glob("*.py") if "\nSECTIONS = " in path.read_text(encoding="utf-8")}

    assert probes == {name_of(probe) for probe in listed if folder_of(probe) == folder}


@pytest.mark.parametrize("probe", WINDOWS_PROBES, ids=name_of)
def test_what_a_probe_of_windows_runs_is_known_beforehand(probe):
    assert all(command.argv for command in probe.load().commands(Request(sections=SECTIONS, system="Windows")))


WHAT_IS_IMPORTED = """
import sys
sys.path.insert(0, sys.argv[1])
from ansible_collections.dockmaster.ports.plugins.module_utils import _collect
print(*sorted(name.rpartition(".")[2] for name in sys.modules if "._probes." in name))
"""


def test_nothing_is_imported_that_nobody_asks_for(tmp_path):
    (tmp_path / "ansible_collections" / "dockmaster").mkdir(parents=True)
    (tmp_path / "ansible_collections" / "dockmaster" / "ports").symlink_to(FOLDER.parents[2])

    printed = subprocess.run(
        [sys.executable, "-c", WHAT_IS_IMPORTED, str(tmp_path)], stdout=subprocess.PIPE, text=True, check=True
    ).stdout

    assert printed.split() == ["catalogue", "request"]
