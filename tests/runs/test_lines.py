"""Where a run's error was thrown, by the map of its bundle."""

from __future__ import annotations

import json

import pytest

from xgodo_dev.platform.automation import LogEntry
from xgodo_dev.runs.events import Log
from xgodo_dev.runs.lines import End, LineReader
from xgodo_dev.runs.secrets import MASK, Secrets
from xgodo_dev.toolchain.source_map import SourceMap

MARK = "@@xgodo-dev:5f1c:"
ODD = "stages/my (old) a.ts"
# Lines 1 and 2 of the bundle are line 1 of two files; line 3 nobody wrote.
MAP = json.dumps({"version": 3, "sources": ["a.ts", ODD], "names": [], "mappings": "AAAA;ACAA"})


def end(error: str | None, stack: str | None) -> End:
    reader = LineReader("run", "Silent Otter", MARK, SourceMap.from_json(MAP))
    report = MARK + json.dumps({"event": "end", "status": "failed", "error": error, "stack": stack})
    said = reader.read(LogEntry("7", "run", report, 1, "log", 1755811585870))
    assert isinstance(said, End)
    return said


@pytest.mark.parametrize(
    ("frames", "file"),
    [
        ("    at tap (xgodo-bundle.js:1:1)", "a.ts"),
        ("    at xgodo-bundle.js:1:1", "a.ts"),
        ("    at new Order (xgodo-bundle.js:2:1)", ODD),
        ("    at xgodo-bundle.js:2:1", ODD),
        ("    at Object.tap [as run] (xgodo-bundle.js:2:1)", ODD),
        ("    at async Promise.all (index 0)\n    at host.js:1:1\n    at xgodo-bundle.js:1:1", "a.ts"),
        ("    at a (xgodo-bundle.js:3:1)\n    at b (xgodo-bundle.js:2:1)", ODD),
        ("tap@xgodo-bundle.js:2:1\n@xgodo-bundle.js:1:1", ODD),
    ],
)
def test_the_first_frame_that_somebody_wrote_is_the_place_of_the_error(frames: str, file: str) -> None:
    said = end("Error: lost", f"Error: lost\n{frames}")
    assert said.failure is not None
    assert said.failure.source == {"file": file, "line": 1}
    assert said.failure.message == said.error
    assert str(said.error).startswith("Error: lost\n    at ")
    assert "xgodo-bundle" not in str(said.error)


@pytest.mark.parametrize("stack", [None, "", "Error: lost", "Error: lost\n    at xgodo-bundle.js:3:1"])
def test_an_error_without_a_place_is_told_all_the_same(stack: str | None) -> None:
    said = end("Error: lost", stack)
    assert said.failure is not None
    assert said.failure.source is None
    assert str(said.error).startswith("Error: lost")
    assert (said.failure.id, said.failure.level, said.failure.timestamp) == ("7", "error", 1755811585870)


def test_a_failure_without_a_word_is_an_error_too() -> None:
    said = end(None, None)
    assert said.failure is not None
    assert said.failure.message == said.error == "It failed without a message."


def test_no_part_of_a_line_tells_a_secret_and_no_two_lines_become_one() -> None:
    reader = LineReader("run", "Silent Otter", MARK, None, Secrets.of(["hunter2", "hunter3"]))
    logs = []
    for log_id in ("hunter2", "hunter3", "1", "hunter2", "xgodo-dev:hunter2"):
        said = reader.read(LogEntry(log_id, "run", "of hunter2", 1, "level hunter3", 5))
        assert isinstance(said, Log)
        logs.append(said)
    assert not any("hunter" in json.dumps(each.to_json()) for each in logs)
    assert (logs[2].id, logs[2].message, logs[2].level) == ("1", f"of {MASK}", f"level {MASK}")
    assert logs[0].id == logs[3].id
    assert len({each.id for each in logs}) == 4
