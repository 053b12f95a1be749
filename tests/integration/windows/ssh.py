# SPDX-License-Identifier: GPL-3.0-or-later
"""An ssh client whose server is the double. Its last argument is the command line; what it is given is the input."""

from __future__ import annotations

import sys

from ansible_collections.dockmaster.ports.tests.integration.windows import powershell
from ansible_collections.dockmaster.ports.tests.integration.windows.state import State

CONNECTION_LOST = 255


def main() -> int:
    if sys.argv[-1].startswith("-") or sys.argv[-2:-1] == ["-o"]:  # Ansible asks what options there are
        return 0
    try:
        ran = powershell.run(State(), sys.argv[-1], sys.stdin.buffer.read())
    except powershell.Lost:
        sys.stderr.write("client_loop: send disconnect: Broken pipe\r\n")
        return CONNECTION_LOST
    sys.stdout.buffer.write(ran.out)
    sys.stderr.buffer.write(ran.err)
    return ran.code


if __name__ == "__main__":
    sys.exit(main())
