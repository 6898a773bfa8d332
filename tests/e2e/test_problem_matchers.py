"""What an editor that is set up makes of the lines that the real commands print."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.editor.matched_problems import Background, lines, problems
from xgodo_dev.editor import setup
from xgodo_dev.editor.jsonc import Document
from xgodo_dev.editor.place import Place

# Narrower than every error, as a panel of an editor may be.
COLUMNS = 40
DEADLINE = 60
MISTAKE = 'export const aNameThatIsLong: { inner: { deeper: number } } = { inner: { deeper: "three" } };\n'


@pytest.fixture
def tasks(project: Path) -> dict[str, Any]:
    """VS Code's tasks for a project with an error, by the name of what they do."""
    (project / "stages" / "wrong.ts").write_text(MISTAKE, encoding="utf-8")
    setup.carry_out(setup.plan("vscode", Place(project), []))
    written = Document((project / ".vscode/tasks.json").read_bytes()).value["tasks"]
    return {task["label"].removeprefix("xgodo: "): task for task in written}


@contextmanager
def in_terminal(home: Home, task: dict[str, Any], root: Path, env: dict[str, str]) -> Iterator[Any]:
    """A task in the terminal of an editor."""
    assert (task["command"], task["options"]["cwd"]) == ("xgodo-dev", "${workspaceFolder}")
    process = pexpect.spawn(
        str(COMMAND),
        task["args"],
        cwd=str(root),
        env={**home.environment, **env},
        encoding="utf-8",
        timeout=DEADLINE,
        dimensions=(24, COLUMNS),
    )
    try:
        yield process
    finally:
        process.close(force=True)


def found_by_json(home: Home, root: Path) -> list[tuple[str, str, str, str, str]]:
    errors = home.json("check", cwd=root, exit_code=1)["errors"]
    return [
        (each["file"], str(each["line"]), str(each["column"]), each["code"], each["message"].split("\n")[0])
        for each in errors
    ]


def places(found: list[dict[str, str]]) -> list[tuple[str, ...]]:
    return [tuple(each[name] for name in ("file", "line", "column", "code", "message")) for each in found]


def test_vs_code_and_vim_find_in_the_lines_of_check_what_the_check_found(
    home: Home, project: Path, tasks: dict[str, Any], tmp_path: Path
) -> None:
    with in_terminal(home, tasks["check"], project, {}) as process:
        process.expect(pexpect.EOF)

    expected = found_by_json(home, project)
    assert len(expected) == 1
    assert places(problems(process.before, tasks["check"]["problemMatcher"])) == expected
    if vim := shutil.which("vim"):
        (project / "printed").write_text("\n".join(lines(process.before)))
        assert found_by_vim(vim, project, tmp_path / "read.vim") == expected


def found_by_vim(vim: str, root: Path, script: Path) -> list[tuple[str, ...]]:
    """What Vim finds in the file ``printed`` by the expressions for Neovim."""
    setup.carry_out(setup.plan("neovim", Place(root), []))
    (setting,) = (
        line for line in (root / ".nvim.lua").read_text().splitlines() if "vim.o.errorformat" in line
    )
    # Lua and JSON have the same escapes for what is in it.
    script.write_text(
        f"let &errorformat = json_decode('{setting.split(' = ')[1]}')\n"
        "cgetfile printed\n"
        "call writefile([json_encode(map(getqflist(), {_, each -> [bufname(each.bufnr), each.lnum, "
        "each.col, 'TS' . each.nr, each.text]}))], 'found')\nqall!\n"
    )
    subprocess.run([vim, "-u", "NONE", "-es", "-S", script], cwd=root, timeout=DEADLINE, check=False)
    return [tuple(map(str, each)) for each in json.loads((root / "found").read_text())]


def test_vs_code_sees_each_check_of_watch_begin_and_end_with_its_problems_between(
    home: Home, project: Path, tasks: dict[str, Any], emulator: Emulator
) -> None:
    wrong = project / "stages" / "wrong.ts"
    expected = found_by_json(home, project)
    background = Background(tasks["watch"]["problemMatcher"])
    said = ""
    with in_terminal(home, tasks["watch"], project, emulator.env) as process:
        for content, told in ((None, "1 error "), ("export {};\n", "no errors"), (MISTAKE, "1 error ")):
            if content:
                wrong.write_text(content, encoding="utf-8")
            process.expect(f"checked types: {told}[^\n]*\n")
            said += process.before + process.after
        process.kill(signal.SIGINT)
        process.expect(pexpect.EOF)
        said += process.before

    background.read(lines(said))
    assert [places(cycle) for cycle in background.cycles] == [expected, [], expected]
    assert not background.outside
    assert "\x1b[3" not in said
