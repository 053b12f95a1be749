# SPDX-License-Identifier: GPL-3.0-or-later
"""The verbs of `tests/lab/lab`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import typing as t

from . import engine, fleet, images, inventory, network, places
from .errors import LAB_FAILED, LabError

USAGE = """\
  build [HOST…]         make the hosts' images, if they are not there; installs what that needs
  up [HOST…]            bring hosts up (bookworm: engine 20.10, trixie: 26.1, sid: 28.5)
  down                  take this run down; the images stay. --all: every run of this cache
  status                what is up
  inventory             print the path of an Ansible inventory (groups: ssh, docker)
  exec HOST CMD…        run a command on a host, as root
  client HOST CMD…      run a command in the client namespace, outside of the host on its network
  enter CMD…            run a command in the namespace from which all hosts are reached
  test [SCENARIO] [HOST]  prove the scenarios; --truth-only: only what the engine does
"""


def main(argv: t.Sequence[str]) -> int:
    """The exit code: 0, 1 (the product is wrong), 2 (usage) or LAB_FAILED."""
    signal.signal(signal.SIGTERM, lambda *_args: sys.exit(143))  # finally clauses run
    parser = argparse.ArgumentParser(prog="lab", epilog=USAGE, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    for verb in ("build", "up"):
        verbs.add_parser(verb).add_argument("hosts", nargs="*", metavar="HOST", default=[])
    verbs.add_parser("down").add_argument("--all", action="store_true")
    verbs.add_parser("status")
    verbs.add_parser("inventory")
    for verb in ("exec", "client"):
        sub = verbs.add_parser(verb)
        sub.add_argument("host", choices=fleet.HOSTS)
        sub.add_argument("command", nargs=argparse.REMAINDER)
    verbs.add_parser("enter").add_argument("command", nargs=argparse.REMAINDER)
    test = verbs.add_parser("test")
    test.add_argument("what", nargs="*", metavar="SCENARIO|HOST")
    test.add_argument(
        "--truth-only", action="store_true", help="do not ask the modules; prove that the host is as the scenario says"
    )
    test.add_argument(
        "--short", action="store_true", help="on the hosts that a scenario names in SHORT alone, and say so"
    )
    test.add_argument(
        "--again", action="store_true", help="give a scene that could not be made a second try, and say so"
    )
    test.add_argument("--keep", action="store_true", help="leave a lab up that this command brought up")
    args = parser.parse_args(argv)
    try:
        return int(VERBS[args.verb](args) or 0)
    except LabError as exc:
        print(exc, file=sys.stderr)
        return LAB_FAILED


def _hosts(names: t.Sequence[str]) -> list[str]:
    unknown = sorted(set(names) - set(fleet.HOSTS))
    if unknown:
        raise LabError(f"there is no host {', '.join(unknown)}", f"the hosts are {', '.join(fleet.HOSTS)}")
    return list(names) or list(fleet.HOSTS)


def build(args: argparse.Namespace) -> None:
    """Make the images. The engine ends again if no run is up."""
    hosts = _hosts(args.hosts)
    engine.install()
    with places.engine_lock():
        engine.start()
        try:
            images.build(hosts)
        finally:
            if not fleet.runs():
                engine.stop()


def up(args: argparse.Namespace) -> None:
    """Bring hosts up."""
    bring_up(_hosts(args.hosts))
    status(args)


def bring_up(hosts: t.Sequence[str]) -> None:
    """Everything from a bare machine to hosts that answer."""
    engine.install()
    with places.engine_lock():
        engine.start()
        places.run_dir().mkdir(mode=0o700, parents=True, exist_ok=True)  # the engine is ours from here on
        for run in filter(places.forsaken, fleet.runs()):
            fleet.down(run)
        images.build(hosts)
    fleet.up(hosts)
    inventory.write(fleet.those_up())


def down(args: argparse.Namespace) -> None:
    """Take the run down, and the engine with the last run."""
    with places.engine_lock():
        take_down(fleet.runs() if args.all else [places.run_id()])


def take_down(runs: t.Sequence[str]) -> None:
    """Call with the engine's lock held."""
    if runs and not engine.answers() and places.runtime().exists():
        engine.start()  # it died, and what it made is still to be removed
    for run in runs:
        if engine.answers():
            fleet.down(run)
    if not fleet.runs():
        engine.stop()


def status(_args: argparse.Namespace) -> None:
    """Say what is up."""
    up_now = fleet.those_up()
    print(f"run {places.run_id()}: " + (", ".join(up_now) or "no host is up"))
    for host in up_now:
        where = fleet.address(host)
        print(f"  {host:9} engine {images.ENGINES[host]:6} {where.v4(network.HOST):13} {where.v6(network.HOST)}")
    others = [run for run in fleet.runs() if run != places.run_id()]
    if others:
        print("other runs: " + ", ".join(others))


def show_inventory(_args: argparse.Namespace) -> None:
    """Write it anew and print where it is."""
    print(inventory.write(fleet.those_up()))


def execute(args: argparse.Namespace) -> int:
    """Run a command on a host, with this terminal's input and output."""
    fleet.address(args.host)
    tty = ["--tty"] if sys.stdin.isatty() else []
    return _call(
        [*engine.CLIENT(), "exec", "--interactive", *tty, fleet.container(args.host), *(args.command or ["bash"])]
    )


def client(args: argparse.Namespace) -> int:
    """Run a command in the client namespace of a host."""
    fleet.address(args.host)
    return _call(network.inside_client(fleet.container(args.host), *(args.command or ["bash"])))


def enter(args: argparse.Namespace) -> int:
    """Run a command where every host is reached by its address."""
    return _call(engine.inside(*(args.command or ["bash"])))


def _call(argv: t.Sequence[str]) -> int:
    return subprocess.run(argv, check=False).returncode


def test(args: argparse.Namespace) -> int:
    """Prove scenarios; brings a run of its own up if this checkout's is not."""
    from . import runner

    return runner.main(args.what, runner.How(args.truth_only, args.short, args.again), keep=args.keep)


VERBS: dict[str, t.Callable[[argparse.Namespace], t.Optional[int]]] = {
    "build": build, "up": up, "down": down, "status": status, "inventory": show_inventory,
    "exec": execute, "client": client, "enter": enter, "test": test,
}  # fmt: skip


def entry() -> None:
    """Of the executable."""
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os._exit(141)
