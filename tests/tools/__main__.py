# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of the Makefile."""

from __future__ import annotations

import argparse
import sys

from tests.tools import ansible_checks, audit, code_checks, engine_checks, programs, runner

FIRST = (code_checks.SETUP, *code_checks.LINT)  # seconds; what they refuse need not wait for the rest
# Longest first, so that those at a time end together.
ALL = (
    *engine_checks.INTEGRATION[::-1],
    *ansible_checks.SANITY,
    *code_checks.WINDOWS,
    *code_checks.TYPES,
    *code_checks.UNITS,
    *ansible_checks.BUILD,
    *ansible_checks.LINT,
)
PARTS = {
    "setup": (),
    "lint": (*code_checks.LINT, *ansible_checks.LINT),
    "types": code_checks.TYPES,
    "units": code_checks.UNITS,
    "windows": code_checks.WINDOWS,
    "sanity": ansible_checks.SANITY,
    "build-check": ansible_checks.BUILD,
}


def main() -> int:
    own, rest = _split(sys.argv[1:])
    arguments = _parse(own)
    command = arguments.command
    if command == "audit":
        return audit.audit(arguments.inventory, rest)
    if command in ("bench", "format"):
        return programs.run(command, rest)
    if command == "test-lab" or arguments.scenario or arguments.host:
        lab = engine_checks.lab_stage(arguments.scenario, arguments.host)
        return runner.run([code_checks.SETUP, lab], [])
    if command == "integration":
        return runner.run([code_checks.SETUP], engine_checks.INTEGRATION)
    if command in ("test", "check"):
        return runner.run(FIRST, ALL, [engine_checks.lab_stage(short=True)] if command == "test" else [])
    return runner.run([code_checks.SETUP], PARTS[command])


def _split(words: list[str]) -> tuple[list[str], list[str]]:
    """What is ours, and what comes after -- and is handed on."""
    at = words.index("--") if "--" in words else len(words)
    return words[:at], words[at + 1 :]


def _parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests/tools/run", description=__doc__)
    parser.add_argument(
        "command", choices=[*PARTS, "test", "check", "integration", "test-lab", "audit", "bench", "format"]
    )
    parser.add_argument("--inventory", default="")
    parser.add_argument("--scenario", default="")
    parser.add_argument("--host", default="")
    return parser.parse_args(words)


sys.exit(main())
