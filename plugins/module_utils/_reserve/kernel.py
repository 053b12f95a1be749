# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The running kernel's settings, and its list of reserved ports. Source: proc_do_large_bitmap, kernel/sysctl.c."""

from __future__ import annotations

import os

from ansible_collections.dockmaster.ports.plugins.module_utils._reserve.ports import Ports, parse, text

PROC = "/proc/sys/net/ipv4/ip_local_reserved_ports"
_WHOLE = 1 << 20  # every other port makes 200 kB, and the kernel tells it in one read or not at all


class NotTaken(ValueError):
    """The kernel did not take a value."""


def reserved() -> Ports:
    """Raises OSError where this kernel has no such setting."""
    handle = os.open(PROC, os.O_RDONLY)
    try:
        return parse(os.read(handle, _WHOLE).decode("ascii"))
    finally:
        os.close(handle)


def reserve(ports: Ports) -> None:
    """Exactly these. Raises OSError, NotTaken.

    The kernel takes up to a page at a time and adds what comes after the first: up to 4 kB it is all or nothing.
    """
    assign(PROC, text(ports))
    if reserved() != ports:
        raise NotTaken(f"{PROC}: the kernel did not take {text(ports)[:200]!r}")


def assign(path: str, value: str) -> None:
    """A setting, by its path in /proc/sys. Raises OSError, which names the path."""
    data = (value + "\n").encode("ascii")
    handle = os.open(path, os.O_WRONLY)
    try:
        while data:
            data = data[os.write(handle, data) :]
    except OSError as exc:
        raise OSError(exc.errno, exc.strerror, path) from exc
    finally:
        os.close(handle)


def look_whether_writable(path: str) -> None:
    """Raises OSError where `assign` would. The folders of /proc/sys are never writable, what is in them may be."""
    os.close(os.open(path, os.O_WRONLY))
