from __future__ import annotations

from pathlib import Path

import pytest

from tests.git_repositories import Git
from xgodo_dev.errors import UsageError
from xgodo_dev.project.git.committed import Kind, entries, export, resolve
from xgodo_dev.project.git.repository import GitFailed, find

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"


def exported(project: Path, revision: str, top: Path) -> dict[str, Kind]:
    found = find(project)
    commit = resolve(found, revision)
    others = export(found, commit, entries(found, commit), top)
    return {each.path: each.kind for each in others}


def test_a_commits_files_are_written_byte_for_byte_whatever_the_working_tree_holds(
    git: Git, repository: Path, tmp_path: Path
) -> None:
    project = repository / "bots" / "notes"
    (project / "deep").mkdir(parents=True)
    (repository / ".gitattributes").write_text("*.ts text eol=crlf\n")
    (repository / "tsconfig.base.json").write_text("{}")
    (project / "main.ts").write_bytes(b"let a = 1;\n")
    (project / "deep" / "n\u00e4ive [1].ts").write_bytes(b"\xff\x00")
    (project / ".xgodo").mkdir()
    (project / ".xgodo" / "state.db").write_text("ours")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Add notes")
    git(repository, "tag", "v1")
    (project / "main.ts").write_text("work in progress")
    git(repository, "commit", "-q", "-am", "Go on")
    top = tmp_path / "top"
    assert exported(project, "v1", top) == {}
    assert {
        file.relative_to(top).as_posix(): file.read_bytes() for file in top.rglob("*") if file.is_file()
    } == {
        "tsconfig.base.json": b"{}",
        "bots/notes/main.ts": b"let a = 1;\n",
        "bots/notes/deep/n\u00e4ive [1].ts": b"\xff\x00",
    }


def test_links_submodules_and_pointers_are_told_and_nothing_is_written_through_them(
    git: Git, repository: Path, tmp_path: Path
) -> None:
    (repository / "link.ts").symlink_to("main.ts")
    (repository / "large.ts").write_text(POINTER)
    git(repository, "submodule", "add", "-q", str(repository), "vendor")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Add what is no file")
    top = tmp_path / "top"
    assert exported(repository, "HEAD", top) == {
        "link.ts": Kind.LINK,
        "large.ts": Kind.POINTER,
        "vendor": Kind.SUBMODULE,
    }
    assert all((top / name).is_dir() for name in ("link.ts", "large.ts", "vendor"))
    assert (top / "main.ts").read_text() == "let a = 1;\n"


def test_a_tree_made_by_hand_leads_nowhere_else(git: Git, repository: Path) -> None:
    blob = git(repository, "hash-object", "-w", "main.ts")
    for name in ("..", ".git"):
        (repository.parent / "tree").write_bytes(f"100644 {name}\0".encode() + bytes.fromhex(blob))
        tree = git(
            repository, "hash-object", "-t", "tree", "-w", "--literally", str(repository.parent / "tree")
        )
        commit = git(repository, "commit-tree", tree, "-m", "Hostile")
        with pytest.raises(Exception, match="no folder can hold"):
            entries(find(repository), commit)


def test_paths_that_are_one_file_on_this_disk_do_not_replace_each_other(
    git: Git, repository: Path, tmp_path: Path
) -> None:
    found = find(repository)
    listed = entries(found, "HEAD")
    # As of `main.ts` and `Main.ts` where a disk knows no difference between them.
    with pytest.raises(GitFailed, match=r"main\.ts is another path's file on this disk"):
        export(found, "HEAD", [*listed, *listed], tmp_path / "top")


def test_an_unknown_revision_is_told_with_those_that_may_have_been_meant(git: Git, repository: Path) -> None:
    git(repository, "branch", "staging")
    found = find(repository)
    for revision, said in (
        ("stagin", "Did you mean staging"),
        ("", "is no commit"),
        ("--all", "is no commit"),
    ):
        with pytest.raises(UsageError, match=said):
            resolve(found, revision)
    (repository / "new").mkdir()
    with pytest.raises(UsageError, match="has no folder new"):
        entries(find(repository / "new"), found.head() or "")


def test_a_partial_clone_fetches_what_is_sent(git: Git, repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    url = repository.as_uri()
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", url, str(partial))
    assert exported(partial, "HEAD", tmp_path / "top") == {}
    assert (tmp_path / "top" / "main.ts").read_text() == "let a = 1;\n"
