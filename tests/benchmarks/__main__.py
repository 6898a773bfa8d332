"""Measures what the toolkit promises, with the installed command. Run with ``make bench``.

No bound is asserted here: figures depend on the machine, and are for reading. That no line of many devices
is lost is asserted.
"""

from __future__ import annotations

import argparse


def main() -> None:
    """Run every benchmark, or the part named."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "part",
        nargs="?",
        choices=("loop", "checkout", "sync", "toolchain", "tail", "fleet"),
        help="what to measure (default: all)",
    )
    parser.add_argument("--saves", type=int, default=30, help="loop: how many saves (default 30)")
    parser.add_argument("--files", type=int, default=5000, help="checkout: of how many (default 5000)")
    parser.add_argument(
        "--runs", type=int, default=15, help="sync, toolchain: how many runs of each (default 15)"
    )
    parser.add_argument("--devices", type=int, default=100, help="fleet: how many (default 100)")
    parser.add_argument("--rate", type=float, default=100, help="fleet: lines a second of each (default 100)")
    parser.add_argument("--seconds", type=float, default=60, help="fleet: for how long (default 60)")
    parser.add_argument("--page", type=int, help="fleet: lines in an answer at most (default: no limit)")
    parser.add_argument("--text", action="store_true", help="fleet, tail: with the output for a person")
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
    if options.part in (None, "checkout"):
        from tests.benchmarks import checkout

        checkout.measure(options.files)
    if options.part in (None, "tail"):
        from tests.benchmarks import tail

        tail.measure(text=options.text)
    if options.part in (None, "fleet"):
        from tests.benchmarks import fleet

        fleet.measure(options.devices, options.rate, options.seconds, page=options.page, text=options.text)


if __name__ == "__main__":
    main()
