# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Files of a project that lies on the target, fetched by the modules that Ansible has for it."""

from __future__ import annotations

import base64
import posixpath
import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.project import NAMES, OVERRIDES

USUAL = (*NAMES, *OVERRIDES, ".env")  # asked for together: each call is a round trip
DENIED = ("Permission denied", "Operation not permitted")  # find passes over such a folder, as if it were empty

RunModule = t.Callable[[str, dict[str, t.Any]], dict[str, t.Any]]  # module's name and arguments to its result


class Target:
    """Files of the target. `run` runs a module there."""

    def __init__(self, run: RunModule) -> None:
        self.run = run
        self.there: dict[str, bool] = {}
        self.contents: dict[str, bytes] = {}

    def read(self, path: str) -> bytes | None:
        if path not in self.there:
            self._look(path)
        if not self.there[path]:
            return None
        if path not in self.contents:
            self.contents[path] = self._fetched(path)
        return self.contents[path]

    def _look(self, path: str) -> None:
        """Which of the path and the usual names lie in its folder."""
        folder, name = posixpath.split(path)
        names = [*USUAL, name]
        result = self.run(
            "ansible.builtin.find",
            {"paths": [folder], "patterns": [_literal(one) for one in names], "hidden": True, "file_type": "any"},
        )
        if result.get("failed"):
            raise ComposeError(f"{folder}: {result.get('msg')}")
        if any(word in str(result.get("skipped_paths", "")) for word in DENIED):
            raise ComposeError(f"{folder}: permission denied; read it with become: true")
        found = {one["path"] for one in result.get("files", ()) if one.get("isreg") or one.get("islnk")}
        for one in names:
            self.there[posixpath.join(folder, one)] = posixpath.join(folder, one) in found

    def _fetched(self, path: str) -> bytes:
        result = self.run("ansible.builtin.slurp", {"src": path})
        if result.get("failed"):
            raise ComposeError(f"{path}: {result.get('msg')}")
        return base64.b64decode(result["content"])


def _literal(name: str) -> str:
    """A shell pattern that only this name matches."""
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)
