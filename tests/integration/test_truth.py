# SPDX-License-Identifier: GPL-3.0-or-later
"""For random sets of sockets: a want is called free exactly where the engine's own start succeeds."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from ansible_collections.dockmaster.ports.tests.integration.support.engine import IMAGE, Engine, Refused, missing

SEED = int(os.environ.get("TRUTH_SEED", "20261121"))
ROUNDS = int(os.environ.get("TRUTH_ROUNDS", "40"))
IPS = ("0.0.0.0", "::", "127.0.0.1", "::1", "192.0.2.1", "2001:db8::1")
PORTS = (8000, 8001, 8002)
OPTIONS = ([], ["SO_REUSEADDR"], ["SO_REUSEPORT"], ["SO_REUSEADDR", "SO_REUSEPORT"])
STARTS = {"free": True, "at_risk": True, "diverted": True, "blocked": False}

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"an engine of its own needs {missing()}")


@pytest.fixture(scope="module", params=[True, False], ids=["proxy", "no-proxy"])
def engine(request, tmp_path_factory):
    with Engine(tmp_path_factory.mktemp("engine"), config={"userland-proxy": request.param}) as running:
        yield running


@pytest.fixture(scope="module")
def judge(engine):
    script = Path(__file__).parent / "support/listeners.py"
    command = engine.inside("env", f"PYTHONPATH={os.environ['PYTHONPATH']}", sys.executable, str(script))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def ask(sockets, publish, bind_probe=True):
            process.stdin.write(json.dumps({"sockets": sockets, "publish": publish, "bind_probe": bind_probe}) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask
        process.stdin.close()


def a_socket(draw):
    protocol = draw.choice(["tcp", "tcp", "udp"])
    return {
        "ip": draw.choice(IPS),
        "port": draw.choice(PORTS),
        "protocol": protocol,
        "v6only": draw.random() < 0.5,
        "options": draw.choice(OPTIONS),
        "listen": draw.random() < 0.8,
    }


def a_want(draw):
    ip = draw.choice(["", "", "0.0.0.0:", "127.0.0.1:", "192.0.2.1:", "[::1]:", "[::]:", "[2001:db8::1]:"])
    ports = draw.choice(["8000", "8001", "8002", "8000-8001", "8000-8002"])
    targets = ports.replace("800", "700")
    return f"{ip}{ports}:{targets}/{draw.choice(['tcp', 'udp'])}"


def starts(engine, publish):
    """Whether the engine starts a container that publishes this, and what it says if it does not."""
    try:
        engine.docker("run", "--name", "truth", "--detach", "--publish", publish, IMAGE, "sleep", "60")
    except Refused as exc:
        return False, str(exc)
    finally:
        engine.docker("rm", "--force", "truth")
    return True, ""


@pytest.mark.parametrize("number", range(ROUNDS))
def test_free_is_where_the_engine_starts(engine, judge, number):
    draw = random.Random(SEED + number)
    sockets = [a_socket(draw) for _turn in range(draw.randint(0, 4))]
    publish = a_want(draw)

    result = judge(sockets, [publish])
    verdict = result["wants"][0]["verdict"]
    started, said = starts(engine, publish)

    assert verdict != "unknown", result["unjudged"]
    engine_says = "starts" if started else said
    assert STARTS[verdict] is started, f"{publish} beside {sockets}: {verdict} ({result['msg']}), engine: {engine_says}"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_the_evidence_alone_knows_what_the_bind_will_say(judge, number):
    """Every listener that refuses a bind is seen in the kernel's own tables.

    Of a socket that is bound and does not listen only a bind can tell: with SO_REUSEADDR it lets others listen.
    """
    draw = random.Random(SEED + 1000 + number)
    sockets = [{**a_socket(draw), "listen": True} for _turn in range(draw.randint(0, 4))]
    publish = [a_want(draw) for _turn in range(5)]

    for want in publish:
        probed = judge(sockets, [want])["wants"][0]
        seen = judge(sockets, [want], bind_probe=False)["wants"][0]
        assert (probed["verdict"], [f["cause"] for f in probed["findings"]]) == (
            seen["verdict"], [f["cause"] for f in seen["findings"]],
        ), f"{want} beside {sockets}"  # fmt: skip
