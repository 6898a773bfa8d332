from __future__ import annotations

import threading
from pathlib import Path

import pytest
from filelock import FileLock

from xgodo_dev.project.watch_lock import AlreadyWatched, holder_of, is_watched, watch_lock


def test_a_project_is_watched_while_its_lock_is_held(tmp_path: Path) -> None:
    assert not is_watched(tmp_path)
    with watch_lock(tmp_path):
        assert is_watched(tmp_path)
        with pytest.raises(AlreadyWatched, match=r"Process \d+ already watches"), watch_lock(tmp_path):
            pass
    assert not is_watched(tmp_path)


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
        asking.join(10)


def test_who_only_asks_at_the_same_time_is_not_taken_for_a_loop(tmp_path: Path) -> None:
    with watch_lock(tmp_path):
        pass
    asking = FileLock(tmp_path / ".xgodo" / "watch.lock", thread_local=False)
    asking.acquire()
    done = threading.Timer(0.05, asking.release)
    done.start()
    assert holder_of(tmp_path) is None
    done.join()
