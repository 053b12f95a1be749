# SPDX-License-Identifier: GPL-3.0-or-later
"""net stop|start winnat: ends with 2 where it does not come about, and says why in words."""

from __future__ import annotations

import sys
import typing as t

from ansible_collections.dockmaster.ports.tests.integration.windows import reserved
from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say

NAME = "Windows NAT Driver"


def stop(state: t.Dict[str, t.Any]) -> t.Tuple[int, str]:
    nat = reserved.winnat(state)
    if not nat["running"]:
        return 2, f"The {NAME} service is not started.\n\nMore help is available by typing NET HELPMSG 3521.\n\n"
    if nat["refuses_stop"]:
        return 2, f"The {NAME} service could not be stopped.\n\n"
    reserved.stop_winnat(state)
    return 0, f"\nThe {NAME} service was stopped successfully.\n\n"


def start(state: t.Dict[str, t.Any]) -> t.Tuple[int, str]:
    nat = reserved.winnat(state)
    if nat["running"]:
        return (
            2,
            "The requested service has already been started.\n\nMore help is available by typing NET HELPMSG 2182.\n\n",
        )
    if nat["refuses_start"]:
        nat["refuses_start"] -= 1
        return (
            2,
            f"A system error has occurred.\n\nSystem error 31 has occurred.\n\nThe {NAME} service is not started.\n\n",
        )
    reserved.start_winnat(state)
    return 0, f"\nThe {NAME} service was started successfully.\n\n"


def main() -> int:
    with State().changing() as state:
        if sys.argv[1:] not in (["stop", "winnat"], ["start", "winnat"]):
            code, text = 1, "The syntax of this command is:\n\nNET [ START | STOP ]\n\n"
        elif not state["elevated"]:
            code, text = 2, "System error 5 has occurred.\n\nAccess is denied.\n\n"
        else:
            code, text = (stop if sys.argv[1] == "stop" else start)(state)
        say(text, state)
    return code


if __name__ == "__main__":
    sys.exit(main())
