# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the measurements of this folder and writes docs/performance.md. README.md says how to add one.

python tests/bench/run.py            all of them, and the page
python tests/bench/run.py sockets    one of them; the page stays
python tests/bench/run.py --slow     those too that take a quarter of an hour
"""

from __future__ import annotations

import argparse
import importlib
import inspect
import sys
import typing as t
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.bench.results import Result, Skipped, page_of, text_of  # noqa: E402

PAGE = ROOT / "docs" / "performance.md"


def main() -> int:
    """1 where a promised bound is not kept or nothing could be measured."""
    there = sorted(path.stem[len("bench_") :] for path in Path(__file__).parent.glob("bench_*.py"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(there)}")
    parser.add_argument("--slow", action="store_true", help="also what takes a quarter of an hour")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(there))
    if unknown:
        parser.error(f"there is no {unknown[0]}: the measurements are {', '.join(there)}")
    results = [measured(name, options.slow) for name in options.names or there]
    if not options.names:
        PAGE.write_text(page_of(results), encoding="utf-8")
        print(f"written: {PAGE.relative_to(ROOT)}")
    return 0 if all(result.holds for result in results) else 1


def measured(name: str, slow: bool) -> Result:
    module: t.Any = importlib.import_module(f"tests.bench.bench_{name}")
    about = inspect.cleandoc(module.__doc__)
    print(f"measuring {name} ...", flush=True)
    try:
        result = Result(module.NAME, about, tuple(module.run(slow)))
    except Skipped as exc:
        result = Result(module.NAME, about, skipped=str(exc))
    print(text_of(result), flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
