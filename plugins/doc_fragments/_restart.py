# SPDX-License-Identifier: GPL-3.0-or-later
# PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations


class ModuleDocFragment:
    """Options of every module that restarts an engine."""

    DOCUMENTATION = r"""
options:
  wait:
    description: Seconds until everything must be as before.
    type: float
    default: 60.0
  start_again:
    description: Start containers that ran before and have no restart policy that starts them.
    type: bool
    default: true
  lose:
    description: Restart although containers are removed by it.
    type: bool
    default: false
  live_restore:
    description:
      - Have the engine take over C(live-restore), which must be in its file already, before it is restarted, so that
        containers survive. If it does not, it is not restarted.
    type: bool
    default: false
  tolerate:
    description:
      - Addresses and bindings at which nobody need answer afterwards, such as V(::1) or V([::]:8080/tcp) when the
        userland proxy is turned off.
    type: list
    elements: str
    default: []
  rootless:
    description:
      - Whether this is about the rootless engine of the user that the module runs as. By default so for everybody but
        root.
    type: bool
  unit:
    description: The systemd unit that starts the engine. Elsewhere, its name without C(.service) is the service's.
    type: str
    default: docker.service
"""
