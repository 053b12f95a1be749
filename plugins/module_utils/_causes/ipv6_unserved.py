# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""The engine opens nothing on this IPv6 address.

Seen as: no error at all. The container starts, `docker ps` lists the port, and who connects to it is refused.
With "userland-proxy": false only NAT serves published ports, and NAT does not lead from IPv6 to a container that has
IPv4 alone.
Told apart from `address_absent` by the host having the address, and from `process` by nobody being in the way.
Source: what engines 20.10.24, 26.1.5, 28.5.2 and 29.7.2 did; moby, port_mapping_linux.go, configurePortBindingIPv6.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.diagnosis import (
    Case,
    Cause,
    Finding,
    Remedy,
    Verdict,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import is_unserved

CAUSE = Cause(
    id="ipv6_unserved", title="The engine opens nothing on this IPv6 address", needs=("engine",), portless=True
)


def concerns(case: Case) -> bool:
    return ":" in case.want.binding.ip


def explain(case: Case) -> t.Iterator[Finding]:
    if concerns(case) and is_unserved(case.want, case.evidence):
        fix = Remedy("fix_address", "publish on an IPv4 address, or give the container's network IPv6")
        because = "the userland proxy is off and no network of the engine has IPv6, so nothing will listen there"
        yield case.finding(CAUSE, None, because, fix, consequence=Verdict.DIVERTED)
