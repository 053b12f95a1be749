# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands: what comes back, and that none costs more than its timeout."""

from __future__ import annotations

import os
import pathlib
import shlex
import sys
import time

import pytest

from ansible_collections.dockmaster.ports.plugins.module_utils import _live_command
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Output, Unseen

pytestmark = pytest.mark.skipif(os.name != "posix", reason="commands run on the targets, which are POSIX systems")

PYTHON = shlex.quote(sys.executable)
WRITER = f'{PYTHON} -c \'import os, time; open("PIDS", "w").write(str(os.getpid())); time.sleep(60)\''
SLEEPER = f"{PYTHON} -c 'import os, time; print(os.getpid(), flush=True); time.sleep(60)'"


def sh(script, timeout=20.0):
    return _live_command.run(("sh", "-c", script), timeout)


@pytest.mark.parametrize(
    "script, output",
    [
        ("echo out; echo err >&2; exit 3", Output(3, "out\n", "err\n")),
        ("true", Output(0, "", "")),
        ("printf 'bad \\377'", Output(0, "bad \udcff", "")),
        ("cat", Output(0, "", "")),  # no input
        ("echo $LC_ALL", Output(0, "C\n", "")),
        ("kill -9 $$", Output(-9, "", "")),
    ],
)
def test_what_a_command_leaves(script, output):
    assert sh(script) == output


def test_a_terminal_is_not_there_to_ask():
    assert sh("exec < /dev/tty").rc != 0


def test_programs_of_the_administrator_are_found_without_their_folder_in_the_path(monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")

    assert set(_live_command.SBIN) <= set(sh("echo $PATH").out.strip().split(":"))


def test_a_program_that_is_missing_is_unseen():
    with pytest.raises(Unseen, match=r"^no-such-program is not installed$"):
        _live_command.run(("no-such-program", "-x"), 1.0)


def test_a_file_that_is_no_program_is_unseen(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Unseen, match=r"^broken: exec format error$"):
        _live_command.run(("broken",), 1.0)


def ended(pid):
    """Whether a process is gone, or waits for somebody to read how it ended."""
    for _turn in range(100):
        try:
            if " Z " in pathlib.Path(f"/proc/{pid}/stat").read_text():
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


HANGING = [
    # what hangs                                                       script
    ("the command itself", f"echo $$ > PIDS; exec {SLEEPER}"),
    ("a child in the foreground", f"{SLEEPER} > PIDS"),
    ("a grandchild that keeps the pipe when the command has ended", f"({WRITER} &) ; exit 0"),
    ("one that ignores SIGTERM", f"trap '' TERM; echo $$ > PIDS; exec {SLEEPER}"),
]  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it looks into /proc to see who is left")
@pytest.mark.parametrize("script", [row[1] for row in HANGING], ids=[row[0] for row in HANGING])
def test_whatever_hangs_costs_its_timeout_and_is_ended(tmp_path, script):
    pids = tmp_path / "pids"
    start = time.monotonic()

    with pytest.raises(Unseen, match=r"^sh did not end within 1\.5 s; raise timeout$"):
        sh(script.replace("PIDS", str(pids)), timeout=1.5)

    assert time.monotonic() - start < 3.5
    assert ended(int(pids.read_text().split()[0]))


def test_a_process_that_leaves_the_session_is_not_waited_for(tmp_path):
    """It keeps the pipe, and nothing may end it: the command still costs its timeout and no more."""
    escape = (
        "import os, time\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        f"    open({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\n"
        "    time.sleep(60)\n"
        "time.sleep(60)\n"
    )
    start = time.monotonic()
    try:
        with pytest.raises(Unseen, match=r"did not end within 1\.5 s"):
            _live_command.run((sys.executable, "-c", escape), 1.5)
        assert time.monotonic() - start < 3.5
    finally:
        os.kill(int((tmp_path / "pid").read_text()), 9)


def test_a_service_that_a_command_leaves_running_is_left_alone():
    """It has let go of the pipes, as a daemon does: the command has ended."""
    out = sh(f"{PYTHON} -c 'import time; time.sleep(20)' > /dev/null 2>&1 & echo $!").out
    try:
        os.kill(int(out), 0)
    finally:
        os.kill(int(out), 9)


def test_much_output_on_both_pipes_is_no_deadlock():
    done = sh(
        "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890123456789; echo 0123456789 >&2; i=$((i+1)); done"
    )

    assert (len(done.out), len(done.err)) == (3000 * 41, 3000 * 11)


def test_arguments_are_no_shell_words():
    assert _live_command.run(("echo", "$HOME; id"), 5.0) == Output(0, "$HOME; id\n", "")
