# SPDX-License-Identifier: GPL-3.0-or-later
"""What role `userland_proxy` gains on a host, measured beside a real Docker engine: requests a second that programs of
the host itself get from a web server in a container (a new connection for each), and the memory that a hundred
published ports cost. Clients on other hosts reach containers through the kernel either way.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from tests.bench.results import Row, Skipped
from tests.integration.support.engine import IMAGE, Engine, missing

NAME = "The userland proxy, on and off"

PORT, HOST_PORT, PUBLISHED = 8080, 8088, 100
_RUNS = 5
_SECONDS = 1.0
_SERVE = "echo ok > /index.html; exec httpd -f -p {} -h /"

# Asks as often as it can, one connection after the other in two processes
_CLIENT = """
import json, os, socket, sys, time
ip, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
def ask(until):
    count = 0
    while time.monotonic() < until:
        with socket.create_connection((ip, port), 5) as sock:
            sock.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
            while sock.recv(4096):
                pass
        count += 1
    return count
read, write = os.pipe()
until = time.monotonic() + seconds
if os.fork() == 0:
    os.write(write, b"%d" % ask(until))
    os._exit(0)
mine = ask(until)
print((mine + int(os.read(read, 64))) / seconds)
"""
# The memory of docker-proxy processes of this namespace, each page counted once, in megabytes, and how many there are
_MEMORY = """
import glob, json, re
size = count = 0
for path in glob.glob("/proc/[0-9]*/comm"):
    try:
        if open(path).read().strip() == "docker-proxy":
            rolled = open(path[:-4] + "smaps_rollup").read()
            size += int(re.search(r"^Pss: +(\\d+)", rolled, re.M)[1])
            count += 1
    except OSError:
        continue
print(json.dumps([size / 1024, count]))
"""


def run(slow: bool) -> t.Iterator[Row]:
    """slow: more runs of each."""
    lacking = missing()
    if lacking:
        raise Skipped(f"needs {lacking}")
    runs = _RUNS * 3 if slow else _RUNS
    told = {on: _measured(on, runs) for on in (True, False)}
    for way in ("host networking", "the container's own address", "a published port"):
        yield Row(f"{way}, proxy on", _rate(told[True][way]))
        yield Row(f"{way}, proxy off", _rate(told[False][way]))
    for on in (True, False):
        size, count = told[on]["memory"]
        yield Row(
            f"{PUBLISHED} published ports, proxy {'on' if on else 'off'}",
            f"{count:.0f} docker-proxy processes, {size:.0f} MB",
        )


def _measured(proxy: bool, runs: int) -> dict[str, t.Any]:
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder), config={"userland-proxy": proxy}) as engine:
        options = ("run", "--detach", "--stop-signal", "KILL")
        web = engine.docker(*options, "-p", f"{PORT}:80", IMAGE, "sh", "-c", _SERVE.format(80))
        engine.docker(*options, "--network", "host", IMAGE, "sh", "-c", _SERVE.format(HOST_PORT))
        address = engine.docker("inspect", "--format", "{{.NetworkSettings.IPAddress}}", web)
        ways = {
            "host networking": ("127.0.0.1", HOST_PORT),
            "the container's own address": (address, 80),
            "a published port": ("127.0.0.1", PORT),
        }
        told: dict[str, t.Any] = {way: [] for way in ways}
        for _number in range(runs):  # in turns, so that what disturbs the machine disturbs all alike
            for way, (ip, port) in ways.items():
                told[way].append(float(_python(engine, _CLIENT, ip, str(port), str(_SECONDS))))
        last = 20000 + PUBLISHED - 1
        engine.docker(*options, "-p", f"20000-{last}:20000-{last}", IMAGE, "sleep", "600")
        told["memory"] = json.loads(_python(engine, _MEMORY))
        return told


def _python(engine: Engine, program: str, *arguments: str) -> str:
    command = engine.inside(sys.executable, "-S", "-E", "-c", program, *arguments)
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=60, check=True).stdout


def _rate(values: t.Sequence[float]) -> str:
    return f"{statistics.median(values):,.0f} requests a second ({min(values):,.0f}–{max(values):,.0f})"
