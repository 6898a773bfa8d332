from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xgodo_dev.errors import ConfigurationError, FileUnreadable
from xgodo_dev.project.files import FileSelection, blob_hash

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and modes")


def write(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")
    return root


def git(root: Path, *arguments: str, data: bytes | None = None) -> str:
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        input=data,
        env=environment,
        check=True,
        capture_output=True,
        timeout=30,
    )
    return done.stdout.decode()


@pytest.mark.parametrize("content", [b"", b"hello\n", b"a\r\nb", b"\0\xff\xfe", "ü😀".encode() * 1000])
def test_a_blob_hash_is_gits_own(tmp_path: Path, content: bytes) -> None:
    assert blob_hash(content) == git(tmp_path, "hash-object", "--stdin", data=content).strip()


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("main.ts", True),
        ("src/deep/stage.ts", True),
        ("src/types/note.ts", True),
        ("README.md", True),
        ("package.json", True),
        ("image.png", True),
        (".gitignore", True),
        ("src/.gitignore", True),
        (".env", False),
        (".git/config", False),
        (".xgodo/state.db", False),
        ("src/.hidden/x.ts", False),
        ("node_modules/x/index.js", False),
        ("src/node_modules/x/index.js", False),
        ("__pycache__/x.pyc", False),
        ("xgodo.toml", False),
        ("src/xgodo.toml", True),
        ("main.ts~", False),
        ("main.ts.swp", False),
        ("4913", True),
        ("#main.ts#", False),
        ("4913.ts", True),
        ("main.ts.tmp", True),
        ("main.ts___jb_tmp___", False),
        ("paired.js", False),
        ("alone.js", True),
        ("paired.json", True),
        ("gone.ts", True),
    ],
)
def test_which_paths_belong_to_the_remote_project(tmp_path: Path, path: str, counts: bool) -> None:
    selection = FileSelection(write(tmp_path, "paired.ts", "paired.js", "alone.js"))
    assert selection.counts(path) is counts


def test_a_walk_and_single_questions_agree(tmp_path: Path) -> None:
    everything = [
        "main.ts",
        "main.js",
        "src/a.ts",
        "src/types/b.ts",
        ".env",
        "node_modules/m/i.js",
        "build/out.ts",
        "build/keep.ts",
        "logs/a.log",
        "logs/keep.log",
        "a/b/c/d/e.ts",
        "secret.ts",
    ]
    write(tmp_path, *everything)
    (tmp_path / ".gitignore").write_text("build/\n!build/keep.ts\n*.log\n!keep.log\n")
    selection = FileSelection(tmp_path, exclude=("secret.*",))
    expected = [".gitignore", "a/b/c/d/e.ts", "logs/keep.log", "main.ts", "src/a.ts", "src/types/b.ts"]
    assert selection.paths() == expected
    assert [path for path in sorted([*everything, ".gitignore"]) if selection.counts(path)] == expected


# Without `!folder/` and `folder/**`: after other lines, pathspec reads those more widely than git.
PATTERNS = "a/|/a|b|*.ts|!a.ts|a/*|!a/a.ts|**/b|/*|ab/**/a.ts|[ab].ts|?.ts|b/ab|!*b.ts||# a| |/b/ab/"
TREE = ("a.ts", "b.ts", "ab.ts", "a/a.ts", "a/b.ts", "a/b/a.ts", "b/ab/b.ts", "ab/a/b/a.ts")


@settings(max_examples=40, deadline=None)
@given(lines=st.lists(st.sampled_from(PATTERNS.split("|")), max_size=4))
@example(lines=["/*", "!/a/"])
@example(lines=["build/", "!build/keep.ts"])
def test_ignore_rules_are_read_as_git_reads_them(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    root = write(tmp_path_factory.mktemp("ignored"), *TREE)
    (root / ".gitignore").write_text("\n".join(lines) + "\n")
    git(root, "init", "-q")
    listed = git(root, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    selection = FileSelection(root)
    assert {path for path in selection.paths() if path != ".gitignore"} == {*listed} - {"", ".gitignore"}
    assert [path for path in TREE if selection.counts(path)] == [path for path in TREE if path in listed]


@pytest.mark.parametrize("line", ["!", "\\", "a\\", "[z-a]", "\ufeff*.log"])
def test_a_line_that_is_no_pattern_does_not_spoil_the_others(tmp_path: Path, line: str) -> None:
    write(tmp_path, "main.ts", "a.log")
    (tmp_path / ".gitignore").write_text(f"{line}\n*.log\n", encoding="utf-8")
    assert FileSelection(tmp_path).paths() == [".gitignore", "main.ts"]


def test_an_exclude_setting_that_is_no_pattern_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"`exclude` in \[sync\]"):
        FileSelection(tmp_path, exclude=("*.log", "!"))


@posix_only
def test_links_and_what_is_behind_them_do_not_count(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, "main.ts")
    write(outside, "secret.ts")
    (root / "file.ts").symlink_to(outside / "secret.ts")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "broken.ts").symlink_to(root / "nowhere")
    selection = FileSelection(root)
    assert selection.paths() == ["main.ts"]
    for path in ("file.ts", "folder/secret.ts", "loop/main.ts", "broken.ts"):
        assert not selection.counts(path)


@posix_only
def test_what_can_not_be_read_to_its_end_does_not_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "main.ts")
    os.mkfifo(tmp_path / "pipe.ts")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.ts")
        selection = FileSelection(tmp_path)
        assert selection.paths() == ["main.ts"]
        assert not selection.counts("pipe.ts")
        assert not selection.counts("socket.ts")


def test_a_folder_called_gitignore_is_no_list_of_patterns(tmp_path: Path) -> None:
    write(tmp_path, "main.ts", ".gitignore/x")
    assert FileSelection(tmp_path).paths() == ["main.ts"]


def test_a_path_elsewhere_is_not_relative(tmp_path: Path) -> None:
    selection = FileSelection(tmp_path / "root")
    assert selection.relative(str(tmp_path / "root" / "src" / "a.ts")) == "src/a.ts"
    assert selection.relative(str(tmp_path / "rootless" / "a.ts")) is None
    assert selection.relative(str(tmp_path)) is None


def test_an_empty_folder_is_an_empty_project(tmp_path: Path) -> None:
    assert FileSelection(tmp_path).paths() == []


def test_a_root_that_is_gone_is_not_an_empty_project(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    selection = FileSelection(root)
    root.rmdir()
    with pytest.raises(FileUnreadable, match="is gone"):
        selection.paths()


def test_folders_that_come_and_go_during_a_walk_do_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "main.ts", *(f"folder{number}/a.ts" for number in range(30)))
    selection = FileSelection(tmp_path)
    stop = threading.Event()

    def churn() -> None:
        while not stop.is_set():
            for number in range(30):
                (tmp_path / f"folder{number}").rename(tmp_path / f"moved{number}")
                (tmp_path / f"moved{number}").rename(tmp_path / f"folder{number}")

    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for _ in range(40):
            assert "main.ts" in selection.paths()
    finally:
        stop.set()
        churning.join(10)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Root may read everything; permissions are seen by anybody else."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder that others may enter, unlike those of pytest."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield write(Path(name), "main.ts", "closed/a.ts")
        (Path(name) / "closed").chmod(0o700)


@posix_only
def test_a_folder_that_can_not_be_read_is_named(public_folder: Path) -> None:
    selection = FileSelection(public_folder)
    (public_folder / "closed").chmod(0)
    with without_privileges(), pytest.raises(FileUnreadable, match="closed"):
        selection.paths()


@posix_only
def test_an_excluded_folder_need_not_be_readable(public_folder: Path) -> None:
    selection = FileSelection(public_folder, exclude=("/closed/",))
    (public_folder / "closed").chmod(0)
    with without_privileges():
        assert selection.paths() == ["main.ts"]


@posix_only
def test_ignore_rules_that_can_not_be_read_are_named(public_folder: Path) -> None:
    write(public_folder, ".gitignore")
    (public_folder / ".gitignore").chmod(0)
    with without_privileges(), pytest.raises(FileUnreadable, match="gitignore"):
        FileSelection(public_folder)
