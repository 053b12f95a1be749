# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What a socket binds to: an address, a protocol, a port or a closed range of ports."""

from __future__ import annotations

import functools
import ipaddress
import re
import typing as t
from dataclasses import dataclass

ANY = "*"  # every IPv4 and every IPv6 address: one dual-stack socket, or a pair of sockets
ANY_V4 = "0.0.0.0"
ANY_V6 = "::"  # IPv6 only: a dual-stack [::] socket is ANY
WILDCARDS = (ANY, ANY_V4, ANY_V6)
PROTOCOLS = ("tcp", "udp", "sctp")
MAX_PORT = 65535

_TEXT = (  # compiled when a text is read: few tasks read any
    r"(?P<ip>\*|\[[^\]]*\]|[^:\[\]]*):(?P<first>[0-9]+)(?:-(?P<last>[0-9]+))?(?:/(?P<protocol>[a-z]+))?"
)


class BindingError(ValueError):
    """Text or numbers that are no binding. The message quotes the part at fault."""


@dataclass(frozen=True, order=True)
class Binding:
    """Ports `first` to `last`, both included, of one protocol on one address.

    ip: canonical text of an address, or one of the wildcards ANY, ANY_V4, ANY_V6.
    first, last: 0 and 0 mean a port that is not chosen yet; such a binding meets nothing.
    """

    ip: str
    protocol: str
    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Binding:
        """`127.0.0.1:8000-8010/tcp`, `[::1]:80`, `*:53/udp`; tcp where no protocol is said. Raises BindingError."""
        match = re.fullmatch(_TEXT, text)
        if not match:
            raise BindingError(
                f"{text!r} is not a binding: expected IP:PORT[-PORT][/PROTOCOL], such as 0.0.0.0:8080/tcp"
            )
        protocol = match["protocol"] or "tcp"
        if protocol not in PROTOCOLS:
            raise BindingError(
                f"{text!r} has protocol {protocol!r}: expected tcp, udp or sctp, such as 0.0.0.0:8080/tcp"
            )
        first = int(match["first"])
        last = int(match["last"] or first)
        if not 1 <= first <= last <= MAX_PORT:
            raise BindingError(
                f"{text!r} is not a port or a rising range of ports within 1-{MAX_PORT}, such as 8080 or 8000-8010"
            )
        return cls(canonical(match["ip"].strip("[]")), protocol, first, last)

    def __str__(self) -> str:
        ip = f"[{self.ip}]" if ":" in self.ip else self.ip
        ports = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{ip}:{ports}/{self.protocol}"

    def meet(self, other: Binding) -> t.Optional[Binding]:
        """What both would hold; None if they can live side by side.

        This is geometry only. Whether a meeting hurts, and whom, is for a cause to say.
        """
        first, last = max(self.first, other.first), min(self.last, other.last)
        if first > last or not first or self.protocol != other.protocol:
            return None
        ip = narrower(self.ip, other.ip)
        return None if ip is None else Binding(ip, self.protocol, first, last)

    def covers(self, other: Binding) -> bool:
        """Whether all of the other lies within this one."""
        return self.meet(other) == other

    def at(self, ip: str) -> Binding:
        """The same ports on another address."""
        return Binding(ip, self.protocol, self.first, self.last)

    def ports(self) -> range:
        return range(self.first, self.last + 1) if self.first else range(0)


def narrower(a: str, b: str) -> t.Optional[str]:
    """The one that lies within the other; None if they are apart.

    Addresses nest like folders (* > 0.0.0.0 > 10.0.0.5): two of them nest or are apart.
    """
    if a == b or b in wider(a):
        return a
    return b if a in wider(b) else None


def wider(ip: str) -> t.Tuple[str, ...]:
    """The address itself, and those that it lies within."""
    if ip == ANY:
        return (ANY,)
    if ip in (ANY_V4, ANY_V6):
        return (ip, ANY)
    return (ip, ANY_V6 if ":" in ip else ANY_V4, ANY)


@functools.lru_cache(maxsize=4096)
def canonical(ip: str) -> str:
    """The one text for an address: IPv6 compressed in lower case, IPv4-mapped IPv6 as IPv4. Raises BindingError.

    An IPv4-mapped address is where the kernel puts an IPv4 socket that an IPv6 program opened: it holds the IPv4 port.
    """
    if ip == ANY:
        return ip
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        raise BindingError(f"{ip!r} is not an IP address: expected one such as 127.0.0.1 or ::1") from None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)
