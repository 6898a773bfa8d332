"""This program, started by itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

from xgodo_dev import __version__
from xgodo_dev.cli.own_process import OURSELVES


def test_nothing_in_the_folder_where_it_is_started_is_taken_for_a_part_of_it(tmp_path: Path) -> None:
    for name in ("xgodo_dev.py", "click.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit(99)")
    done = subprocess.run([*OURSELVES, "--version"], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, f"xgodo-dev {__version__}\n")
