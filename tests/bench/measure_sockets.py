# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures section `sockets` beside `ss`, in pairs, where it is started. Prints one JSON document.

Each measurement is a Python of its own, as a module is. It counts the processes that it starts by Python's own audit
events, because the kernel's counter counts those of the whole machine.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
import typing as t
from pathlib import Path

PAIRS = 5
SS = ("ss", "-tulnpH")
_STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system")


def main() -> None:
    if sys.argv[1:2] == ["once"]:
        print(json.dumps(once(sys.argv[2], sys.argv[3])))
        return
    collections = sys.argv[1]
    told: dict[str, list[t.Any]] = {"section": [], "before": [], "ss": []}
    for _pair in range(PAIRS):
        told["section"].append(_child(collections, "section"))
        told["ss"].append(_ss())
        told["before"].append(_child(collections, "before"))
    print(json.dumps(told))


def _child(collections: str, what: str) -> t.Any:
    argv = [sys.executable, __file__, "once", collections, what]
    return json.loads(subprocess.run(argv, stdout=subprocess.PIPE, check=True).stdout)


def _ss() -> dict[str, float]:
    start = time.perf_counter()
    done = subprocess.run(SS, stdout=subprocess.PIPE, check=True)
    return {"ms": (time.perf_counter() - start) * 1000, "sockets": done.stdout.count(b"\n")}


def once(collections: str, what: str) -> dict[str, float]:
    """One measurement in this process. what: section, or before: what is done before owners are looked for."""
    sys.path.insert(0, collections)
    from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
    from ansible_collections.dockmaster.ports.plugins.module_utils._live_host import LiveHost
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes import sockets
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

    started: list[str] = []
    sys.addaudithook(lambda event, _arguments: started.append(event) if event in _STARTS else None)
    if what == "before":
        clock = time.perf_counter()
        rows = sockets.rows_of(LiveHost(), [])
        return {"ms": (time.perf_counter() - clock) * 1000, "sockets": len(rows)}
    evidence = collect(LiveHost(), Request(sections=("sockets",)))
    return {
        "ms": evidence.timings["sockets"],
        "sockets": len(evidence.sockets or ()),
        "owned": sum(one.pid is not None for one in evidence.sockets or ()),
        "processes": len(started),
        "megabytes": _peak(),
    }


def _peak() -> float:
    """Of this very program: ru_maxrss would begin at what the parent had when it forked."""
    status = Path("/proc/self/status").read_text()
    kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 1024


if __name__ == "__main__":
    main()
