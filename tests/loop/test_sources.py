"""Where changes come from when not from inotify: watchdog, as on macOS and Windows, and looking again."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NoReturn

import pytest
from watchdog.events import FileModifiedEvent
from watchdog.observers.inotify_c import WatchDescriptor

from tests.loop.test_changes import Watched
from xgodo_dev.loop import inotify
from xgodo_dev.loop.changes import FileChanges
from xgodo_dev.loop.hearing import Hearing
from xgodo_dev.loop.inotify import Inotify
from xgodo_dev.loop.polling import Polling
from xgodo_dev.loop.system_events import SystemEvents

# On Linux, watchdog watches some folders twice.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")


@pytest.fixture(params=[Polling, SystemEvents])
async def watched(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Watched]:
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "main.ts").write_text("1")
    async with FileChanges(tmp_path, source=request.param) as changes:
        yield Watched(tmp_path, changes)


async def test_saves_deletions_and_new_folders_are_heard_of_and_packages_are_not(watched: Watched) -> None:
    root = watched.root
    (root / "node_modules" / "a.ts").write_text("1")
    (root / "main.ts").write_text("2")
    (root / "src" / "a.ts").write_text("1")
    seen = await watched.heard("main.ts", "src/a.ts")
    (root / "main.ts.tmp").write_text("3")
    (root / "main.ts.tmp").replace(root / "main.ts")
    seen |= await watched.heard("main.ts")
    (root / "new" / "deep").mkdir(parents=True)
    (root / "src" / "a.ts").unlink()
    seen |= await watched.heard("src/a.ts")
    (root / "new" / "deep" / "b.ts").write_text("1")
    seen |= await watched.heard("new/deep/b.ts")
    assert not [path for path in seen if path.startswith("node_modules")]


async def test_what_a_system_names_otherwise_asks_for_a_rescan(tmp_path: Path) -> None:
    # As macOS does for who has typed `~/PROJECT`.
    (tmp_path / "Project").mkdir()
    (tmp_path / "PROJECT").symlink_to("Project")
    made: list[SystemEvents] = []

    def source(root: Path, hearing: Hearing) -> SystemEvents:
        made.append(SystemEvents(root, hearing))
        return made[0]

    async with FileChanges(tmp_path / "PROJECT", source=source) as changes:
        made[0].on_event(FileModifiedEvent(str(tmp_path / "Project" / "a.ts")))
        await Watched(tmp_path, changes).rescan()


class _Limited(Inotify):
    """The system allows three watches."""

    def _watch(self, folder: str) -> WatchDescriptor:
        if len(self._folders) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super()._watch(folder)


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify")
async def test_a_folder_that_can_not_be_watched_any_more_makes_the_loop_look_instead(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "src").mkdir()
    async with FileChanges(tmp_path, said.append, source=_Limited) as changes:
        watched = Watched(tmp_path, changes)
        (tmp_path / "one").mkdir()
        (tmp_path / "src" / "a.ts").write_text("1")
        await watched.heard("src/a.ts")
        assert said == []
        (tmp_path / "two" / "deep").mkdir(parents=True)
        (tmp_path / "three").mkdir()
        # What was written while nobody listened is found by comparing.
        await watched.rescan()
        while not said:
            await watched.rescan()
        for path in ("two/deep/a.ts", "src/a.ts", "three/a.ts"):
            (tmp_path / path).write_text("2")
        await watched.heard("two/deep/a.ts", "src/a.ts", "three/a.ts")
    (message,) = said
    assert "fs.inotify.max_user_watches" in message
    assert "sudo sysctl" in message


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify")
async def test_without_an_instance_the_loop_looks_from_the_beginning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> NoReturn:
        raise OSError(errno.EMFILE, "inotify instance limit reached")

    monkeypatch.setattr(inotify, "InotifyFD", refuse)
    said: list[str] = []
    async with FileChanges(tmp_path, said.append, source=Inotify) as changes:
        (tmp_path / "a.ts").write_text("1")
        await Watched(tmp_path, changes).heard("a.ts")
    assert len(said) == 1
    assert "fs.inotify.max_user_instances" in said[0]


LIMITED = """
import asyncio, pathlib, sys
from xgodo_dev.loop import inotify
from xgodo_dev.loop.changes import FileChanges

async def main(root):
    async with FileChanges(root, print) as changes, asyncio.timeout(50):
        (root / "six" / "a.ts").write_text("1")
        print(*(await anext(aiter(changes))).paths)

asyncio.run(main(pathlib.Path(sys.argv[1])))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="of inotify")
def test_the_real_limit_of_a_user_is_got_around(tmp_path: Path) -> None:
    # In a namespace of its own the limit is this process's alone.
    limit = 'echo 3 > /proc/sys/user/max_inotify_watches && exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "sh", "-c", limit, "sh"]
    if not shutil.which("unshare") or subprocess.run([*inside, "true"], capture_output=True).returncode:
        pytest.skip("no user namespaces here")
    for folder in ("one", "two", "three", "four", "five", "six"):
        (tmp_path / folder).mkdir()
    done = subprocess.run(
        [*inside, sys.executable, "-c", LIMITED, str(tmp_path)], capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""
    said, heard = done.stdout.splitlines()
    assert "max_user_watches" in said
    assert heard.endswith("six/a.ts")
