# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The addresses that systemd's .socket units listen on, or would: pid 1 holds them, whether the service runs or not.

Source: systemd.socket(5); `systemctl show`, as systemd 252, 257 and 262 print it: a block a unit, a line a property,
Listen= once an address.
"""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import ANY, ANY_V6, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Blind, Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.units import SocketUnit
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Refused, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

SECTIONS = ("units",)

PROPERTIES = "Id,Listen,ActiveState,UnitFileState,Triggers,BindIPv6Only,SocketProtocol"
# --all: without it a pattern leaves out inactive units, and those that are enabled take their ports at the next boot
COMMAND = ("systemctl", "show", "--all", "--no-pager", f"--property={PROPERTIES}", "*.socket")

_LISTEN = re.compile(r"(?:\[(?P<v6>[0-9a-f:.]+)(?:%[^\]]*)?\]|(?P<v4>[0-9.]+)):(?P<port>[0-9]+) \((?P<type>\w+)\)")
_PROTOCOLS = {
    ("Stream", "0"): "tcp",
    ("Stream", "6"): "tcp",
    ("Datagram", "0"): "udp",
    ("Datagram", "17"): "udp",
    ("Stream", "132"): "sctp",
    ("SequentialPacket", "132"): "sctp",
}


def probe(
    host: Host, request: Request, evidence: Evidence, blind: t.List[Blind]
) -> t.Dict[str, t.Tuple[SocketUnit, ...]]:
    """No units where systemd does not run. Raises Unseen where it runs and does not answer."""
    if not _runs_systemd(host):
        return {"units": ()}
    answer = host.run(*COMMAND)
    if answer.rc:
        raise Unseen(f"systemctl: {visible(answer.err.strip()) or f'exit status {answer.rc}'}")
    v6only = bool(evidence.kernel and evidence.kernel.bindv6only)
    found = parse_units(answer.out, v6only)
    return {"units": tuple(sorted(found, key=lambda one: (one.protocol, one.port, one.ip, one.unit)))}


def _runs_systemd(host: Host) -> bool:
    """As sd_booted(3) judges."""
    try:
        host.names("/run/systemd/system")
    except Refused:
        raise
    except Unseen:
        return False
    return True


def parse_units(text: str, bindv6only: bool = False) -> t.Iterator[SocketUnit]:
    """A record an address; unix and netlink sockets, FIFOs and files have none.

    bindv6only: whether the kernel's default for IPv6 sockets is to leave IPv4 alone.
    """
    for block in text.split("\n\n"):
        told: t.Dict[str, t.List[str]] = {}
        for line in block.split("\n"):
            name, _sign, value = line.partition("=")
            told.setdefault(name, []).append(value)
        unit = {name: values[-1] for name, values in told.items()}
        for listen in told.get("Listen", ()):
            yield from _socket_unit(unit, listen, bindv6only)


def _socket_unit(unit: t.Mapping[str, str], listen: str, bindv6only: bool) -> t.Iterator[SocketUnit]:
    match = _LISTEN.fullmatch(listen)
    protocol = match and _PROTOCOLS.get((match["type"], unit.get("SocketProtocol", "0")))
    if match and protocol:
        yield SocketUnit(
            unit=visible(unit.get("Id", "")),
            ip=_ip(match["v6"] or match["v4"], unit.get("BindIPv6Only", ""), bindv6only),
            protocol=protocol,
            port=int(match["port"]),
            active=unit.get("ActiveState") == "active",
            enabled=unit.get("UnitFileState") in ("enabled", "enabled-runtime"),
            triggers=_unquoted(unit.get("Triggers", "")),
        )


def _ip(text: str, only: str, bindv6only: bool) -> str:
    """[::] is every address, unless the unit or else the kernel keeps it to IPv6."""
    ip = canonical(text)
    dual = only == "both" or (only in ("default", "") and not bindv6only)
    return ANY if ip == ANY_V6 and dual else ip


def _unquoted(text: str) -> str:
    """A name with a backslash is printed in quotes, the backslash doubled."""
    try:
        return visible(" ".join(shlex.split(text)))
    except ValueError:  # a lone quote
        return visible(text)
