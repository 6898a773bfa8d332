"""`watch --run` at a terminal: the line at the bottom, and the keys."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pexpect
import pytest

from tests.cli.terminal.pseudo_terminal import Terminal
from tests.e2e.conftest import COMMAND, Emulator, Home, new_home, running_emulator
from tests.e2e.working_copies import Copy, new_copy
from xgodo_dev.toolchain.tools import Toolchain

TALKS_ON = """\
async function main(): Promise<void> {
  for (let number = 0; number < 1000; number += 1) {
    console.log(`line ${number}`);
    if (number % 5 === 0) console.warn(`careful ${number}`);
    await sleep(50);
  }
}
main();
export {};
"""
COLUMNS, LINES = 120, 30


@pytest.fixture(scope="module")
def phones(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Iterator[Emulator]:
    folder = tmp_path_factory.mktemp("phones")
    with running_emulator(new_home(folder / "home"), folder / "data", "--devices", "2") as emulator:
        yield emulator


@pytest.fixture
def copy(home: Home, phones: Emulator) -> Copy:
    return new_copy(home, phones, str(uuid.uuid4()), home.folder / "ada", {"main.ts": TALKS_ON})


@pytest.fixture
def watch(copy: Copy) -> Iterator[Terminal]:
    process = pexpect.spawn(
        str(COMMAND),
        ["watch", "--run", "-d", "Atomic Mammal"],
        cwd=str(copy.root),
        env={**copy.home.environment, **copy.env},
        encoding="utf-8",
        dimensions=(LINES, COLUMNS),
    )
    try:
        yield Terminal(process, COLUMNS, LINES)
    finally:
        process.close(force=True)


def at_the_bottom(watch: Terminal, *words: str) -> bool:
    return all(word in watch.shown[-1] for word in words)


def test_keys_stop_rerun_choose_the_level_and_the_device_and_end_it(watch: Terminal, copy: Copy) -> None:
    watch.wait(lambda: at_the_bottom(watch, "ada", "Atomic Mammal", "✓ types", "synced", "running "))
    watch.wait(lambda: any("careful 5" in line for line in watch.shown))
    # Nothing of the line at the bottom is left among what stands above it.
    assert not [each for each in watch.shown[:-1] if "  r rerun" in each], watch.shown

    watch.send("s")
    watch.wait(lambda: at_the_bottom(watch, "was stopped"))
    watch.send("s?")
    watch.wait(lambda: any("Nothing runs." in line for line in watch.shown))
    watch.wait(lambda: watch.shown[-2].startswith("Keys: r rerun, s stop"))
    watch.send("r")
    watch.wait(lambda: at_the_bottom(watch, "running"))

    watch.send("l")
    watch.wait(lambda: at_the_bottom(watch, "warn and up"))
    watch.send("c")
    watch.wait(lambda: not any(re.search(r"  line \d", line) for line in watch.shown))
    watch.wait(lambda: sum("careful" in line for line in watch.shown) > 2)
    assert not any(re.search(r"  line \d", line) for line in watch.shown)

    watch.send("d")
    watch.wait(lambda: watch.shown[-1].lstrip().startswith("Space marks"))
    watch.send("\x1b[B")
    watch.wait(lambda: any(line.startswith("> [ ] Enormous Elephant") for line in watch.shown))
    watch.send("\r")
    # Until the run before is stopped, the line at the bottom still tells of that.
    watch.wait(lambda: any("running main.ts on Enormous Elephant" in line for line in watch.shown))
    watch.wait(lambda: at_the_bottom(watch, "Enormous Elephant", "running"))

    watch.send("q")
    assert watch.end() == 0
    assert "stopped (quit)" in watch.shown[-1]
    ends = {each["device"]: each["status"] for each in copy.json("runs")["runs"]}
    assert ends == {"Enormous Elephant": "stopped", "Atomic Mammal": "stopped"}
