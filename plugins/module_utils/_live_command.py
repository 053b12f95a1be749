# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Commands on the machine that this runs on."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Missing, Output, Unseen

SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not in the PATH of a plain user, and iptables lives there
_GRACE = 1.0  # seconds for the kernel to end what was killed


def run(argv: t.Sequence[str], timeout: float) -> Output:
    """A command in the C locale, with no terminal and no input, in a session of its own.

    It costs at most the timeout (seconds) and the second that the kernel gets to end it: the whole session is killed,
    and a process that left it and still has the pipes open is not waited for.
    Raises Unseen if the program is missing or does not end in time.
    """
    search = os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN])
    program = shutil.which(argv[0], path=search)
    if not program:
        raise Missing(f"{argv[0]} is not installed")
    try:
        process = subprocess.Popen(  # pylint: disable=ansible-bad-function # run_command needs a module
            [program, *argv[1:]],
            env=dict(os.environ, PATH=search, LC_ALL="C", LANGUAGE="C"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as exc:
        raise Unseen(f"{argv[0]}: {(exc.strerror or str(exc)).lower()}") from exc
    return _finish(process, argv[0], timeout)


def _finish(process: subprocess.Popen[bytes], name: str, timeout: float) -> Output:
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        raise Unseen(f"{name} did not end within {timeout:g} s", "raise timeout") from None
    finally:
        _end(process)
    return Output(process.returncode, _text(out), _text(err))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill what is left of the session and let go of its pipes; nothing to do after a normal end."""
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # it leads its session, and is not reaped yet: the id is its own
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=_GRACE)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
