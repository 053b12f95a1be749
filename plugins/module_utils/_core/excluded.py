# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Which of the ports that Windows keeps back a published port cannot have.

Source: what binds do in rows with and without `*` of `netsh interface ipv4 show excludedportrange`.
"""

from __future__ import annotations

import typing as t

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running
from ansible_collections.dockmaster.ports.plugins.module_utils._core.records.machine import ExcludedRange


def refusing(evidence: Evidence) -> t.Tuple[ExcludedRange, ...]:
    """Ranges in which a bind fails. An administered one is its owner's to bind; only Windows containers are refused."""
    all_refuse = any(engine.os_type == "windows" for engine in running(evidence))
    return tuple(one for one in evidence.exclusions or () if all_refuse or not one.administered)
