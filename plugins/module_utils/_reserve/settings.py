# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What the host's own files say of one kernel setting: the last line that sets the key wins.

Source: sysctl.d(5), sysctl(8).
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._dropins import in_order, text_of
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host

FOLDERS = ("/etc/sysctl.d", "/run/sysctl.d", "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d", "/lib/sysctl.d")
LAST = "/etc/sysctl.conf"  # `sysctl --system` reads it after all others; systemd-sysctl only where a link leads to it


@dataclass(frozen=True)
class Setting:
    """A line that sets the key. line: from 1."""

    path: str
    line: int
    value: str


def settings_of(host: Host, key: str) -> t.List[Setting]:
    """The last line of each file that sets the key, in the order in which the files are read at boot. Raises Unseen."""
    found = [_last(host, path, key) for path in in_order(host, FOLDERS)]
    return [one for one in found if one]


def in_main_file(host: Host, key: str) -> t.Optional[Setting]:
    """Raises Unseen."""
    return _last(host, LAST, key)


def _last(host: Host, path: str, key: str) -> t.Optional[Setting]:
    found = None
    for number, line in enumerate(text_of(host, path).splitlines(), 1):
        name, equals, value = line.strip().partition("=")
        if equals and name[:1] not in "#;" and _same(name.strip().lstrip("-"), key):
            found = Setting(path, number, value.strip())
    return found


def _same(name: str, key: str) -> bool:
    """net/ipv4/x and net.ipv4.x are one."""
    return name.replace("/", ".") == key
