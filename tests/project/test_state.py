from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.state import State

OPEN_AND_WRITE = """
import sys
from pathlib import Path
from xgodo_dev.project.state import State
sys.stdin.readline()
with State(Path(sys.argv[1]), "remote") as state:
    for number in range(20):
        state.record_attempt(f"{sys.argv[2]}-{number}.ts", "a")
        state.record_equal(f"{sys.argv[2]}-{number}.ts", "h")
    state.learn("last", sys.argv[2])
"""
WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from xgodo_dev.project.state import State
state = State(Path(sys.argv[1]), "remote")
number = 0
while True:
    state.record_attempt(f"{number}.ts", "h")
    print(number, flush=True)
    number += 1
"""


def state_file(root: Path) -> Path:
    return root / ".xgodo" / "state.db"


def test_what_was_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        state.record_equal("main.ts", "h1")
        state.record_attempt("src/a.ts", "h2")
        state.record_attempt("src/a.ts", "h3")
        state.record_attempt("src/a.ts", "h3")
        state.learn("write-method", "PUT")
        state.learn("write-method", "POST")
    with State(tmp_path, "remote") as state:
        assert state.base() == {"main.ts": "h1"}
        assert (state.base_of("main.ts"), state.base_of("src/a.ts")) == ("h1", None)
        assert state.attempts("src/a.ts") == {"h2", "h3"}
        assert state.attempted() == {"src/a.ts"}
        assert (state.fact("write-method"), state.fact("other")) == ("POST", None)


def test_equality_ends_the_doubt_about_attempts_of_that_path_only(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        state.record_attempt("a.ts", "h1")
        state.record_attempt("b.ts", "h1")
        state.record_equal("a.ts", "h2")
        assert (state.attempts("a.ts"), state.attempts("b.ts")) == (frozenset(), {"h1"})
        state.forget("b.ts")
        assert state.attempts("b.ts") == frozenset()
        state.forget("a.ts")
        assert state.base() == {}


def test_what_is_known_about_one_remote_says_nothing_about_another(tmp_path: Path) -> None:
    with State(tmp_path, "emulator:1#p") as one, State(tmp_path, "https://xgodo.com#p") as other:
        one.record_equal("main.ts", "h1")
        one.record_attempt("a.ts", "h1")
        one.learn("write-method", "PUT")
        assert (other.base(), other.attempts("a.ts"), other.fact("write-method")) == ({}, frozenset(), None)
        other.record_equal("main.ts", "h2")
        other.forget("main.ts")
        assert one.base() == {"main.ts": "h1"}


def test_many_processes_may_open_a_new_project_at_once(tmp_path: Path) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_WRITE, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "abcd"
    ]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint
    with State(tmp_path, "remote") as state:
        assert state.base() == {f"{name}-{number}.ts": "h" for name in "abcd" for number in range(20)}
        assert state.attempted() == frozenset()
        assert state.fact("last") in tuple("abcd")


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_everything_recorded_before_a_kill_is_kept(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITE_UNTIL_KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer.stdout:
        last = 0
        while last < 200:
            last = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        writer.wait(30)
    with State(tmp_path, "remote") as state:
        assert {f"{number}.ts" for number in range(last + 1)} <= state.attempted()


def test_a_state_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    newer = sqlite3.connect(state_file(tmp_path))
    newer.execute("CREATE TABLE something (else_)")
    newer.execute("PRAGMA user_version = 99")
    newer.commit()
    newer.close()
    before = state_file(tmp_path).read_bytes()
    with pytest.raises(ConfigurationError, match="newer xgodo-dev") as raised:
        State(tmp_path, "remote")
    assert raised.value.hint is not None
    assert state_file(tmp_path).read_bytes() == before
    assert [each.name for each in (tmp_path / ".xgodo").iterdir()] == ["state.db"]


@pytest.mark.parametrize(
    "content", [b"this is no database, but text" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_state_is_named_and_untouched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".xgodo").mkdir()
    state_file(tmp_path).write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        State(tmp_path, "remote")
    assert str(state_file(tmp_path)) in str(raised.value)
    assert raised.value.hint is not None
    assert state_file(tmp_path).read_bytes() == content


def test_damage_that_shows_later_is_named_too(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        for number in range(2000):
            state.record_attempt(f"{number}.ts", "h" * 40)
    content = bytearray(state_file(tmp_path).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    state_file(tmp_path).write_bytes(content)
    with State(tmp_path, "remote") as state, pytest.raises(ConfigurationError, match="damaged"):
        state.attempted()


def test_an_empty_file_is_a_new_state(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    state_file(tmp_path).touch()
    with State(tmp_path, "remote") as state:
        assert state.base() == {}


def test_a_folder_that_can_not_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").write_text("a file")
    with pytest.raises(ConfigurationError, match=r"\.xgodo"):
        State(tmp_path, "remote")


def test_a_failed_opening_leaves_the_file_to_others(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    stranger = sqlite3.connect(state_file(tmp_path))
    stranger.execute("CREATE TABLE base (other)")
    stranger.commit()
    with pytest.raises(ConfigurationError):
        State(tmp_path, "remote")
    stranger.execute("PRAGMA busy_timeout = 0")
    stranger.execute("BEGIN EXCLUSIVE")
    stranger.close()


def test_a_file_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    with State(tmp_path, "server") as state:
        state.record_equal("main.ts", "hash")
    database = sqlite3.connect(tmp_path / ".xgodo" / "state.db")
    database.execute("DROP TABLE deleted")
    database.execute("PRAGMA user_version = 1")
    database.commit()
    database.close()
    with State(tmp_path, "server") as state:
        assert state.base_of("main.ts") == "hash"
        state.record_deleted("main.ts")
        assert state.deleted() == {"main.ts"}
