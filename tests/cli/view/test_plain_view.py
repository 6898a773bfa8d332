"""What `watch --plain` prints is read by an editor as checks that begin and end."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
import pytest

from tests.editor.matched_problems import Background
from xgodo_dev.cli import app
from xgodo_dev.cli.view.plain_view import PlainView
from xgodo_dev.editor import vscode
from xgodo_dev.editor.jsonc import Document
from xgodo_dev.editor.place import Place
from xgodo_dev.loop.checks import Checks
from xgodo_dev.project.config import Project
from xgodo_dev.toolchain.tools import Toolchain


def test_a_check_that_can_not_be_made_ends_what_the_editor_waits_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tasks, *_) = vscode.files(Place(tmp_path), [])
    written = Document(tasks.with_setup(None).content or b"").value["tasks"]
    background = Background(next(each["problemMatcher"] for each in written if each.get("isBackground")))
    nowhere = Toolchain(tsc=tmp_path / "tsc", esbuild=tmp_path / "esbuild", source="cache")
    with click.Context(app.cli).scope():
        view = PlainView([])
        assert not asyncio.run(Checks(nowhere, view.show).passes(Project(tmp_path, "project")))

    background.read(capsys.readouterr().err.splitlines())
    assert background.cycles == [[]]
