# SPDX-License-Identifier: GPL-3.0-or-later
"""`docker_firewall` with a thousand rules of ten networks each, and with one rule of ten thousand, beside a real
Docker engine with a container that publishes ports of the rules: the time that the packed module takes on the target,
interpreter and all. The first run lays the policy out and looks again whether it stays; the second one finds it there
and changes nothing.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import typing as t
from pathlib import Path

from tests.bench.results import Row, Skipped, milliseconds
from tests.integration.support.engine import IMAGE, Engine, missing

NAME = "A firewall policy of 10,000 networks"

RULES, NETWORKS = 1000, 10
FIRST, ONE = 10000, 5432  # ports: of the thousand rules, of the one
APPLY, CHECK = 3000.0, 1000.0  # milliseconds

_RUNS = 3
# What the module writes on the host goes away with the namespace
_OVERLAYS = """set -e
for folder in /etc /usr/local /var/lib; do
    mkdir -p "/run/above$folder" "/run/work$folder"
    mount -t overlay overlay -o "lowerdir=$folder,upperdir=/run/above$folder,workdir=/run/work$folder" "$folder"
done
"""


def run(slow: bool) -> t.Iterator[Row]:
    lacking = missing() or ("" if shutil.which("ansible-playbook") else "ansible-playbook")
    if lacking:
        raise Skipped(f"needs {lacking}")
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder)) as engine:
        subprocess.run(engine.inside("sh", "-c", _OVERLAYS), check=True)
        published = [f"--publish={port}:80" for port in (FIRST, FIRST + RULES - 1, ONE)]
        engine.docker("run", "--detach", *published, IMAGE, "sleep", "600")
        networks = _networks(RULES * NETWORKS)
        many = [_rule(FIRST + n, networks[n * NETWORKS : (n + 1) * NETWORKS]) for n in range(RULES)]
        yield from _rows("1,000 rules of 10 networks", _measured(engine, Path(folder), many))
        yield from _rows("1 rule of 10,000 networks", _measured(engine, Path(folder), [_rule(ONE, networks)]))


def _networks(count: int) -> list[str]:
    """Apart from each other, so that none is merged away; always the same ones."""
    return [f"{16 + (block >> 15)}.{block >> 7 & 255}.{block << 1 & 255}.0/24" for block in range(count)]


def _rule(port: int, networks: t.Sequence[str]) -> dict[str, t.Any]:
    return {"ports": [port], "sources": list(networks), "action": "allow", "comment": f"clients of {port}"}


def _measured(engine: Engine, folder: Path, rules: t.Sequence[t.Any]) -> list[float]:
    """Milliseconds of the module: laid out, found there; as often as it is run. At the end the policy is gone."""
    path = folder / "rules.json"
    path.write_text(json.dumps(rules))
    ours = {"default": "deny", "rules": f"{{{{ lookup('file', '{path}') | from_json }}}}"}
    present = {"name": "ours", "dockmaster.ports.docker_firewall": ours}
    absent = {"name": "absent", "dockmaster.ports.docker_firewall": {"state": "absent"}}
    tasks = [present, present, absent] * _RUNS
    program = str(Path(__file__).parent / "measure_tasks.py")
    nothing = {"name": "nothing", "ansible.builtin.ping": {}}
    command = engine.inside(sys.executable, program, json.dumps([nothing]), json.dumps(tasks))
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    return [one["seconds"] * 1000 for one in json.loads(done.stdout)["modules"]]


def _rows(what: str, took: t.Sequence[float]) -> t.Iterator[Row]:
    for name, times, bound in (("laid out", took[0::3], APPLY), ("found as they are", took[1::3], CHECK)):
        yield Row(f"{what}, {name}", milliseconds(times), f"under {bound / 1000:g} s", statistics.median(times) < bound)
