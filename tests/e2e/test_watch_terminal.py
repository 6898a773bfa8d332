"""The whole loop with the installed command in a pseudo-terminal, as a person sees it."""

from __future__ import annotations

import re
from pathlib import Path

import pexpect
import psutil
import pytest

from tests.e2e.conftest import COMMAND, Home

ANCHOR = "async function main(): Promise<void> {\n"
DEADLINE = 60


def save_like_vim(file: Path, text: str) -> None:
    """Write a new file and rename it over the old one."""
    new = file.with_name("4913.new~")
    new.write_text(text, encoding="utf-8")
    new.replace(file)


def save_like_vs_code(file: Path, text: str) -> None:
    """Truncate the file itself and write it anew."""
    with file.open("w", encoding="utf-8") as stream:
        stream.write(text)


@pytest.fixture
def scaffolded(home: Home) -> Path:
    root = home.folder / "my-automation"
    made = pexpect.run(
        f"{COMMAND} init {root} --template stages --yes",
        env=home.environment,
        encoding="utf-8",
        timeout=DEADLINE,
    )
    assert "watch --run --emulator" in made
    return root


def command_of(process: psutil.Process) -> str:
    """Its command line; nothing of one that has ended meanwhile, such as a phone's."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.mark.parametrize("save", [save_like_vim, save_like_vs_code])
def test_a_save_runs_a_type_error_blocks_its_mending_runs_again_and_ctrl_c_leaves_nothing_behind(
    home: Home, scaffolded: Path, save: object
) -> None:
    assert callable(save)
    entry = scaffolded / "main.ts"
    original = entry.read_text(encoding="utf-8")
    terminal = pexpect.spawn(
        str(COMMAND),
        ["watch", "--run", "--emulator"],
        cwd=str(scaffolded),
        env=home.environment,
        encoding="utf-8",
        timeout=DEADLINE,
        dimensions=(40, 120),
    )
    try:
        terminal.expect("watching [^\n]*my-automation")
        terminal.expect("running main.ts on")
        terminal.expect(r"stages/checkNote.ts:11")
        terminal.expect("ended well")

        save(entry, original.replace(ANCHOR, ANCHOR + '  console.log("first edit");\n'))
        terminal.expect("saved main.ts")
        terminal.expect(r"main.ts:6[^\n]*first edit")
        terminal.expect("ended well")

        save(entry, original.replace(ANCHOR, ANCHOR + '  const broken: number = "no";\n'))
        # The check and the push go on side by side.
        missing = [
            "1 type error",
            r"main.ts\(6,9\)\S*: \S*error TS2322",
            "error in main.ts: synced, but not compiled there",
        ]
        while missing:
            del missing[terminal.expect(missing)]

        save(entry, original.replace(ANCHOR, ANCHOR + '  console.log("repaired");\n'))
        terminal.expect("types are right")
        shown_since_error = terminal.before
        assert "running main.ts" not in shown_since_error
        # A pattern of one line, and no word that the end of a style code makes: in
        # `ESC[32mended well`, the bar's, stands "mended".
        terminal.expect(r"main.ts:6[^\n]*repaired")
        terminal.expect("ended well")

        processes = psutil.Process(terminal.pid).children(recursive=True)
        assert any("emulator" in command_of(process) for process in processes)
        terminal.sendintr()
        terminal.expect(pexpect.EOF)
        terminal.wait()
        assert terminal.exitstatus == 130
        _gone, alive = psutil.wait_procs(processes, timeout=DEADLINE)
        assert not alive
    finally:
        terminal.close(force=True)
    assert not re.search(r"Traceback|Task exception|never retrieved", terminal.before)
