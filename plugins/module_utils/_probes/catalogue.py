# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Every probe, in the order they run: one may read what an earlier one reported. The only list of them.

Written out because Ansible ships to a target what import statements name, and nothing else.

A probe is a module with SECTIONS, the names of what it reports, and
`probe(host, request, evidence, blind) -> {section: records}`: it reads through `host`, may read the sections gathered
so far in `evidence`, appends to `blind` what it saw only in part, and raises Unseen where it saw nothing.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._probes import (
    binds,
    clients,
    engine,
    kernel,
    networks,
    platform,
    rulesets,
    sockets,
    units,
)

PROBES: t.Tuple[t.Any, ...] = (
    platform,
    kernel,
    units,
    sockets,
    engine,
    clients,
    rulesets,
    networks,
    binds,
)
