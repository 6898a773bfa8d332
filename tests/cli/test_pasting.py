"""What is to be typed next can be pasted into the shell that the program was started from."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from xgodo_dev.cli.pasting import going_to, program

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")


@pytest.mark.parametrize("below", ["it's $HOME/my app", "../beside", "."])
def test_a_shell_is_taken_to_the_folder_from_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, below: str
) -> None:
    here = tmp_path / "here"
    target = (here / below).resolve()
    for folder in (here, target):
        folder.mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(here)

    typed = going_to(target)
    assert len(typed) == (below != ".")
    done = subprocess.run(["sh", "-c", "\n".join([*typed, "pwd -P"])], capture_output=True, text=True)
    assert done.stdout == f"{target}\n"


def test_a_program_that_is_not_on_the_path_is_named_whole_wherever_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "my tools" / "xgodo-dev"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho started\n")
    script.chmod(0o755)
    monkeypatch.setattr(sys, "argv", [str(script)])
    sh = shutil.which("sh") or "sh"
    monkeypatch.setenv("PATH", "/nowhere")
    assert subprocess.run([sh, "-c", program()], capture_output=True, text=True).stdout == "started\n"
    monkeypatch.setenv("PATH", str(script.parent))
    assert program() == "xgodo-dev"
