# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What Windows' netstat prints, in whatever language and code page it prints.

Read are the protocol, the addresses and the process's number; a word for the state is kept as a word. Who listens has
nobody at the other end: 0.0.0.0:0 or [::]:0.

      Proto  Lokale Adresse         Remoteadresse          Status           PID
      TCP    0.0.0.0:135            0.0.0.0:0              ABHÖREN         1012
      TCP    192.0.2.7:50021        192.0.2.9:443          HERGESTELLT     5120
      UDP    [::]:5353              *:*                                    2210

Source: netstat -ano, netstat -anoq (Windows 10 and Server 2016 and later, where -q tells of bound sockets too).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT, BindingError, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import excerpt

_ROW = re.compile(r"\s*(TCP|UDP)\s+(\S+):([0-9]{1,5})\s+(\S+:(?:[0-9]{1,5}|\*))\s+(?:(\S.*?)\s+)?([0-9]{1,10})\s*")
_DIGIT = re.compile(r"[0-9]")  # headings have none
_ENDS = re.compile(r"[\r\n]+")  # other characters that end a line may be halves of a letter
_NOBODY = ("0.0.0.0:0", "[::]:0", "*:*")


class Row(t.NamedTuple):
    """A socket. peer: "" for one that listens, is only bound, or is UDP's. state: the host's word for it."""

    protocol: str
    ip: str
    port: int
    pid: int
    peer: str = ""
    state: str = ""


def rows(text: str) -> t.Tuple[Row, ...]:
    """Every socket. Raises Unseen, also where there is none: no Windows is without listeners."""
    found = tuple(_row(line) for line in _ENDS.split(text) if _DIGIT.search(line))
    if not found:
        raise Unseen(f"netstat printed no sockets: {excerpt(text)}" if text.strip() else "netstat printed nothing")
    return found


def _row(line: str) -> Row:
    match = _ROW.fullmatch(line)
    if match and int(match[3]) <= MAX_PORT:
        try:
            ip = _address(match[2])
        except BindingError:
            ip = ""
        if ip:
            peer = "" if match[4] in _NOBODY else match[4]
            return Row(match[1].lower(), ip, int(match[3]), int(match[6]), peer, (match[5] or "").lower())
    raise Unseen(f"netstat printed a row that is no socket: {excerpt(line)}")


def _address(text: str) -> str:
    """`[fe80::1%12]` and `0.0.0.0` without brackets and zone. Raises BindingError."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    return canonical(bare.partition("%")[0])
