# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes how long each task took, as the controller sees it, to the file that TASK_TIMES names."""

from __future__ import annotations

import json
import os
import time

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: task_times
type: aggregate
short_description: How long each task took
description:
  - Appends one line of JSON a task to the file that the environment variable E(TASK_TIMES) names.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_times"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_task_start(self, task, is_conditional):
        self._start = time.monotonic()

    def v2_runner_on_ok(self, result):
        self._write(result, failed=False)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, failed=True)

    def _write(self, result, failed):
        seconds = time.monotonic() - self._start
        with open(os.environ["TASK_TIMES"], "a", encoding="utf-8") as file:
            task = result.task_name if hasattr(result, "task_name") else result._task.get_name()
            file.write(json.dumps({"task": task, "seconds": seconds, "failed": failed}) + "\n")
