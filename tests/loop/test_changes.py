from __future__ import annotations

import asyncio
import gc
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from xgodo_dev.errors import XgodoError
from xgodo_dev.loop import changes
from xgodo_dev.loop.changes import Changes, FileChanges
from xgodo_dev.loop.inotify import Inotify

_DEADLINE = 60.0


class Watched:
    """A folder that is being watched, and what was heard of it."""

    def __init__(self, root: Path, changes: FileChanges) -> None:
        self.root = root
        self.changes = changes
        self._batches = aiter(changes)

    async def next(self) -> Changes:
        async with asyncio.timeout(_DEADLINE):
            return await anext(self._batches)

    async def heard(self, *paths: str) -> set[str]:
        """Everything below the root that was reported until all ``paths`` were."""
        seen: set[str] = set()
        while not set(paths) <= seen:
            seen |= {os.path.relpath(path, self.root) for path in (await self.next()).paths}
        return seen

    async def rescan(self) -> None:
        """Wait until every file is to be compared."""
        while not (await self.next()).rescan:
            pass

    async def everything_so_far(self) -> set[str]:
        """What was reported before this call: a last save marks the end of it."""
        (self.root / "mark.ts").write_text("end")
        return await self.heard("mark.ts") - {"mark.ts"}


@pytest.fixture
async def watched(tmp_path: Path) -> AsyncIterator[Watched]:
    root = tmp_path / "root"
    for folder in (root, root / "src", root / ".git", root / ".xgodo", root / "node_modules"):
        folder.mkdir()
    (root / "main.ts").write_text("1")
    async with FileChanges(root) as changes:
        yield Watched(root, changes)


async def test_a_file_that_is_truncated_and_written_is_heard_of(watched: Watched) -> None:
    (watched.root / "main.ts").write_text("2")
    assert await watched.heard("main.ts") == {"main.ts"}


async def test_a_save_is_heard_of_when_it_is_finished(watched: Watched) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux reports that a file was closed")
    with (watched.root / "main.ts").open("w") as file:
        file.write("half")
        file.flush()
        # The other save's events come behind those of the flush.
        (watched.root / "src" / "other.ts").write_text("x")
        assert "main.ts" not in await watched.heard("src/other.ts")
        file.write(" whole")
    await watched.heard("main.ts")
    assert (watched.root / "main.ts").read_text() == "half whole"


async def test_a_save_by_renaming_as_vim_does_it_is_heard_of(watched: Watched) -> None:
    (watched.root / "4913").write_text("")
    (watched.root / "4913").unlink()
    (watched.root / "main.ts").rename(watched.root / "main.ts~")
    (watched.root / "main.ts").write_text("2")
    (watched.root / "main.ts~").unlink()
    assert "main.ts" in await watched.heard("main.ts")


async def test_a_save_by_replacing_is_heard_of(watched: Watched) -> None:
    (watched.root / "main.ts.tmp").write_text("2")
    (watched.root / "main.ts.tmp").replace(watched.root / "main.ts")
    await watched.heard("main.ts")


async def test_a_file_moved_in_from_elsewhere_is_heard_of(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "new.ts").write_text("1")
    (tmp_path / "new.ts").rename(watched.root / "new.ts")
    await watched.heard("new.ts")


async def test_a_file_that_appears_without_being_written_is_heard_of(
    watched: Watched, tmp_path: Path
) -> None:
    (tmp_path / "new.ts").write_text("1")
    (watched.root / "new.ts").hardlink_to(tmp_path / "new.ts")
    await watched.heard("new.ts")


async def test_both_names_of_a_renamed_file_are_heard_of(watched: Watched) -> None:
    (watched.root / "main.ts").rename(watched.root / "src" / "start.ts")
    await watched.heard("main.ts", "src/start.ts")


async def test_a_deleted_file_is_heard_of(watched: Watched) -> None:
    (watched.root / "main.ts").unlink()
    await watched.heard("main.ts")


async def test_a_file_moved_away_is_heard_of(watched: Watched, tmp_path: Path) -> None:
    (watched.root / "main.ts").rename(tmp_path / "main.ts")
    await watched.heard("main.ts")


async def test_a_new_folder_is_heard_of_and_watched(watched: Watched) -> None:
    folder = watched.root / "new" / "deep"
    folder.mkdir(parents=True)
    (folder / "a.ts").write_text("1")
    seen_or_rescan = await watched.next()
    assert seen_or_rescan.rescan or seen_or_rescan.paths
    await watched.everything_so_far()
    (folder / "a.ts").write_text("2")
    await watched.heard("new/deep/a.ts")


async def test_a_folder_moved_in_asks_for_a_rescan_and_is_watched(watched: Watched, tmp_path: Path) -> None:
    (tmp_path / "made" / "deep").mkdir(parents=True)
    (tmp_path / "made" / "deep" / "a.ts").write_text("1")
    (tmp_path / "made").rename(watched.root / "made")
    await watched.rescan()
    await watched.everything_so_far()
    (watched.root / "made" / "deep" / "a.ts").write_text("2")
    await watched.heard("made/deep/a.ts")


async def test_a_folder_moved_away_asks_for_a_rescan(watched: Watched, tmp_path: Path) -> None:
    (watched.root / "src").rename(tmp_path / "src")
    await watched.rescan()


async def test_a_deleted_folder_asks_for_a_rescan(watched: Watched) -> None:
    (watched.root / "src" / "a.ts").write_text("1")
    shutil.rmtree(watched.root / "src")
    await watched.rescan()


async def test_a_renamed_folder_asks_for_a_rescan_and_is_watched(watched: Watched) -> None:
    (watched.root / "src").rename(watched.root / "source")
    await watched.rescan()
    # That it went and that it came are two events.
    await watched.everything_so_far()
    (watched.root / "source" / "a.ts").write_text("1")
    await watched.heard("source/a.ts")


async def test_git_our_own_state_and_packages_are_not_heard_of(watched: Watched) -> None:
    for folder in (".git", ".xgodo", "node_modules"):
        (watched.root / folder / "deep").mkdir()
        (watched.root / folder / "deep" / "file").write_text("1")
        (watched.root / folder / "index").write_text("1")
        (watched.root / folder / "index").rename(watched.root / folder / "other")
        (watched.root / folder / "other").unlink()
    assert await watched.everything_so_far() == set()


async def test_reading_is_not_heard_of(watched: Watched) -> None:
    for _ in range(5):
        (watched.root / "main.ts").read_text()
        list(watched.root.iterdir())
    assert await watched.everything_so_far() == set()


async def test_a_storm_of_saves_ends_with_every_file_heard_of(watched: Watched) -> None:
    names = [f"src/{number}.ts" for number in range(300)]

    def storm() -> None:
        for turn in range(3):
            for name in names:
                (watched.root / name).write_text(str(turn))

    writer = threading.Thread(target=storm)
    writer.start()
    await watched.heard(*names)
    writer.join(_DEADLINE)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems drop none")
@pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")
async def test_events_that_the_kernel_dropped_ask_for_a_rescan(
    watched: Watched, caplog: pytest.LogCaptureFixture
) -> None:
    most = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    if most > 100_000:
        pytest.skip("this system keeps too many")
    source = watched.changes._source
    assert isinstance(source, Inotify)
    assert source._watches
    (watched.root / "early").mkdir()
    # Which asks for one as well; the next is that of the overflow, which is the last in the queue.
    await watched.rescan()
    await watched.everything_so_far()
    # So that its thread reads no more than it may have begun to.
    with source._watches._lock:
        for _ in range(most // 4 + 2_000):
            (watched.root / "main.ts").rename(watched.root / "start.ts")
            (watched.root / "start.ts").rename(watched.root / "main.ts")
        (watched.root / "late").mkdir()
        (watched.root / "early").rename(watched.root / "moved")
    await watched.rescan()
    await watched.everything_so_far()
    for folder in ("late", "moved"):
        (watched.root / folder / "a.ts").write_text("1")
        await watched.heard(f"{folder}/a.ts")
    # What is logged would be written to the terminal.
    assert caplog.records == []


async def test_a_crowd_of_changes_is_told_together_when_it_pauses(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than a busy machine takes from one to the next.
    monkeypatch.setattr(changes, "_PAUSE_OF_A_CROWD", 1.0)
    monkeypatch.setattr(changes, "_LONGEST_CROWD", _DEADLINE)

    def write(first: int) -> None:
        for number in range(first, first + 40):
            (watched.root / "src" / f"{number}.ts").write_text("1")

    write(0)
    loop = asyncio.get_running_loop()
    loop.call_later(0.02, write, 40)
    loop.call_later(0.06, write, 80)
    seen: set[str] = set()
    batches = 0
    while len(seen) < 120:
        batches += 1
        seen |= (await watched.next()).paths
    # The first may be told before the others are there.
    assert batches <= 3


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify alone each folder takes a watch")
async def test_packages_and_gits_own_folders_take_no_watches(tmp_path: Path) -> None:
    for folder in ("src/deep", "node_modules/one/lib", "packages/a/node_modules/two", ".git/objects/00"):
        (tmp_path / folder).mkdir(parents=True)
    async with FileChanges(tmp_path):
        (tmp_path / "src" / "node_modules" / "three").mkdir(parents=True)
        (tmp_path / "mark").mkdir()
        await asyncio.sleep(0)
        watches = [
            line
            for file in Path("/proc/self/fdinfo").iterdir()
            for line in _text(file).splitlines()
            if line.startswith("inotify wd:")
        ]
    # The root, src, src/deep, packages and packages/a; `mark` where it was heard of by then.
    assert len(watches) in (5, 6)


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""


async def test_a_folder_behind_a_link_is_watched(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    async with FileChanges(tmp_path / "link") as changes:
        (tmp_path / "real" / "a.ts").write_text("1")
        assert await Watched(tmp_path / "link", changes).heard("a.ts")


def _open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir())) if sys.platform == "linux" else 0


async def test_a_watch_that_ended_leaves_no_thread_and_nothing_open(tmp_path: Path) -> None:
    # What others have left behind is not closed just then.
    gc.collect()
    before = set(threading.enumerate()), _open_files()
    async with FileChanges(tmp_path):
        (tmp_path / "main.ts").write_text("1")
    left = {thread for thread in set(threading.enumerate()) - before[0] if "asyncio" not in thread.name}
    assert left == set()
    assert _open_files() == before[1]


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(XgodoError, match="nowhere"):
        async with FileChanges(tmp_path / "nowhere"):
            pass
