# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the result of each task, a line of JSON each, to the file that RESULTS names."""

from __future__ import annotations

import json
import os

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "results"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, result, state):
        said = result.result if hasattr(result, "result") else result._result  # before ansible-core 2.19
        told = {"task": result.task_name, "state": state, "result": json.loads(self._dump_results(said))}
        told["result"][state] = True
        if "diff" in said:  # left out of the dump
            told["result"]["diff"] = json.loads(json.dumps(said["diff"], default=str))
        with open(os.environ["RESULTS"], "a", encoding="utf-8") as out:
            out.write(json.dumps(told) + "\n")

    def v2_runner_on_ok(self, result):
        self._write(result, "ok")

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._write(result, "failed")

    def v2_runner_on_unreachable(self, result):
        self._write(result, "unreachable")
