from __future__ import annotations

from pathlib import Path

from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.sync.left_behind import left_behind


def test_imported_json_that_is_here_and_never_sent_is_named_with_its_importer(tmp_path: Path) -> None:
    files = {
        "src/main.ts": 'import a from "../data.json"; import b from "./known.json"; import "./c"',
        "other.ts": 'import x from "package/data.json"; import "../outside.json"; import "./data.json"',
        "missing.ts": 'import z from "./missing.json"',
        "notes.txt": 'import "./alone.json"',
        "data.json": "{}",
        "alone.json": "{}",
        "src/known.json": "{}",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    (tmp_path / "folder.ts").mkdir()
    with State(tmp_path, "test") as state:
        copy = LocalCopy(tmp_path, FileSelection(tmp_path, include=("src/*.json",)), state)
        sources = ["src/main.ts", "gone.ts", "folder.ts", "other.ts", "missing.ts", "notes.txt"]
        assert left_behind(copy, sources) == {"data.json": "src/main.ts"}
