# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Ports that Windows' IP helper service (iphlpsvc) forwards, TCP only.

`show all` prints nothing where there are none, and its tables differ by language. `dump` prints the commands that would
make the rules again, in netsh's own words, and always how it begins and ends:

    pushd interface portproxy
    reset
    add v4tov4 listenport=8080 connectaddress=172.20.1.5 connectport=80
    popd

Source: netsh interface portproxy dump.
"""

from __future__ import annotations

import re
import shlex
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import MAX_PORT, canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import excerpt, visible

_ENDS = re.compile(r"[\r\n]+")
_KIND = re.compile(r"v([46])tov[46]")


class Proxied(t.NamedTuple):
    """A rule. ip: "" for every address of the family. to_ip may be a name. text: as printed."""

    family: str
    ip: str
    port: int
    to_ip: str
    to_port: int
    text: str


def rules(text: str) -> t.Tuple[Proxied, ...]:
    """In their order; () where there are none. Raises Unseen."""
    lines = [line.strip() for line in _ENDS.split(text) if line.strip() and not line.lstrip().startswith("#")]
    if not lines or lines[0] != "pushd interface portproxy" or lines[-1] != "popd":
        raise Unseen(f"netsh printed no port proxies: {excerpt(text)}" if text.strip() else "netsh printed nothing")
    return tuple(_rule(line) for line in lines[1:-1] if line != "reset")


def _rule(line: str) -> Proxied:
    try:
        verb, kind, *words = shlex.split(line)
        told = dict(word.split("=", 1) for word in words)
        match = _KIND.fullmatch(kind)
        if verb == "add" and match:
            port, to_port = _port(told["listenport"]), _port(told.get("connectport", told["listenport"]))
            ip = told.get("listenaddress", "*")
            to_ip = visible(told.get("connectaddress", ""))
            return Proxied(f"ipv{match[1]}", "" if ip == "*" else canonical(ip), port, to_ip, to_port, visible(line))
    except (ValueError, KeyError) as exc:  # BindingError is a ValueError
        raise Unseen(f"netsh printed a port proxy that cannot be read: {excerpt(line)}") from exc
    raise Unseen(f"netsh printed a port proxy that cannot be read: {excerpt(line)}")


def _port(text: str) -> int:
    if text.isdigit() and text.isascii() and 1 <= int(text) <= MAX_PORT:
        return int(text)
    raise ValueError(text)
