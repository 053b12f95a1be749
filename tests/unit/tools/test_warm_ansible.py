# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tools.warm_ansible import WarmAnsible

RAW = ("localhost", "-i", "localhost,", "-c", "local", "-m", "ansible.builtin.raw", "-a")


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    env = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    return {**env, "ANSIBLE_HOME": str(tmp_path_factory.mktemp("home")), "ANSIBLE_NOCOLOR": "1"}


@pytest.fixture(scope="module")
def warm(environment):
    one = WarmAnsible(Path(sys.executable), environment)
    yield one
    one.close()


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("argv", [["--no-such-option"], [*RAW, "pwd; echo $SAID >&2; exit 3"]])
def test_a_run_says_what_a_run_of_its_own_says(argv, together, warm, environment, tmp_path):
    env = {**environment, "SAID": "so"}
    errors = subprocess.STDOUT if together else subprocess.PIPE
    command = [sys.executable, "-m", "ansible", "adhoc", *argv]
    own = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=errors, text=True, check=False, cwd=tmp_path, env=env, timeout=60
    )

    done = warm.run(["ansible", *argv], 60, tmp_path, env, together)

    assert (done.code, done.out, done.err) == (own.returncode, own.stdout, own.stderr or "")
    assert done.code


@pytest.mark.parametrize(
    "within",
    [
        pytest.param(
            ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"],
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="a namespace of processes needs root"),
            id="in a namespace",
        ),
        pytest.param(["env"], id="here"),
    ],
)
def test_a_run_that_hangs_costs_its_timeout_and_is_ended(within, environment, tmp_path):
    warm = WarmAnsible(Path(sys.executable), environment, within)
    os.mkfifo(tmp_path / "alive")
    reader = os.open(tmp_path / "alive", os.O_RDONLY | os.O_NONBLOCK)
    began = time.monotonic()

    with pytest.raises(subprocess.TimeoutExpired):
        warm.run(["ansible", *RAW, f"exec sleep 60 >{tmp_path}/alive"], 8)

    poll = select.poll()
    poll.register(reader, 0)
    assert poll.poll(5000) == [(reader, select.POLLHUP)]
    assert time.monotonic() - began < 50
    os.close(reader)
    warm.close()


def test_a_run_that_breaks_down_says_why(warm):
    done = warm.run(["ansible-nonsense"], 60)

    assert (done.code, done.err.splitlines()[-1]) == (250, "KeyError: 'ansible-nonsense'")


def test_the_server_ends_with_its_input_and_another_one_takes_its_place(warm):
    assert warm.run(["ansible", "--version"], 60).code == 0
    process = warm._process

    warm.close()

    assert process.poll() == 0
    assert warm.run(["ansible", "--version"], 60).code == 0


def test_a_python_without_ansible(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)

    with pytest.raises(RuntimeError, match=r"/python cannot import Ansible$"):
        WarmAnsible(python, {}).run(["ansible", "--version"], 60)
