# SPDX-License-Identifier: GPL-3.0-or-later
"""powershell, for one command: have Windows' management service start a process, outside of the connection's shell.

What it starts is run after the sleep that it asks for, whatever became of the connection meanwhile.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from pathlib import Path

from ansible_collections.dockmaster.ports.tests.integration.windows.state import State, say

OPTIONS = ["-NoProfile", "-NonInteractive", "-Command"]
STARTED = re.compile(
    r"\$ErrorActionPreference = 'Stop'; \$made = Invoke-CimMethod -ClassName Win32_Process -MethodName Create "
    r"-Arguments @\{CommandLine='powershell\.exe -NoProfile -NonInteractive -Command Start-Sleep (\d+);"
    r" 1\.\.(\d+) \| ForEach-Object \{ net\.exe start winnat; Start-Sleep (\d+) \}'\};"
    r" if \(\$made\.ReturnValue -eq 0\) \{ exit 0 \}; exit 1"
)
LATER = "later"
SECOND = 0.05


def sleep(seconds: int) -> None:
    """As long as the double's second is; a test that ends sets it to nothing."""
    began = time.monotonic()
    while time.monotonic() - began < seconds * State().read().get("second", SECOND):
        time.sleep(0.05)


def start_later(seconds: str, times: str, between: str) -> None:
    left = subprocess.Popen(
        [sys.executable, __file__, LATER, seconds, times, between], start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    with State().changing() as state:
        state.setdefault("later", []).append(left.pid)


def main() -> int:
    if sys.argv[1] == LATER:
        seconds, times, between = map(int, sys.argv[2:])
        sleep(seconds)
        for _turn in range(times):
            subprocess.run([sys.executable, str(Path(__file__).with_name("net.py")), "start", "winnat"], check=False)
            sleep(between)
        return 0
    asked = STARTED.fullmatch(sys.argv[-1])
    state = State().read()
    if sys.argv[1:-1] != OPTIONS or not asked:
        say("The double knows no such command.\n", state)
        return 1
    if not state["elevated"]:
        return 2
    start_later(*asked.groups())
    return 0


if __name__ == "__main__":
    sys.exit(main())
