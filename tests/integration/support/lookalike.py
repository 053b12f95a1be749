# SPDX-License-Identifier: GPL-3.0-or-later
"""This machine made to look like another: programs of the test come first in the PATH, and Ansible's way is local."""

from __future__ import annotations

import os
import sys
import typing as t
from pathlib import Path

from ansible_collections.dockmaster.ports.tests.integration.windows.double import Double


class Lookalike(Double):
    """No way leads to it: it runs where the playbook does, `inside` namespaces if it needs some."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.variables = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}

    def program(self, name: str, lines: str) -> Path:
        """A shell script, by its path in the host's folder. Those in bin are in the PATH."""
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{lines}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    def look(self, module: str, **options: t.Any) -> t.Dict[str, t.Any]:
        """What a module of this collection returns there."""
        ran = self.play({"name": "look", f"dockmaster.ports.{module}": options})
        assert "look" in ran.results, ran.printed
        return ran.results["look"]

    def _environment(self, log: Path) -> t.Dict[str, str]:
        return {**super()._environment(log), "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
