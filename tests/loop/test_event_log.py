"""What a daemon has told, kept: bounded, for its owner alone, and followed over its rotation."""

from __future__ import annotations

import errno
import json
import os
import resource
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xgodo_dev import known_tokens
from xgodo_dev.errors import FileUnreadable
from xgodo_dev.loop.event_lines import encoded, event_of
from xgodo_dev.loop.event_log import EventLog, LogReader, log_file
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Stopped, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".xgodo").mkdir()
    return tmp_path


def line(message: str) -> Log:
    return Log(run="r", device="d", id="i", level="log", message=message, source=None, timestamp=1)


_ERROR = {
    "file": "a.ts",
    "line": 1,
    "column": 2,
    "code": "TS1",
    "message": "no",
    "length": 0,
    "excerpt": None,
}
EVENTS: list[Event] = [
    Ready(root="/r", files=1, project="p"),
    Change(paths=["a.ts"]),
    Check(ok=False, errors=[_ERROR], ms=1.5),
    Synced(path="a.ts", ms=1, bytes=2),
    SyncFailed(path="a.ts", reason="compile", errors=["e"]),
    Conflict(path="a.ts", deleted_here=True),
    RemoteChange(path="a.ts"),
    Launch(run="r", device="d", entry="main.ts"),
    line("half a character: \ud800"),
    Exit(run="r", device="d", status="failed", ms=1, error="e", failure=line("thrown")),
    Notice(message="n"),
    Stopped(reason="quit"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.name)
def test_an_event_is_the_same_after_it_was_kept(event: Event) -> None:
    again = event_of(json.loads(encoded(event)))
    assert again is not None
    assert (again, getattr(again, "failure", None)) == (event, getattr(event, "failure", None))


_JSON = st.sampled_from([None, True, 1, 1.5, float("nan"), "text", [], [1], ["a"], [{}], {}, {"file": 1}])


@settings(max_examples=100)
@given(st.sampled_from(EVENTS), st.dictionaries(st.sampled_from(["time", "path", "errors", "ms"]), _JSON))
def test_what_is_no_event_is_passed_over(event: Event, changed: dict[str, object]) -> None:
    kept = event_of({**json.loads(encoded(event)), **changed})
    assert kept is None or isinstance(kept.time, int | float)


def test_the_newest_events_are_kept_within_bounds_and_for_their_owner_alone(root: Path) -> None:
    log = EventLog(root, most_bytes=2_000)
    for number in range(100):
        log.write(line(f"line {number}"))
    files = sorted((root / ".xgodo").iterdir())
    assert [file.name for file in files] == ["daemon.log", "daemon.log.1"]
    assert all(file.stat().st_size <= 2_000 and file.stat().st_mode & 0o777 == 0o600 for file in files)
    newest = LogReader(root).last(15)
    assert [event.message for event in newest if isinstance(event, Log)] == [
        f"line {number}" for number in range(85, 100)
    ]


def test_a_log_that_was_there_before_is_made_its_owners_alone_or_said_to_be_in_the_way(root: Path) -> None:
    log_file(root).touch(0o644)
    log = EventLog(root)
    log.write(line("first"))
    log.close()
    assert log_file(root).stat().st_mode & 0o777 == 0o600
    log_file(root).unlink()
    log_file(root).mkdir()
    with pytest.raises(FileUnreadable, match=f"{log_file(root)} can't be read"):
        LogReader(root).last(1)


def test_whoever_follows_misses_nothing_when_another_file_is_begun(root: Path) -> None:
    log, reader = EventLog(root, most_bytes=2_000), LogReader(root)
    assert reader.last(10) == []
    read: list[str] = []
    for number in range(100):
        log.write(line(str(number)))
        if number % 7 == 0:
            read += [event.message for event in reader.fresh() if isinstance(event, Log)]
    read += [event.message for event in reader.fresh() if isinstance(event, Log)]
    assert read == [str(number) for number in range(100)]


@pytest.mark.skipif(sys.platform == "win32", reason="removes files that are open")
@pytest.mark.parametrize(
    "done_to_it",
    [
        Path.unlink,
        lambda file: file.rename(file.with_name("kept")),
        lambda file: os.truncate(file, 0),
        lambda file: shutil.rmtree(file.parent) or file.parent.mkdir(),
    ],
    ids=["removed", "moved", "emptied", "with its folder"],
)
def test_a_log_that_somebody_takes_away_is_begun_anew_and_followed_there(
    root: Path, done_to_it: Callable[[Path], object]
) -> None:
    log, reader = EventLog(root), LogReader(root)
    log.write(line("first"))
    assert len(reader.last(10)) == 1
    done_to_it(log_file(root))
    assert list(reader.fresh()) == []
    log.write(line("last"))
    assert [getattr(event, "message", None) for event in reader.fresh()] == ["last"]
    assert [getattr(event, "message", None) for event in LogReader(root).last(10)] == ["last"]


def test_a_line_that_was_cut_or_is_none_of_ours_is_passed_over(root: Path) -> None:
    EventLog(root).write(line("first"))
    with log_file(root).open("ab") as file:
        file.write(b'{"event":"log"}\n[1]\n\xff\xfe\n{"event":"no such"}\n')
    EventLog(root).write(line("last"))
    assert [getattr(event, "message", None) for event in LogReader(root).last(10)] == ["first", "last"]


def test_a_token_is_masked_wherever_it_came_from(root: Path) -> None:
    known_tokens.remember("never-to-be-seen-0815")
    EventLog(root).write(Notice(message="refused: never-to-be-seen-0815"))
    assert "never-to-be-seen" not in log_file(root).read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="has no limit for the size of files")
def test_a_disk_that_is_full_is_told_of_when_it_takes_something_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xgodo_dev.loop.event_log._RETRY_PAUSE", 0.0)
    log = EventLog(root)
    log.write(line("before"))
    size = log_file(root).stat().st_size
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As a full disk: a part of a line fits, and then nothing.
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, limits[1]))
    try:
        for _ in range(3):
            log.write(line("missing"))
        with pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
            (root / "other").write_bytes(b"x" * (size + 11))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)
    log.write(line("after"))
    told = [getattr(event, "message", "") for event in LogReader(root).last(10)]
    assert told == ["before", "3 events are missing here: they could not be written.", "after"]
