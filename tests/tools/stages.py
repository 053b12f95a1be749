# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of `make test`: each runs one tool over the collection."""

from __future__ import annotations

import functools
import re
import sys
import xml.etree.ElementTree
from pathlib import Path

from tests.tools import collection, environments, pythons
from tests.tools.jobs import Count, Failed, Job, Skipped, Stage
from tests.tools.paths import COLLECTIONS, LOGS, ROOT

MODULE_UTILS = "ansible_collections.dockmaster.ports.plugins.module_utils"
UNIT_PYTHONS = ("3.8", "3.13", pythons.OWN)


def setup(job: Job) -> None:
    collection.link()
    environments.controller(job.run, "controller", "dev")


def check_format(job: Job) -> None:
    job.run(_dev(job) / "ruff", "format", "--check", "--diff")


def check_code(job: Job) -> None:
    job.run(_dev(job) / "ruff", "check")


def check_yaml(job: Job) -> None:
    job.run(_dev(job) / "yamllint", "--strict", ".")


def check_types(job: Job) -> None:
    """By package, under the name that Ansible gives it."""
    env = {"MYPYPATH": str(collection.link())}
    job.run(_dev(job) / "mypy", "--package", MODULE_UTILS, env=env)


def units(version: str, job: Job) -> Count:
    """Plain pytest. What runs on the controller alone is left to Pythons that a controller may have."""
    python = pythons.find(version)
    if python is None:
        raise Skipped(f"no Python {version} here")
    if version == pythons.OWN:
        programs = _dev(job)
    else:
        ansible = "controller" if version in pythons.CONTROLLERS else "target"
        programs = environments.extra(f"units-{version}", python, ["units", ansible], job.run)
    report = LOGS / f"units-{version}.xml"
    report.unlink(missing_ok=True)
    try:
        job.run(programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junitxml={report}")
    finally:
        job.count = _junit(report) if report.exists() else None
    return job.count or Count()


def _junit(report: Path) -> Count:
    suite = xml.etree.ElementTree.parse(report).getroot().find("testsuite")
    if suite is None:
        raise Failed(f"{report.name} has no testsuite")
    tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return Count(tests - failed - skipped, failed, skipped)


def _dev(job: Job) -> Path:
    return environments.controller(job.run, "controller", "dev")


def _unit_stages() -> list[Stage]:
    return [Stage(f"units-{v}", functools.partial(units, v), 420) for v in dict.fromkeys(UNIT_PYTHONS)]


SETUP = Stage("setup", setup, 600)
CODE = [Stage("format", check_format, 60), Stage("ruff", check_code, 60), Stage("yaml", check_yaml, 60)]
TYPES = [Stage("types", check_types, 180)]
UNITS = _unit_stages()
