# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Back to the file that the engine ran with before."""

from __future__ import annotations

import os

from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module, content, remove, replace, told
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._lock import alone_in
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.careful import Careful
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.restart import NotWhole
from ansible_collections.dockmaster.ports.plugins.module_utils._restart.service import Failed

NO_FILE = "none"  # there was none


def go_back(module: Module, ready: Careful, path: str, old_file: str) -> str:
    """How it ended, as the end of a sentence; empty if nobody named a file to go back to."""
    if not path:
        return ""
    path = os.path.realpath(path)
    if not old_file:
        return "; no copy of the old file was kept, so the new one is still there"
    try:
        with alone_in(os.path.dirname(path)):
            _put_back(module, path, old_file)
    except OSError as exc:
        return f"; the old file could not be put back: {told(exc)}"
    except ValueError as exc:
        return f"; the old file could not be put back: {exc}"
    try:
        ready.restart.run(ready.was)
    except (Failed, NotWhole, Unseen) as exc:
        return f"; the old file is back, but not all is as before: {exc}"
    return "; the old file is back, and the engine runs with it"


def _put_back(module: Module, path: str, old_file: str) -> None:
    """Raises OSError, ValueError."""
    now = content(path)
    if old_file != NO_FILE:
        with open(old_file, "rb") as file:
            replace(module, path, now, file.read(), backup=False)
    elif now is not None:
        remove(module, path, now)
