# SPDX-License-Identifier: GPL-3.0-or-later
"""sc query winnat: ends with 1060 where there is no such service; its state is a number in every language."""

from __future__ import annotations

import sys

from ansible_collections.dockmaster.ports.tests.integration.windows import reserved
from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say

TABLE = """
SERVICE_NAME: winnat
        TYPE               : 1  KERNEL_DRIVER
        STATE              : {}
                                {}
        WIN32_EXIT_CODE    : 0  (0x0)
        SERVICE_EXIT_CODE  : 0  (0x0)
        CHECKPOINT         : 0x0
        WAIT_HINT          : 0x0
"""
RUNNING = ("4  RUNNING", "(STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)")
STOPPED = ("1  STOPPED", "(NOT_STOPPABLE, NOT_PAUSABLE, IGNORES_SHUTDOWN)")


def main() -> int:
    with State().changing() as state:
        nat = reserved.winnat(state)
        if sys.argv[1:] != ["query", "winnat"] or nat["missing"]:
            say("[SC] EnumQueryServicesStatus:OpenService FAILED 1060:\n\n", state)
            return 1060
        say(TABLE.format(*(RUNNING if nat["running"] else STOPPED)), state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
