# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Sockets in the shape of community.general.listen_ports_facts."""

from __future__ import annotations

import functools
import pwd
import time
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.sockets import Socket


def listen_ports(evidence: Evidence) -> t.Dict[str, t.List[t.Dict[str, t.Any]]]:
    """tcp_listen and udp_listen; empty lists where the sockets were not seen."""
    sockets = evidence.sockets or ()
    return {
        "tcp_listen": [_port(one) for one in sockets if one.protocol == "tcp" and one.state == "listen"],
        "udp_listen": [_port(one) for one in sockets if one.protocol == "udp" and one.state == "bound"],
    }


def _port(one: Socket) -> t.Dict[str, t.Any]:
    return {
        "address": "*" if one.ip == "::" and not one.v6only else one.ip,
        "name": one.command,
        "pid": one.pid or 0,
        "port": one.port,
        "protocol": one.protocol,
        "stime": time.strftime("%a %b %e %H:%M:%S %Y", time.localtime(one.started)) if one.started else "",
        "user": _user(one.uid) if one.pid else "",
    }


@functools.lru_cache(maxsize=None)
def _user(uid: t.Optional[int]) -> str:
    try:
        return pwd.getpwuid(uid).pw_name if uid is not None else ""
    except KeyError:
        return str(uid)
