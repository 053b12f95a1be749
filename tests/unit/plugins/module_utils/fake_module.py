# SPDX-License-Identifier: GPL-3.0-or-later
"""What the code that replaces files asks of an AnsibleModule."""

from __future__ import annotations

import os


class FakeModule:
    check_mode = False
    params = {}

    def add_cleanup_file(self, path):
        self.temporary = path

    def atomic_move(self, src, dest, _unsafe):
        """The new file has the mode that the process would give it, as AnsibleModule does for one that was not there."""
        os.rename(src, dest)
        os.chmod(dest, 0o666 & ~_umask())


def _umask():
    old = os.umask(0)
    os.umask(old)
    return old
