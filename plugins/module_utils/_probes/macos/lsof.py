# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What lsof prints of Internet sockets for other programs: a field a line, named by its first character.

    p812                 a process
    R1                   its parent
    chttpd               its command
    u0                   its user
    f4                   one of its open files
    tIPv6
    d0x5b3a1e5f9c8d7e6b  the socket, for the kernel
    PTCP
    n*:80                *:80, [::1]:80, 10.0.0.5:49160->10.0.0.9:443, *:* of a socket that has no port
    TST=LISTEN

All Internet sockets are asked for: given a state of TCP (-sTCP:LISTEN), lsof 4.95 leaves UDP out whatever -i says.
Source: lsof(8), OUTPUT FOR OTHER PROGRAMS; lsof 4.91 (macOS 12 to 15), lsof 4.95 and 4.99.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

COMMAND = ("lsof", "-nPw", "-i", "-FpRcufdtPnT")

_ANY = {"IPv4": "0.0.0.0", "IPv6": "::"}
_END = r"(\*|\[[^\]]*\]|[0-9.]+):(\*|[0-9]{1,5})"
_NAME = re.compile(rf"{_END}(?:->{_END})?")
_BYTES = re.compile(r"(?:\\x[2-9a-f][0-9a-f])+")
_STATES = {"closed": "bound", "close": "bound", "idle": "bound", "fin_wait_1": "fin_wait1", "fin_wait_2": "fin_wait2"}
_RECEIVED = ("syn_rcdv", "syn_rcvd")


class Entry(t.NamedTuple):
    """A socket that a process has open. device: what names the socket for the kernel. peer: ("", 0) for none."""

    pid: int
    parent: int
    command: str
    uid: t.Optional[int]
    device: str
    ip: str
    protocol: str
    port: int
    state: str
    peer: t.Tuple[str, int]


def entries(text: str) -> t.Iterator[Entry]:
    """TCP and UDP sockets that have a port. Raises Unseen for text that lsof does not print."""
    process: t.Dict[str, str] = {}
    file: t.Dict[str, str] = {}
    for line in (*text.split("\n"), "p"):
        if line[:1] in ("p", "f"):
            yield from _entry(process, file)
            file = {}
            if line[0] == "p":
                process = {}
        _keep(line, process, file)


def _keep(line: str, process: t.Dict[str, str], file: t.Dict[str, str]) -> None:
    kind, value = line[:1], line[1:]
    if kind in ("p", "R", "c", "u"):
        process[kind] = value
    elif kind == "T":
        name, _sign, what = value.partition("=")
        file["T" + name] = what
    elif kind:
        file[kind] = value


def _entry(process: t.Mapping[str, str], file: t.Mapping[str, str]) -> t.Iterator[Entry]:
    protocol = file.get("P", "").lower()
    if protocol not in ("tcp", "udp") or ":" not in file.get("n", ""):  # ICMP; a socket that has been shut
        return
    pid = _number(process.get("p", ""))
    if pid is None:
        raise _no_lsof(f"p{process.get('p', '')}")
    (ip, port), peer = _ends(file["n"], file.get("t", ""))
    if port:
        parent, uid = _number(process.get("R", "")) or 0, _number(process.get("u", ""))
        state = _state(protocol, file.get("TST", ""), bool(peer[1]))
        command = readable(process.get("c", ""))
        yield Entry(pid, parent, command, uid, file.get("d", ""), ip, protocol, port, state, peer)


def _number(text: str) -> t.Optional[int]:
    """None for what is no number of a process or user: two to the 32nd is more than any system has."""
    return int(text) if re.fullmatch("[0-9]{1,10}", text) else None


def _ends(name: str, family: str) -> t.Tuple[t.Tuple[str, int], t.Tuple[str, int]]:
    match = _NAME.fullmatch(name)
    if not match:
        raise _no_lsof(f"n{name}")
    ours, theirs = _end(match[1], match[2], family), _end(match[3] or "*", match[4] or "*", family)
    return ours, theirs if theirs[1] else ("", 0)


def _end(ip: str, port: str, family: str) -> t.Tuple[str, int]:
    number = 0 if port == "*" else int(port)
    try:
        address = _ANY[family] if ip == "*" else canonical(_unscoped(ip.strip("[]")))
    except (KeyError, BindingError) as exc:
        raise _no_lsof(f"t{family} n{ip}:{port}") from exc
    if number > 65535:
        raise _no_lsof(f"n{ip}:{port}")
    return address, number


def _unscoped(ip: str) -> str:
    """Link-local addresses of BSD kernels may have the interface's number as their second group."""
    ip = ip.partition("%")[0]
    return re.sub(r"^(fe80):[0-9a-f]{1,4}::", r"\1::", ip)


def _state(protocol: str, told: str, connected: bool) -> str:
    if protocol == "udp":
        return "established" if connected else "bound"
    state = told.lower() or ("established" if connected else "listen")
    return "syn_recv" if state in _RECEIVED else visible(_STATES.get(state, state))


def readable(text: str) -> str:
    """A name as lsof prints it: blanks and what is no ASCII as \\x20, \\xc3\\xa9."""
    return visible(_BYTES.sub(lambda match: _decoded(match[0]), text))


def _decoded(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("\\x", "")).decode("utf-8", "surrogateescape")


def _no_lsof(text: str) -> Unseen:
    return Unseen(f"lsof printed what is no socket: {text[:80]!a}")
