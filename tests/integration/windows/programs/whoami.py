# SPDX-License-Identifier: GPL-3.0-or-later
"""whoami /groups: groups and the mandatory level of the token, whose SID is in no language."""

from __future__ import annotations

import sys

from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say

HEAD = "\nGROUP INFORMATION\n-----------------\n\n"


def main() -> int:
    if sys.argv[1:] != ["/groups"]:
        say("ERROR: Invalid argument/option.\n")
        return 1
    state = State().read()
    level, sid = ("High", "S-1-16-12288") if state["elevated"] else ("Medium", "S-1-16-8192")
    rows = [("Everyone", "S-1-1-0"), (f"Mandatory Label\\{level} Mandatory Level", sid)]
    say(HEAD + "".join(f"{name:<50} {one}\n" for name, one in rows), state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
