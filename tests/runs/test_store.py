"""The run store: what it keeps, for several processes at once, within its bounds."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock

from tests.runs.recorded_runs import MAP, SERVER, begun, ended, line, messages, recorded
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.runs.events import Notice
from xgodo_dev.runs.store import RunStore
from xgodo_dev.runs.store_file import (
    NewerRunStore,
    RunStoreUnusable,
    RunUnknown,
    identity,
    run_store_file,
    set_aside,
)

ROOT_OF_TESTS = Path(__file__).parents[2]
WRITE = """
import sys
from pathlib import Path
from tests.runs.recorded_runs import begun, ended, line
from xgodo_dev.runs.store import RunStore
sys.stdin.readline()
with RunStore(Path(sys.argv[1])) as store:
    for run in (sys.argv[2], "shared"):
        with store.together():
            store.begin(begun(run, mark=f"{sys.argv[2]} {run}"))
        for number in range(100):
            with store.together():
                store.add(line(run, f"{number}", f"{number}"))
        with store.together():
            store.end(ended(run))
            store.prune()
"""
WRITE_UNTIL_KILLED = """
import sys
from pathlib import Path
from tests.runs.recorded_runs import begun, line
from xgodo_dev.runs.store import RunStore
store = RunStore(Path(sys.argv[1]))
with store.together():
    store.begin(begun("run"))
number = 0
while True:
    with store.together():
        store.add(line("run", f"{number}", f"{number}"))
    print(number, flush=True)
    number += 1
"""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[RunStore]:
    with RunStore(tmp_path) as opened:
        yield opened


def script(text: str, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", text, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT_OF_TESTS,
    )


def test_a_run_is_kept_with_its_lines_its_end_and_the_map_of_its_own_bundle(
    tmp_path: Path, store: RunStore
) -> None:
    began = begun("run-1", entry="other.ts")
    logged = [line("run-1", "1", "first", level="warn"), line("run-1", "2", "second\nthird", source=None)]
    store.begin(began)
    for each in logged:
        assert store.add(each)
    store.end(ended("run-1", "failed", "Error: lost\n    at tap (main.ts:3:1)"))
    with RunStore(tmp_path) as reader:
        (run,) = reader.runs()
        assert (run.id, run.device, run.device_id, run.entry) == (
            "run-1",
            "Silent Otter",
            "phone-1",
            "other.ts",
        )
        assert (run.remote, run.mark, run.started) == (began.remote, began.mark, began.started)
        assert (run.status, run.ms, run.error) == (
            "failed",
            1234.5,
            "Error: lost\n    at tap (main.ts:3:1)",
        )
        assert run.end_is_known
        assert list(reader.lines(run)) == logged
        assert reader.source_map(run) == MAP


def test_the_newest_runs_come_first(store: RunStore) -> None:
    for number in range(5):
        store.begin(begun(f"run-{number}"))
    assert [run.id for run in store.runs(2)] == ["run-4", "run-3"]


def test_a_line_that_was_learned_of_twice_is_kept_once(store: RunStore) -> None:
    store.begin(begun("run"))
    assert [store.add(line("run", log_id)) for log_id in ("1", "2", "1")] == [True, True, False]
    assert len(messages(store, "run")) == 2


def test_a_line_or_an_end_of_a_run_that_nobody_knows_is_not_lost_silently(store: RunStore) -> None:
    with pytest.raises(RunUnknown, match="unknown"):
        store.add(line("unknown", "1"))
    with pytest.raises(RunUnknown, match="unknown"):
        store.end(ended("unknown"))
    store.withdraw("unknown")
    assert store.runs() == []


def test_what_the_wire_may_hold_and_a_database_may_not_is_kept_readable(store: RunStore) -> None:
    store.begin(begun("run", device="half \ud83d"))
    assert store.add(line("run", "1", "half a character: \ud83d", timestamp=10**30))
    (kept,) = store.lines(recorded(store, "run"))
    assert kept.message == "half a character: ?"
    assert kept.timestamp == 0


def test_only_lines_since_a_moment_are_given(store: RunStore) -> None:
    store.begin(begun("run"))
    for moment in (10.0, 20.0, 30.0):
        store.add(line("run", str(moment), str(moment), time=moment))
    assert [each.message for each in store.lines(recorded(store, "run"), since=20.0)] == ["20.0", "30.0"]


def test_the_first_word_on_an_end_counts_unless_sight_was_lost(store: RunStore) -> None:
    store.begin(begun("run"))
    assert recorded(store, "run").may_be_open
    store.end(ended("run", "lost"))
    assert recorded(store, "run").may_be_open
    store.end(ended("run", "success"))
    store.end(ended("run", "failed", "too late"))
    run = recorded(store, "run")
    assert (run.status, run.error, run.may_be_open) == ("success", None, False)


def test_a_run_without_an_end_is_not_asked_about_for_ever(store: RunStore) -> None:
    store.begin(begun("run", started=time.time() - 90_000))
    assert not recorded(store, "run").may_be_open


def test_a_withdrawn_run_leaves_nothing_behind(store: RunStore) -> None:
    store.begin(begun("run"))
    store.add(line("run", "1"))
    store.withdraw("run")
    store.begin(begun("another"))
    assert [run.id for run in store.runs()] == ["another"]
    assert messages(store, "another") == []


def test_the_runs_of_one_bundle_share_its_map_and_the_last_takes_it_along(
    tmp_path: Path, store: RunStore
) -> None:
    for run in ("a", "b", "c"):
        store.begin(begun(run, source_map=MAP if run != "c" else "{}"))

    def maps() -> int:
        with closing(sqlite3.connect(run_store_file(tmp_path))) as database:
            count: int = database.execute("SELECT COUNT(*) FROM source_map").fetchone()[0]
            return count

    assert maps() == 2
    store.withdraw("a")
    assert maps() == 2
    assert store.source_map(recorded(store, "b")) == MAP
    store.withdraw("b")
    assert maps() == 1


def test_no_more_than_so_many_runs_are_kept(store: RunStore) -> None:
    for number in range(12):
        store.begin(begun(f"run-{number}"))
        store.add(line(f"run-{number}", "1"))
        store.end(ended(f"run-{number}"))
    store.prune(most_runs=5)
    assert [run.id for run in store.runs()] == [f"run-{number}" for number in range(11, 6, -1)]


def test_of_what_one_bundle_is_started_again_and_again_for_no_more_is_kept_either(store: RunStore) -> None:
    for number in range(12):
        store.begin(begun(f"run-{number}", mark="one bundle", device_id=f"phone-{number % 2}"))
        store.end(ended(f"run-{number}"))
    store.prune(most_runs=1)
    # The newest launch stays as a whole.
    assert [run.id for run in store.runs()] == ["run-11", "run-10"]


def test_no_more_than_so_many_launches_are_kept_and_a_fleet_is_one(store: RunStore) -> None:
    for launch in ("old", "tuesday", "fleet", "wednesday"):
        for number in range(9 if launch == "fleet" else 1):
            store.begin(begun(f"{launch}-{number}", mark=launch))
            store.end(ended(f"{launch}-{number}"))
        store.prune(most_launches=3)
    assert [run.id for run in store.runs()] == [
        "wednesday-0",
        *(f"fleet-{number}" for number in range(8, -1, -1)),
        "tuesday-0",
    ]


def test_runs_that_may_go_on_are_kept_and_forgotten_ones_are_not(store: RunStore) -> None:
    store.begin(begun("goes-on"))
    store.begin(begun("forgotten", started=time.time() - 90_000))
    for number in range(4):
        store.begin(begun(f"run-{number}"))
        store.end(ended(f"run-{number}"))
    store.prune(most_runs=2)
    assert [run.id for run in store.runs()] == ["run-3", "goes-on"]


def test_the_oldest_runs_go_when_the_file_gets_too_large(store: RunStore) -> None:
    for number in range(20):
        store.begin(begun(f"run-{number}"))
        store.add(line(f"run-{number}", "1", "x" * 10_000))
        store.end(ended(f"run-{number}"))
    store.prune(largest=160_000)
    kept = [run.id for run in store.runs()]
    assert kept == [f"run-{number}" for number in range(19, 19 - len(kept), -1)]
    assert 2 < len(kept) < 12
    assert store._size() <= 120_000


def test_a_run_that_never_stops_printing_keeps_its_newest_lines_and_says_how_many_went(
    store: RunStore,
) -> None:
    with store.together():
        for run in ("a", "b"):
            store.begin(begun(run, mark="one launch"))
        for number in range(400):
            for run in ("a", "b"):
                store.add(line(run, str(number), f"{number} {'x' * 1000}"))
        store.keep_small(300_000)
    assert store._size() <= 300_000
    for run in ("a", "b"):
        kept = [int(message.split()[0]) for message in messages(store, run)]
        assert kept == list(range(400 - len(kept), 400))
        assert 20 < len(kept) < 200
        assert recorded(store, run).dropped == 400 - len(kept)


def test_many_processes_record_and_read_at_once_and_nothing_is_lost(tmp_path: Path) -> None:
    # They make the file at once, too; and each learns of the lines of a run that they share.
    writers = [script(WRITE, tmp_path, f"run-{number}") for number in range(4)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
    reads = 0
    while any(writer.poll() is None for writer in writers):
        store = RunStore.existing(tmp_path)
        if store:
            with store:
                for run in store.runs():
                    numbers = [int(each.message) for each in store.lines(run)]
                    assert numbers == list(range(len(numbers)))
                    assert run.status is None or len(numbers) == 100
                    reads += 1
    for writer in writers:
        assert writer.communicate() == ("", "")
        assert writer.returncode == 0
    assert reads > 0
    with RunStore(tmp_path) as store:
        assert {run.id for run in store.runs()} == {"shared", *(f"run-{number}" for number in range(4))}
        for run in store.runs():
            assert messages(store, run.id) == [str(number) for number in range(100)]
            assert run.status == "success"


def test_who_reads_and_who_writes_do_not_wait_for_each_other(tmp_path: Path, store: RunStore) -> None:
    store.begin(begun("run"))
    for number in range(1000):
        store.add(line("run", str(number)))
    with RunStore(tmp_path) as reader:
        reading = reader.lines(recorded(reader, "run"))
        next(reading)
        with store.together():
            store.add(line("run", "one more"))
            # Not finished yet: nobody sees it, and nobody waits for it.
            assert len(list(reader.lines(recorded(reader, "run")))) == 1000
        # The reader who began before that reads to the end what there was then.
        assert len(list(reading)) == 999
        assert len(list(reader.lines(recorded(reader, "run")))) == 1001


def test_a_killed_process_leaves_everything_that_it_recorded(tmp_path: Path) -> None:
    writer = script(WRITE_UNTIL_KILLED, tmp_path)
    assert writer.stdout is not None
    for text in writer.stdout:
        if int(text) == 20:
            break
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    with RunStore(tmp_path) as store:
        kept = messages(store, "run")
        assert kept == [str(number) for number in range(len(kept))]
        assert len(kept) > 20
        assert recorded(store, "run").may_be_open


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process")
def test_on_a_full_disk_what_a_killed_process_recorded_can_be_read(tmp_path: Path, store: RunStore) -> None:
    import resource

    store.begin(begun("run"))
    # What a process leaves that had no time to close it.
    copied = run_store_file(tmp_path / "copy")
    copied.parent.mkdir(parents=True)
    for suffix in ("", "-wal"):
        shutil.copy(run_store_file(tmp_path).with_name(f"runs.db{suffix}"), copied.parent)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with RunStore.existing(tmp_path / "copy") or pytest.fail("there is a file") as read:
            assert [run.id for run in read.runs()] == ["run"]
            assert not read.writable
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_no_file_is_made_only_to_look(tmp_path: Path) -> None:
    assert RunStore.existing(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_an_empty_file_is_a_store_without_runs(tmp_path: Path) -> None:
    file = run_store_file(tmp_path)
    file.parent.mkdir()
    file.touch()
    with RunStore(tmp_path) as store:
        assert store.runs() == []


def test_a_file_of_a_newer_version_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    RunStore(tmp_path).close()
    file = run_store_file(tmp_path)
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 99")
    before = file.read_bytes()
    with pytest.raises(NewerRunStore, match="newer"):
        RunStore(tmp_path)
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"not a database, but long enough to be taken for one" * 100, b"SQLite format 3\0" + b"?" * 5000],
)
def test_a_damaged_file_is_told_from_one_that_can_not_be_used_now(tmp_path: Path, content: bytes) -> None:
    file = run_store_file(tmp_path)
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(RunStoreUnusable, match="damaged"):
        RunStore(tmp_path)


def use(root: Path) -> None:
    """Read and write everything."""
    with RunStore(root) as store:
        for run in [*store.runs(), *store.open_runs(SERVER)]:
            _ = run.may_be_open, time.localtime(run.started), run.device.upper()
            _ = [*store.lines(run)], store.notices(run), store.line_ids(run), store.last_line(run)
            _ = store.begun(run), store.program(run)
        store.begin(begun("new"))
        store.prune()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE run SET device = CAST(x'fffe' AS TEXT)",
        "UPDATE run SET device = x'fffe'",
        "UPDATE run SET started = 'text'",
        "UPDATE run SET started = 9e999",
        "UPDATE log SET message = CAST(x'fffe' AS TEXT)",
        "UPDATE log SET message = 7, id = x'00'",
        "UPDATE notice SET message = x'00'",
        "UPDATE source_map SET content = 'text'",
        "UPDATE bundle SET content = 7",
        "DROP TABLE notice",
    ],
)
def test_whatever_is_odd_in_a_file_is_damage_and_names_it(tmp_path: Path, damage: str) -> None:
    with RunStore(tmp_path) as store:
        store.begin(begun("run", code="code"))
        store.add(line("run", "1"))
        store.note("run", Notice(message="notice"))
    use(tmp_path)
    file = run_store_file(tmp_path)
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(damage)
    with pytest.raises(RunStoreUnusable, match=re.escape(f"{file} is damaged: ")):
        use(tmp_path)


def test_a_file_with_bytes_of_anything_else_in_it_is_used_or_damaged(tmp_path: Path) -> None:
    with RunStore(tmp_path) as store:
        store.begin(begun("run", code="code"))
        for number in range(40):
            store.add(line("run", f"{number}"))
    file = run_store_file(tmp_path)
    whole, chance = file.read_bytes(), random.Random(5)
    outcomes = set()
    for _ in range(60):
        content = bytearray(whole[: chance.choice([len(whole), chance.randrange(1, len(whole))])])
        for _ in range(chance.choice([1, 30])):
            content[chance.randrange(len(content))] = chance.randrange(256)
        for suffix in ("-wal", "-shm"):
            file.with_name(file.name + suffix).unlink(missing_ok=True)
        file.write_bytes(content)
        try:
            use(tmp_path)
        except ConfigurationError as error:
            assert str(file) in str(error)
            outcomes.add(type(error))
    assert RunStoreUnusable in outcomes


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe with a name")
def test_a_pipe_in_its_place_is_named_and_not_waited_for(tmp_path: Path) -> None:
    file = run_store_file(tmp_path)
    file.parent.mkdir()
    os.mkfifo(file)
    with pytest.raises(ConfigurationError, match="is no file"):
        RunStore.existing(tmp_path)


def test_a_file_that_can_not_be_made_is_not_called_damaged(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").write_text("in the way")
    with pytest.raises(ConfigurationError) as refused:
        RunStore(tmp_path)
    assert not isinstance(refused.value, RunStoreUnusable)


@pytest.mark.skipif(sys.platform == "win32", reason="its files have no such permissions")
@pytest.mark.parametrize("there_before", [False, True])
def test_only_its_owner_may_read_what_programs_printed(tmp_path: Path, there_before: bool) -> None:
    file = run_store_file(tmp_path)
    if there_before:
        file.parent.mkdir()
        file.touch()
        file.chmod(0o644)
    with RunStore(tmp_path) as store:
        store.begin(begun("run"))
        parts = sorted(file.parent.iterdir())
        assert [part.name for part in parts] == ["runs.db", "runs.db-shm", "runs.db-wal"]
        assert {part.stat().st_mode & 0o777 for part in parts} == {0o600}


def test_a_folder_in_its_place_is_named_with_the_way_out(tmp_path: Path) -> None:
    run_store_file(tmp_path).mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="is a folder") as refused:
        RunStore.existing(tmp_path)
    assert "Move it away" in str(refused.value.hint)


def test_a_store_that_is_no_more_the_one_at_its_place_knows(tmp_path: Path, store: RunStore) -> None:
    assert store.in_place()
    run_store_file(tmp_path).rename(tmp_path / "elsewhere")
    assert not store.in_place()
    RunStore(tmp_path).close()
    assert not store.in_place()


def test_only_the_file_that_was_found_damaged_is_set_aside(tmp_path: Path, store: RunStore) -> None:
    found = identity(tmp_path)
    kept = set_aside(tmp_path, found)
    assert kept is not None
    assert kept.exists()
    with RunStore(tmp_path) as healthy:
        assert set_aside(tmp_path, found) is None
        assert healthy.in_place()


def test_who_sets_a_file_aside_waits_for_another_who_does(tmp_path: Path, store: RunStore) -> None:
    found = identity(tmp_path)
    with ThreadPoolExecutor() as others, FileLock(run_store_file(tmp_path).with_name("runs.lock")):
        waiting = others.submit(set_aside, tmp_path, found)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        # What the other does meanwhile is seen.
        run_store_file(tmp_path).rename(tmp_path / "elsewhere")
        RunStore(tmp_path).close()
        new = identity(tmp_path)
    assert waiting.result() is None
    assert identity(tmp_path) == new != found
