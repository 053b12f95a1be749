# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says of a trial, by what the host answers over a new connection."""

from __future__ import annotations

import pytest
from ansible.errors import AnsibleConnectionFailure

from ansible_collections.dockmaster.ports.plugins.action import docker_firewall as plugin

STAYS = "systemctl enable failed: no bus; the new rules are confirmed all the same, and stay"
BACK = "the new rules were not confirmed: the old ones come back within 60 s"
AWAY = AnsibleConnectionFailure("timed out")

ANSWERS = [
    # answer, confirmed, message
    ({"changed": False}, True, None),
    ({"failed": True, "msg": "the trial is over"}, False, f"the trial is over; {BACK}"),
    ({"failed": True, "msg": STAYS, "confirmed": True}, True, STAYS),
    (AWAY, False, f"the host could not be reached over a new connection: timed out; {BACK}"),
]


class Action(plugin.ActionModule):
    """Without a task and a connection, of a host that answers so."""

    def __init__(self, answer):
        self.answer, self.asked = answer, []

    def _reconnect(self):
        self.asked.append("a new connection")

    def _execute_module(self, module_args, task_vars):
        self.asked.append(module_args)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize("answer, confirmed, message", ANSWERS)
def test_confirm(answer, confirmed, message):
    action = Action(answer)
    result = {"changed": True, "rollback": {"token": "5b1d", "seconds": 60, "confirmed": False}}

    said = action._confirm(result, {})

    assert action.asked == ["a new connection", {"confirm": "5b1d"}]
    assert said["changed"] is True
    assert said["rollback"]["confirmed"] is confirmed
    assert (said.get("failed", False), said.get("msg")) == (message is not None, message)
