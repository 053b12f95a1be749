# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible, imported once and forked for each run: a short run is half imports, and the tests have hundreds of them.

Run as a program it is the server, `warm_ansible.py SOCKET` with a Python that has Ansible; it ends when its standard
input does. A request is one line of JSON, `{"argv": ["ansible", …], "out": path, "err": path, "cwd": path, "env":
{…}}`; the answer is two lines, the number of the process that runs it, in a session of its own, and its exit code.
`{"kill": number}` ends it and all that it started: the numbers are those of the server's own namespace.
Ansible reads its settings from the environment when it is imported: ANSIBLE_… in a request's `env` comes too late.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import typing as t
import warnings
from pathlib import Path

PROGRAMS = {"ansible": "ansible.cli.adhoc", "ansible-playbook": "ansible.cli.playbook"}
OFTEN = (  # what most runs import later: ansible-playbook loads every way to a host, and with it half of the internet
    "ansible.executor.task_queue_manager",
    "ansible.plugins.strategy.linear",
    *(f"ansible.plugins.callback.{name}" for name in ("default", "junit", "minimal", "oneline", "tree")),
    *(f"ansible.plugins.inventory.{name}" for name in ("auto", "host_list", "ini", "script", "toml", "yaml")),
    *(f"ansible.plugins.connection.{name}" for name in ("local", "psrp", "ssh", "winrm")),
    *(f"ansible.plugins.shell.{name}" for name in ("cmd", "powershell", "sh")),
    "ansible.plugins.action.copy",
    "ansible.plugins.become.su",
    "ansible.plugins.become.sudo",
    "ansible.plugins.cache.memory",
    "ansible.plugins.vars.host_group_vars",
    "ansible_collections.ansible.builtin",  # a file of 9,000 lines, which tells what has moved where
    *(
        f"ansible_collections.dockmaster.ports.plugins.action.{path.stem}"
        for path in Path(__file__).parents[2].glob("plugins/action/*.py")
    ),
)
_START = 60.0  # seconds


class Done(t.NamedTuple):
    """How a run ended, and what it printed."""

    code: int
    out: str
    err: str


class WarmAnsible:
    """Runs of one Ansible with one environment. within: a command that runs commands in some namespaces, and they."""

    def __init__(self, python: Path, env: t.Mapping[str, str], within: t.Sequence[str] = ()) -> None:
        self._argv = [*within, str(python), __file__]
        self._env = dict(env)
        self._folder = tempfile.TemporaryDirectory(prefix="warm-ansible-")
        self._process: t.Optional[subprocess.Popen[bytes]] = None
        self._starting = threading.Lock()

    def run(
        self,
        argv: t.Sequence[str],
        timeout: float,
        cwd: t.Union[str, Path] = ".",
        env: t.Optional[t.Mapping[str, str]] = None,
        together: bool = False,
    ) -> Done:
        """A run to its end. together: errors among the output. Raises subprocess.TimeoutExpired, RuntimeError."""
        with self._starting:
            server = self._server()
        with tempfile.TemporaryDirectory(dir=self._folder.name) as folder:
            out, err = Path(folder, "out"), Path(folder, "out" if together else "err")
            request = {
                "argv": list(argv), "out": str(out), "err": str(err), "cwd": str(cwd), "env": dict(env or self._env)
            }  # fmt: skip
            code = _asked(server, request, timeout)
            return Done(code, _text(out), "" if together else _text(err))

    def close(self) -> None:
        """The server ends when its input does; and when this process does."""
        if self._process:
            assert self._process.stdin
            self._process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(10)
            self._process = None
            Path(self._folder.name, "socket").unlink(missing_ok=True)

    def _server(self) -> str:
        path = Path(self._folder.name, "socket")
        if not self._process:
            argv = [*self._argv, str(path)]
            self._process = subprocess.Popen(argv, stdin=subprocess.PIPE, env=self._env)
            until = time.monotonic() + _START
            while not path.exists():
                if self._process.poll() is not None or time.monotonic() > until:
                    self.close()
                    raise RuntimeError(f"{self._argv[-2]} cannot import Ansible")
                time.sleep(0.05)
        return str(path)


def _asked(server: str, request: t.Mapping[str, t.Any], timeout: float) -> int:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(timeout)
        sock.connect(server)
        sock.sendall(json.dumps(request).encode() + b"\n")
        pid = 0
        try:
            with sock.makefile("r") as lines:
                pid = int(lines.readline())
                return int(lines.readline())
        except TimeoutError as exc:
            if pid:
                _kill(server, pid)
            raise subprocess.TimeoutExpired(request["argv"], timeout) from exc
        except ValueError as exc:
            raise RuntimeError(f"{request['argv'][0]} was ended before it could say how it went") from exc


def _kill(server: str, pid: int) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(server)
        sock.sendall(json.dumps({"kill": pid}).encode() + b"\n")
        sock.recv(1 << 10)
        sock.recv(1 << 10)


def _text(path: Path) -> str:
    return path.read_text(errors="replace") if path.exists() else ""


def serve(address: str) -> None:
    for module in PROGRAMS.values():
        importlib.import_module(module)
    _find_collections()
    for module in OFTEN:
        with contextlib.suppress(ImportError):  # one that this release has not, or that lacks a library
            importlib.import_module(module)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{address}.new")
        listener.listen(16)
        os.rename(f"{address}.new", address)  # who sees it may connect
        selector = selectors.DefaultSelector()
        selector.register(0, selectors.EVENT_READ)
        selector.register(listener, selectors.EVENT_READ)
        while True:
            ready = [key.fileobj for key, _events in selector.select(timeout=1.0)]
            _bury()
            if 0 in ready:
                return
            if listener in ready:
                _fork(listener)


def _find_collections() -> None:
    """As every program of Ansible's does when it begins; those to come need not say that it was done."""
    importlib.import_module("ansible.plugins.loader").init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")


def _fork(listener: socket.socket) -> None:
    connection, _address = listener.accept()
    with connection:
        if os.fork():
            return
        code = 250
        try:
            listener.close()
            os.setsid()
            connection.sendall(f"{os.getpid()}\n".encode())
            code = _run(connection)
        finally:  # nothing returns into the loop of the parent
            if sys.exc_info()[0]:
                traceback.print_exc()
            sys.stdout.flush()
            sys.stderr.flush()
            connection.sendall(f"{code}\n".encode())
            os._exit(code)


def _run(connection: socket.socket) -> int:
    with connection.makefile("r") as lines:
        request: dict[str, t.Any] = json.loads(lines.readline())
    if "kill" in request:
        for pid in with_children(request["kill"]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return 0
    for number, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
    ):
        file = os.open(path, flags, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.argv = list(request["argv"])
    try:
        importlib.import_module(PROGRAMS[sys.argv[0]]).main()
    except SystemExit as exc:
        return exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    return 0


def with_children(pid: int) -> list[int]:
    """Parents first: who is gone starts nobody. Ansible's workers have sessions of their own."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(one for child in children for one in with_children(int(child)))]


def _bury() -> None:
    """Runs that ended; their exit codes were told already."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    serve(sys.argv[1])
