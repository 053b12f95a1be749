# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""For judgements that what was seen does not allow."""

from __future__ import annotations


class Undecided(ValueError):
    """What was seen is not enough to judge. The message says what is missing, and what would let it be seen."""
