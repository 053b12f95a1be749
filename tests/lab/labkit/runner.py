# SPDX-License-Identifier: GPL-3.0-or-later
"""Proves the scenarios on the hosts, each host's one after the other, the hosts side by side."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import os
import secrets
import threading
import time
import traceback
import types
import typing as t
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import fleet, images, places, state, virtual
from .errors import LAB_FAILED, LabError
from .remote import HostError, Remote
from .scenario import Lab

UNSTEADY = "unsteady"
SCENARIOS = places.HERE / "scenarios"
_say = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What became of one scenario on one host. `word`: ok, unsteady, FAILED, skipped, left out or LAB."""

    word: str
    scenario: str
    host: str
    seconds: float
    why: str = ""
    unmade: bool = False  # the scene could not be made: nothing is known of the product

    def __str__(self) -> str:
        first = f"{self.word:8} {self.scenario:28} {self.host:9}"
        return (
            f"{first}          {self.why}"
            if self.word in ("skipped", "left out")
            else f"{first} {self.seconds:5.1f} s  {self.why}".rstrip()
        )


@dataclass(frozen=True)
class How:
    """truth_only: leave the modules out. short: only the hosts that scenarios name in SHORT.

    again: a scene that could not be made gets a second try, which is said: the machine may have been too busy for the
    first. What disagrees with the product never does.
    """

    truth_only: bool = False
    short: bool = False
    again: bool = False


def names() -> list[str]:
    """Every scenario."""
    return sorted(path.stem for path in SCENARIOS.glob("*.py") if not path.stem.startswith("_"))


def chosen(words: t.Sequence[str]) -> tuple[list[str], list[str]]:
    """Scenarios and hosts that the words of the command line mean. A host may be called as its engine's version."""
    engines = {version: host for host, version in images.ENGINES.items()}
    words = [engines.get(word, word) for word in words]
    hosts = [word for word in words if word in fleet.HOSTS]
    scenarios = [word for word in words if word not in fleet.HOSTS]
    unknown = sorted(set(scenarios) - set(names()))
    if unknown:
        raise LabError(f"there is no scenario {', '.join(unknown)}", f"there are {', '.join(names())}")
    return scenarios or names(), hosts or list(fleet.HOSTS)


def main(words: t.Sequence[str], how: How, keep: bool) -> int:
    """The exit code: 0, 1 if the product is wrong, LAB_FAILED if nothing but the lab failed."""
    scenarios, hosts = chosen(words)
    began = time.monotonic()
    with _fleet(hosts, keep):
        print(f"lab: {len(hosts)} hosts up after {time.monotonic() - began:.1f} s", flush=True)
        stop = threading.Event()
        with ThreadPoolExecutor(len(hosts)) as pool:
            try:
                work = [pool.submit(_on_host, host, scenarios, how, stop) for host in hosts]
                outcomes = [outcome for done in work for outcome in done.result()]
            finally:
                stop.set()
    return _sum_up(outcomes, time.monotonic() - began)


def _sum_up(outcomes: t.Sequence[Outcome], seconds: float) -> int:
    count = {
        word: sum(o.word == word for o in outcomes) for word in ("ok", UNSTEADY, "FAILED", "LAB", "skipped", "left out")
    }
    for word, what in (
        ("skipped", "not for that host"),
        ("left out", "left out, for make test-lab"),
        (UNSTEADY, "proven at the second try"),
    ):
        said = _by_host(o for o in outcomes if o.word == word)
        if said:
            print(f"lab: {what}: {said}")
    for outcome in outcomes:
        if outcome.word in (UNSTEADY, "FAILED", "LAB"):
            print(f"lab: {outcome}")
    proven = count["ok"] + count[UNSTEADY]
    print(
        f"lab: {proven} proven, {count['FAILED']} failed, {count['LAB']} not run because of the lab itself,"
        f" {count['skipped']} not for that host, {count['left out']} left out; {seconds:.0f} s",
        flush=True,
    )
    return 1 if count["FAILED"] else LAB_FAILED if count["LAB"] else 0


def _by_host(outcomes: t.Iterable[Outcome]) -> str:
    scenarios: dict[str, list[str]] = {}
    for outcome in outcomes:
        scenarios.setdefault(outcome.host, []).append(outcome.scenario)
    return "; ".join(f"on {host} {', '.join(names)}" for host, names in scenarios.items())


@contextlib.contextmanager
def _fleet(hosts: t.Sequence[str], keep: bool) -> t.Iterator[None]:
    """The hosts of this checkout's run if it is up; else a run of our own, which ends with us."""
    from . import cli  # the verbs use this module

    own = places.run_id() not in fleet.runs() and not keep and "LAB_RUN" not in os.environ
    if own:
        os.environ["LAB_RUN"] = f"t{secrets.token_hex(3)}"
        places.own_run(places.run_id())
    try:
        cli.bring_up(hosts)
        yield
    finally:
        if own:
            with places.engine_lock():
                cli.take_down([places.run_id()])


def _on_host(host: str, scenarios: t.Sequence[str], how: How, stop: threading.Event) -> list[Outcome]:
    outcomes = []
    with places.locked(places.run_dir() / f"{host}.lock"):  # two tests on one lab take turns
        for name in scenarios:
            if stop.is_set():
                break
            outcomes.append(_prove(name, host, how))
            with _say:
                print(outcomes[-1], flush=True)
            if how.again and outcomes[-1].unmade:
                outcomes[-1] = _prove_again(outcomes[-1], how)
                with _say:
                    print(outcomes[-1], flush=True)
    return outcomes


def _prove_again(failed: Outcome, how: How) -> Outcome:
    """The second try of a scenario, on a new host; both failures if it fails again."""
    try:
        Remote(failed.host).hang_up()
        fleet.renew(failed.host)
    except LabError as exc:
        return dataclasses.replace(failed, why=f"{failed.why}\n    no second try: {exc}")
    outcome = _prove(failed.scenario, failed.host, how)
    if outcome.word == "ok":
        return dataclasses.replace(outcome, word=UNSTEADY, why=f"at the second try; at the first: {failed.why.strip()}")
    return dataclasses.replace(outcome, why=f"{outcome.why}\n    and at the first try: {failed.why.strip()}")


def _prove(name: str, host: str, how: How) -> Outcome:
    """One scenario on one host, and the host as before after it."""
    began = time.monotonic()

    def outcome(word: str, why: str = "", unmade: bool = False) -> Outcome:
        return Outcome(word, name, host, time.monotonic() - began, why, unmade)

    try:
        scenario = _load(name)
        why_not = _why_not(scenario, host)
        if why_not:
            return outcome("skipped", why_not)
        if how.short and host not in getattr(scenario, "SHORT", fleet.HOSTS):
            return outcome("left out", "make test-lab proves it")
        left = _play(scenario, Remote(host), how.truth_only)
    except LabError as exc:
        return outcome("LAB", str(exc), unmade=True)
    except HostError as exc:
        return outcome("FAILED", f"\n    {exc}", unmade=True)
    except AssertionError as exc:
        return outcome("FAILED", f"\n    {exc}")
    except Exception:  # noqa: BLE001 - a scenario may be wrong in any way; the others still run
        return outcome("FAILED", "\n" + traceback.format_exc())
    return outcome("FAILED", "\n    it left behind: " + "; ".join(left)) if left else outcome("ok")


def _why_not(scenario: types.ModuleType, host: str) -> str:
    """Why it cannot happen on the host; empty if it can."""
    said: str = getattr(scenario, "NOT_ON", {}).get(host, "")
    return said or (virtual.cannot() if getattr(scenario, "VIRTUAL", False) else "")


def _play(scenario: types.ModuleType, host: Remote, truth_only: bool) -> list[str]:
    """What the scenario left behind. The host is made anew if anything is not as before, or the scenario says so."""
    if getattr(scenario, "VIRTUAL", False):
        with _virtual(host), Lab(host, truth_only) as lab:
            scenario.run(lab)
        return []
    host.sh("true")  # the connection stands before the state is looked at
    renew = getattr(scenario, "RENEW", False)
    before = {} if renew else state.of(host)
    try:
        with Lab(host, truth_only) as lab:
            scenario.run(lab)
    finally:
        left = [] if renew else _left(before, host)
        if left or renew:
            host.hang_up()
            fleet.renew(host.name)
    return left


@contextlib.contextmanager
def _virtual(host: Remote) -> t.Iterator[None]:
    """The host is a virtual machine meanwhile. One at a time: each keeps two processors busy while it boots."""
    with places.locked(places.runtime() / "virtual.lock"):
        try:
            host.hang_up()
            fleet.renew_virtual(host.name)
            yield
        finally:
            host.hang_up()
            fleet.renew(host.name)


def _left(before: state.State, host: Remote) -> list[str]:
    """What is not as before, and stays so: a runc that is about to end or a unit that still stops gets some seconds."""
    until = time.monotonic() + 15
    while True:
        try:
            left = state.difference(before, state.of(host))
        except LabError as exc:  # a scenario that breaks a host is at fault, and the next one needs a new host
            return [str(exc)]
        if not left or time.monotonic() > until:
            return left
        time.sleep(1)


def _load(name: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(f"scenario_{name}", SCENARIOS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
