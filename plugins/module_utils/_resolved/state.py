# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How systemd-resolved and /etc/resolv.conf stand. Source: systemd-resolved.service(8), resolved.conf(5)."""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._collect import collect
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket
from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import in_order, text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.request import Request

UNIT = "systemd-resolved.service"
STUB = "127.0.0.53"
RESOLV_CONF = "/etc/resolv.conf"
RUN = "/run/systemd/resolve"
UPLINK, STUB_FILE = f"{RUN}/resolv.conf", f"{RUN}/stub-resolv.conf"
FOLDER = "/etc/systemd/resolved.conf.d"
DROPIN = f"{FOLDER}/zz-dockmaster-ports.conf"
UNDOING = DROPIN + ".undoing"  # resolved reads only *.conf

_FOLDERS = (FOLDER, "/run/systemd/resolved.conf.d", "/usr/local/lib/systemd/resolved.conf.d")
_VENDOR = ("/usr/lib/systemd/resolved.conf.d", "/lib/systemd/resolved.conf.d")
_LISTENER = re.compile(r"DNSStubListener\s*=\s*(\S+)")
_SERVER = re.compile(r"^nameserver\s+(\S+)", re.MULTILINE)
_OFF = ("no", "false", "off", "0", "n", "f")


@dataclass(frozen=True)
class State:
    """active: resolved runs. listens: its stub has port 53 now. off: whether its files say so, ours apart.

    overruled: a file after ours that turns the stub on. link: where resolv.conf leads to, "" if it is no link.
    through_stub: what resolv.conf names is the stub. servers: resolved's real ones. dropin: our file's text.
    undoing: text of our file while it is being taken back.
    """

    active: bool = False
    listens: bool = False
    off: bool = False
    overruled: str = ""
    link: str = ""
    through_stub: bool = False
    servers: t.Tuple[str, ...] = ()
    dropin: str = ""
    undoing: str = ""


def state_of(host: Host) -> State:
    """Raises Unseen."""
    off, overruled = _configured(host)
    return State(
        _is_active(host),
        any(_is_stub(one) for one in _sockets(host)),
        off,
        overruled,
        _link(host),
        _through_stub(servers_of(text_of(host, RESOLV_CONF)), _link(host)),
        servers_of(text_of(host, UPLINK)),
        text_of(host, DROPIN),
        text_of(host, UNDOING),
    )


def servers_of(resolv_conf: str) -> t.Tuple[str, ...]:
    return tuple(_SERVER.findall(resolv_conf))


def _through_stub(servers: t.Sequence[str], link: str) -> bool:
    """While it starts, resolved has not written its files yet: where the link leads decides then."""
    return STUB in servers if servers else target_of(link) == STUB_FILE


def target_of(link: str) -> str:
    """Where a link of /etc leads to; empty for none."""
    return os.path.normpath(os.path.join(os.path.dirname(RESOLV_CONF), link)) if link else ""


def _is_active(host: Host) -> bool:
    try:
        return host.run("systemctl", "is-active", UNIT).out.strip() == "active"
    except Unseen:
        return False  # a host without systemd has no resolved


def _sockets(host: Host) -> t.Tuple[Socket, ...]:
    evidence = collect(host, Request(sections=("sockets",)))
    if evidence.sockets is None:
        raise Unseen(evidence.unseen("sockets"))
    return evidence.sockets


def _is_stub(one: Socket) -> bool:
    return one.port == 53 and one.ip.partition("%")[0] == STUB


def _configured(host: Host) -> t.Tuple[bool, str]:
    """Whether the last file but ours turns the stub off; and the file after ours that would overrule it."""
    value, overruled = "yes", ""
    for path in ["/etc/systemd/resolved.conf", *in_order(host, [*_FOLDERS, *_VENDOR])]:
        found = [] if path == DROPIN else _listener(text_of(host, path))
        if found:
            value = found[-1]
            overruled = path if os.path.basename(path) > os.path.basename(DROPIN) else overruled
    off = value.lower() in _OFF
    return off, "" if off else overruled


def _listener(text: str) -> t.List[str]:
    lines = (line.strip() for line in text.splitlines())
    return [match[1] for match in map(_LISTENER.match, lines) if match]


def _link(host: Host) -> str:
    try:
        return host.link(RESOLV_CONF)
    except Unseen:
        return ""
