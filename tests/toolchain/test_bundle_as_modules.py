"""Random programs do on a phone, as bundles, what their modules do under Node.js's own loader.

Those of one shape may be refused instead (``Program.refusable``): then for the files that make it, and for
all of them.

``XGODO_PROGRAMS`` sets how many are run; by default as many as a test run has time for.
"""

from __future__ import annotations

import asyncio
import difflib
import math
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from module_files import Program
from random_programs import programs
from two_loaders import run_in_node, run_on_phone

from xgodo_dev.emulator.phone.engine import Engine
from xgodo_dev.toolchain.node import find_node
from xgodo_dev.toolchain.tools import Toolchain

PROGRAMS = int(os.environ.get("XGODO_PROGRAMS", "180"))
# The same ones in every test run; whoever asks for a number of them gets new ones.
DETERMINISTIC = "XGODO_PROGRAMS" not in os.environ
# Processes take longer to start than programs to run, so several share one.
TOGETHER = 6
# What is said of each file that makes a program one that no bundle is made of.
REFUSED = ":1:1: Awaits outside of a function, or imports what does"


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(scope="module")
def engine(loop: asyncio.Runner) -> Iterator[Engine]:
    made = Engine(find_node())
    yield loop.run(made.__aenter__())
    loop.run(made.__aexit__(None, None, None))


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """In memory where there is such a place."""
    memory = Path("/dev/shm")
    made = Path(tempfile.mkdtemp(prefix="xgodo-programs-", dir=memory if memory.is_dir() else None))
    yield made
    shutil.rmtree(made)


@dataclass
class Tally:
    """How many programs ran as bundles, and for how many none was made."""

    ran: int = 0
    refused: int = 0


@pytest.mark.timeout(3600)
def test_a_bundle_does_on_the_phone_what_its_modules_do_in_node_or_is_refused(
    loop: asyncio.Runner, engine: Engine, toolchain: Toolchain, folder: Path
) -> None:
    tally = Tally()

    @settings(
        max_examples=math.ceil(PROGRAMS / TOGETHER),
        deadline=None,
        report_multiple_bugs=False,
        derandomize=DETERMINISTIC,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(programs(), min_size=TOGETHER, max_size=TOGETHER))
    def all_do(together: list[Program]) -> None:
        loop.run(run_both(engine, toolchain, folder, together, tally))

    all_do()
    assert tally.refused < tally.ran / 2, tally
    if PROGRAMS >= 100:
        assert tally.refused, tally


async def run_both(
    engine: Engine, toolchain: Toolchain, folder: Path, together: list[Program], tally: Tally
) -> None:
    named = {f"p{number}": program for number, program in enumerate(together)}
    for name in ("node", "phone"):
        shutil.rmtree(folder / name, ignore_errors=True)
    by_node = await run_in_node(toolchain, find_node(), folder / "node", named)
    on_phone = await run_on_phone(toolchain, engine, folder / "phone", named)

    def goes_on(name: str) -> bool:
        return not any(line.startswith("EndReport") for line in on_phone.printed[name])

    # One that fails ends the run of all.
    for name in sorted(named, key=goes_on):
        program = named[name]
        # Else the generator made a program that reads what is not initialised.
        assert by_node[name][-1:] == ["end"], told(program, name, by_node[name], [])
        if name in on_phone.refused:
            tally.refused += 1
            shape = [f"{path}{REFUSED}" for path in program.refusable]
            errors = on_phone.refused[name].errors
            assert shape and list(errors) == shape, told(program, name, shape, errors)
            continue
        tally.ran += 1
        printed = on_phone.printed[name]
        done = [line for line in printed if line != "BodyDone()"]
        assert done == by_node[name], told(program, name, by_node[name], done)
        assert printed.count("BodyDone()") == 1, told(program, name, by_node[name], printed)


def told(program: Program, name: str, expected: Sequence[str], done: Sequence[str]) -> str:
    files = "".join(f"// {path}\n{text}\n" for path, text in program.typescript(name).items())
    difference = "\n".join(difflib.ndiff(expected, done))
    signs = "// - printed by Node.js, or to be refused; + printed on the phone, or refused"
    return f"\n{files}\n{signs}\n{difference}"
