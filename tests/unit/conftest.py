# SPDX-License-Identifier: GPL-3.0-or-later
"""Lets plain pytest run in a checkout, whatever the checkout is called; under ansible-test it changes nothing."""

from __future__ import annotations

import importlib.util
import os
import pathlib
import sys
import types
import typing as t

ROOT = pathlib.Path(__file__).resolve().parents[2]
CONTROLLER_ONLY = ("action", "callback", "filter", "lookup", "plugin_utils")


def _importable() -> bool:
    try:
        return importlib.util.find_spec("ansible_collections.dockmaster.ports") is not None
    except ModuleNotFoundError:
        return False


def _mount() -> None:
    """Make ansible_collections.dockmaster.ports a package whose folder is the checkout."""
    paths: t.Dict[str, t.List[str]] = {
        "ansible_collections": [],
        "ansible_collections.dockmaster": [],
        "ansible_collections.dockmaster.ports": [str(ROOT)],
    }
    for name, path in paths.items():
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package
        parent, _dot, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, package)


if not _importable():
    _mount()

if importlib.util.find_spec("hypothesis"):
    from hypothesis import settings

    # Two busy cores make any deadline a coin toss. CI judges a change, and not the luck of its day.
    in_ci = os.environ.get("CI", "").lower() in ("1", "true", "yes")
    settings.register_profile("house", deadline=None, print_blob=True, derandomize=in_ci)
    settings.load_profile("house")


def pytest_ignore_collect(collection_path: pathlib.Path) -> t.Optional[bool]:
    """What runs on the controller alone is not collected by a Python that no supported controller has."""
    if sys.version_info >= (3, 11) or ROOT not in collection_path.parents:
        return None
    parts = collection_path.relative_to(ROOT).parts
    return True if parts[:3] == ("tests", "unit", "plugins") and set(parts[3:4]) & set(CONTROLLER_ONLY) else None
