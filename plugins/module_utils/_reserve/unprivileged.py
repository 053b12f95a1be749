# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""From which port on everybody may listen (net.ipv4.ip_unprivileged_port_start), now and at boot.

Source: ip-sysctl, ip_unprivileged_port_start: the kernel's default is 1024; the last file that sets the key wins.
"""

from __future__ import annotations

import os
import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import text_of, write
from ansible_collections.dockmaster.ports.plugins.module_utils._files import Module
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.kernel import assign, look_whether_writable
from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.settings import settings_of

KEY = "net.ipv4.ip_unprivileged_port_start"
FILE = "/etc/sysctl.d/zz-dockmaster-ports-unprivileged.conf"  # after 99-sysctl.conf
PROC = "/proc/sys/net/ipv4/ip_unprivileged_port_start"
DEFAULT = 1024

_HEAD = "# Managed by dockmaster.ports.unprivileged_port: do not edit.\n"
_OURS = re.compile(re.escape(_HEAD) + re.escape(KEY) + r" = (\d+)\n")


class NotOurs(ValueError):
    """A file of ours that somebody else wrote, or one that is read after ours."""


@dataclass(frozen=True)
class Plan:
    """before, after: the file's text, empty for none. live, wanted: the number now, and what it is to be."""

    before: str
    after: str
    live: int
    wanted: int


def plan(host: Host, start: t.Optional[int]) -> Plan:
    """start: None to take back what is ours. A number that is lower already stays. Raises Unseen, NotOurs."""
    live = int(host.read(PROC))
    before = text_of(host, FILE)
    ours = _OURS.fullmatch(before)
    if before and not ours:
        raise NotOurs(f"{FILE} is not as this module wrote it: remove it, or name the setting in another file")
    others = _others(host, start is not None)
    if start is None:
        is_ours = ours and live == int(ours[1])  # else somebody has made it another since
        return Plan(before, "", live, others if is_ours else live)
    lowest = min(start, int(ours[1])) if ours else start
    after = f"{_HEAD}{KEY} = {lowest}\n" if lowest < others else ""
    return Plan(before, after, live, min(live, start))


def _others(host: Host, strict: bool) -> int:
    """What the host's own files make it at boot. Raises Unseen, NotOurs."""
    found = DEFAULT
    for setting in settings_of(host, KEY):
        where = f"{setting.path}, line {setting.line}"
        if setting.path == FILE:
            continue
        if not setting.value.isdigit():
            raise NotOurs(f"{where}: {setting.value!r} is not a port")
        if strict and os.path.basename(setting.path) > os.path.basename(FILE):
            raise NotOurs(f"{where} sets {KEY} and is read after {FILE}: change that line")
        found = int(setting.value)
    return found


def carry_out(module: Module, todo: Plan) -> None:
    """The file is as it was if the kernel does not take the number. Raises Changed, OSError."""
    write(module, FILE, todo.before, todo.after)
    if todo.live == todo.wanted:
        return
    try:
        if module.check_mode:
            look_whether_writable(PROC)
        else:
            assign(PROC, str(todo.wanted))
    except OSError:
        write(module, FILE, todo.after, todo.before)
        raise
