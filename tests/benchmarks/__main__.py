"""Measures what the toolkit promises, with the installed command. Run with ``make bench``.

Nothing is asserted here: figures depend on the machine, and are for reading.
"""

from __future__ import annotations

import argparse


def main() -> None:
    """Run every benchmark, or the part named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "part", nargs="?", choices=("loop", "sync", "toolchain"), help="what to measure (default: all)"
    )
    parser.add_argument("--saves", type=int, default=30, help="loop: how many saves (default 30)")
    parser.add_argument(
        "--runs", type=int, default=15, help="sync, toolchain: how many runs of each (default 15)"
    )
    options = parser.parse_args()
    if options.part in (None, "toolchain"):
        from tests.benchmarks import toolchain

        toolchain.measure(options.runs)
    if options.part in (None, "sync"):
        from tests.benchmarks import sync

        sync.measure(options.runs)
    if options.part in (None, "loop"):
        from tests.benchmarks import loop

        loop.measure(options.saves)


if __name__ == "__main__":
    main()
