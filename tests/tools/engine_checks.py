# SPDX-License-Identifier: GPL-3.0-or-later
"""Integration tests: the targets of tests/integration against an engine of their own, and the lab's scenarios."""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

from tests.tools import code_checks, collection, packages, pythons
from tests.tools.jobs import Count, Failed, Job, Skipped, Stage
from tests.tools.paths import ROOT, Missing

TARGETS = ROOT / "tests/integration/targets"
LAB = ROOT / "tests/lab/lab.py"
PROGRAMS = {
    "dockerd": "docker.io",
    "docker": "docker.io",
    "iptables": "iptables",
    "nft": "nftables",
    "ip": "iproute2",
    "busybox": "busybox-static",
    "hostname": "hostname",
    "mount": "mount",
    "unshare": "util-linux",
    "ps": "procps",
    "ipset": "ipset",
    "lsof": "lsof",
}
LAB_COUNT = re.compile(
    r"^lab: (\d+) proven, (\d+) failed, (\d+) not run.*, (\d+) not for that host, (\d+) left out", re.MULTILINE
)
LAB_NAMED = re.compile(
    r"^lab: ((?:left out, for make test-lab|not for that host|proven at the second try): .*)$", re.MULTILINE
)
ENGINE_TESTS = ("tests/integration", f"--ignore-glob={code_checks.WINDOWS_TESTS}")  # pytest makes both absolute
OLDEST_TARGET = "3.8" if pythons.OWN == "3.11" else "3.9"  # of the ansible-core in .venv
PLAY = """---
- name: Target {target}
  hosts: all
  gather_facts: false
  roles:
    - role: {target}
"""


def integration(version: str, job: Job) -> Count:
    """Every target, each with an engine of its own, its modules run by one Python.

    The controller's own Python has the Docker SDK, the oldest one has not: there modules ask the docker program.
    """
    programs = code_checks.programs(job)
    python = programs / "python" if version == pythons.OWN else pythons.find(version)
    if python is None:
        raise Skipped(f"no Python {version} here")
    _need_root_and_programs()
    if not list(TARGETS.glob("*/tasks/main.yml")):
        raise Failed("tests/integration/targets is empty")
    targets = sorted(path.parents[1].name for path in TARGETS.glob("*/tasks/main.yml"))
    job.count = Count()
    for target in targets:
        job.count += _run_target(job, target, programs, python)
    if job.count.failed:
        raise Failed(f"{job.count.failed} of {len(targets)} targets failed")
    return job.count


def _need_root_and_programs() -> None:
    if os.geteuid() != 0:
        raise Missing("an engine of its own needs root: sudo make integration")
    packages.ensure(PROGRAMS)


def _run_target(job: Job, target: str, programs: Path, python: Path) -> Count:
    """One test a scenario, or one for a target without scenarios."""
    tests = len(list((TARGETS / target / "tasks/scenarios").glob("*.yml"))) or 1
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as folder:
        playbook = Path(folder, "play.yml")
        playbook.write_text(PLAY.format(target=target))
        Path(folder, "daemon.json").write_text("{}\n")
        _write_image(Path(folder, "busybox.tar"))
        command = (programs / "ansible-playbook", "-i", "testhost,", "-c", "local", playbook)
        variables = ("-e", f"ansible_python_interpreter={python}", "-e", f"integration_folder={folder}")
        try:
            job.run(ROOT / "tests/tools/with-engine", folder, *command, *variables, env=_environment())
        except Failed as exc:
            job.notes.append(f"{target}: {exc}")
            return Count(failed=1)
    return Count(passed=tests)


def _environment() -> dict[str, str]:
    return {
        "ANSIBLE_COLLECTIONS_PATH": str(collection.link()),
        "ANSIBLE_ROLES_PATH": str(TARGETS),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_STDOUT_CALLBACK": "default",
    }


def _write_image(path: Path) -> None:
    """A busybox and nothing else, for `docker import`."""
    busybox = packages.find("busybox")
    assert busybox
    with tarfile.open(path, "w") as tar:
        tar.add(os.path.realpath(busybox), "bin/busybox")
        link = tarfile.TarInfo("bin/sh")
        link.type, link.linkname = tarfile.SYMTYPE, "busybox"
        tar.addfile(link, io.BytesIO())


def engine_tests(job: Job) -> Count:
    """What pytest tests on engines: tests/integration/test_*.py, but for what a double of Windows is enough for."""
    programs = code_checks.programs(job)
    _need_root_and_programs()
    tests = code_checks.pytest(job, programs / "python", ENGINE_TESTS, code_checks.collection_paths())
    return code_checks.without_skips(tests)


def lab(scenario: str, host: str, short: bool, job: Job) -> Count:
    """The lab's scenarios on real hosts. What the lab itself could not do is a failure too.

    short: not on every host (SHORT); a scene that could not be made is tried again. Both are said.
    """
    if os.geteuid() != 0:
        raise Missing("the lab's hosts need root: sudo make test-lab")
    words = [word for word in (*(("--short", "--again") if short else ()), scenario, host) if word]
    try:
        job.run(sys.executable, LAB, "test", *words)
    finally:
        found = LAB_COUNT.findall(job.text())
        job.notes += LAB_NAMED.findall(job.text())
        job.count = _lab_count(found[-1]) if found else None
    return job.count or Count()


def _lab_count(numbers: t.Sequence[str]) -> Count:
    proven, failed, not_run, elsewhere, left_out = map(int, numbers)
    return Count(passed=proven, failed=failed + not_run, skipped=elsewhere + left_out)


def lab_stage(scenario: str = "", host: str = "", short: bool = False) -> Stage:
    return Stage("lab", functools.partial(lab, scenario, host, short), 5400, grace=90)  # its hosts are taken down


INTEGRATION = (
    *(Stage(f"integration-{v}", functools.partial(integration, v), 1200) for v in (pythons.OWN, OLDEST_TARGET)),
    *([Stage("engine-tests", engine_tests, 2700)] if list(TARGETS.parent.rglob("test_*.py")) else []),
)
