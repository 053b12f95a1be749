# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The machine, as far as the firewall needs it: commands with input, interfaces, and the engine's own processes."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.surroundings import Link

SBIN = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not in the PATH of every user
SECONDS = 60.0  # that one command may take: iptables waits for its lock

_NLM_F_DUMP_REQUEST = 0x301
_RTM_GETLINK = 18
_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20  # sock_diag(7)
_TCP_LISTEN, _TCP_CLOSE = 10, 7  # an unconnected UDP socket is "closed"
_NLMSG_ERROR, _NLMSG_DONE = 2, 3
_IFLA_IFNAME, _IFLA_LINKINFO, _IFLA_INFO_KIND = 3, 18, 1


class FirewallError(Exception):
    """The firewall cannot be read or changed. The message says what stood in the way, and what to do."""


class Done(t.NamedTuple):
    """What a command left: its exit status, standard output and standard error."""

    rc: int
    out: str
    err: str


class Step(t.NamedTuple):
    """A command and its input."""

    argv: t.Tuple[str, ...]
    text: str = ""


class Process(t.NamedTuple):
    """A process of root in this network namespace. name: the kernel's; root: its root folder, as seen from here."""

    pid: int
    name: str
    command_line: t.Tuple[str, ...]
    root: str


class System:
    """The machine that this runs on."""

    def which(self, program: str) -> t.Optional[str]:
        """Where a program is."""
        return shutil.which(program, path=_path())

    def run(self, *argv: str, text: str = "") -> Done:
        """A command in the C locale, `text` as its input. Raises FirewallError if it is missing or hangs."""
        env = dict(os.environ, PATH=_path(), LC_ALL="C", LANGUAGE="C")
        program = self.which(argv[0])
        if not program:
            raise FirewallError(f"{argv[0]} is not installed on this host")
        try:
            done = subprocess.run(  # pylint: disable=ansible-bad-function # run_command needs a module
                [program, *argv[1:]],
                input=text.encode("utf-8", "surrogateescape"),
                capture_output=True,
                timeout=SECONDS,
                check=False,
                env=env,
            )
        except subprocess.TimeoutExpired:
            raise FirewallError(f"{argv[0]} did not end within {SECONDS:g} s") from None
        return Done(done.returncode, _text(done.stdout), _text(done.stderr))

    def together(self, steps: t.Sequence[Step]) -> Done:
        """Commands one after another, until one fails, in a process of its own: who waits may be killed, it goes on.

        What they read and print are files without a name: nothing is left behind. Raises FirewallError if they hang.
        """
        with contextlib.ExitStack() as files:
            printed = files.enter_context(tempfile.TemporaryFile())
            inputs = {text: files.enter_context(tempfile.TemporaryFile()) for text in {step.text for step in steps}}
            for text, file in inputs.items():
                file.write(text.encode("utf-8", "surrogateescape"))
                file.flush()
            child = subprocess.Popen(  # pylint: disable=ansible-bad-function # run_command needs a module
                ["/bin/sh", "-c", _script(steps, {text: file.fileno() for text, file in inputs.items()})],
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=printed,
                start_new_session=True,
                pass_fds=[file.fileno() for file in inputs.values()],
                env=dict(os.environ, PATH=_path(), LC_ALL="C", LANGUAGE="C"),
            )
            try:
                rc = child.wait(SECONDS * 2)
            except subprocess.TimeoutExpired:
                raise FirewallError(f"changing the rules did not end within {SECONDS * 2:g} s") from None
            printed.seek(0)
            return Done(rc, "", _text(printed.read()))

    def read(self, path: str) -> str:
        """A text file. Raises OSError."""
        with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
            return file.read()

    def start(self, *argv: str) -> None:
        """A process that outlives this one, its session and its terminal."""
        subprocess.Popen(  # pylint: disable=ansible-bad-function # run_command needs a module
            argv,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def exists(self, path: str) -> bool:
        """Whether a file is there."""
        return os.path.exists(path)

    def names(self, path: str) -> t.List[str]:
        """The names in a folder. Raises OSError."""
        return os.listdir(path)

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file as a whole, or not at all; its folder is made. Raises OSError."""
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=os.path.dirname(path), prefix=f".{os.path.basename(path)}.")
        try:
            with open(handle, "wb") as file:
                file.write(text.encode("utf-8", "surrogateescape"))
                file.flush()
                os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            os.rename(name, path)
        except BaseException as exc:
            os.unlink(name)
            if isinstance(exc, OSError):
                exc.filename = path  # a full disk names no file
            raise

    def remove(self, path: str) -> None:
        """A file, or an empty folder. One that is not there is no error. Raises OSError."""
        try:
            (os.rmdir if os.path.isdir(path) and not os.path.islink(path) else os.unlink)(path)
        except FileNotFoundError:
            return

    def uptime(self) -> float:
        """Seconds since the host booted, those asleep among them."""
        return time.clock_gettime(time.CLOCK_BOOTTIME)

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def listened(self) -> t.Set[t.Tuple[str, int]]:
        """(protocol, port) of the TCP and UDP sockets that would answer a stranger. Raises FirewallError."""
        return {
            (protocol, struct.unpack_from(">H", payload, 4)[0])
            for protocol, number, states in (("tcp", 6, 1 << _TCP_LISTEN), ("udp", 17, 1 << _TCP_CLOSE))
            for family in (socket.AF_INET, socket.AF_INET6)
            for payload in _dump(
                _SOCK_DIAG, _SOCK_DIAG_BY_FAMILY, struct.pack("=BBBBI48x", family, number, 0, 0, states)
            )
        }

    def links(self) -> t.List[Link]:
        """The interfaces of this network namespace. Raises FirewallError."""
        return [
            _link(payload) for payload in _dump(socket.NETLINK_ROUTE, _RTM_GETLINK, struct.pack("=BxHiII", *[0] * 5))
        ]

    def processes(self, *names: str) -> t.List[Process]:
        """Those of root, by the kernel's name for them, that share this network namespace."""
        found = []
        here = os.stat("/proc/self/ns/net")
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/comm", "rb") as file:
                    name = _text(file.read()).rstrip("\n")
                if name not in names:
                    continue
                there = os.stat(f"/proc/{pid}/ns/net")
                if os.stat(f"/proc/{pid}").st_uid != 0 or (there.st_dev, there.st_ino) != (here.st_dev, here.st_ino):
                    continue
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    words = _text(file.read()).rstrip("\0").split("\0")
            except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
                continue
            found.append(Process(int(pid), name, tuple(words), f"/proc/{pid}/root"))
        return found


def _script(steps: t.Sequence[Step], inputs: t.Mapping[str, int]) -> str:
    """A shell's `<` opens a file anew, so several steps may read the same one."""
    lines = [f"{' '.join(map(shlex.quote, step.argv))} < /proc/self/fd/{inputs[step.text]}" for step in steps]
    return "\n".join(["set -e", *lines])


def _dump(protocol: int, kind: int, request: bytes) -> t.List[bytes]:
    """What the kernel answers to a netlink dump request. Raises FirewallError. Source: netlink(7)."""
    try:
        with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, protocol) as sock:
            sock.settimeout(SECONDS)
            sock.send(struct.pack("=IHHII", 16 + len(request), kind, _NLM_F_DUMP_REQUEST, 1, 0) + request)
            return list(_answers(sock))
    except OSError as exc:
        raise FirewallError(f"netlink does not answer: {exc.strerror or exc}") from exc


def _answers(sock: socket.socket) -> t.Iterator[bytes]:
    while True:
        for kind, payload in _messages(sock.recv(1 << 18)):
            if kind == _NLMSG_ERROR:
                code = -struct.unpack_from("=i", payload)[0]
                raise OSError(code, os.strerror(code))
            if kind == _NLMSG_DONE:
                return
            yield payload


def _link(payload: bytes) -> Link:
    """Source: rtnetlink(7), RTM_NEWLINK."""
    attributes = dict(_attributes(payload[16:]))
    info = dict(_attributes(attributes.get(_IFLA_LINKINFO, b"")))
    return Link(_zero(attributes.get(_IFLA_IFNAME, b"")), _zero(info.get(_IFLA_INFO_KIND, b"")))


def _messages(datagram: bytes) -> t.Iterator[t.Tuple[int, bytes]]:
    at = 0
    while at + 16 <= len(datagram):
        length, kind = struct.unpack_from("=IH", datagram, at)
        yield kind, datagram[at + 16 : at + length]
        at += max(16, (length + 3) & ~3)


def _attributes(data: bytes) -> t.Iterator[t.Tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, at)
        yield kind & 0x3FFF, data[at + 4 : at + length]
        at += max(4, (length + 3) & ~3)


def _zero(raw: bytes) -> str:
    return _text(raw.split(b"\0", 1)[0])


def _path() -> str:
    return os.pathsep.join([os.environ.get("PATH", os.defpath), *SBIN])


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
