"""The state's file: opening, migration, damage, several processes, kills."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import Known, State
from xgodo_dev.project.state_file import StateUnusable, set_aside, state_file

OPEN_AND_WRITE = """
import sys
from pathlib import Path
from xgodo_dev.project.state import State
sys.stdin.readline()
with State(Path(sys.argv[1]), "remote") as state:
    for number in range(20):
        state.record_attempts({f"{sys.argv[2]}-{number}.ts": "a"})
        state.record_base(f"{sys.argv[2]}-{number}.ts", sys.argv[3], b"the same text for all")
    state.learn("last", sys.argv[2])
"""
TEXT_HASH = blob_hash(b"the same text for all")
WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from xgodo_dev.project.state import State
state = State(Path(sys.argv[1]), "remote")
number = 0
while True:
    state.record_attempts({f"{number}.ts": "h"})
    print(number, flush=True)
    number += 1
"""

# As the files of these versions were made, which are out there.
VERSION_1 = """
CREATE TABLE base (remote TEXT, path TEXT, hash TEXT NOT NULL, PRIMARY KEY (remote, path)) WITHOUT ROWID;
CREATE TABLE attempt (remote TEXT, path TEXT, hash TEXT, PRIMARY KEY (remote, path, hash)) WITHOUT ROWID;
CREATE TABLE fact (remote TEXT, name TEXT, value TEXT NOT NULL, PRIMARY KEY (remote, name)) WITHOUT ROWID;
PRAGMA user_version = 1;
"""
VERSION_2 = (
    VERSION_1
    + """
CREATE TABLE IF NOT EXISTS deleted (remote TEXT, path TEXT, PRIMARY KEY (remote, path)) WITHOUT ROWID;
INSERT INTO deleted VALUES ('server', 'gone.ts');
PRAGMA user_version = 2;
"""
)
CONTENT = """
INSERT INTO base VALUES ('server', 'main.ts', 'h1'), ('server', 'gone.ts', 'h2'), ('other', 'main.ts', 'h3');
INSERT INTO attempt VALUES ('server', 'main.ts', 'h4');
INSERT INTO fact VALUES ('server', 'write-method', 'POST');
"""


def database_file(root: Path, script: str) -> Path:
    file = state_file(root)
    file.parent.mkdir(exist_ok=True)
    database = sqlite3.connect(file)
    database.executescript(script)
    database.close()
    return file


@pytest.mark.parametrize(("script", "told"), [(VERSION_1, False), (VERSION_2, True)])
@pytest.mark.parametrize("wal", [False, True])
def test_a_file_of_an_earlier_version_is_brought_up_to_date(
    tmp_path: Path, script: str, told: bool, wal: bool
) -> None:
    database_file(tmp_path, ("PRAGMA journal_mode = WAL;" if wal else "") + script + CONTENT)
    for _ in range(2):
        with State(tmp_path, "server") as state:
            assert state.base() == {"main.ts": "h1", "gone.ts": "h2"}
            assert state.known("main.ts") == Known(base="h1", attempts={"h4": None})
            assert state.known("gone.ts") == Known(base="h2", deletion_told=told)
            assert state.fact("write-method") == "POST"
            assert state.text("h1") is None
            assert state.fingerprints() == {}
            assert state.commits(10) == []
    with State(tmp_path, "server") as state:
        state.record_refusal("main.ts", "h5", ["Error"])
        state.record_sighting("gone.ts", "h6")
        state.record_base("new.ts", "h7", b"7")
        assert state.known("main.ts").attempts == {"h4": None, "h5": ("Error",)}
        assert state.known("gone.ts").remote == "h6"


def test_a_migration_that_can_not_be_finished_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    # Something of ours is there already, so that a later statement fails.
    file = database_file(tmp_path, VERSION_2 + CONTENT + "CREATE TABLE made_commit (other);")
    for _ in range(2):
        with pytest.raises(ConfigurationError):
            State(tmp_path, "server")
    database = sqlite3.connect(file)
    assert database.execute("PRAGMA user_version").fetchone() == (2,)
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert tables == {"base", "attempt", "fact", "deleted", "made_commit"}


def processes(root: Path, *names: str) -> list[subprocess.Popen[str]]:
    return [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_AND_WRITE, str(root), name, TEXT_HASH],
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in names
    ]


@pytest.mark.parametrize("script", ["", VERSION_1, VERSION_2])
def test_many_processes_may_open_a_new_or_an_old_state_at_once(tmp_path: Path, script: str) -> None:
    if script:
        database_file(tmp_path, script)
    writers = processes(tmp_path, *"abcd")
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, complaint = writer.communicate(timeout=60)
        assert writer.returncode == 0, complaint
    with State(tmp_path, "remote") as state:
        paths = {f"{name}-{number}.ts" for name in "abcd" for number in range(20)}
        assert state.base() == dict.fromkeys(paths, TEXT_HASH)
        assert state.unsettled() == {}
        assert state.fact("last") in tuple("abcd")
        assert state.text(TEXT_HASH) == b"the same text for all"


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
        assert {f"{number}.ts" for number in range(last + 1)} <= state.unsettled().keys()


def test_a_state_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    file = database_file(tmp_path, "CREATE TABLE something (else_); PRAGMA user_version = 99;")
    before = file.read_bytes()
    with pytest.raises(StateUnusable, match="newer xgodo-dev") as raised:
        State(tmp_path, "remote")
    assert "status --rebuild" in (raised.value.hint or "")
    assert file.read_bytes() == before
    assert [each.name for each in (tmp_path / ".xgodo").iterdir()] == ["state.db"]


@pytest.mark.parametrize(
    "content", [b"this is no database, but text" * 100, b"SQLite format 3\0" + b"\xff" * 5000]
)
def test_a_damaged_state_is_named_and_untouched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".xgodo").mkdir()
    state_file(tmp_path).write_bytes(content)
    with pytest.raises(StateUnusable, match="damaged") as raised:
        State(tmp_path, "remote")
    assert str(state_file(tmp_path)) in str(raised.value)
    assert "status --rebuild" in (raised.value.hint or "")
    assert state_file(tmp_path).read_bytes() == content


def test_damage_that_shows_later_is_named_too(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        state.record_attempts({f"{number}.ts": "h" * 40 for number in range(2000)})
    content = bytearray(state_file(tmp_path).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    state_file(tmp_path).write_bytes(content)
    with State(tmp_path, "remote") as state, pytest.raises(StateUnusable, match="damaged"):
        state.unsettled()


def test_a_state_without_its_tables_is_damaged(tmp_path: Path) -> None:
    database_file(tmp_path, "CREATE TABLE other (x); PRAGMA user_version = 3;")
    with State(tmp_path, "remote") as state, pytest.raises(StateUnusable) as raised:
        state.base()
    assert "status --rebuild" in (raised.value.hint or "")


def test_an_empty_file_is_damaged(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    state_file(tmp_path).touch()
    with pytest.raises(StateUnusable, match="empty"):
        State(tmp_path, "remote")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_a_full_disk_is_named_with_the_way_out(tmp_path: Path) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with State(tmp_path, "remote") as state:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
        try:
            with pytest.raises(ConfigurationError, match="can't be written") as refused:
                state.learn("write-method", "PUT")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "make room on the disk" in str(refused.value.hint)


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


def test_a_state_is_set_aside_whole_and_a_new_one_takes_its_place(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        state.record_base("main.ts", "h", None)
        # While it is open, what it holds is in its journal.
        aside = set_aside(tmp_path)
    assert aside is not None
    assert aside.parent == state_file(tmp_path).parent
    assert not [each for each in aside.parent.iterdir() if not each.name.startswith(aside.name)]
    with State(tmp_path, "remote") as state:
        assert state.base() == {}
    database = sqlite3.connect(aside)
    assert database.execute("SELECT path FROM base").fetchall() == [("main.ts",)]
    database.close()


@pytest.mark.parametrize("content", [b"", b"damaged" * 1000])
def test_whatever_a_state_holds_it_can_be_set_aside_again_and_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / ".xgodo").mkdir()
    kept = set()
    for number in range(3):
        state_file(tmp_path).write_bytes(content + bytes([number]))
        aside = set_aside(tmp_path)
        assert aside is not None
        kept.add(aside)
    assert {each.read_bytes() for each in kept} == {content + bytes([number]) for number in range(3)}
    assert set_aside(tmp_path) is None
