# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.dockmaster.ports.plugins.plugin_utils._gathering import GatheringAction


class ActionModule(GatheringAction):
    """Runs module port_check where it can run."""
