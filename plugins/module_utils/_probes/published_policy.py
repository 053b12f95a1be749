# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""How the policy for published ports stands, that module docker_firewall laid out, if there is one.

What looks is what lays out: the module's own code, through this probe's Host. It is imported where there is something
to look at, because most hosts have no policy and a target compiles whatever it imports.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.published import (
    PolicyPlace,
    PolicyReach,
    PublishedPolicy,
)
from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import files, marks
from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Missing, Unseen
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.rule_tree import Table
from ansible_collections.dockmaster.ports.plugins.module_utils._probes.visible import visible

if t.TYPE_CHECKING:
    from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.reach import Reach
    from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.standing import Place, Standing

SHOWN = 10  # rules that differ, of each kind and place, that are named


def see(host: Host, tables: t.Iterable[Table]) -> PublishedPolicy:
    """tables: what of the rules was seen. Raises Unseen."""
    if not (_is_there(host, files.POLICY) or _is_there(host, files.TRIAL) or any(map(_is_ours, tables))):
        return PublishedPolicy()
    from ansible_collections.dockmaster.ports.plugins.module_utils._firewall import standing
    from ansible_collections.dockmaster.ports.plugins.module_utils._firewall.system import FirewallError
    from ansible_collections.dockmaster.ports.plugins.module_utils._probes.firewall_view import HostView

    try:
        return _record(standing.of(HostView(host)))
    except FirewallError as exc:
        raise Unseen(visible(str(exc))) from exc


def _is_there(host: Host, path: str) -> bool:
    try:
        host.read(path)
    except Missing:
        return False
    return True


def _is_ours(table: Table) -> bool:
    return f"{table.family} {table.name}" == marks.TABLE or marks.CHAIN in table.chains


def _record(found: Standing) -> PublishedPolicy:
    policy = found.policy
    return PublishedPolicy(
        state=found.state,
        backend=found.backend,
        default=policy.default if policy else "",
        rules=len(policy.rules) if policy else 0,
        trial=found.trial,
        trusted_interfaces=policy.trusted if policy else (),
        places=tuple(map(_place, found.places)),
        troubles=found.troubles,
        reach=tuple(map(_reach, found.reach)),
    )


def _place(one: Place) -> PolicyPlace:
    lacking, foreign = (tuple(map(visible, lines[:SHOWN])) for lines in (one.lacking, one.foreign))
    more = len(one.lacking) + len(one.foreign) - len(lacking) - len(foreign)
    return PolicyPlace(one.tool, one.state, one.open_at, lacking, foreign, more)


def _reach(one: Reach) -> PolicyReach:
    return PolicyReach(one.published, one.who, one.sources, one.more, one.host, one.interface)
