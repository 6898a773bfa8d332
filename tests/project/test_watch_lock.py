from __future__ import annotations

import json
import shutil
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from filelock import FileLock

from xgodo_dev.project import watch_lock as watch_lock_module
from xgodo_dev.project.watch_lock import AlreadyWatched, Holder, holder_of, is_watched, watch_lock


def test_a_project_is_watched_while_its_lock_is_held(tmp_path: Path) -> None:
    assert not is_watched(tmp_path)
    with watch_lock(tmp_path):
        assert is_watched(tmp_path)
        with pytest.raises(AlreadyWatched, match=r"Process \d+ already watches"), watch_lock(tmp_path):
            pass
    assert not is_watched(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="removes files that are open")
def test_a_lock_whose_file_was_removed_can_be_taken_again(tmp_path: Path) -> None:
    with watch_lock(tmp_path) as held:
        assert not held.is_lost()
        shutil.rmtree(tmp_path / ".xgodo")
        assert held.is_lost()
        held.take_again()
        assert not held.is_lost()
        assert holder_of(tmp_path) == held.holder
        with pytest.raises(AlreadyWatched), watch_lock(tmp_path):
            pass
    assert not is_watched(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="removes files that are open")
def test_a_loop_that_lost_its_lock_leaves_the_project_to_the_one_that_came(tmp_path: Path) -> None:
    with ExitStack() as first:
        held = first.enter_context(watch_lock(tmp_path))
        shutil.rmtree(tmp_path / ".xgodo")
        with watch_lock(tmp_path, "daemon") as second:
            with pytest.raises(AlreadyWatched):
                held.take_again()
            first.close()
            assert holder_of(tmp_path) == second.holder


def test_what_a_newer_version_tells_besides_hides_nothing(tmp_path: Path) -> None:
    with watch_lock(tmp_path, "daemon") as held:
        file = tmp_path / ".xgodo" / "watch.json"
        file.write_text(json.dumps({**json.loads(file.read_text()), "mood": "good"}))
        assert holder_of(tmp_path) == held.holder
        file.write_text("[]")
        assert holder_of(tmp_path) == Holder(pid=0)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look may take longer, where a busy machine lets nobody finish it."""
    monkeypatch.setattr(watch_lock_module, "_LONGER_THAN_A_LOOK", 60.0)


@pytest.mark.usefixtures("patient")
def test_whoever_asks_again_and_again_keeps_no_loop_from_beginning(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    enough = threading.Event()

    def ask() -> None:
        while not enough.wait(0.001):
            is_watched(tmp_path)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for _ in range(50):
            with watch_lock(tmp_path):
                pass
    finally:
        enough.set()
        asking.join(60)


@pytest.mark.usefixtures("patient")
def test_who_only_asks_at_the_same_time_is_not_taken_for_a_loop(tmp_path: Path) -> None:
    with watch_lock(tmp_path):
        pass
    asking = FileLock(tmp_path / ".xgodo" / "watch.lock", thread_local=False)
    asking.acquire()
    done = threading.Timer(0.05, asking.release)
    done.start()
    assert holder_of(tmp_path) is None
    done.join()
