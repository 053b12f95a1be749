# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What is wrong with a Compose project, and where."""

from __future__ import annotations


class ComposeError(ValueError):
    """A project that Compose would refuse, or could not be read. The message names file, service and text at fault."""


def where(file: str, service: str = "", key: str = "") -> str:
    """`compose.yaml: service web: ports: `, as much of it as is known."""
    return "".join([f"{file}: " if file else "", f"service {service}: " if service else "", f"{key}: " if key else ""])
