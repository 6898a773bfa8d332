"""The commands of `daemon` where none runs, or somebody watches at a terminal."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev.cli.app import main
from xgodo_dev.project.watch_lock import watch_lock


@pytest.fixture
def daemon(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """Runs a command of `daemon` in a project, and returns what it tells a program."""
    (tmp_path / "xgodo.toml").write_text("")

    def run(*words: str, exit_code: int = 0) -> dict[str, Any]:
        with pytest.raises(SystemExit) as end:
            main(["-C", str(tmp_path), "--json", "daemon", *words])
        shown = capsys.readouterr()
        assert end.value.code == exit_code, shown
        told: dict[str, Any] = json.loads(shown.out)
        return told

    return run


def test_that_none_runs_is_an_answer(daemon: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    assert daemon("status") == {"running": False, "root": str(tmp_path)}
    assert daemon("stop") == {"stopped": False, "pid": None}


def test_run_says_that_a_daemon_does_not_answer_and_goes_on_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "xgodo.toml").write_text('[project]\nid = "83ba7359-d8eb-4374-8ecb-055af01fddfe"\n')
    monkeypatch.setenv("XGODO_API_URL", "http://127.0.0.1:1")
    monkeypatch.delenv("XGODO_TOKEN", raising=False)
    with watch_lock(tmp_path, "daemon"), pytest.raises(SystemExit) as end:
        main(["-C", str(tmp_path), "run"])
    first, *_ = capsys.readouterr().err.splitlines()
    assert first == "The daemon does not answer yet. This runs by itself."
    # It came to the next thing that is missing here: a token.
    assert end.value.code == 4


def test_a_watch_at_a_terminal_is_no_daemon(daemon: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    with watch_lock(tmp_path):
        assert daemon("status")["watch"] == {"pid": os.getpid()}
        for words in (["start"], ["restart"], ["stop"]):
            error = daemon(*words, exit_code=1)["error"]
            assert error["code"] == "already-watched"
            assert error["message"].startswith(f"Process {os.getpid()} already watches")
            assert "end it where it runs" in error["hint"]
