# SPDX-License-Identifier: GPL-3.0-or-later
"""Format, lint, types and unit tests: what looks at the Python code alone."""

from __future__ import annotations

import contextlib
import functools
import re
import typing as t
import xml.etree.ElementTree
from pathlib import Path

from tests.tools import collection, compose, environments, packages, pythons
from tests.tools.jobs import CI, Count, Failed, Job, Skipped, Stage
from tests.tools.paths import ROOT, Missing

MODULE_UTILS = "ansible_collections.dockmaster.ports.plugins.module_utils"
WINDOWS_TESTS = "tests/integration/test_win*.py"
UNIT_PYTHONS = tuple(dict.fromkeys(("3.8", "3.13", pythons.OWN)))  # oldest target, newest usual, the controller's own


def programs(job: Job) -> Path:
    """Where ruff, mypy, pytest and Ansible are; .venv has them all."""
    collection.link()
    return environments.controller(job.run, "controller", "dev")


def setup(job: Job) -> None:
    programs(job)


def check_format(job: Job) -> None:
    job.run(programs(job) / "ruff", "format", "--check", "--diff")


def check_code(job: Job) -> None:
    job.run(programs(job) / "ruff", "check", "--output-format", "concise")


def check_yaml(job: Job) -> None:
    job.run(programs(job) / "yamllint", "--strict", ".")


def check_types(job: Job) -> None:
    """As a package, under the name that Ansible gives it."""
    job.run(programs(job) / "mypy", "--package", MODULE_UTILS, env={"MYPYPATH": str(collection.link())})


def units(version: str, job: Job) -> Count:
    """Plain pytest. tests/unit/conftest.py keeps what runs on controllers alone from Pythons that none of them has."""
    python = pythons.find(version)
    if python is None:
        raise Skipped(f"no Python {version} here")
    with contextlib.suppress(Missing):  # the tests that use them then are skips that name them
        packages.ensure({"lsof": "lsof", "openssl": "openssl"})
    if version == pythons.OWN:
        folder = programs(job)
    else:
        ansible = "controller" if version in pythons.CONTROLLERS else "target"
        folder = environments.extra(f"units-{version}", python, ["units", ansible], job.run)
    return pytest(job, folder / "python", ["tests/unit"], _compose(job) if version in pythons.CONTROLLERS else None)


def windows(job: Job) -> Count:
    """Playbooks against a double of a Windows host: they need no engine and no rights."""
    words = sorted(map(str, ROOT.glob(WINDOWS_TESTS)))
    return without_skips(pytest(job, programs(job) / "python", words, collection_paths()))


def collection_paths() -> dict[str, str]:
    """Where Python and Ansible find this collection."""
    folder = str(collection.link())
    return {"PYTHONPATH": folder, "ANSIBLE_COLLECTIONS_PATH": folder}


def _compose(job: Job) -> dict[str, str]:
    """Tells the tests where a docker-compose is. Without one, those that ask it are skipped, and CI fails."""
    try:
        return {compose.VARIABLE: str(compose.program())}
    except Missing as exc:
        if CI:
            raise
        job.notes.append(str(exc))
        return {}


def pytest(job: Job, python: Path, words: t.Sequence[str], env: t.Mapping[str, str] | None = None) -> Count:
    report = job.log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    options = ("-q", "-p", "no:cacheprovider", "-o", "faulthandler_timeout=90", f"--junitxml={report}")
    try:
        job.run(python, "-m", "pytest", *options, *words, env=env)
    finally:
        if report.exists():
            job.count = _junit(report)
            job.notes += _skips(report)
    return job.count or Count()


def without_skips(count: Count) -> Count:
    """A test that this machine cannot run is counted for a person, and is a failure in CI, like a stage."""
    if CI and count.skipped:
        raise Failed(f"{count.skipped} of the tests were skipped; CI is to have what they need")
    return count


def _junit(report: Path) -> Count:
    suite = xml.etree.ElementTree.parse(report).getroot().find("testsuite")
    if suite is None:
        raise Failed(f"{report.name} has no testsuite")
    tests, skipped = int(suite.get("tests", 0)), int(suite.get("skipped", 0))
    failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
    return Count(tests - failed - skipped, failed, skipped)


def _skips(report: Path) -> list[str]:
    """What was skipped, in one line: each reason with its number of tests."""
    reasons: dict[str, int] = {}
    for one in xml.etree.ElementTree.parse(report).getroot().iter("skipped"):
        message = one.get("message", "")
        whole_file = re.search(r"'Skipped: (.*)'\)", one.text or "")  # "collection skipped" says nothing
        reason = whole_file[1] if whole_file and message == "collection skipped" else message
        reasons[reason] = reasons.get(reason, 0) + 1
    return ["skipped: " + "; ".join(f"{reason} ({n})" for reason, n in sorted(reasons.items()))] if reasons else []


SETUP = Stage("setup", setup, 600)
LINT = (Stage("format", check_format, 60), Stage("ruff", check_code, 60), Stage("yaml", check_yaml, 60))
TYPES = (Stage("types", check_types, 240),)
WINDOWS = (Stage("windows", windows, 1800),)
UNITS = tuple(Stage(f"units-{version}", functools.partial(units, version), 600) for version in UNIT_PYTHONS)
