# SPDX-License-Identifier: GPL-3.0-or-later
"""`port_facts` with every option at its default beside a real Docker engine with 200 containers: 100 run and publish a
port each, 100 were made and never started. Engine calls are counted by a socket between the module and the engine.
"No-op" is `ansible.builtin.ping`, in the same playbook.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import socketserver
import statistics
import subprocess
import sys
import tempfile
import threading
import typing as t
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.results import Row, Skipped, milliseconds
from tests.integration.support.engine import IMAGE, Engine, missing

NAME = "An engine with 200 containers"

RUNNING = STOPPED = 100
NOTHING = {"name": "nothing", "ansible.builtin.ping": {}}
OURS = {"name": "ours", "dockmaster.ports.port_facts": {}}

_RUNS = 5
_TWICE = 2  # a task is run for its time, and once more for its memory
_SECOND = 1000.0


def run(slow: bool) -> t.Iterator[Row]:
    lacking = missing() or ("" if shutil.which("ansible-playbook") else "ansible-playbook")
    if lacking:
        raise Skipped(f"needs {lacking}")
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder)) as engine:
        _fill(engine)
        told = _measured(engine, [NOTHING, OURS] * _RUNS)
        with _Counter(engine) as counter:
            counted = {**OURS, "dockmaster.ports.port_facts": {"docker_host": counter.endpoint}}
            _measured(engine, [counted])
    yield from _rows(told, len(counter.calls) // _TWICE)


def _rows(told: t.Any, calls: int) -> t.Iterator[Row]:
    nothing, ours = (
        [one["seconds"] * 1000 for one in told["took"] if one["task"] == name] for name in ("nothing", "ours")
    )
    beyond = statistics.median(ours) - statistics.median(nothing)
    yield Row("no-op", milliseconds(nothing))
    yield Row(
        "`port_facts`",
        f"{milliseconds(ours)}, {beyond:,.0f} ms beyond the no-op",
        "under 1 s beyond the no-op",
        beyond < _SECOND,
    )
    bound = 2 + STOPPED
    asked = f"at most 2, and one a container that does not run: {bound}"
    yield Row("engine calls of `port_facts`", str(calls), asked, 2 < calls <= bound)
    yield Row("peak memory of module `port_facts`", f"{told['megabytes']:.0f} MB")


def _fill(engine: Engine) -> None:
    """Two at a time: an engine starts containers one after the other, mostly."""
    with ThreadPoolExecutor(2) as pool:
        list(
            pool.map(lambda n: engine.docker("create", "-p", f"{20000 + n}:80", IMAGE, "sleep", "600"), range(STOPPED))
        )
        options = ("--detach", "--stop-signal", "KILL")
        list(
            pool.map(
                lambda n: engine.docker("run", *options, "-p", f"{10000 + n}:80", IMAGE, "sleep", "600"), range(RUNNING)
            )
        )


def _measured(engine: Engine, tasks: t.Sequence[t.Any]) -> t.Any:
    program = str(Path(__file__).parent / "measure_tasks.py")
    command = engine.inside(sys.executable, program, json.dumps(tasks))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=300, check=True)
    return json.loads(done.stdout)


class _Counter:
    """Stands before an engine's socket. calls: first lines of the requests that came through."""

    def __init__(self, engine: Engine) -> None:
        self.calls: list[str] = []
        self.endpoint = f"unix://{engine.folder}/counted.sock"
        counter, behind = self, engine.endpoint[len("unix://") :]

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with socket.socket(socket.AF_UNIX) as onward:
                    onward.connect(behind)
                    back = threading.Thread(target=_copy, args=(onward, self.request), daemon=True)
                    back.start()
                    _copy(self.request, onward, counter.calls)
                    back.join(timeout=5)

        self._server = socketserver.ThreadingUnixStreamServer(self.endpoint[len("unix://") :], Handler)
        self._server.daemon_threads = True

    def __enter__(self) -> _Counter:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _copy(source: socket.socket, sink: socket.socket, calls: list[str] | None = None) -> None:
    """Until one side ends. A request without a body is one piece, and the next comes after its answer."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            if calls is not None:
                calls += [line.decode() for line in data.split(b"\r\n") if line.endswith(b" HTTP/1.1")]
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
