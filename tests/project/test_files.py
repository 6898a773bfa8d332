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
from pyfakefs.fake_filesystem import FakeFilesystem

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
        timeout=60,
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
        ("types/bootstrap.ts", True),
        ("typings/globals.d.ts", True),
        ("größe/日本語 😀.ts", True),
        ("a b.ts", True),
        ("gone.ts", True),
        ("gone/gone.ts", True),
        ("paired.js", False),
        ("alone.js", True),
        ("beside_a_folder.js", True),
        ("paired.d.js", True),
        ("4913.ts", True),
        ("main.ts.tmp", False),
        ("main.TS", False),
        ("main.tsx", False),
        ("main.ts~", False),
        ("main.ts.swp", False),
        ("#main.ts#", False),
        ("README.md", False),
        ("package.json", False),
        ("ts", False),
        ("Makefile", False),
        (".ts", False),
        (".gitignore", False),
        ("src/.gitignore", False),
        (".env", False),
        (".eslintrc.js", False),
        (".git/config", False),
        (".xgodo/types/node.d.ts", False),
        ("src/.hidden/x.ts", False),
        ("node_modules/x/index.js", False),
        ("src/node_modules/x/index.js", False),
        ("node_modules", False),
        ("__pycache__/x.ts", False),
        ("xgodo.toml", False),
        ("src/xgodo.toml", False),
        ("", False),
        (".", False),
        ("..", False),
        ("../main.ts", False),
        ("src/../main.ts", False),
        ("./main.ts", False),
        ("/main.ts", False),
        ("src//main.ts", False),
        ("src/", False),
        ("nul\0.ts", False),
        ("\ud800.ts", False),
    ],
)
def test_which_paths_belong_to_the_remote_project(tmp_path: Path, path: str, counts: bool) -> None:
    root = write(tmp_path, "paired.ts", "paired.js", "alone.js", "beside_a_folder.ts/a.ts")
    assert FileSelection(root).counts(path) is counts


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("data/a.json", True),
        ("data/deep/a.json", False),
        ("README.md", True),
        ("src/README.md", True),
        ("assets/icons/a.png", True),
        ("main.ts", True),
        ("other.json", False),
        ("data/secret.json", False),
        ("data/ignored.json", False),
        ("data/.json", False),
        (".hidden/README.md", False),
        ("node_modules/README.md", False),
        ("assets/a.png~", False),
        ("assets/.a.swp", False),
        ("assets/#a.png#", False),
        ("assets/xgodo.toml", False),
        ("assets/.gitignore", False),
    ],
)
def test_included_files_count_unless_something_excludes_them(tmp_path: Path, path: str, counts: bool) -> None:
    write(tmp_path, path)
    (tmp_path / ".gitignore").write_text("ignored.json\n")
    selection = FileSelection(
        tmp_path, exclude=("secret.*",), include=("data/*.json", "!data/secret.json", "README.md", "/assets/")
    )
    assert selection.counts(path) is counts
    assert (path in selection.paths()) is counts


def test_an_included_name_may_be_taken_out_again_by_a_later_pattern(tmp_path: Path) -> None:
    write(tmp_path, "a.json", "b.json")
    assert FileSelection(tmp_path, include=("*.json", "!b.json")).paths() == ["a.json"]


def test_later_ignore_rules_win_over_earlier_ones_across_their_files(tmp_path: Path) -> None:
    write(tmp_path, "a.ts", "b.ts", "c.ts", "d.ts")
    (tmp_path / ".gitignore").write_text("a.ts\nb.ts\n!d.ts\n")
    (tmp_path / ".xgodoignore").write_text("!a.ts\nc.ts\nd.ts\n")
    assert FileSelection(tmp_path).paths() == ["a.ts"]
    assert FileSelection(tmp_path, exclude=("!c.ts", "a.ts")).paths() == ["c.ts"]


def test_javascript_beside_its_typescript_is_the_servers_even_where_that_is_excluded(tmp_path: Path) -> None:
    write(tmp_path, "a.ts", "a.js", "b.js", "b.ts/b.ts")
    selection = FileSelection(tmp_path, exclude=("a.ts",), include=("*.js",))
    assert selection.paths() == ["b.js", "b.ts/b.ts"]
    assert not selection.counts("a.js")
    (tmp_path / "a.ts").unlink()
    assert selection.paths() == ["a.js", "b.js", "b.ts/b.ts"]
    assert selection.counts("a.js")


PLATFORM_CLI_RULES = "# Xgodo CLI\n.xgodo/\ntypes/\n*.js\n"


@pytest.mark.parametrize("rules", [PLATFORM_CLI_RULES, PLATFORM_CLI_RULES.replace("\n", "\r\n")])
def test_rules_of_the_platforms_own_client_hide_nothing_that_people_wrote(tmp_path: Path, rules: str) -> None:
    write(
        tmp_path,
        *("main.ts", "main.js", "alone.js", "src/types/note.ts", "types/mine.ts", "dist/out.ts"),
        *("types/node-types.ts", "types/bootstrap.ts", "types/arguments.ts", "src/types/bootstrap.ts"),
    )
    (tmp_path / ".gitignore").write_bytes(f"dist/\n\n{rules}".encode())
    mine = ["alone.js", "main.ts", "src/types/bootstrap.ts", "src/types/note.ts", "types/mine.ts"]
    generated = ["types/arguments.ts", "types/bootstrap.ts", "types/node-types.ts"]
    assert FileSelection(tmp_path).paths() == sorted(mine + generated)

    write(tmp_path, ".xgodo/project.json")
    selection = FileSelection(tmp_path, include=("types/",))
    assert selection.paths() == mine
    assert not any(map(selection.counts, generated))


def test_the_same_rules_hide_what_they_say_where_people_wrote_them(tmp_path: Path) -> None:
    write(tmp_path, "main.ts", "alone.js", "types/mine.ts", "src/other.js")
    (tmp_path / ".gitignore").write_text(f"{PLATFORM_CLI_RULES}\n*.js\n")
    assert FileSelection(tmp_path).paths() == ["main.ts", "types/mine.ts"]
    (tmp_path / ".gitignore").write_text("types/\n*.js\n")
    assert FileSelection(tmp_path).paths() == ["main.ts"]


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
    selection = FileSelection(tmp_path, exclude=("secret.*",), include=("*.log",))
    expected = ["a/b/c/d/e.ts", "logs/keep.log", "main.ts", "src/a.ts", "src/types/b.ts"]
    assert selection.paths() == expected
    assert [path for path in sorted([*everything, ".gitignore"]) if selection.counts(path)] == expected


FOLDERS = ("", "a/", "a/b/", "types/", ".hidden/", "node_modules/", "a/x.ts/", "link/")
NAMES = ("a.ts", "a.js", "b.js", "c.d.ts", "bootstrap.ts", "d.json", "d.json~", ".e.ts", "xgodo.toml", "x.ts")
RULES = ("a/", "/a", "*.js", "!a.js", "b.js", "*.json", "!d.json", "a/*", "types/", ".hidden", "# Xgodo CLI")
rules = st.lists(st.sampled_from(RULES), max_size=4)


@settings(max_examples=100)
@given(
    files=st.sets(st.builds(str.__add__, st.sampled_from(FOLDERS[:-1]), st.sampled_from(NAMES)), max_size=12),
    links=st.sets(st.sampled_from(["link", "a/a.js", "a.ts", "link.ts", "b.js"]), max_size=2),
    gitignore=rules,
    xgodoignore=rules,
    exclude=rules,
    include=rules,
    by_client=st.booleans(),
)
@posix_only
def test_a_walk_and_single_questions_agree_about_any_tree(
    files: set[str],
    links: set[str],
    gitignore: list[str],
    xgodoignore: list[str],
    exclude: list[str],
    include: list[str],
    by_client: bool,
) -> None:
    with TemporaryDirectory() as name:
        root, outside = Path(name) / "root", Path(name) / "outside"
        write(outside, "a.ts", "b.js")
        write(root, ".gitignore", *([".xgodo/project.json"] if by_client else []))
        for path in sorted(files, key=len, reverse=True):
            if not (root / path).exists():
                write(root, path)
        for path in links:
            if (root / path).parent.is_dir() and not os.path.lexists(root / path):
                (root / path).symlink_to(outside / "a.ts" if "." in path else outside)
        (root / ".gitignore").write_text("\n".join(gitignore))
        (root / ".xgodoignore").write_text("\n".join(xgodoignore))
        selection = FileSelection(root, exclude=tuple(exclude), include=tuple(include))
        there = [
            (Path(folder) / each).relative_to(root).as_posix()
            for folder, _, listed in os.walk(root)
            for each in listed
        ]
        behind_links = ["link/a.ts", "link/b.js"] if "link" in links else []
        assert selection.paths() == sorted(filter(selection.counts, there + behind_links))


def test_a_walk_tells_what_the_disk_says_about_each_file(tmp_path: Path) -> None:
    write(tmp_path, "main.ts", "src/a.ts", "README.md")
    assert dict(FileSelection(tmp_path).files()) == {
        path: (tmp_path / path).lstat() for path in ("main.ts", "src/a.ts")
    }


# Without `!folder/` and `folder/**`: after other lines, pathspec reads those more widely than git.
PATTERNS = "a/|/a|b|*.ts|!a.ts|a/*|!a/a.ts|**/b|/*|ab/**/a.ts|[ab].ts|?.ts|b/ab|!*b.ts||# a| |/b/ab/"
TREE = ("a.ts", "b.ts", "ab.ts", "a/a.ts", "a/b.ts", "a/b/a.ts", "b/ab/b.ts", "ab/a/b/a.ts")


@settings(max_examples=40)
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
    assert {*selection.paths()} == {*listed} - {"", ".gitignore"}
    assert [path for path in TREE if selection.counts(path)] == [path for path in TREE if path in listed]


@pytest.mark.parametrize("file", [".gitignore", ".xgodoignore"])
@pytest.mark.parametrize("line", ["!", "\\", "a\\", "[z-a]", "\ufeff*.log"])
def test_a_line_that_is_no_pattern_does_not_spoil_the_others(tmp_path: Path, line: str, file: str) -> None:
    write(tmp_path, "main.ts", "other.ts")
    (tmp_path / file).write_text(f"{line}\nother.*\n", encoding="utf-8")
    assert FileSelection(tmp_path).paths() == ["main.ts"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_ignore_rules_may_have_a_byte_order_mark_and_any_line_ending(tmp_path: Path, ending: str) -> None:
    write(tmp_path, "main.ts", "a.ts", "größe.ts")
    (tmp_path / ".gitignore").write_bytes(f"\ufeffa.ts{ending}größe.ts{ending}".encode())
    assert FileSelection(tmp_path).paths() == ["main.ts"]


@posix_only
def test_names_that_are_no_unicode_are_matched_byte_by_byte(tmp_path: Path) -> None:
    write(tmp_path, "main.ts")
    for name in (b"gr\xfcn.ts", b"gr\xfcner.ts"):
        (tmp_path / os.fsdecode(name)).write_text("x")
    (tmp_path / ".gitignore").write_bytes(b"gr\xfcn.ts\n")
    assert FileSelection(tmp_path).paths() == ["gr\udcfcner.ts", "main.ts"]


@pytest.mark.parametrize(
    "rule",
    [".xgodo/", "/node_modules", "**/node_modules/", "!.env", ".vscode/*", ".*", "", "   ", "# main.ts"],
)
def test_rules_about_what_never_counts_change_nothing(tmp_path: Path, rule: str) -> None:
    write(tmp_path, "main.ts", ".env", ".vscode/a.ts", "node_modules/a.ts", ".xgodo/a.ts")
    (tmp_path / ".gitignore").write_text(rule)
    assert FileSelection(tmp_path, exclude=(rule,)).paths() == ["main.ts"]


def test_the_library_of_patterns_is_loaded_only_for_rules_that_matter(tmp_path: Path) -> None:
    write(tmp_path, "main.ts")
    program = (
        "import sys; from pathlib import Path; from xgodo_dev.project.files import FileSelection\n"
        "assert FileSelection(Path(sys.argv[1])).paths() == ['main.ts']\n"
        "print('pathspec' in sys.modules)"
    )
    for rules, loaded in ((".xgodo/\nnode_modules/\n**/__pycache__\n", "False"), ("dist/\n", "True")):
        (tmp_path / ".gitignore").write_text(rules)
        done = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60
        )
        assert done.stdout.strip() == loaded, done.stderr


@pytest.mark.parametrize("setting", ["exclude", "include"])
def test_a_setting_that_is_no_pattern_is_named(tmp_path: Path, setting: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"`{setting}` in \[sync\] has '!'"):
        FileSelection(tmp_path, **{setting: ("*.log", "!")})


@posix_only
def test_links_and_what_is_behind_them_do_not_count(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    write(root, "main.ts")
    write(outside, "secret.ts")
    (root / "file.ts").symlink_to(outside / "secret.ts")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    (root / "broken.ts").symlink_to(root / "nowhere")
    (root / "twice.ts").symlink_to(root / "main.ts")
    selection = FileSelection(root)
    assert selection.paths() == ["main.ts"]
    for path in ("file.ts", "folder/secret.ts", "loop/main.ts", "broken.ts", "twice.ts"):
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
    write(tmp_path, "main.ts", ".gitignore/x", ".xgodoignore/x")
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
        churning.join(60)


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
    write(public_folder, ".xgodoignore")
    (public_folder / ".xgodoignore").chmod(0)
    with without_privileges(), pytest.raises(FileUnreadable, match="xgodoignore"):
        FileSelection(public_folder)


def test_names_that_differ_in_case_only_are_files_of_their_own(fs: FakeFilesystem) -> None:
    root = Path("/project")
    for name in ("a.ts", "A.ts", "b.ts", "B.js"):
        fs.create_file(root / name)
    assert FileSelection(root).paths() == ["A.ts", "B.js", "a.ts", "b.ts"]
