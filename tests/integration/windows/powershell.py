# SPDX-License-Identifier: GPL-3.0-or-later
"""PowerShell, as far as this collection needs it: it knows one script, by its text, and runs that script's commands."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
import typing as t
from pathlib import Path

from ansible_collections.dockmaster.ports.plugins.plugin_utils._windows.script import MARK, SCRIPT
from ansible_collections.dockmaster.ports.tests.integration.windows.command_line import split
from ansible_collections.dockmaster.ports.tests.integration.windows.state import VARIABLE, State

PROGRAMS = Path(__file__).parent / "programs"
CMD_TAKES = 8191
_ENCODED = re.compile(r"(?i)powershell(?:\.exe)? .*-EncodedCommand ([A-Za-z0-9+/=]+)")


class Lost(Exception):
    """The connection is gone; nobody will hear the answer."""


class Printed(t.NamedTuple):
    out: bytes
    err: bytes
    code: int


def run(state: State, line: str, given: bytes) -> Printed:
    """A command line as sshd or WinRM pass it on. Raises Lost."""
    if len(line) > CMD_TAKES:
        return Printed(b"", b"The command line is too long.\r\n", 1)
    encoded = _ENCODED.fullmatch(line)
    if not encoded:
        name = line.split(maxsplit=1)[0] if line.split() else ""
        return Printed(b"", f"'{name}' is not recognized as an internal or external command,\r\n".encode(), 1)
    if base64.b64decode(encoded[1]).decode("utf-16-le") != SCRIPT:
        return Printed(b"", b"PowerShell was asked to run a script that the double does not know\r\n", 1)
    told = _host(state, json.loads(base64.b64decode(b"".join(given.split()))))
    packed = base64.b64encode(json.dumps(told).encode()).decode()
    return Printed(f"{MARK}{packed}{MARK}\r\n".encode(), b"", 0)


def _host(state: State, asked: t.Mapping[str, t.Any]) -> t.Dict[str, t.Any]:
    now = state.read()
    answers: t.List[t.Dict[str, t.Any]] = []
    for number, one in enumerate(asked["commands"]):
        if number == now["die_after"]:
            raise Lost
        answers.append(_answer(state, one, answers, asked["environment"]))
        if now["kill_after"] and f"{one['program']} {one['arguments']}".startswith(now["kill_after"]):
            _forget_kill(state)
            raise Lost
    if now["lose_after"] is not None:
        raise Lost
    facts = {name: now[name] for name in ("elevated", "name", "version", "addresses")}
    return {"answers": answers, "oem": now["page"], "ansi": 1252, **facts}


def _forget_kill(state: State) -> None:
    """The next shell lives, unless the host stays away."""
    with state.changing() as now:
        now["kill_after"] = None
        now["die_after"] = 0 if now["stays_away"] else now["die_after"]


def _answer(
    state: State,
    one: t.Mapping[str, t.Any],
    before: t.Sequence[t.Mapping[str, t.Any]],
    environment: t.Mapping[str, str],
) -> t.Dict[str, t.Any]:
    answer = {"code": None, "out": "", "err": "", "why": "", "missing": False, "late": False, "run": False}
    words = split(one["arguments"])
    if one["after"] is not None and before[one["after"]]["code"] != 0:
        return answer
    if one["each"] is not None:
        each = base64.b64decode(before[one["each"]]["out"]).decode().split()
        words += each
        if not each:
            return answer
    answer["run"] = True
    path = PROGRAMS / f"{one['program']}.py"
    if not path.is_file() or _is_absent(one["program"], state):
        return {**answer, "missing": True, "why": "The system cannot find the file specified"}
    return {**answer, **_ran(state, path, words, one["seconds"], environment)}


def _is_absent(program: str, state: State) -> bool:
    return program == "docker" and state.read()["docker"] is None


def _ran(
    state: State, path: Path, words: t.Sequence[str], seconds: int, environment: t.Mapping[str, str]
) -> t.Dict[str, t.Any]:
    call = " ".join([path.stem, *words])
    with state.changing() as now:
        now["calls"].append(call)
        instead = now["fail"].get(call)
    if instead:
        out, err = (instead.get(name, "").encode(f"cp{now['page']}", "replace") for name in ("out", "err"))
        return {"code": instead["code"], "out": _packed(out), "err": _packed(err)}
    variables = {
        **os.environ,
        **environment,
        VARIABLE: str(state.path),
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
    }
    try:
        done = subprocess.run(
            [sys.executable, str(path), *words], stdin=subprocess.DEVNULL, capture_output=True, env=variables,
            timeout=seconds, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        return {"late": True, "out": _packed(exc.stdout or b""), "err": _packed(exc.stderr or b"")}
    return {"code": done.returncode, "out": _packed(done.stdout), "err": _packed(done.stderr)}


def _packed(data: bytes) -> str:
    return base64.b64encode(data).decode()
