# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every cause."""

from __future__ import annotations

import pathlib
import runpy

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils._causes import catalogue
from ansible_collections.dockmaster.ports.plugins.module_utils._causes.catalogue import CAUSES
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import SECTIONS

HERE = pathlib.Path(__file__).parent
FOLDER = pathlib.Path(catalogue.__file__).parent
MEMBERS = {path.stem for path in FOLDER.glob("*.py")} - {"catalogue", "__init__"}


@pytest.mark.parametrize("cause", CAUSES, ids=lambda module: module.CAUSE.id)
class TestEveryCause:
    def test_is_named_after_its_file(self, cause):
        assert cause.CAUSE.id == cause.__name__.rpartition(".")[2]

    def test_needs_sections_that_exist(self, cause):
        assert set(cause.CAUSE.needs) <= set(SECTIONS)

    def test_has_a_doc_and_a_test(self, cause):
        assert cause.__doc__.startswith(cause.CAUSE.title)
        assert "Seen as:" in cause.__doc__
        assert "Source:" in cause.__doc__
        assert (HERE / f"test_{cause.CAUSE.id}.py").exists()


def test_no_cause_is_left_out_of_the_catalogue():
    assert sorted(MEMBERS) == sorted(module.CAUSE.id for module in CAUSES)


def test_the_guide_is_up_to_date():
    docs = FOLDER.parents[2] / "docs"
    code = runpy.run_path(str(docs / "causes.py"))

    assert (docs / "causes.md").read_text(encoding="utf-8") == code["guide"](), "run: python docs/causes.py"
