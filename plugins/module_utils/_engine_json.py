# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What an engine's API says, as data. For whoever acts on it: probes keep what they could not see."""

from __future__ import annotations

import json
import typing as t
from urllib.parse import quote

from ansible_collections.dockmaster.ports.plugins.module_utils._host import Host, Unseen

Filters = t.Mapping[str, t.List[str]]


def get(host: Host, endpoint: str, path: str, filters: t.Optional[Filters] = None) -> t.Any:
    """filters: what the engine selects by. Raises Unseen."""
    if filters:
        path += f"{'&' if '?' in path else '?'}filters={quote(json.dumps(filters), safe='')}"
    found = get_if_there(host, endpoint, path)
    if found is None:
        raise Unseen(f"the engine at {endpoint} answers {path} with status 404")
    return found


def get_if_there(host: Host, endpoint: str, path: str) -> t.Any:
    """None where there is no such thing, or no longer. Raises Unseen."""
    answer = host.api(endpoint, path)
    if answer.status == 404:
        return None
    if answer.status != 200:
        said = f": {answer.body.strip()}" if answer.body.strip() else ""
        raise Unseen(f"the engine at {endpoint} answers {path} with status {answer.status}{said}")
    try:
        return json.loads(answer.body)
    except ValueError:
        raise Unseen(f"what answers at {endpoint} is no container engine") from None
