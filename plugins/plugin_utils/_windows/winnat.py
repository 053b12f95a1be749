# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Windows' service winnat, stopped for a moment: while it runs, nothing can be excluded where its blocks are.

Stop, changes and start are one round trip. A shell can be killed with its connection, so before the stop Windows' own
management service starts a process, outside of that shell, that sleeps and then starts winnat, whatever came between.
It does so several times, for a stop that takes long is still going on at the first. A start of a service that runs does
nothing.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.windows.command import Command

START = Command(("net", "start", "winnat"), seconds=60)
QUERY = Command(("sc", "query", "winnat"))

_STARTS = 4  # half a minute apart
_RUNNING = 4  # SERVICE_RUNNING, winsvc.h
_NUMBER = re.compile(r"^[^:\r\n]*:\s*([0-9]+)\s", re.MULTILINE)


def sequence(changes: Sequence[Command]) -> list[Command]:
    """What stops it, changes, and starts it. Nothing is stopped without the safety; what is refused keeps no start."""
    safety = _safety(pause(changes))
    stop = Command(("net", "stop", "winnat"), after=safety, seconds=60)
    inner = [dataclasses.replace(change, after=stop) for change in changes]
    return [safety, stop, *inner, dataclasses.replace(START, after=safety)]


def pause(changes: Sequence[Command]) -> int:
    """Seconds from the stop to the start by the safety: a minute more than the changes may need."""
    return 60 + 2 * len(changes)


def _safety(seconds: int) -> Command:
    """Ends with 0 only if that process was created; a PowerShell that fails would end with 0 by itself."""
    start = f"1..{_STARTS} | ForEach-Object {{ net.exe start winnat; Start-Sleep 30 }}"
    line = f"powershell.exe -NoProfile -NonInteractive -Command Start-Sleep {seconds}; {start}"
    create = f"Invoke-CimMethod -ClassName Win32_Process -MethodName Create -Arguments @{{CommandLine='{line}'}}"
    script = f"$ErrorActionPreference = 'Stop'; $made = {create}; if ($made.ReturnValue -eq 0) {{ exit 0 }}; exit 1"
    return Command(("powershell", "-NoProfile", "-NonInteractive", "-Command", script), seconds=60)


def runs(answer: Output) -> bool | None:
    """Whether the service runs, by the number of its state. None: there is no such service, or nothing was told."""
    numbers = _NUMBER.findall(answer.out)  # its type, then its state
    return None if answer.rc or len(numbers) < 2 else int(numbers[1]) == _RUNNING
