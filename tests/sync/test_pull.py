from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.errors import FileUnreadable, UnreachableError
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import ChangedMeanwhile, FileUnwritable, Obstructed
from xgodo_dev.project.state import Known
from xgodo_dev.sync.pull import AlreadyHere, Conflict, NotPulled, Pulled, Removed, Strategy
from xgodo_dev.sync.push_results import Synced

LOST = [Fault.UNHEARD] * 20


async def shared(copy: WorkingCopy, **contents: str) -> None:
    """Let both sides hold these contents, and know it."""
    for name, content in contents.items():
        copy.write(f"{name}.ts", content)
    await copy.push()


async def test_a_change_there_is_brought(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await shared(each_copy, main="1", other="1")
    remote.files["main.ts"] = "2"
    assert await each_copy.pull() == {"main.ts": Pulled("main.ts")}
    assert (each_copy.read("main.ts"), each_copy.read("other.ts")) == ("2", "1")
    assert each_copy.backups("main.ts") == ["1"]
    assert each_copy.survey().verdicts == {}


async def test_a_new_file_there_is_brought_with_its_folders(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.files["src/deep/new.ts"] = "new"
    assert await listed_copy.pull() == {"src/deep/new.ts": Pulled("src/deep/new.ts")}
    assert listed_copy.read("src/deep/new.ts") == "new"
    assert listed_copy.backups("src/deep/new.ts") == []


async def test_with_nothing_changed_there_is_nothing_to_bring(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1", other="1")
    each_copy.write("other.ts", "mine")
    before = len(remote.seen)
    assert await each_copy.pull() == {}
    assert len(remote.seen) - before == (1 if each_copy.remote.lists_files else 2)
    assert each_copy.read("other.ts") == "mine"


async def test_what_became_equal_by_itself_is_known_afterwards(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "same")
    remote.files["main.ts"] = "same"
    assert await each_copy.pull() == {"main.ts": AlreadyHere("main.ts")}
    assert each_copy.state.known("main.ts") == Known(base=blob_hash(b"same"))


async def test_what_was_deleted_there_is_removed_here_and_kept(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("src/old.ts", "1")
    await shared(each_copy, main="1")
    del remote.files["src/old.ts"]
    assert await each_copy.pull() == {"src/old.ts": Removed("src/old.ts")}
    assert not (each_copy.root / "src").exists()
    assert each_copy.backups("src/old.ts") == ["1"]
    assert await each_copy.push() == {}
    assert remote.files == {"main.ts": "1"}


async def test_an_edit_here_outlives_a_deletion_there(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await shared(each_copy, main="1")
    each_copy.write("main.ts", "2")
    remote.files.clear()
    assert await each_copy.pull() == {}
    assert isinstance((await each_copy.push())["main.ts"], Synced)


async def test_what_is_gone_on_both_sides_is_forgotten(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await shared(each_copy, main="1")
    each_copy.delete("main.ts")
    remote.files.clear()
    await each_copy.pull()
    assert each_copy.state.known("main.ts") == Known()


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_a_file_deleted_here_is_not_brought_back(
    remote: RemoteProject, each_copy: WorkingCopy, strategy: Strategy
) -> None:
    await shared(each_copy, main="1", other="1")
    each_copy.delete("main.ts")
    for _ in range(2):
        assert await each_copy.pull(strategy=strategy) == {}
        await each_copy.push()
        each_copy.restart()
    assert not (each_copy.root / "main.ts").exists()
    assert remote.files == {"main.ts": "1", "other.ts": "1"}


async def test_a_file_deleted_here_is_brought_back_only_by_theirs_and_its_name(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1", other="1")
    each_copy.delete("main.ts")
    await each_copy.push()
    assert await each_copy.pull("main.ts") == {}
    assert await each_copy.pull("main.ts", strategy=Strategy.OURS) == {}
    assert await each_copy.pull("other.ts", strategy=Strategy.THEIRS) == {}
    assert await each_copy.pull("main.ts", strategy=Strategy.THEIRS) == {"main.ts": Pulled("main.ts")}
    assert each_copy.read("main.ts") == "1"
    # Should it go again, that is said again.
    each_copy.delete("main.ts")
    assert each_copy.survey().to_push() == ["main.ts"]


async def test_only_what_is_named_is_brought(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await shared(each_copy, a="1", b="1")
    remote.files |= {"a.ts": "2", "b.ts": "2"}
    assert await each_copy.pull("a.ts") == {"a.ts": Pulled("a.ts")}
    assert each_copy.read("b.ts") == "1"


async def test_an_attempt_of_ours_that_arrived_is_nothing_to_bring(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1")
    each_copy.write("main.ts", "2")
    remote.faults = [Fault.NONE, Fault.UNANSWERED, *LOST]
    await each_copy.push()
    remote.faults = []
    each_copy.write("main.ts", "1")
    assert await each_copy.pull() == {}
    assert each_copy.read("main.ts") == "1"


class InterruptedDisk(Disk):
    """Something else happens in the middle of a step."""

    def __init__(self) -> None:
        self.before_rename: Callable[[Path], None] = lambda _target: None
        self.before_link: Callable[[Path], None] = lambda _path: None
        self.before_write: Callable[[Path], None] = lambda _path: None
        self.before_unlink: Callable[[Path], None] = lambda _path: None

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        self.before_write(path)
        super().write_new(path, content, mode)

    def rename(self, source: Path, target: Path) -> None:
        self.before_rename(target)
        super().rename(source, target)

    def unlink(self, path: Path) -> None:
        self.before_unlink(path)
        super().unlink(path)

    def link(self, source: Path, target: Path) -> None:
        self.before_link(target)
        super().link(source, target)


@pytest.fixture
def disk(each_copy: WorkingCopy) -> InterruptedDisk:
    each_copy.state.__exit__(None, None, None)
    disk = InterruptedDisk()
    each_copy.open(disk)
    return disk


def is_backup(path: Path) -> bool:
    return ".xgodo" in path.parts


async def test_a_save_while_its_file_is_being_replaced_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy, disk: InterruptedDisk
) -> None:
    await shared(each_copy, main="1")
    remote.files["main.ts"] = "theirs"

    def save(path: Path) -> None:
        # The new content is about to be put beside the file: it was decided to replace it.
        if not is_backup(path):
            each_copy.write("main.ts", "saved")

    disk.before_write = save
    result = (await each_copy.pull())["main.ts"]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, ChangedMeanwhile)
    assert each_copy.read("main.ts") == "saved"
    disk.before_write = lambda _: None
    assert await each_copy.pull() == {"main.ts": Conflict("main.ts")}


async def test_a_save_before_its_file_is_removed_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy, disk: InterruptedDisk
) -> None:
    await shared(each_copy, main="1")
    remote.files.clear()
    disk.before_link = lambda _: each_copy.write("main.ts", "saved")
    result = (await each_copy.pull())["main.ts"]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, ChangedMeanwhile)
    assert each_copy.read("main.ts") == "saved"
    # What stays in its place needs no copy, least of all one that is the same file.
    assert each_copy.backups("main.ts") == []


async def test_on_a_disk_without_links_a_copy_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy, disk: InterruptedDisk
) -> None:
    await shared(each_copy, main="1")
    remote.files["main.ts"] = "theirs"

    def unsupported(path: Path) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    disk.before_link = unsupported
    assert await each_copy.pull() == {"main.ts": Pulled("main.ts")}
    assert each_copy.backups("main.ts") == ["1"]


async def test_a_file_that_appears_while_it_is_being_brought_is_kept(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    listed_copy.state.__exit__(None, None, None)
    disk = InterruptedDisk()
    listed_copy.open(disk)
    remote.files["new.ts"] = "theirs"
    disk.before_write = lambda _: listed_copy.write("new.ts", "mine")
    result = (await listed_copy.pull())["new.ts"]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, ChangedMeanwhile)
    assert listed_copy.read("new.ts") == "mine"


async def test_a_save_between_the_survey_and_the_pull_is_taken_into_account(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1")
    remote.files["main.ts"] = "theirs"
    found = await each_copy.ask()
    puller = each_copy.puller()
    wanted = puller.to_pull(found)
    each_copy.write("main.ts", "mine")
    assert [each async for each in puller.pull_all(wanted)] == [Conflict("main.ts")]
    assert each_copy.read("main.ts") == "mine"


async def test_what_is_replaced_or_removed_is_in_the_backup_before(
    remote: RemoteProject, each_copy: WorkingCopy, disk: InterruptedDisk
) -> None:
    await shared(each_copy, changed="1", deleted="2", both="3")
    remote.files["changed.ts"] = "theirs"
    del remote.files["deleted.ts"]
    remote.files["both.ts"] = "theirs"
    each_copy.write("both.ts", "mine")
    kept: dict[str, list[str]] = {}

    def note(path: Path) -> None:
        if not is_backup(path) and not path.name.startswith("."):
            kept[path.name] = each_copy.backups(path.name)

    disk.before_rename = disk.before_unlink = note
    await each_copy.pull(strategy=Strategy.THEIRS)
    assert kept == {"changed.ts": ["1"], "deleted.ts": ["2"], "both.ts": ["mine"]}


async def test_a_disk_that_takes_no_backup_has_nothing_replaced(
    remote: RemoteProject, each_copy: WorkingCopy, disk: InterruptedDisk
) -> None:
    await shared(each_copy, main="1")
    remote.files["main.ts"] = "theirs"

    def full(path: Path) -> None:
        if is_backup(path):
            raise OSError(errno.ENOSPC, "No space left on device")

    disk.before_write = disk.before_link = full
    result = (await each_copy.pull())["main.ts"]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, FileUnwritable)
    assert "No space left" in str(result.error)
    assert each_copy.read("main.ts") == "1"


@pytest.mark.parametrize("obstacle", ["folder", "link", "file in place of a folder", "link to a folder"])
async def test_what_is_in_the_way_is_named_and_the_others_are_brought(
    remote: RemoteProject, listed_copy: WorkingCopy, obstacle: str
) -> None:
    if "link" in obstacle and sys.platform == "win32":
        pytest.skip("links")
    path, outside = "src/new.ts", listed_copy.root.parent / "outside"
    outside.mkdir()
    source = listed_copy.root / "src"
    match obstacle:
        case "folder":
            (listed_copy.root / path).mkdir(parents=True)
        case "link":
            source.mkdir()
            (listed_copy.root / path).symlink_to(outside / "new.ts")
        case "file in place of a folder":
            source.write_text("a file")
        case "link to a folder":
            source.symlink_to(outside)
    remote.files |= {path: "theirs", "good.ts": "1"}
    # A survey leaves it out; whoever asks for it by name is told why.
    assert (await listed_copy.pull())["good.ts"] == Pulled("good.ts")
    (result,) = [each async for each in listed_copy.puller().pull_all([path])]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, Obstructed)
    assert list(outside.iterdir()) == []


async def test_a_file_in_place_of_a_folder_is_said_by_a_pull_of_all(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    listed_copy.write("src", "a file")
    remote.files["src/new.ts"] = "theirs"
    result = (await listed_copy.pull())["src/new.ts"]
    assert isinstance(result, NotPulled)
    assert isinstance(result.error, Obstructed)


async def test_a_file_that_can_not_be_had_does_not_stop_the_others(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, a="1", b="1")
    found = await each_copy.ask()
    puller = each_copy.puller()
    assert puller.to_pull(found) == []
    remote.files |= {"a.ts": "2", "b.ts": "2"}
    remote.refuse_reading = {"a.ts"}
    results = {each.path: each async for each in puller.pull_all(["a.ts", "b.ts"])}
    assert isinstance(results["a.ts"], NotPulled)
    assert results["b.ts"] == Pulled("b.ts")
    assert each_copy.read("a.ts") == "1"


async def test_a_network_that_goes_away_amid_a_pull_leaves_each_file_old_or_new(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    paths = [f"{number:02}.ts" for number in range(40)]
    remote.files |= dict.fromkeys(paths, "1")
    remote.faults = [Fault.NONE] * 21 + LOST * 20
    results = await listed_copy.pull()
    assert sorted(results) == paths
    for path, result in results.items():
        if isinstance(result, Pulled):
            assert listed_copy.read(path) == "1"
        else:
            assert isinstance(result, NotPulled)
            assert isinstance(result.error, UnreachableError)
            assert not (listed_copy.root / path).exists()
    assert {type(each) for each in results.values()} == {Pulled, NotPulled}
    remote.faults = []
    await listed_copy.pull()
    assert {listed_copy.read(path) for path in paths} == {"1"}


async def test_a_root_that_is_gone_is_no_deletion_of_everything(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1")
    each_copy.root.rename(each_copy.root.with_name("elsewhere"))
    try:
        with pytest.raises(FileUnreadable, match="is gone"):
            each_copy.survey()
        with pytest.raises(FileUnreadable, match="is gone"):
            await each_copy.pull()
        (result,) = [each async for each in each_copy.pusher.push_all(["main.ts"], verify=True)]
        assert "is gone" in str(result)
    finally:
        each_copy.root.with_name("elsewhere").rename(each_copy.root)
    assert remote.files == {"main.ts": "1"}


async def test_a_server_that_goes_away_ends_a_pull_at_once(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    paths = [f"{number:03}.ts" for number in range(100)]
    remote.files.update(dict.fromkeys(paths, "theirs"))
    found = await listed_copy.ask()
    before = len(remote.seen)
    remote.faults = LOST * 100
    puller = listed_copy.puller(Strategy.ASK)
    results = [result async for result in puller.pull_all(puller.to_pull(found))]
    assert sorted(result.path for result in results) == paths
    assert all(isinstance(each, NotPulled) and isinstance(each.error, UnreachableError) for each in results)
    # Those that were on the wire already are tried to their end; the others are not begun.
    assert len(remote.seen) - before < len(paths)


async def test_what_is_written_to_a_file_that_was_open_while_it_was_replaced_is_in_the_backup(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await shared(each_copy, main="1", other="1")
    remote.files["main.ts"] = "theirs"
    with (each_copy.root / "main.ts").open("r+") as writer:
        assert await each_copy.pull() == {"main.ts": Pulled("main.ts")}
        writer.write("a slow save")
    assert each_copy.read("main.ts") == "theirs"
    assert each_copy.backups("main.ts") == ["a slow save"]


async def test_a_file_that_the_server_does_not_let_be_read_is_not_taken_for_gone(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    await shared(copy, main="1", other="1")
    remote.refuse_reading = {"main.ts"}
    found = await copy.ask()
    assert found.verdicts == {}
    assert await copy.pull() == {}
    assert copy.read("main.ts") == "1"


async def test_a_file_renamed_in_case_only_can_be_left_to_the_server(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    listed_copy.write("Foo.ts", "1")
    await listed_copy.push()
    (listed_copy.root / "Foo.ts").rename(listed_copy.root / "foo.ts")
    await listed_copy.push()
    remote.files["Foo.ts"] = "theirs"
    assert isinstance((await listed_copy.pull())["Foo.ts"], NotPulled)
    assert "Foo.ts" in await listed_copy.pull(strategy=Strategy.OURS)
    assert listed_copy.backups("Foo.ts") == ["theirs"]
    assert await listed_copy.pull() == {}
