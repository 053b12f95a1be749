# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The host's own addresses, as /proc/net tells them where netlink is refused.

Source: Linux, net/ipv4/fib_trie.c (fib_trie_seq_show), net/ipv6/addrconf.c (if6_seq_show).
"""

from __future__ import annotations

import re
import socket
import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import canonical
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import Address

_LEAF = re.compile(r"\|-- ([0-9.]+)")
_HOST_LOCAL = "/32 host LOCAL"
_TENTATIVE, _OPTIMISTIC = 0x40, 0x04


def parse_fib_trie(text: str) -> t.Iterator[Address]:
    """IPv4: a leaf `|-- 10.0.0.5` with a line `/32 host LOCAL` below. The main and local tables may both show it."""
    leaf = ""
    seen = set()
    for line in text.splitlines():
        match = _LEAF.search(line)
        if match:
            leaf = match.group(1)
        elif line.strip() == _HOST_LOCAL and leaf not in seen:
            seen.add(leaf)
            yield Address(leaf, 32)


def parse_if_inet6(text: str) -> t.Iterator[Address]:
    """`fe80...0001 02 40 20 80     eth0`: address, index, prefix, scope and flags in hexadecimal, interface."""
    for line in text.splitlines():
        raw, _index, prefix, _scope, flags, name = line.split()
        usable = not int(flags, 16) & _TENTATIVE or int(flags, 16) & _OPTIMISTIC
        if usable:
            yield Address(canonical(socket.inet_ntop(socket.AF_INET6, bytes.fromhex(raw))), int(prefix, 16), name)
