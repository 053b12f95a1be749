# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which variables a project sees: the shell's first, then those of its env files, the last file first.

Source: compose-spec, 12-interpolation.md; compose-go, cli/options.go and dotenv/env.go.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.dotenv import variables_of
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.files import within
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.interpolate import Variables
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.problem import ComposeError
from ansible_collections.dockmaster.ports.plugins.plugin_utils._compose.source import Source, text_of


def read_env_files(
    files: t.Sequence[str], folder: str, known: Variables, source: Source, place: str = ""
) -> dict[str, str]:
    """What the files set; with none named, the folder's .env if there is one. Raises ComposeError.

    place: where they are named, for files that a Compose file names.
    """
    found: dict[str, str] = {}
    for file in files or [within(folder, ".env")]:
        text = text_of(source, file)
        if text is not None:
            found = variables_of(text, file, known, found)
        elif files:
            raise ComposeError(f"{place}{file}: there is no such file")
    return found
