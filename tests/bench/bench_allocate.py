# SPDX-License-Identifier: GPL-3.0-or-later
"""On the controller: 10,000 names get ports of a band of 20,000, as filter port_for and module port_registry give them:
placed in an empty registry, the registry written to its file, and one more name placed in that file by a process that
has not read it yet. Seconds on one core.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
import typing as t
from pathlib import Path

from tests.bench.results import Row

NAME = "Ports for names"

_NAMES = 10_000
_BAND = "20000-39999"
_SECONDS = 2.0
_ONE_MORE = """\
import sys, time
sys.path[:0] = [path for path in sys.argv[2:] if path]
from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import ports_for
start = time.perf_counter()
port = ports_for(["one/more"], {"band": sys.argv[1], "registry": "registry.yml"})["one/more"]
print(time.perf_counter() - start, port)
"""


def run(slow: bool) -> t.Iterator[Row]:
    sys.path[:0] = _collections()
    names = [f"project{number % 900}/service{number}" for number in range(_NAMES)]
    random.Random(1).shuffle(names)
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as folder:
        registry = Path(folder, "registry.yml")
        placed, given = _given(names, "")
        yield Row(
            f"{_NAMES:,} names in a band of 20,000", f"{placed:.2f} s", f"under {_SECONDS:.0f} s", placed < _SECONDS
        )
        written, kept = _given(names, str(registry))
        whole = "the same, kept in a registry of " + f"{registry.stat().st_size // 1024:,} KiB"
        yield Row(whole, f"{written:.2f} s", f"under {_SECONDS:.0f} s", written < _SECONDS and kept == given)
        seconds, port = _one_more(folder)
        _again, after = _given(names, str(registry))
        moved = sum(1 for name in names if after[name] != given[name])
        yield Row("one more name, in that registry", f"{seconds:.2f} s", f"under {_SECONDS:.0f} s", seconds < _SECONDS)
        yield Row("names that it moved", str(moved), "none", not moved and port not in given.values())


def _given(names: list[str], registry: str) -> tuple[float, dict[str, int]]:
    from ansible_collections.dockmaster.ports.plugins.plugin_utils._allocate.ask import ports_for

    start = time.perf_counter()
    found = ports_for(names, {"band": _BAND, "registry": registry})
    return time.perf_counter() - start, found


def _one_more(folder: str) -> tuple[float, int]:
    command = [sys.executable, "-c", _ONE_MORE, _BAND, *_collections()]
    done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True)
    seconds, port = done.stdout.split()
    return float(seconds), int(port)


def _collections() -> list[str]:
    first = os.environ.get("ANSIBLE_COLLECTIONS_PATH", "").split(os.pathsep)[0]
    return [first] if first else []
