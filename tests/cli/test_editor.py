"""`editor setup` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev.cli import app
from xgodo_dev.project import scaffold


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))


def test_setting_up_is_done_once_seen_by_a_check_and_taken_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "project"
    scaffold.scaffold(root, template="minimal", name="project", project_id=None, force=False)

    def setup(*words: str, exit_code: int = 0) -> Any:
        with pytest.raises(SystemExit) as ended:
            app.main(["-C", str(root), "--json", "editor", "setup", *words])
        assert ended.value.code == exit_code
        return json.loads(capsys.readouterr().out)

    def own() -> set[Path]:
        return {path for path in root.rglob("*") if ".xgodo" not in path.parts}

    before = own()
    missing = setup("--check", "vscode", "neovim", exit_code=1)
    assert {file["state"] for each in missing["editors"] for file in each["files"]} == {"missing"}
    refused = setup("--check", exit_code=2)
    assert "vscode, zed, jetbrains, neovim" in refused["error"]["hint"]
    made = setup("vscode", "neovim")
    assert [each["editor"] for each in made["editors"]] == ["vscode", "neovim"]
    assert {"path": ".nvim.lua", "state": "created"} in made["editors"][1]["files"]
    assert (root / ".xgodo/xgodo.schema.json").is_file()
    setup("--check")
    setup("--remove")
    assert own() == before


def test_where_to_find_it_is_told_of_each_editor_that_was_set_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "project"
    scaffold.scaffold(root, template="minimal", name="project", project_id=None, force=False)
    told = []
    for _ in range(2):
        with pytest.raises(SystemExit):
            app.main(["-C", str(root), "editor", "setup", "zed", "neovim"])
        told.append(capsys.readouterr().err)
    assert [line.partition(":")[0] for line in told[0].splitlines()] == ["In Zed", "In Neovim"]
    assert told[1] == "Nothing to do for Neovim, Zed.\n"
