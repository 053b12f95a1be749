# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""GET requests to a container engine's API."""

from __future__ import annotations

import typing as t


class EngineApi:
    """timeout: seconds for one call, connecting included."""

    def __init__(self, timeout: float) -> None:
        self.timeout = timeout

    def get(self, endpoint: str, path: str) -> t.Tuple[int, str]:
        raise NotImplementedError
