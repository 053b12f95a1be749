# SPDX-License-Identifier: GPL-3.0-or-later
"""What Ansible's own tools say: sanity, ansible-lint, antsibull, a build, an installation, galaxy-importer.

Each works on a copy of the checkout, because each writes into it or wants a folder of a certain name.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from pathlib import Path

from tests.tools import ansible_test, collection, environments, packages, pythons
from tests.tools.jobs import CI, Count, Failed, Job, Skipped, Stage, skip
from tests.tools.paths import Missing

SHIPPED = ("docs", "extensions", "meta", "playbooks", "plugins", "roles")
LARGEST = 2_000_000  # bytes of a tarball; Galaxy takes ten times that


def sanity_newest(job: Job) -> Count:
    """All of ansible-test's sanity tests, without an ignore file, for the newest supported ansible-core."""
    python = pythons.newest(*pythons.CONTROLLERS)
    if python is None:
        raise Skipped("no Python that a controller may have")
    programs = environments.extra("sanity", python, ["sanity"], job.run)
    version = _core_version(job.run(programs / "ansible", "--version"))
    job.notes.append(f"ansible-core {version}")
    extra = Count()
    if version != pythons.NEWEST_CORE:
        job.notes.append(f"ansible-core {pythons.NEWEST_CORE} needs Python 3.12 or newer, which is not here")
        extra += skip()
    try:
        packages.ensure({"shellcheck": "shellcheck"})
    except Missing as exc:  # ansible-test skips that test, and it is counted so
        if CI:
            raise
        job.notes.append(f"shellcheck: {exc}")
    return _sanity(job, programs) + extra


def sanity_oldest(job: Job) -> Count:
    """What depends on Python and on the schema of docs, for the oldest supported ansible-core.

    It imports by its oldest Python of a target and its oldest one of a controller; the newest has the others.
    """
    python = pythons.newest("3.13", "3.12", "3.11")
    if python is None:
        raise Skipped("no Python 3.11 to 3.13 here, which ansible-core 2.18 needs")
    programs = environments.extra("sanity-oldest", python, ["sanity-oldest"], job.run)
    job.notes.append(f"ansible-core {_core_version(job.run(programs / 'ansible', '--version'))}")
    count, lacking = _sanity(job, programs, *_tests("ansible-doc", "validate-modules")), Count()
    for version in ("3.8", "3.11"):
        if pythons.find(version):
            count = _sanity(job, programs, "--python", version, *_tests("compile", "import"))
        else:
            job.notes.append(f"no Python {version} here")
            lacking += skip()
    return count + lacking


def _tests(*names: str) -> list[str]:
    return [word for name in names for word in ("--test", name)]


def _sanity(job: Job, programs: Path, *arguments: str) -> Count:
    """What this run and those before it in the job's log counted."""
    with collection.copied() as home:
        ignored = sorted(path.name for path in home.glob("tests/sanity/ignore*"))
        if ignored:
            raise Failed(f"tests/sanity has {', '.join(ignored)}: mend what is ignored there")
        command = (programs / "ansible-test", "sanity", "--local", "--color", "no", *arguments)
        try:
            job.run(*command, cwd=home, env=ansible_test.environment(programs))
        finally:
            job.count = _sanity_count(job.text())
            job.notes += [note for note in _sanity_skips(job.text()) if note not in job.notes]
    return job.count


def _sanity_count(output: str) -> Count:
    """A test counts once for each Python it runs on; one that lacks its program or its Python is skipped."""
    run = len(re.findall(r'^Running sanity test "', output, re.MULTILINE))
    lacking = len(re.findall(r'^WARNING: Required program ".*" not found', output, re.MULTILINE))
    skipped = len(re.findall(r'^WARNING: Skipping sanity test "', output, re.MULTILINE))
    failures = re.search(r"The (\d+) sanity test\(s\) listed below", output)
    failed = int(failures[1]) if failures else 0
    return Count(passed=run - failed - lacking, failed=failed, skipped=skipped + lacking)


def _sanity_skips(output: str) -> list[str]:
    """What it lacked, in one line."""
    lacking = re.findall(r'^WARNING: Required program "(.*)" not found', output, re.MULTILINE)
    lacking += re.findall(r'^WARNING: Skipping sanity test ".*?"(?: on (Python \S+))?', output, re.MULTILINE)
    return ["skipped for want of " + ", ".join(dict.fromkeys(filter(None, lacking)))] if any(lacking) else []


def _core_version(output: str) -> str:
    found = re.search(r"core (\d+\.\d+)", output)
    return found[1] if found else "unknown"


def lint(job: Job) -> None:
    programs = environments.extra("ansible-lint", Path(sys.executable), ["ansible-lint"], job.run)
    with collection.copied() as home:
        command = (programs / "ansible-lint", "--nocolor", "--offline", "--profile", "production")
        output = job.run(*command, cwd=home, env=_environment(programs, home))
    files = re.search(r"in (\d+) files processed", output)
    if not files or int(files[1]) == 0:
        raise Failed("ansible-lint looked at nothing")


def docs(job: Job) -> None:
    programs = _antsibull(job)
    with collection.copied() as home:
        command = (programs / "antsibull-docs", "lint-collection-docs", "--plugin-docs")
        everything = ("--validate-collection-refs", "all", ".")
        job.run(*command, *everything, cwd=home, env=_environment(programs, home))


def changelog(job: Job) -> None:
    programs = _antsibull(job)
    with collection.copied() as home:
        env = _environment(programs, home)
        job.run(programs / "antsibull-changelog", "lint", cwd=home, env=env)
        job.run(programs / "antsibull-changelog", "lint-changelog-yaml", "changelogs/changelog.yaml", cwd=home, env=env)


def _antsibull(job: Job) -> Path:
    return environments.extra("docs", Path(sys.executable), ["docs"], job.run)


def build(job: Job) -> None:
    """The tarball has what it should, installs from a file, and what is installed can be used without the checkout."""
    programs = environments.controller(job.run, "controller")
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as folder:
        tarball = _build(job, programs, Path(folder))
        if tarball.stat().st_size > LARGEST:
            raise Failed(f"{tarball.name} has {tarball.stat().st_size} bytes, and should have at most {LARGEST}")
        job.run(programs / "ansible-galaxy", "collection", "install", tarball, "--offline", "-p", folder)
        home = Path(folder) / collection.HOME
        _check_contents(home)
        _check_use(job, programs, home)


def _build(job: Job, programs: Path, folder: Path) -> Path:
    with collection.copied() as home:
        job.run(programs / "ansible-galaxy", "collection", "build", "--output-path", folder, cwd=home)
    return next(folder.glob("dockmaster-ports-*.tar.gz"))


def _check_contents(home: Path) -> None:
    manifest = json.loads((home / "FILES.json").read_text())
    built = {entry["name"] for entry in manifest["files"] if entry["ftype"] == "file"}
    wanted = {name for name in collection.files() if name.split("/")[0] in SHIPPED}
    strange = {name for name in built - wanted if "/" in name and not name.startswith("changelogs/")}
    if wanted - built or strange:
        raise Failed(f"the tarball lacks {sorted(wanted - built)} and should not have {sorted(strange)}")


def _check_use(job: Job, programs: Path, home: Path) -> None:
    env = {"ANSIBLE_COLLECTIONS_PATH": str(home.parents[2]), "ANSIBLE_LOCALHOST_WARNING": "false"}
    for module in sorted(path.stem for path in home.glob("plugins/modules/*.py")):
        job.run(programs / "ansible-doc", "-t", "module", f"dockmaster.ports.{module}", env=env, cwd=home.parents[2])
    for playbook in sorted(path.stem for path in home.glob("playbooks/*.yml")):
        command = (programs / "ansible-playbook", "--syntax-check", "-i", "localhost,", f"dockmaster.ports.{playbook}")
        job.run(*command, env=env, cwd=home.parents[2])


def importer(job: Job) -> None:
    """As Galaxy imports a tarball, with the rules of the certified ones; a warning is a failure."""
    python = pythons.newest("3.13", "3.12", "3.11")
    if python is None:
        raise Skipped("no Python 3.11 to 3.13 here, which galaxy-importer needs")
    programs = environments.extra("importer", python, ["importer"], job.run)
    rules = ("CHECK_REQUIRED_TAGS", "REQUIRE_V1_OR_GREATER")
    env = {"PATH": f"{programs}:/usr/bin:/bin", **{f"GALAXY_IMPORTER_{rule}": "true" for rule in rules}}
    with tempfile.TemporaryDirectory(prefix="dockmaster-ports-") as folder:
        tarball = _build(job, programs, Path(folder))
        output = job.run(programs / "python", "-m", "galaxy_importer.main", tarball, cwd=Path(folder), env=env)
    complaints = re.findall(r"^(?:WARNING|ERROR): .*", output, re.MULTILINE)
    if complaints or "Importer processing completed successfully" not in output:
        raise Failed("galaxy-importer has something to say")


def _environment(programs: Path, home: Path) -> dict[str, str]:
    return {
        "PATH": os.pathsep.join([str(programs), os.environ.get("PATH", os.defpath)]),
        "ANSIBLE_COLLECTIONS_PATH": str(home.parents[2]),
    }


LINT = (Stage("ansible-lint", lint, 480), Stage("docs", docs, 240), Stage("changelog", changelog, 120))
SANITY = (Stage("sanity", sanity_newest, 1800), Stage("sanity-oldest", sanity_oldest, 900))
BUILD = (Stage("build", build, 240), Stage("importer", importer, 600))
