# SPDX-License-Identifier: GPL-3.0-or-later
"""A busy host to measure on: many processes, open files, listeners and connections, in namespaces of its own.

    python tests/bench/busyhost.py --tcp 5000 --udp 500 --established 50000 -- ss -tulnpH

It needs root and util-linux. Network and processes are namespaces that end with the command, and everything that was
started in them ends too. Nothing leaves loopback. The exit code is the command's.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import resource
import signal
import socket
import subprocess
import sys
import typing as t

UNSHARE = ("unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc")
_INSIDE = "BUSYHOST_INSIDE"
_FIRST_PORT = 10000
_PORTS_AN_ADDRESS = 20000
_BATCH = 20000  # connections to one server address: each takes a port of the other end


@dataclasses.dataclass(frozen=True)
class Load:
    """What is made. listening, connecting: how many of the processes share the listeners and the connections."""

    processes: int = 2000
    files: int = 20
    tcp: int = 5000
    udp: int = 500
    established: int = 0
    listening: int = 200
    connecting: int = 50

    def arguments(self) -> list[str]:
        return [f"--{name}={value}" for name, value in dataclasses.asdict(self).items()]

    def __str__(self) -> str:
        text = f"{self.processes:,} processes of {self.files} files, {self.tcp:,} TCP and {self.udp:,} UDP listeners"
        return text + (f", {self.established:,} connections (both ends here)" if self.established else "")


def on_a_busy_host(load: Load, *command: str, timeout: float = 600.0) -> str:
    """What a command prints there. Raises subprocess.SubprocessError."""
    argv = [sys.executable, __file__, *load.arguments(), "--", *command]
    return subprocess.run(argv, stdout=subprocess.PIPE, text=True, timeout=timeout, check=True).stdout


def main(argv: t.Sequence[str]) -> int:
    load, command = _parsed(argv)
    if _INSIDE not in os.environ:
        os.execvpe(UNSHARE[0], [*UNSHARE, sys.executable, __file__, *argv], {**os.environ, _INSIDE: "1"})
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    _allow_files(load)
    reader, writer = os.pipe()
    for index in range(load.processes):
        if os.fork() == 0:
            os.close(reader)
            _work(load, index, writer)
    os.close(writer)
    reports = b""
    while chunk := os.read(reader, 1 << 16):
        reports += chunk
    if reports.count(b"ready\n") != load.processes:
        sys.exit(f"busyhost: {reports.replace(b'ready' + bytes([10]), b'').decode()[:200]}")
    return subprocess.call(command)


def _parsed(argv: t.Sequence[str]) -> tuple[Load, list[str]]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for field in dataclasses.fields(Load):
        parser.add_argument(f"--{field.name}", type=int, default=field.default)
    parser.add_argument("command", nargs="+")
    options = vars(parser.parse_args(argv))
    command = options.pop("command")
    return Load(**options), command


def _allow_files(load: Load) -> None:
    """Every process may open as many files as the busiest of them needs."""
    needed = load.files + 64 + load.tcp // load.listening + load.udp // load.listening
    needed += 2 * (load.established // load.connecting + 1)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard), hard))


def _work(load: Load, index: int, writer: int) -> t.NoReturn:
    """One of the processes: it never returns, and ends with its namespace."""
    try:
        kept: list[t.Any] = [_listener(i) for i in _share(load.tcp, load.listening, index)]
        kept += [_bound(i) for i in _share(load.udp, load.listening, index)]
        kept += _connections(index, len(_share(load.established, load.connecting, index)))
        kept += [os.open(os.devnull, os.O_RDONLY) for _file in range(load.files)]
        os.write(writer, b"ready\n")
    except OSError as exc:
        os.write(writer, f"process {index}: {exc}\n".encode())
    os.close(writer)
    while True:
        signal.pause()


def _share(total: int, parts: int, index: int) -> range:
    """Which of so many things the process with that index makes."""
    return range(total * index // parts, total * (index + 1) // parts) if index < parts else range(0)


def _place(number: int, network: str) -> tuple[str, int]:
    address, port = divmod(number, _PORTS_AN_ADDRESS)
    return f"{network}.{1 + address}", _FIRST_PORT + port


def _listener(number: int) -> socket.socket:
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind(_place(number, "127.0.10"))
    sock.listen(1)
    return sock


def _bound(number: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(_place(number, "127.0.9"))
    return sock


def _connections(index: int, count: int) -> t.Iterator[socket.socket]:
    """Both ends of each, and the sockets that listened for them."""
    for done in range(0, count, _BATCH):
        server = socket.create_server((f"127.{100 + index}.{1 + done // _BATCH}.1", 7), backlog=512)
        yield server
        for _pair in range(min(_BATCH, count - done)):
            client = socket.create_connection(server.getsockname())
            accepted, _peer = server.accept()
            yield client
            yield accepted


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
