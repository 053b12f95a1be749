# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Imports from the archive that Ansible brings a module to a target in.

To find a module in a zip archive, Python wants its file's name of the archive's importer, which compiles the module to
tell; to run it, it compiles it once more. A target pays for both in each task: it keeps nothing of them.

Source: Lib/zipimport.py (get_filename, get_code) and Lib/importlib/_bootstrap_external.py (spec_from_file_location).
"""

from __future__ import annotations

import sys
import typing as t
import zipimport
from importlib.machinery import ModuleSpec

_COLLECTION = __name__.partition(".plugins.")[0] + "."


class _Finder:
    """Names the files of this collection itself; whatever it does not know, Python's own finders look for."""

    def __init__(self) -> None:
        self._importers: t.Dict[str, zipimport.zipimporter] = {}

    def find_spec(
        self, name: str, path: t.Optional[t.Sequence[str]] = None, _target: t.Any = None
    ) -> t.Optional[ModuleSpec]:
        if not path or not name.startswith(_COLLECTION):
            return None
        try:
            importer = self._importer(path[0])
            is_package = importer.is_package(name)
        except ImportError:  # no archive, or none that has it
            return None
        file = f"{path[0]}/{name.rpartition('.')[2]}"
        origin = f"{file}/__init__.py" if is_package else f"{file}.py"
        spec = ModuleSpec(name, t.cast(t.Any, importer), origin=origin)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations = [file]
        return spec

    def _importer(self, folder: str) -> zipimport.zipimporter:
        if folder not in self._importers:
            self._importers[folder] = zipimport.zipimporter(folder)
        return self._importers[folder]


def compile_once() -> None:
    """From here on this collection's modules are compiled once each; where they lie in folders nothing changes."""
    if isinstance(getattr(__spec__, "loader", None), zipimport.zipimporter):
        sys.meta_path.insert(0, t.cast(t.Any, _Finder()))
