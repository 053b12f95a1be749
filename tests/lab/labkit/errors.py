# SPDX-License-Identifier: GPL-3.0-or-later
"""How the lab fails: its own troubles are told apart from the product's."""

from __future__ import annotations

LAB_FAILED = 3  # exit code of trouble that is the lab's own; 1 is for what the product got wrong


class LabError(Exception):
    """The lab itself cannot go on. Says what happened and how to fix it, in one line."""

    def __init__(self, what: str, fix: str) -> None:
        super().__init__(f"lab: {what}; {fix}")


class Mismatch(AssertionError):
    """The product said one thing, and the host another (or the expected words were not said)."""
