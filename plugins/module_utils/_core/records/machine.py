# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Records of sections platform, kernel and exclusions."""

from __future__ import annotations

import typing as t
from dataclasses import dataclass


@dataclass(frozen=True)
class Platform:
    """What kind of host. system: Linux, Windows, ... wsl: "", 1 or 2; wsl_networking: nat, mirrored, ... where told.

    container: "" on a host, else docker, podman, lxc, ...; service_manager: systemd, openrc, launchd, scm or "".
    wsl_interop: whether WSL starts Windows' programs; wsl_integration: whether `docker` here is Docker Desktop's. None
    where this is no WSL.
    """

    system: str = "Linux"
    distribution: str = ""
    version: str = ""
    release: str = ""
    hostname: str = ""
    wsl: str = ""
    wsl_networking: str = ""
    wsl_interop: t.Optional[bool] = None
    wsl_integration: t.Optional[bool] = None
    container: str = ""
    service_manager: str = ""
    namespace: str = ""


@dataclass(frozen=True)
class Address:
    """An address of this host. Source: rtnetlink (RTM_GETADDR), else /proc/net/fib_trie and /proc/net/if_inet6."""

    ip: str
    prefix: int
    interface: str = ""


@dataclass(frozen=True)
class DrawnRange:
    """Ports that Windows gives to connections, and to blocks of Hyper-V's and WinNAT's.

    family: ipv4 or ipv6. Source: netsh interface ipv4|ipv6 show dynamicport.
    """

    first: int
    last: int
    protocol: str
    family: str


@dataclass(frozen=True)
class Kernel:
    """The kernel's settings that decide who may bind what. Source: /proc/sys/net, /proc/sys/kernel.

    port_range: first and last port of ip_local_port_range; reserved: ip_local_reserved_ports as (first, last) pairs.
    drawn: of Windows, which has such a range for each family and protocol; port_range is then the widest.
    ipv6: False where the kernel has no IPv6 or it is disabled on all interfaces.
    """

    release: str = ""
    port_range: t.Tuple[int, ...] = ()
    reserved: t.Tuple[t.Tuple[int, ...], ...] = ()
    unprivileged_start: t.Optional[int] = None
    bindv6only: t.Optional[bool] = None
    nonlocal_bind: t.Optional[bool] = None
    nonlocal_bind6: t.Optional[bool] = None
    ipv6: t.Optional[bool] = None
    addresses: t.Tuple[Address, ...] = ()
    bridges: t.Tuple[str, ...] = ()
    conntrack_count: t.Optional[int] = None
    conntrack_max: t.Optional[int] = None
    drawn: t.Tuple[DrawnRange, ...] = ()


@dataclass(frozen=True)
class ExcludedRange:
    """Ports that Windows keeps back. Source: netsh interface ipv4|ipv6 show excludedportrange.

    family: ipv4 or ipv6. administered: the row has a `*`: somebody reserved the ports for a use of his own, and a bind
    succeeds. A bind to a port of any other row (of Hyper-V, WinNAT, HTTP.sys, ...) is refused with WSAEACCES.
    """

    first: int
    last: int
    protocol: str
    family: str
    administered: bool = False
