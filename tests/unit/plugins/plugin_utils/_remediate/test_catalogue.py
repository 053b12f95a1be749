# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every remedy: it can be taken, its arguments are checked, it is explained."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

from ansible_collections.dockmaster.ports.plugins.plugin_utils._remediate.catalogue import BY_ID, REMEDIES, step

ROOT = pathlib.Path(__file__).resolve().parents[5]
ROLE = ROOT / "roles/remediate"
SPECS = yaml.safe_load((ROLE / "meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]


@pytest.mark.parametrize("kind", REMEDIES, ids=lambda kind: kind.id)
class TestEveryRemedy:
    def test_has_tasks(self, kind):
        assert (ROLE / "tasks" / f"{kind.id}.yml").is_file()

    def test_has_an_entry_point_that_takes_its_parameters(self, kind):
        params = SPECS[kind.id]["options"]["remediate_params"].get("options", {})

        assert {*kind.acts_on, *kind.joins, *kind.lowest} <= set(params)
        assert not kind.by_want or {"publish", "by"} <= set(params)

    @pytest.mark.parametrize("heading", ["When", "What it disturbs", "Undo"])
    def test_has_a_page(self, kind, heading):
        page = (ROOT / "docs/remedies" / f"{kind.id}.md").read_text(encoding="utf-8")

        assert page.startswith(f"# {kind.id}\n")
        assert f"\n## {heading}\n" in page


@pytest.mark.parametrize(
    "remedy, disrupts, said",
    [
        ("stop_unit", "nginx.service stops", "remediate with stop_unit"),
        ("remove_orphan_rules", "", "remediate with remove_orphan_rules (nothing else is disturbed)"),
        ("move_want", "", "as the finding says it"),
        ("wait", "", "as the finding says it"),
        ("unload_job", "its job ends", "as the finding says it"),  # for people: the role has no such remedy
    ],
)
def test_what_people_are_told_to_do(remedy, disrupts, said):
    assert step(remedy, "as the finding says it", disrupts) == said


def test_the_role_takes_all_of_them_and_no_others():
    assert SPECS["main"]["options"]["remediate_allow"]["choices"] == list(BY_ID)
    assert set(SPECS) - {"main"} == set(BY_ID)


def test_each_is_offered_by_a_cause_but_for_chores():
    offered = set()
    for path in (ROOT / "plugins/module_utils").rglob("*.py"):
        offered |= set(re.findall(r'Remedy\(\s*"(\w+)"', path.read_text(encoding="utf-8")))

    assert {kind.id for kind in REMEDIES if not kind.chore} <= offered


def test_each_page_is_of_a_remedy():
    assert {path.stem for path in (ROOT / "docs/remedies").glob("*.md")} - {"README"} == set(BY_ID)
