# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""What Windows has to say about the ports of a WSL distribution.

| engine                      | networking mode            | who binds a published port                             |
|-----------------------------|----------------------------|--------------------------------------------------------|
| Docker Desktop              | any                        | its backend, on Windows                                |
| of the distribution         | mirrored; any mode of WSL1 | Linux, and only if Windows agrees                      |
| of the distribution         | nat, virtioproxy           | Linux; Windows' localhost is a relay beside it, TCP only |
| of the distribution         | none, bridged              | Linux                                                  |

Source: WSL, src/linux/init/GnsPortTracker.cpp, src/windows/wslrelay/localhost.cpp; docs/wsl2.md.
"""

from __future__ import annotations

from ansible_collections.dockmaster.ports.plugins.module_utils._core.evidence import Evidence
from ansible_collections.dockmaster.ports.plugins.module_utils._core.opened import running

RELAYS = ("wslrelay.exe", "wslhost.exe", "wslservice.exe", "vmmem", "vmmemwsl")
_RELAYED = ("nat", "virtioproxy", "consomme")


def is_wsl(evidence: Evidence) -> bool:
    return bool(evidence.platform and evidence.platform.wsl)


def binds_on_windows(evidence: Evidence) -> bool:
    """Whether an engine of this distribution is Docker Desktop's."""
    desktop = any("docker desktop" in engine.operating_system.lower() for engine in running(evidence))
    return is_wsl(evidence) and desktop


def asks_windows(evidence: Evidence) -> bool:
    """Whether the kernel lets nobody have a port that Windows does not give."""
    platform = evidence.platform
    return bool(platform and (platform.wsl == "1" or (platform.wsl and platform.wsl_networking == "mirrored")))


def needs_windows(evidence: Evidence) -> bool:
    """Whether somebody on Windows may refuse a published port."""
    return binds_on_windows(evidence) or asks_windows(evidence)


def is_relayed(evidence: Evidence) -> bool:
    """Whether Windows' localhost leads here by a relay, which needs the same port there."""
    return is_wsl(evidence) and bool(evidence.platform and evidence.platform.wsl_networking in _RELAYED)
