from __future__ import annotations

import errno
import os
import stat
import sys
import time
import tracemalloc
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyfakefs.fake_filesystem import FakeFilesystem, set_uid

from xgodo_dev.errors import FileUnreadable, XgodoError
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import FileSelection, blob_hash
from xgodo_dev.project.fingerprints import Fingerprint
from xgodo_dev.project.local_copy import (
    TEMPORARY_PREFIX,
    UNREADABLE,
    ChangedMeanwhile,
    FileUnwritable,
    LocalCopy,
    Obstructed,
)

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and modes")
SECOND = 1_000_000_000
OLD = b"export const before = 1;\n"
NEW = b"export const after = 2;\n"


class Memory:
    """Fingerprints for as long as the test lasts."""

    def __init__(self) -> None:
        self.kept: dict[str, Fingerprint] = {}
        self.writes = 0

    def fingerprints(self) -> dict[str, Fingerprint]:
        return dict(self.kept)

    def remember_fingerprints(self, fresh: Mapping[str, Fingerprint], gone: Collection[str]) -> None:
        self.writes += 1
        self.kept.update(fresh)
        for path in gone:
            del self.kept[path]


class Watched(Disk):
    """The real disk, which tells of every step before it is taken."""

    def __init__(self, before: Callable[[str, Path], None] = lambda _step, _path: None) -> None:
        self.before = before
        self.steps: list[str] = []

    def _step(self, name: str, path: Path) -> None:
        self.steps.append(name)
        self.before(name, path)

    def open_existing(self, path: Path) -> int:
        self._step("open", path)
        return super().open_existing(path)

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        self._step("write", path)
        super().write_new(path, content, mode)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename", target)
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._step("link", target)
        super().link(source, target)

    def unlink(self, path: Path) -> None:
        self._step("unlink", path)
        super().unlink(path)

    def make_folder(self, path: Path) -> None:
        self._step("make folder", path)
        super().make_folder(path)

    def remove_folder(self, path: Path) -> None:
        self._step("remove folder", path)
        super().remove_folder(path)

    def sync_folder(self, path: Path) -> None:
        self._step("sync folder", path)
        super().sync_folder(path)


def files_below(root: Path) -> dict[str, bytes | None]:
    """Everything below the root; folders have no content."""
    return {
        path.relative_to(root).as_posix(): None if path.is_dir() else path.read_bytes()
        for path in root.rglob("*")
    }


def names_in(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def write(root: Path, files: Mapping[str, bytes]) -> Path:
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def local_copy(
    root: Path, memory: Memory | None = None, *, disk: Disk | None = None, later: float = 0.0
) -> LocalCopy:
    """The local copy as a process sees it ``later`` seconds from now."""
    return LocalCopy(
        root,
        FileSelection(root),
        memory or Memory(),
        clock_ns=lambda: time.time_ns() + int(later * SECOND),
        disk=disk,
    )


# Reading


CONTENTS = {
    "crlf.ts": b"a\r\nb\r\n",
    "bom.ts": b"\xef\xbb\xbfexport {};\n",
    "empty.ts": b"",
    "no_text.ts": b"\0\xff\xfe",
    "größe/日本語.ts": "ü😀".encode() * 1000,
    "block.ts": b"x" * 1024 * 1024,
    "more.ts": b"x" * (1024 * 1024 + 1),
}


def test_contents_are_hashed_and_read_byte_by_byte(tmp_path: Path) -> None:
    copy = local_copy(write(tmp_path, CONTENTS))
    assert copy.hashes() == {path: blob_hash(content) for path, content in CONTENTS.items()}
    for path, content in CONTENTS.items():
        assert (copy.hash_of(path), copy.read(path)) == (blob_hash(content), content)


def test_a_large_file_never_lies_in_memory_to_be_hashed(tmp_path: Path) -> None:
    content = os.urandom(1024) * 40 * 1024
    copy = local_copy(write(tmp_path, {"large.ts": content}))
    tracemalloc.start()
    try:
        hashes = copy.hashes()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert hashes == {"large.ts": blob_hash(content)}
    assert peak < 4 * 1024 * 1024
    assert copy.read("large.ts") == content


def test_what_looks_unchanged_is_not_read_again(tmp_path: Path) -> None:
    memory, disk = Memory(), Watched()
    write(tmp_path, {"a.ts": OLD, "src/b.ts": NEW})
    first = local_copy(tmp_path, memory, disk=disk, later=5).hashes()
    assert disk.steps == ["open", "open"]
    assert local_copy(tmp_path, memory, disk=disk, later=5).hashes() == first
    assert disk.steps == ["open", "open"]
    assert memory.writes == 1

    write(tmp_path, {"a.ts": NEW + b"longer"})
    assert local_copy(tmp_path, memory, disk=disk, later=5).hashes()["a.ts"] == blob_hash(NEW + b"longer")
    assert disk.steps == ["open", "open", "open"]


@pytest.mark.parametrize("changed", ["size", "mtime_ns", "ctime_ns", "inode"])
def test_any_difference_that_the_disk_tells_makes_it_read_again(tmp_path: Path, changed: str) -> None:
    memory = Memory()
    copy = local_copy(write(tmp_path, {"a.ts": OLD}), memory, later=5)
    copy.hashes()
    true = memory.kept["a.ts"]
    memory.kept["a.ts"] = true._replace(hash="outdated", **{changed: getattr(true, changed) - 1})
    assert copy.hashes() == {"a.ts": blob_hash(OLD)}
    assert memory.kept == {"a.ts": true}


def test_a_file_replaced_by_one_of_the_same_size_and_time_is_read_again(tmp_path: Path) -> None:
    memory = Memory()
    write(tmp_path, {"a.ts": b"one", "other": b"two"})
    copy = local_copy(tmp_path, memory, later=5)
    copy.hashes()
    times = (tmp_path / "a.ts").stat()
    os.utime(tmp_path / "other", ns=(times.st_atime_ns, times.st_mtime_ns))
    (tmp_path / "other").replace(tmp_path / "a.ts")
    assert copy.hashes() == {"a.ts": blob_hash(b"two")}


def test_fingerprints_of_files_that_went_are_dropped(tmp_path: Path) -> None:
    memory = Memory()
    copy = local_copy(write(tmp_path, {"a.ts": OLD, "b.ts": OLD}), memory, later=5)
    copy.hashes()
    (tmp_path / "a.ts").unlink()
    assert copy.hashes().keys() == {"b.ts"}
    assert memory.kept.keys() == {"b.ts"}


DAY = 24 * 3600 * SECOND


@pytest.mark.parametrize("older", ["mtime", "ctime"])
@pytest.mark.parametrize(
    ("fraction", "passed", "remembered"),
    [
        (7, -DAY, False),
        (7, 0, False),
        (7, 19_999_999, False),
        (7, 20_000_000, True),
        (0, 2 * SECOND - 1, False),
        (0, 2 * SECOND, True),
    ],
)
def test_a_file_whose_next_change_might_not_show_is_not_remembered(
    tmp_path: Path, older: str, fraction: int, passed: int, remembered: bool
) -> None:
    memory = Memory()
    target = write(tmp_path, {"a.ts": OLD}) / "a.ts"
    second = target.stat().st_ctime_ns // SECOND * SECOND
    mtime_ns = second + (-DAY if older == "mtime" else DAY) + fraction
    os.utime(target, ns=(mtime_ns, mtime_ns))
    status = target.stat()
    now_ns = max(status.st_mtime_ns, status.st_ctime_ns) + passed
    copy = LocalCopy(tmp_path, FileSelection(tmp_path), memory, clock_ns=lambda: now_ns)
    assert copy.hashes() == {"a.ts": blob_hash(OLD)}
    assert (memory.kept.keys() == {"a.ts"}) is remembered


def test_a_fingerprint_that_is_no_longer_certain_is_dropped(tmp_path: Path) -> None:
    memory = Memory()
    write(tmp_path, {"a.ts": OLD})
    local_copy(tmp_path, memory, later=5).hashes()
    write(tmp_path, {"a.ts": NEW})
    assert local_copy(tmp_path, memory, later=-5).hashes() == {"a.ts": blob_hash(NEW)}
    assert memory.kept == {}


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a.ts", "b.ts"]), st.sampled_from([b"", b"1", b"2", b"33", None])),
        min_size=1,
        max_size=8,
    )
)
def test_remembered_hashes_are_always_those_of_the_content(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[str, bytes | None]]
) -> None:
    root, memory = tmp_path_factory.mktemp("project"), Memory()
    for path, content in changes:
        if content is None:
            (root / path).unlink(missing_ok=True)
        else:
            (root / path).write_bytes(content)
        there = {each.name: blob_hash(each.read_bytes()) for each in root.iterdir()}
        assert local_copy(root, memory).hashes() == there


@posix_only
def test_names_that_can_not_be_stored_are_hashed_but_not_remembered(tmp_path: Path) -> None:
    memory = Memory()
    name = os.fsdecode(b"gr\xfcn.ts")
    assert local_copy(write(tmp_path, {name: OLD}), memory, later=5).hashes() == {name: blob_hash(OLD)}
    assert memory.kept == {}


def test_numbers_of_files_beyond_a_signed_integer_are_remembered_within_one(fs: FakeFilesystem) -> None:
    root, memory = Path("/project"), Memory()
    fs.create_file(root / "a.ts", contents="x").st_ino = 2**64 - 1
    copy = LocalCopy(root, FileSelection(root), memory, clock_ns=lambda: time.time_ns() + 5 * SECOND)
    copy.hashes()
    assert 0 <= memory.kept["a.ts"].inode < 2**63
    memory.kept["a.ts"] = memory.kept["a.ts"]._replace(hash="as remembered")
    assert copy.hashes() == {"a.ts": "as remembered"}


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """A user to whom permissions apply, in the fake file system."""
    set_uid(1000)
    yield
    set_uid(0)


def test_a_file_that_can_not_be_read_does_not_hide_the_others(fs: FakeFilesystem, unprivileged: None) -> None:
    root, memory = Path("/project"), Memory()
    fs.create_file(root / "a.ts", contents="x")
    fs.create_file(root / "closed.ts", contents="x", st_mode=stat.S_IFREG)
    copy = LocalCopy(root, FileSelection(root), memory, clock_ns=lambda: time.time_ns() + 5 * SECOND)
    assert copy.hashes() == {"a.ts": blob_hash(b"x"), "closed.ts": UNREADABLE}
    assert memory.kept.keys() == {"a.ts"}
    assert copy.hash_of("closed.ts") == UNREADABLE
    with pytest.raises(FileUnreadable, match=r"closed\.ts"):
        copy.read("closed.ts")


@posix_only
def test_what_is_no_file_has_no_content(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(outside, {"secret.ts": b"secret"})
    write(root, {"folder/a.ts": b"x", "file": b"x"})
    (root / "link.ts").symlink_to(outside / "secret.ts")
    (root / "linked").symlink_to(outside)
    (root / "broken.ts").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe.ts")
    copy = local_copy(root)
    there = ["folder", "link.ts", "linked/secret.ts", "broken.ts", "pipe.ts"]
    for path in [*there, "gone.ts", "gone/gone.ts", "file/below.ts"]:
        assert (copy.read(path), copy.hash_of(path)) == (None, None)
        assert copy.exists(path) is (path in there)
    assert copy.hashes() == {"folder/a.ts": blob_hash(b"x")}


@pytest.mark.parametrize(
    "path", ["", ".", "..", "../a.ts", "/etc/passwd", "a/../../b.ts", "src//a.ts", "nul\0.ts", "\ud800.ts"]
)
def test_a_path_that_leads_out_of_the_project_is_never_followed(tmp_path: Path, path: str) -> None:
    root = tmp_path / "root"
    write(tmp_path, {"a.ts": OLD, "root/a.ts": OLD, "b.ts": OLD})
    copy = local_copy(root)
    assert not copy.exists(path)
    for attempt in (
        lambda: copy.read(path),
        lambda: copy.hash_of(path),
        lambda: copy.replace(path, NEW, expected=None),
        lambda: copy.replace(path, NEW, expected=blob_hash(OLD)),
        lambda: copy.remove(path, expected=blob_hash(OLD)),
    ):
        with pytest.raises(Obstructed, match="not a path inside"):
            attempt()
    assert files_below(tmp_path) == {"a.ts": OLD, "root": None, "root/a.ts": OLD, "b.ts": OLD}


def change_while_read(monkeypatch: pytest.MonkeyPatch, change: Callable[[], object], *, times: int) -> None:
    """Make a change right after a file was opened and looked at, before it is read."""
    real = os.fstat
    looks = 0

    def fstat(descriptor: int) -> os.stat_result:
        nonlocal looks
        looks += 1
        status = real(descriptor)
        if looks % 2 and looks < 2 * times:
            change()
        return status

    monkeypatch.setattr(os, "fstat", fstat)


@pytest.mark.parametrize("saved", [NEW, OLD + b"and more", b"", None])
def test_a_file_that_changes_under_the_reader_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: bytes | None
) -> None:
    target = write(tmp_path, {"a.ts": OLD}) / "a.ts"
    os.utime(target, ns=(SECOND, SECOND))
    disk = Watched()
    change_while_read(
        monkeypatch, lambda: target.unlink() if saved is None else target.write_bytes(saved), times=1
    )
    assert local_copy(tmp_path, disk=disk).read("a.ts") == saved
    assert disk.steps == ["open", "open"]


def test_a_file_that_never_holds_still_is_unreadable_for_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"a.ts": OLD, "b.ts": OLD})

    def write_more() -> None:
        with (tmp_path / "a.ts").open("ab") as file:
            file.write(b"more")

    change_while_read(monkeypatch, write_more, times=1000)
    copy = local_copy(tmp_path)
    assert copy.hash_of("a.ts") == UNREADABLE
    assert copy.hashes() == {"a.ts": UNREADABLE, "b.ts": blob_hash(OLD)}
    with pytest.raises(FileUnreadable, match="changes all the time"):
        copy.read("a.ts")


@posix_only
def test_a_link_that_takes_the_files_place_at_the_last_moment_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", write(tmp_path / "outside", {"secret.ts": b"secret"})
    write(root, {"a.ts": OLD})

    def plant() -> None:
        (root / "a.ts").unlink()
        (root / "a.ts").symlink_to(outside / "secret.ts")

    assert local_copy(root, disk=edit("open", plant)).read("a.ts") is None
    assert local_copy(root).hashes() == {}


# Replacing


def test_a_file_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    disk = Watched()
    write(tmp_path, {"src/a.ts": OLD, "src/b.ts": OLD})
    local_copy(tmp_path, disk=disk).replace("src/a.ts", NEW, expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"src": None, "src/a.ts": NEW, "src/b.ts": OLD}
    assert disk.steps == ["write", "open", "rename", "sync folder"]


@posix_only
@pytest.mark.parametrize("expected", [blob_hash(OLD), None])
def test_content_and_then_its_name_are_brought_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: str | None
) -> None:
    synced: list[tuple[int, list[str]]] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append((os.fstat(descriptor).st_ino, names_in(tmp_path / "src")))

    monkeypatch.setattr(os, "fsync", fsync)
    write(tmp_path, {"src/a.ts": OLD})
    path = "src/a.ts" if expected else "src/b.ts"
    local_copy(tmp_path).replace(path, NEW, expected=expected)
    (file, names_before), (folder, names_after) = synced
    assert (file, folder) == ((tmp_path / path).stat().st_ino, (tmp_path / "src").stat().st_ino)
    assert any(name.startswith(TEMPORARY_PREFIX) for name in names_before)
    assert names_after == names_in(tmp_path / "src")


def test_a_new_file_gets_its_folders(tmp_path: Path) -> None:
    local_copy(tmp_path).replace("größe/deep/日本語.ts", NEW, expected=None)
    assert files_below(tmp_path) == {"größe": None, "größe/deep": None, "größe/deep/日本語.ts": NEW}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_content_is_written_byte_by_byte(tmp_path: Path, content: bytes) -> None:
    copy = local_copy(tmp_path)
    copy.replace("a.ts", content, expected=None)
    assert (tmp_path / "a.ts").read_bytes() == content
    copy.replace("a.ts", OLD, expected=blob_hash(content))
    assert copy.hashes() == {"a.ts": blob_hash(OLD)}


@posix_only
@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_mode_of_a_new_file_is_what_the_umask_leaves(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        local_copy(tmp_path).replace("a.ts", NEW, expected=None)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.ts").stat().st_mode) == mode


@posix_only
@pytest.mark.parametrize("mode", [0o755, 0o600, 0o444, 0o666])
def test_the_mode_of_a_replaced_file_stays(tmp_path: Path, mode: int) -> None:
    write(tmp_path, {"a.ts": OLD})
    (tmp_path / "a.ts").chmod(mode)
    local_copy(tmp_path).replace("a.ts", NEW, expected=blob_hash(OLD))
    assert stat.S_IMODE((tmp_path / "a.ts").stat().st_mode) == mode
    assert (tmp_path / "a.ts").read_bytes() == NEW


@pytest.mark.parametrize(
    ("there", "expected"), [(OLD, None), (b"", None), (NEW, OLD), (b"", OLD), (None, OLD), (None, b"")]
)
def test_a_file_that_is_not_as_expected_is_left_alone(
    tmp_path: Path, there: bytes | None, expected: bytes | None
) -> None:
    before: dict[str, bytes] = {} if there is None else {"a.ts": there}
    copy = local_copy(write(tmp_path, before))
    with pytest.raises(ChangedMeanwhile, match=r"a\.ts") as raised:
        copy.replace("a.ts", b"ours", expected=None if expected is None else blob_hash(expected))
    assert (raised.value.exit_code, raised.value.code) == (3, "changed-meanwhile")
    assert files_below(tmp_path) == before
    if expected is not None:
        with pytest.raises(ChangedMeanwhile):
            copy.remove("a.ts", expected=blob_hash(expected))
        assert files_below(tmp_path) == before


def edit(step: str, action: Callable[[], object]) -> Watched:
    """A disk on which somebody acts right before the step."""

    def before(name: str, _path: Path) -> None:
        if name == step and disk.steps.count(step) == 1:
            action()

    disk = Watched(before)
    return disk


@pytest.mark.parametrize("step", ["write", "open"])
@pytest.mark.parametrize("saved", [b"theirs", None])
def test_what_is_saved_while_the_new_content_is_written_wins(
    tmp_path: Path, step: str, saved: bytes | None
) -> None:
    target = write(tmp_path, {"a.ts": OLD}) / "a.ts"

    def save() -> None:
        if saved is None:
            target.unlink()
        else:
            target.write_bytes(saved)

    with pytest.raises(ChangedMeanwhile):
        local_copy(tmp_path, disk=edit(step, save)).replace("a.ts", NEW, expected=blob_hash(OLD))
    assert files_below(tmp_path) == ({} if saved is None else {"a.ts": saved})


def test_what_takes_the_files_place_while_it_is_compared_wins(tmp_path: Path) -> None:
    write(tmp_path, {"a.ts": OLD})
    copy = local_copy(tmp_path)

    class Late(Disk):
        def open_existing(self, path: Path) -> int:
            descriptor = super().open_existing(path)
            write(tmp_path, {"new": b"theirs"})
            (tmp_path / "new").replace(path)
            return descriptor

    with pytest.raises(ChangedMeanwhile):
        local_copy(tmp_path, disk=Late()).replace("a.ts", NEW, expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"a.ts": b"theirs"}
    copy.replace("a.ts", NEW, expected=blob_hash(b"theirs"))


@pytest.mark.parametrize("step", ["make folder", "write", "link"])
def test_a_file_that_appears_meanwhile_is_not_overwritten(tmp_path: Path, step: str) -> None:
    disk = edit(step, lambda: write(tmp_path, {"src/a.ts": b"theirs"}))
    with pytest.raises(ChangedMeanwhile):
        local_copy(tmp_path, disk=disk).replace("src/a.ts", NEW, expected=None)
    assert files_below(tmp_path) == {"src": None, "src/a.ts": b"theirs"}


@pytest.mark.parametrize("appears", [True, False])
def test_a_disk_without_links_gets_new_files_too(tmp_path: Path, appears: bool) -> None:
    class Linkless(Disk):
        def link(self, source: Path, target: Path) -> None:
            if appears:
                target.write_bytes(b"theirs")
            raise OSError(errno.EPERM, "Operation not permitted")

    copy = local_copy(tmp_path, disk=Linkless())
    if appears:
        with pytest.raises(ChangedMeanwhile):
            copy.replace("a.ts", NEW, expected=None)
    else:
        copy.replace("a.ts", NEW, expected=None)
    assert files_below(tmp_path) == {"a.ts": b"theirs" if appears else NEW}


@posix_only
@pytest.mark.parametrize("expected", [None, blob_hash(b"secret")])
@pytest.mark.parametrize(
    "path", ["link.ts", "linked/secret.ts", "linked/new.ts", "broken.ts", "broken.ts/a.ts"]
)
def test_nothing_is_written_or_removed_through_a_link(
    tmp_path: Path, path: str, expected: str | None
) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(outside, {"secret.ts": b"secret"})
    write(root, {"a.ts": OLD})
    (root / "link.ts").symlink_to(outside / "secret.ts")
    (root / "linked").symlink_to(outside)
    (root / "broken.ts").symlink_to(outside / "new.ts")
    copy = local_copy(root)
    with pytest.raises(Obstructed, match="symbolic link"):
        copy.replace(path, NEW, expected=expected)
    with pytest.raises(Obstructed, match="symbolic link"):
        copy.remove(path, expected=blob_hash(b"secret"))
    assert files_below(outside) == {"secret.ts": b"secret"}
    assert names_in(root) == ["a.ts", "broken.ts", "link.ts", "linked"]


@posix_only
def test_a_folder_that_becomes_a_link_meanwhile_is_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(outside, {"a.ts": OLD})
    write(root, {"src/a.ts": OLD})

    def plant() -> None:
        (root / "src").rename(root / "moved")
        (root / "src").symlink_to(outside)

    class Planted(Disk):
        def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
            super().write_new(path, content, mode)
            plant()

    with pytest.raises(Obstructed):
        local_copy(root, disk=Planted()).replace("src/a.ts", NEW, expected=blob_hash(OLD))
    assert files_below(outside) == {"a.ts": OLD}


@posix_only
@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("folder.ts", "a folder"),
        ("pipe.ts", "a special file"),
        ("file/a.ts", "a file"),
        ("pipe.ts/a.ts", "special"),
    ],
)
def test_what_stands_in_the_way_is_named_and_left_alone(tmp_path: Path, path: str, what: str) -> None:
    write(tmp_path, {"folder.ts/a.ts": OLD, "file": OLD})
    os.mkfifo(tmp_path / "pipe.ts")
    copy = local_copy(tmp_path)
    for attempt in (
        lambda: copy.replace(path, NEW, expected=None),
        lambda: copy.replace(path, NEW, expected=blob_hash(OLD)),
        lambda: copy.remove(path, expected=blob_hash(OLD)),
    ):
        with pytest.raises(Obstructed, match=what) as raised:
            attempt()
        assert raised.value.code == "obstructed"
    assert names_in(tmp_path) == ["file", "folder.ts", "pipe.ts"]


def test_a_root_that_is_gone_is_not_made_again(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a.ts": OLD})
    copy = local_copy(root)
    (root / "a.ts").unlink()
    root.rmdir()
    for attempt in (
        copy.hashes,
        lambda: copy.read("a.ts"),
        lambda: copy.replace("a.ts", NEW, expected=None),
        lambda: copy.remove("a.ts", expected=blob_hash(OLD)),
    ):
        with pytest.raises(FileUnreadable, match="is gone"):
            attempt()
    assert not root.exists()


class Died(BaseException):
    """The process ends here."""


REPLACING = ("write", "open", "rename")
CREATING = ("make folder", "write", "link")


@pytest.mark.parametrize(
    ("path", "expected", "step"),
    [
        *[("src/a.ts", blob_hash(OLD), step) for step in REPLACING],
        *[("src/new/deep/b.ts", None, step) for step in CREATING],
    ],
)
@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left on device"), Died()])
def test_a_failure_at_any_step_leaves_everything_as_it_was(
    tmp_path: Path, path: str, expected: str | None, step: str, failure: BaseException
) -> None:
    def fail(name: str, _path: Path) -> None:
        # What a disk says to links has a way around it: renaming.
        if name == step or (step == "link" and name == "rename"):
            raise failure

    write(tmp_path, {"src/a.ts": OLD})
    before = files_below(tmp_path)
    with pytest.raises((XgodoError, Died)) as raised:
        local_copy(tmp_path, disk=Watched(fail)).replace(path, NEW, expected=expected)
    assert files_below(tmp_path) == before
    if isinstance(failure, OSError):
        assert "No space left on device" in str(raised.value)
        assert path in str(raised.value)


def mortal(steps: int) -> Watched:
    """A disk that takes so many steps, and no more."""

    def die(_name: str, _path: Path) -> None:
        if len(disk.steps) > steps:
            raise Died

    disk = Watched(die)
    return disk


@pytest.mark.parametrize(("path", "expected"), [("src/a.ts", blob_hash(OLD)), ("src/new/b.ts", None)])
def test_whenever_the_process_dies_the_file_holds_the_old_or_the_new(
    tmp_path: Path, path: str, expected: str | None
) -> None:
    whole = Watched()
    local_copy(write(tmp_path / "whole", {"src/a.ts": OLD}), disk=whole).replace(path, NEW, expected=expected)
    for steps in range(len(whole.steps)):
        root = write(tmp_path / str(steps), {"src/a.ts": OLD})
        with pytest.raises(Died):
            local_copy(root, disk=mortal(steps)).replace(path, NEW, expected=expected)
        there = {name: content for name, content in files_below(root).items() if content is not None}
        left = [name for name in there if Path(name).name.startswith(TEMPORARY_PREFIX)]
        old, new = {"src/a.ts": OLD}, {"src/a.ts": OLD, path: NEW}
        assert {name: there[name] for name in there if name not in left} in (old, new)
        assert not any(map(FileSelection(root).counts, left))


def test_a_disk_that_can_not_be_written_is_named(fs: FakeFilesystem) -> None:
    root = Path("/project")
    fs.create_file(root / "a.ts", contents=OLD)
    fs.create_file(root / "closed/b.ts", contents=OLD)
    fs.chmod(root / "closed", 0o555)
    copy = LocalCopy(root, FileSelection(root), Memory())
    set_uid(1000)
    try:
        for attempt in (
            lambda: copy.replace("closed/b.ts", NEW, expected=blob_hash(OLD)),
            lambda: copy.replace("closed/new.ts", NEW, expected=None),
            lambda: copy.replace("closed/new/c.ts", NEW, expected=None),
            lambda: copy.remove("closed/b.ts", expected=blob_hash(OLD)),
        ):
            with pytest.raises(FileUnwritable, match="closed/"):
                attempt()
    finally:
        set_uid(0)
    assert names_in(root / "closed") == ["b.ts"]
    assert (root / "closed/b.ts").read_bytes() == OLD


def test_a_name_that_is_too_long_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnwritable, match="too long"):
        local_copy(tmp_path).replace("x" * 300 + "/a.ts", NEW, expected=None)


@pytest.mark.parametrize("expected", [UNREADABLE, blob_hash(OLD)])
def test_what_can_not_be_read_is_never_overwritten(fs: FakeFilesystem, expected: str) -> None:
    root = Path("/project")
    fs.create_file(root / "a.ts", contents=OLD, st_mode=stat.S_IFREG)
    fs.chmod(root, 0o777)
    copy = LocalCopy(root, FileSelection(root), Memory())
    set_uid(1000)
    try:
        with pytest.raises(FileUnreadable):
            copy.replace("a.ts", NEW, expected=expected)
        with pytest.raises(FileUnreadable):
            copy.remove("a.ts", expected=expected)
    finally:
        set_uid(0)
    assert (root / "a.ts").read_bytes() == OLD
    assert names_in(root) == ["a.ts"]


@pytest.mark.parametrize(
    ("code", "fails"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)]
)
@posix_only
def test_a_folder_that_can_not_be_brought_to_the_disk_is_an_error_only_where_it_could_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, fails: bool
) -> None:
    real = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(code, os.strerror(code))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    copy = local_copy(tmp_path)
    if fails:
        with pytest.raises(FileUnwritable):
            copy.replace("a.ts", NEW, expected=None)
    else:
        copy.replace("a.ts", NEW, expected=None)
    assert files_below(tmp_path) == {"a.ts": NEW}


# Removing


def test_a_file_is_removed_with_the_folders_that_are_empty_then(tmp_path: Path) -> None:
    write(tmp_path, {"src/deep/er/a.ts": OLD, "src/b.ts": OLD, "c.ts": OLD})
    copy = local_copy(tmp_path)
    copy.remove("src/deep/er/a.ts", expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"src": None, "src/b.ts": OLD, "c.ts": OLD}
    copy.remove("src/b.ts", expected=blob_hash(OLD))
    copy.remove("c.ts", expected=blob_hash(OLD))
    assert files_below(tmp_path) == {}
    assert tmp_path.is_dir()


def test_a_folder_with_anything_in_it_stays(tmp_path: Path) -> None:
    write(tmp_path, {"src/a.ts": OLD, "src/.hidden": b"x"})
    local_copy(tmp_path).remove("src/a.ts", expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"src": None, "src/.hidden": b"x"}


def test_what_is_saved_before_it_would_be_removed_stays(tmp_path: Path) -> None:
    disk = edit("open", lambda: write(tmp_path, {"a.ts": b"theirs"}))
    with pytest.raises(ChangedMeanwhile):
        local_copy(write(tmp_path, {"a.ts": OLD}), disk=disk).remove("a.ts", expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"a.ts": b"theirs"}


def test_a_removal_that_the_disk_refuses_changes_nothing(tmp_path: Path) -> None:
    def fail(name: str, _path: Path) -> None:
        if name == "unlink":
            raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(FileUnwritable, match="Input/output error"):
        local_copy(write(tmp_path, {"a.ts": OLD}), disk=Watched(fail)).remove("a.ts", expected=blob_hash(OLD))
    assert files_below(tmp_path) == {"a.ts": OLD}
