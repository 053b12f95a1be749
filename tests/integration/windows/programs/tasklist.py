# SPDX-License-Identifier: GPL-3.0-or-later
"""tasklist /SVC /FO CSV /NH: processes and the services they host."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say
from ansible_collections.dockmaster.ports.tests.integration.windows.words import WORDS


def table(state: t.Mapping[str, t.Any]) -> str:
    none = WORDS[state["language"]].none
    return "".join(
        '"{}","{}","{}"\n'.format(one["name"], one["pid"], ",".join(one.get("services", ())) or none)
        for one in state["processes"]
    )


def main() -> int:
    if [word.upper() for word in sys.argv[1:]] != ["/SVC", "/FO", "CSV", "/NH"]:
        say("ERROR: Invalid argument/option.\n")
        return 1
    state = State().read()
    say(table(state), state)
    return 0


if __name__ == "__main__":
    sys.exit(main())
