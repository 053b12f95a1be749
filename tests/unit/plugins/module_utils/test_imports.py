# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may import whom. What ships to targets uses the standard library; the core touches nothing but its arguments."""

from __future__ import annotations

import ast
import pathlib
import sys

import pytest

PLUGINS = pathlib.Path(__file__).resolve().parents[4] / "plugins"
OURS = "ansible_collections.dockmaster.ports.plugins."
PURE = {
    "__future__", "bisect", "collections", "dataclasses", "enum", "errno", "functools", "ipaddress", "itertools", "json",
    "math", "re", "shlex", "string", "types", "typing",
}  # fmt: skip

#  part                      may use these parts of the collection             and these modules beside (None: any)
MAY_USE = {
    "module_utils/_core": (("module_utils._core",), PURE),
    "module_utils/_causes": (("module_utils._core", "module_utils._causes"), PURE),
    "module_utils/_probes": (
        ("module_utils._core", "module_utils._host", "module_utils._probes", "module_utils._firewall"),
        PURE | {"calendar", "struct", "socket"},
    ),
    "module_utils/_firewall": (("module_utils._firewall",), None),  # it is packed as a program of its own
    "filter": (("module_utils._core", "module_utils._causes", "module_utils._firewall.networks", "plugin_utils"), None),
    "lookup": (("module_utils._core", "module_utils._causes", "plugin_utils"), None),
}  # fmt: skip
GUARDED = {"docker"}  # third-party, imported behind a guard

FILES = [path for part in MAY_USE for path in sorted((PLUGINS / part).rglob("*.py"))]
SHIPPED = sorted((PLUGINS / "module_utils").rglob("*.py")) + sorted((PLUGINS / "modules").rglob("*.py"))


def imports(path):
    """Names of imported modules; of `from a.b import c` both a.b and a.b.c."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def label(path):
    return str(path.relative_to(PLUGINS))


@pytest.mark.parametrize("path", FILES, ids=label)
def test_a_part_uses_what_it_may(path):
    part = next(part for part in MAY_USE if (PLUGINS / part) in path.parents)
    ours, others = MAY_USE[part]
    for name in imports(path):
        if name.startswith(OURS):
            assert name[len(OURS) :].startswith(ours), f"{part} imports {name}"
        elif others is not None:
            assert name.partition(".")[0] in others, f"{part} imports {name}"


@pytest.mark.skipif(sys.version_info < (3, 10), reason="this Python does not list its standard library's modules")
@pytest.mark.parametrize("path", SHIPPED, ids=label)
def test_what_ships_to_targets_uses_the_standard_library(path):
    for name in imports(path):
        top = name.partition(".")[0]
        allowed = top in sys.stdlib_module_names or top in GUARDED or name.startswith((OURS, "ansible.module_utils."))
        assert allowed, f"{label(path)} imports {name}"
