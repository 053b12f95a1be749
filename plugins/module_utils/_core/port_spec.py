# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The text of a published port: [[IP:][HOST_PORT[-LAST]]:]CONTAINER_PORT[-LAST][/PROTOCOL], and a bare binding.

Source: nat.ParsePortSpec of go-connections, which the engine's command line and Compose use alike. What it lets
through, this lets through (`+80`, `080`, `80/TCP`, `80/`, `[127.0.0.1]:80:80`, `:80:80`), and what it refuses, this
refuses, with two exceptions. Container port 0, which engines from 29.1.3 refuse at start, is refused. A bare binding
is let in: exactly IP:PORT[-LAST]/PROTOCOL with an address, an IPv6 one in brackets, or `*`. go-connections reads the
address of such a text as a host port and refuses it, so no text has two meanings.
"""

from __future__ import annotations

import re
import typing as t
from dataclasses import dataclass

from ansible_collections.dockmaster.ports.plugins.module_utils._core.binding import (
    ANY,
    MAX_PORT,
    PROTOCOLS,
    Binding,
    BindingError,
    canonical,
)

FORM = "[IP:][HOST_PORT:]CONTAINER_PORT[/PROTOCOL], such as 127.0.0.1:8080:80/tcp"

_NUMBER = re.compile(r"\+?0*([0-9]{1,5})")
_BRACKETED = re.compile(r"\[([^\[\]]*)\]")
_BARE = re.compile(r"(\*|\[[^\[\]]*\]|[0-9]+\.[0-9.]+):([^:/]*)/(.+)", re.DOTALL)


class PublishError(BindingError):
    """Text, number or mapping that is no published port. The message quotes the part at fault."""


@dataclass(frozen=True)
class PortSpec:
    """What the text of a published port says. `container` is None for a bare binding.

    ip: ANY where none is said. host, container: first and last port; host is (0, 0) where the engine chooses.
    """

    ip: str
    protocol: str
    host: t.Tuple[int, int]
    container: t.Optional[t.Tuple[int, int]]

    @property
    def any_of_host(self) -> bool:
        """Whether one port of the host's range is enough: a range of host ports for one container port."""
        return self.container is not None and length(self.host) > length(self.container)


def published(text: str) -> PortSpec:
    """The pieces of a published port. Raises PublishError that quotes the part at fault and shows a right one."""
    bare = _BARE.fullmatch(text)
    if bare:
        return _bare(text, *bare.groups())
    *address, host_text, rest = ["", *text.split(":")]
    port, _slash, protocol_text = rest.partition("/")
    if not port:
        raise PublishError(f"{text!r} has no container port: expected {FORM}")
    ip = _address(text, ":".join(address[1:]))
    host = (0, 0) if host_text == "" else _host_ports(text, host_text)
    spec = PortSpec(ip, _protocol(text, protocol_text), host, _container_ports(text, port))
    return spec if host_text == "" else even(spec, repr(text))


def even(spec: PortSpec, shown: str) -> PortSpec:
    """The same; raises PublishError, which begins with `shown`, where several container ports meet another number."""
    if spec.container is None:  # a bare binding
        return spec
    hosts, containers = length(spec.host), length(spec.container)
    if hosts != containers and containers != 1:
        first = spec.host[0] or 8000
        right = f"{first}-{first + containers - 1}:{spec.container[0]}-{spec.container[1]}"
        raise PublishError(
            f"{shown} has {hosts} host port{'s'[: hosts > 1]} for {containers} container ports: "
            f"expected as many of the one as of the other, such as {right}"
        )
    return spec


def ports(text: str) -> t.Optional[t.Tuple[int, int]]:
    """First and last of `8080` or `8000-8010`; None for anything that is no rising range within 0-65535."""
    first, dash, last = text.partition("-")
    numbers = [_NUMBER.fullmatch(one) for one in ([first, last] if dash else [first, first])]
    if not numbers[0] or not numbers[1]:
        return None
    low, high = int(numbers[0][1]), int(numbers[1][1])
    return (low, high) if low <= high <= MAX_PORT else None


def length(pair: t.Tuple[int, int]) -> int:
    return pair[1] - pair[0] + 1


def not_a_port(part: str, where: str) -> PublishError:
    """`where`: which part of which text it is."""
    return PublishError(
        f"{part!r} is not a port or a rising range of ports within 1-{MAX_PORT}: "
        f"it is {where}, expected one such as 8080 or 8000-8010"
    )


def _host_ports(text: str, part: str) -> t.Tuple[int, int]:
    """0 alone means that the engine chooses, as no host port does."""
    pair = ports(part)
    if pair is None or (pair[0] == 0 and pair[1] != 0):
        if _is_address(part):
            port = text.rpartition(":")[2].partition("/")[0]
            raise PublishError(
                f"{text!r} has an address and one port: expected IP:HOST_PORT:CONTAINER_PORT, such as "
                f"{part}:{port}:{port}, or a bare binding with its protocol, such as {part}:{port}/tcp"
            )
        raise not_a_port(part, f"the host port of {text!r}")
    return pair


def _container_ports(text: str, part: str) -> t.Tuple[int, int]:
    pair = ports(part)
    if pair is None or pair[0] == 0:
        raise not_a_port(part, f"the container port of {text!r}")
    return pair


def _protocol(text: str, part: str) -> str:
    protocol = part.lower() or "tcp"
    if protocol not in PROTOCOLS:
        raise PublishError(f"{text!r} has protocol {part!r}: expected tcp, udp or sctp, such as 8080:80/tcp")
    return protocol


def _address(text: str, part: str) -> str:
    bracketed = _BRACKETED.fullmatch(part)
    inner = bracketed[1] if bracketed else part
    if inner and not _is_address(inner):
        raise PublishError(f"{text!r} has address {part!r}, which is not an IP address: {_right_address(text, part)}")
    return canonical(inner) if inner else ANY


def host_address(part: str, key: str) -> str:
    """The address that a mapping names, without brackets; ANY where it names none. Raises PublishError."""
    if part and not _is_address(part):
        raise PublishError(f"{part!r} is not an IP address: it is {key}, expected one such as 127.0.0.1 or ::1")
    return canonical(part) if part else ANY


def _right_address(text: str, part: str) -> str:
    if part == ANY:
        return f"leave it out for every address, such as {text[2:]}"
    if ":" in part:
        return "an IPv6 address stands before two ports, best in brackets, such as [::1]:8080:80"
    names = ", for names are not resolved" if part[:1].isalpha() else ""
    return f"expected one such as 127.0.0.1 or [::1]{names}"


def _is_address(text: str) -> bool:
    """As Go's net.ParseIP: no zone, no wildcard sign, and no leading zeros, which old releases of Python let in."""
    if text == ANY or "%" in text or re.search(r"(^|[.:])0[0-9]+\.", text) or re.search(r"\.0[0-9]", text):
        return False
    try:
        canonical(text)
    except BindingError:
        return False
    return True


def _bare(text: str, ip: str, port_text: str, protocol: str) -> PortSpec:
    """A bare binding: host ports alone, such as 0.0.0.0:8080/tcp."""
    pair = ports(port_text)
    if pair is None or pair[0] == 0:
        raise not_a_port(port_text, f"the port of {text!r}")
    address = ip if ip == ANY else _address(text, ip)
    return PortSpec(address, _protocol(text, protocol), pair, None)


def binding_of(spec: PortSpec) -> Binding:
    return Binding(spec.ip, spec.protocol, *spec.host)
