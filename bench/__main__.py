"""Run one benchmark: `bin/bench NAME [--quick]`. Each is a module of this package with `main(*, quick)`."""

from __future__ import annotations

import argparse
import os
import pkgutil
import signal
import sys
from importlib import import_module

import bench
from bench.report import write_page


def main() -> int:
    """Run the named benchmark; an unknown name lists those there are."""
    names = sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if not module.ispkg)
    parser = argparse.ArgumentParser(prog="bench", description="Measure against the yardsticks.")
    parser.add_argument("name", choices=[name for name in names if hasattr(import_module(f"bench.{name}"), "main")])
    parser.add_argument("--quick", action="store_true", help="a minute at most once set up")
    parser.add_argument("--minutes", type=float, help="how long `hostile` measures, alone and beside")
    chosen = parser.parse_args()
    if chosen.minutes:
        os.environ["NUANXIN_BENCH_MINUTES"] = str(chosen.minutes)
    # ended from outside, it still stops the installation that it started
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(143))
    status: int = import_module(f"bench.{chosen.name}").main(quick=chosen.quick)
    write_page()
    return status


if __name__ == "__main__":
    sys.exit(main())
