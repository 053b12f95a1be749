# SPDX-License-Identifier: GPL-3.0-or-later
"""How tests are counted: nothing that failed, was skipped or did not run counts as passed, and each has its name."""

from __future__ import annotations

import pathlib
import re
import signal
import subprocess
import sys
import time

import pytest
from labkit.runner import Outcome, _sum_up

from tests.tools import ansible_checks, code_checks, engine_checks, jobs, runner
from tests.tools.jobs import Count, Failed, Job, Skipped, Stage
from tests.tools.paths import ROOT, Missing


@pytest.fixture(autouse=True)
def logs(tmp_path, monkeypatch):
    monkeypatch.setattr(jobs, "LOGS", tmp_path)
    monkeypatch.setattr(runner, "ROOT", tmp_path)
    return tmp_path


@pytest.fixture(params=[True, False], ids=["CI", "a person"])
def ci(request, monkeypatch):
    for module in (jobs, code_checks):
        monkeypatch.setattr(module, "CI", request.param)
    return request.param


def counted(run):
    return runner._counted(Stage("stage", run, 30), Job("stage", 30))


def raising(error, count=None):
    def run(job):
        job.count = count
        raise error

    return run


@pytest.mark.parametrize(
    "run, count, note",
    [
        (lambda _job: None, Count(passed=1), ""),
        (lambda _job: Count(passed=7, skipped=2), Count(passed=7, skipped=2), ""),
        (lambda _job: Count(), Count(failed=1), "not a single test ran"),
        (lambda _job: Count(skipped=3), Count(failed=1), "not a single test ran"),
        (raising(Failed("pytest ended with 1"), Count(5, 2, 1)), Count(5, 2, 1), "pytest ended with 1"),
        (raising(Failed("pytest ended with 4"), Count(5, 0, 1)), Count(5, 1, 1), "pytest ended with 4"),
        (raising(Failed("it did not end")), Count(failed=1), "it did not end"),
        (raising(Missing("install nft")), Count(failed=1), "install nft"),
        (raising(FileNotFoundError(2, "No such file", "nft")), Count(failed=1), "[Errno 2] No such file: 'nft'"),
    ],
)
def test_a_stage(run, count, note):
    assert counted(run) == (count, note)


def test_a_stage_that_this_machine_cannot_run_is_a_failure_in_ci(ci):
    count = Count(failed=1) if ci else Count(skipped=1)

    assert counted(raising(Skipped("no Python 3.8 here"))) == (count, "no Python 3.8 here")


def test_a_skipped_test_is_a_failure_in_ci(ci):
    if ci:
        with pytest.raises(Failed, match=r"^2 of the tests were skipped; CI is to have what they need$"):
            code_checks.without_skips(Count(passed=5, skipped=2))
    else:
        assert code_checks.without_skips(Count(passed=5, skipped=2)) == Count(passed=5, skipped=2)
    assert code_checks.without_skips(Count(passed=5)) == Count(passed=5)


def test_the_exit_code_and_the_last_line(capsys):
    stages = [Stage("good", lambda _job: Count(3, 0, 1), 9), Stage("bad", raising(Failed("no")), 9)]

    assert runner.run([], [], stages) == 1
    assert capsys.readouterr().out.endswith("\n3 passed, 1 failed, 1 skipped\n")
    assert runner.run(stages[:1], []) == 0


def test_why_a_stage_failed_is_said_below_the_table(capsys):
    def run(job: Job) -> None:
        job.log.write_text("".join(f"line {number}\n" for number in range(200)))
        raise Failed("sh ended with 1")

    runner.run([Stage("good", lambda _job: Count(1), 9)], [Stage("bad", run, 9)])

    below = capsys.readouterr().out.split("tests/output/logs\n")[1]
    lines = [f"line {number}" for number in range(188, 200)]
    assert below.splitlines() == ["", "bad failed: sh ended with 1", *lines, "1 passed, 1 failed, 0 skipped"]


def test_what_failed_first_spares_the_rest(capsys):
    ran = []

    assert runner.run([Stage("bad", raising(Failed("no")), 9)], [Stage("next", ran.append, 9)]) == 1
    assert ran == []


def test_the_line_of_the_lab_is_understood(capsys):
    words = ["ok"] * 5 + ["FAILED"] * 2 + ["LAB"] + ["skipped"] * 3 + ["left out"] * 4
    outcomes = [Outcome(word, f"s{number}", "sid", 1.0) for number, word in enumerate(words)]

    assert _sum_up(outcomes, 60.0) == 1
    said = capsys.readouterr()
    (numbers,) = engine_checks.LAB_COUNT.findall(said.out)
    assert engine_checks._lab_count(numbers) == Count(passed=5, failed=3, skipped=7)
    assert engine_checks.LAB_NAMED.findall(said.out) == [
        "not for that host: on sid s8, s9, s10",
        "left out, for make test-lab: on sid s11, s12, s13, s14",
    ]


def test_reports_of_pytest(tmp_path):
    report = tmp_path / "junit.xml"
    report.write_text('<testsuites><testsuite tests="10" failures="2" errors="1" skipped="3"/></testsuites>')

    assert code_checks._junit(report) == Count(passed=4, failed=3, skipped=3)
    assert code_checks._skips(report) == []


def test_what_pytest_skipped_is_named(tmp_path):
    report = tmp_path / "junit.xml"
    skips = ["<skipped message='no nft'/>"] * 2
    skips.append("""<skipped message='collection skipped'>('test_psrp.py', 8, 'Skipped: no pypsrp')</skipped>""")
    cases = "".join(f"<testcase>{one}</testcase>" for one in skips)
    report.write_text(f"<testsuites><testsuite>{cases}</testsuite></testsuites>")

    assert code_checks._skips(report) == ["skipped: no nft (2); no pypsrp (1)"]


SANITY = """\
Running sanity test "compile" on Python 3.8
Running sanity test "import"
Running sanity test "pslint"
WARNING: Required program "pwsh" not found.
WARNING: Skipping sanity test "import" on Python 3.14 because it could not be found.
FATAL: The 1 sanity test(s) listed below (out of 3) failed. See error output above for details.
"""


def test_reports_of_ansible_test():
    assert ansible_checks._sanity_count(SANITY) == Count(passed=1, failed=1, skipped=2)
    assert ansible_checks._sanity_skips(SANITY) == ["skipped for want of pwsh, Python 3.14"]
    assert ansible_checks._sanity_skips('Running sanity test "import"\n') == []


def test_a_command_ends_with_all_that_it_left(tmp_path):
    job = Job("leaves", 30)

    with pytest.raises(Failed, match=r"^sh ended with 3$"):
        job.run("sh", "-c", "sleep 60 & echo $!; exit 3", cwd=tmp_path)
    pid = int(job.text().split()[-1])
    assert not (pathlib.Path("/proc") / str(pid)).exists() or " Z " in pathlib.Path(f"/proc/{pid}/stat").read_text()


def test_a_command_has_as_long_as_its_stage(tmp_path):
    with pytest.raises(Failed, match=r"^sleep did not end: the stage may take 1 s$"):
        Job("slow", 1).run("sleep", "60", cwd=tmp_path)


@pytest.mark.parametrize("grace, cleaned", [(20.0, True), (0.2, False)])
def test_a_command_that_is_stopped_may_clean_up(tmp_path, grace, cleaned):
    script = "trap 'sleep 1; touch cleaned; exit 0' TERM; sleep 60 & wait"

    with pytest.raises(Failed):
        Job("cleans", 1, grace).run("sh", "-c", script, cwd=tmp_path)
    assert (tmp_path / "cleaned").exists() == cleaned


STAGE = """
import pathlib, sys
from tests.tools import runner
from tests.tools.jobs import Failed, Stage

def two_commands(job):
    for name in ("one", "two"):
        try:
            job.run("sh", "-c", f"touch {name}; exec sleep 60", cwd=pathlib.Path(sys.argv[1]))
        except Failed:
            pass

sys.exit(runner.run([], [Stage("is-stopped", two_commands, 90)]))
"""


def test_a_stage_that_is_stopped_runs_no_further_command(tmp_path):
    with subprocess.Popen([sys.executable, "-c", STAGE, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        while not (tmp_path / "one").exists():
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)  # SIGINT is ignored below a shell's `&`
        try:
            assert process.communicate(timeout=30)[0] == b"stopped\n"
        finally:
            process.kill()

    assert process.returncode == 130
    assert not (tmp_path / "two").exists()


def test_what_a_double_of_windows_is_enough_for_is_not_run_beside_an_engine_again():
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]

    listed = subprocess.run(
        [*command, *engine_checks.ENGINE_TESTS], cwd=ROOT, capture_output=True, text=True, check=False
    )

    files = set(re.findall(r"^(?:ERROR )?tests/integration/(test_\w+)\.py", listed.stdout, re.MULTILINE))
    windows = {path.stem for path in ROOT.glob(code_checks.WINDOWS_TESTS)}
    assert len(windows) > 3
    assert files == {path.stem for path in (ROOT / "tests/integration").glob("test_*.py")} - windows


def test_make_installs_whatever_tests_on_engines_are_skipped_without():
    """PROGRAMS names the package of one program of each; iptables brings its kin along, util-linux nsenter."""
    kin = {"iptables-": "iptables", "ip6tables-": "iptables", "nsenter": "unshare", "setpriv": "unshare"}
    needed = set()
    for path in (ROOT / "tests/integration").rglob("*.py"):
        for listed in re.findall(r"^NEEDED = \(([^)]*)\)", path.read_text(encoding="utf-8"), re.MULTILINE):
            needed |= set(re.findall(r'"([\w-]+)"', listed))

    assert {"dockerd", "ipset", "iptables-legacy", "setpriv"} <= needed
    known = {name: next((kin[start] for start in kin if name.startswith(start)), name) for name in needed}
    assert {name for name in needed if known[name] not in engine_checks.PROGRAMS} == set()
