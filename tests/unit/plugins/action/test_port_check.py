# SPDX-License-Identifier: GPL-3.0-or-later
"""What the action hands to the module: published ports as people wrote them."""

from __future__ import annotations

import types

import pytest

from ansible_collections.dockmaster.ports.plugins.action import port_check as plugin


class Action(plugin.ActionModule):
    """With options, and without a play or a connection."""

    def __init__(self, **args):
        self._task = types.SimpleNamespace(args=args)
        self._loader = types.SimpleNamespace(path_dwim=lambda path: path)
        self._connection = types.SimpleNamespace(_shell=None)

    def _compute_environment_string(self, raw_environment_out=None):
        return ""


@pytest.mark.parametrize(
    "publish, handed",
    [
        (1342, [1342]),  # 22:22 without quotes
        (80.5, [80.5]),
        (True, [True]),
        ({"target": 80, "published": 8080}, [{"target": 80, "published": 8080}]),
        ([1342, "8080:80"], [1342, "8080:80"]),
        ("published=8080,target=80", ["published=8080,target=80"]),
        ("8080:80,9090:90", "8080:80,9090:90"),  # Ansible makes a list of it, at commas
        (None, None),
    ],
)
def test_a_single_entry_stays_what_it_is(publish, handed):
    """Ansible would make text of a number, and the module could not tell any more that nobody quoted it."""
    action = Action(publish=publish)

    assert action._read_projects({}) == []
    assert action._task.args == {"publish": handed}


def test_a_single_entry_goes_before_those_of_a_project(tmp_path):
    (tmp_path / "compose.yaml").write_text("services: {web: {image: web, ports: ['8080:80']}}\n")
    action = Action(publish=1342, project_dir=str(tmp_path), project_name="shop")

    action._read_projects({})

    assert [one if one == 1342 else one["publish"] for one in action._task.args["publish"]] == [1342, "8080:80"]
