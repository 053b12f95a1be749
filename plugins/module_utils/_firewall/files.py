# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.
"""Where the policy is kept on a host. Everything of ours is one of these files."""

from __future__ import annotations

FOLDER = "/etc/dockmaster"
POLICY = f"{FOLDER}/docker_firewall.json"
PROGRAM = "/usr/local/sbin/dockmaster-firewall"
UNITS = "/etc/systemd/system"

STATE = "/var/lib/dockmaster"
KNOWN = f"{STATE}/docker_firewall.published.json"
BRIDGES = f"{STATE}/docker_firewall.bridges.json"

RUN = "/run/dockmaster"  # gone after a reboot, and a policy on trial with it
TRIAL = f"{RUN}/docker_firewall.trial.json"
TRIAL_PROGRAM = f"{RUN}/dockmaster-firewall"
LOCK = f"{RUN}/docker_firewall.lock"
