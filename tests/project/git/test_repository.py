from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.git_repositories import Git
from xgodo_dev.project.git.repository import (
    GitFailed,
    GitMissing,
    NoRepository,
    NoWorkingTree,
    RepositoryUntrusted,
    find,
)


def test_a_project_in_a_folder_of_a_monorepo_knows_its_place_in_it(git: Git, repository: Path) -> None:
    project = repository / "bots" / "notes"
    project.mkdir(parents=True)
    found = find(project)
    assert (found.root, found.prefix) == (repository, "bots/notes/")
    assert found.project_root == project
    assert found.directory == found.common_directory == repository / ".git"
    assert found.head() == git(repository, "rev-parse", "HEAD")
    assert found.branch() == "main"
    assert found.commit("main") == found.head()
    assert found.commit("no-such") is None
    assert found.commit("--all") is None
    assert found.commit("^main") is None


def test_a_worktree_and_a_submodule_are_repositories_of_their_own_place(git: Git, repository: Path) -> None:
    worktree = repository.parent / "staging"
    git(repository, "worktree", "add", "-q", "-b", "staging", str(worktree))
    found = find(worktree)
    assert (found.root, found.prefix, found.branch()) == (worktree, "", "staging")
    assert found.common_directory == repository / ".git"
    assert found.directory == repository / ".git" / "worktrees" / "staging"

    git(worktree, "submodule", "add", "-q", str(repository), "vendor")
    inside = find(worktree / "vendor")
    assert (inside.root, inside.prefix) == (worktree / "vendor", "")


def test_nothing_committed_yet_and_a_detached_head_are_told(git: Git, repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert find(repository).branch() is None
    git(repository, "checkout", "-q", "--orphan", "new/one")
    assert (find(repository).head(), find(repository).branch()) == (None, "new/one")


def test_what_differs_from_the_commit_is_named_from_the_project_on(git: Git, repository: Path) -> None:
    project = repository / "bot"
    project.mkdir()
    (repository / ".gitignore").write_text("ignored.ts\n")
    for name in ("kept.ts", "edited.ts", "gone.ts", "naïve [1].ts"):
        (project / name).write_text("1\n")
    git(repository, "add", ".")
    git(repository, "commit", "-q", "-m", "Add")
    found = find(project)
    assert found.uncommitted(["kept.ts", "naïve [1].ts"]) == []

    (repository / "main.ts").write_text("elsewhere\n")
    (project / "edited.ts").write_text("2\n")
    (project / "gone.ts").unlink()
    (project / "naïve [1].ts").write_text("2\n")
    for name in ("new.ts", "ignored.ts", "notes.txt"):
        (project / name).write_text("1\n")
    assert found.uncommitted(["kept.ts", "edited.ts", "new.ts", "ignored.ts"]) == [
        "edited.ts",
        "gone.ts",
        "ignored.ts",
        "naïve [1].ts",
        "new.ts",
    ]


def test_a_file_that_git_was_told_not_to_look_at_is_not_taken_for_committed(
    git: Git, repository: Path
) -> None:
    for flag in ("skip-worktree", "assume-unchanged"):
        git(repository, "update-index", f"--{flag}", "main.ts")
        (repository / "main.ts").write_text("never committed\n")
        assert find(repository).uncommitted(["main.ts"]) == ["main.ts"]
        # As in a sparse checkout, where it is no file here.
        assert find(repository).uncommitted([]) == []
        git(repository, "update-index", f"--no-{flag}", "main.ts")


def test_the_files_of_a_submodule_are_as_committed_until_somebody_edits_them(
    git: Git, repository: Path
) -> None:
    other = repository.parent / "other"
    git(repository, "clone", "-q", ".", str(other))
    git(repository, "submodule", "add", "-q", str(other), "vendor")
    git(repository, "commit", "-q", "-m", "Add vendor")
    assert find(repository).uncommitted(["main.ts", "vendor/main.ts"]) == []
    (repository / "vendor" / "main.ts").write_text("edited\n")
    assert find(repository).uncommitted(["main.ts", "vendor/main.ts"]) == ["vendor"]


def test_a_hook_of_another_repository_does_not_lend_its_own(
    git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = repository.parent / "other"
    git(repository, "init", "-q", str(other))
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    found = find(repository)
    assert found.root == repository
    assert found.uncommitted(["main.ts"]) == []


def test_a_look_starts_no_program_that_the_settings_name(git: Git, repository: Path) -> None:
    program = repository.parent / "program"
    program.write_text(f"#!/bin/sh\ntouch {repository.parent}/started\n")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "core.pager", "core.editor", "diff.external"):
        git(repository, "config", setting, str(program))
    (repository / "main.ts").write_text("edited\n")
    found = find(repository)
    assert (found.head(), found.branch(), found.uncommitted()) == (found.commit("main"), "main", ["main.ts"])
    assert not (repository.parent / "started").exists()


def test_no_repository_a_bare_one_and_somebody_elses_are_told_apart(
    git: Git, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = repository.parent / "outside"
    outside.mkdir()
    with pytest.raises(NoRepository):
        find(outside)
    (outside / "tree").mkdir()
    (outside / "tree/.git").write_text(f"gitdir: {tmp_path}/moved\n")
    with pytest.raises(NoRepository, match=f"not there any more: {tmp_path}/moved") as moved:
        find(outside / "tree")
    assert "git worktree repair" in (moved.value.hint or "")
    git(outside, "clone", "-q", "--bare", str(repository), "bare.git")
    with pytest.raises(NoWorkingTree):
        find(outside / "bare.git")
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    with pytest.raises(RepositoryUntrusted):
        find(repository)


def test_no_git_program_is_one_clear_line(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(GitMissing, match="git is not on PATH"):
        find(repository)


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_a_git_that_is_none_is_one_clear_line(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\necho 'xcrun: error: no developer tools' >&2\nexit 1\n")
    (tmp_path / "git").chmod(0o755)
    # In a process of its own: the first use of git in one tries it out.
    asked = """
import sys, pathlib
from xgodo_dev.project.git.repository import GitFailed, find
try:
    find(pathlib.Path(sys.argv[1]))
except GitFailed as failed:
    print(failed)
"""
    told = subprocess.run(
        [sys.executable, "-c", asked, repository],
        env={**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout == "git does not work here: xcrun: error: no developer tools\n"


@pytest.mark.skipif(os.name == "nt", reason="the program is a shell script")
def test_a_git_that_does_not_end_is_ended(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find(repository)
    slow = repository.parent / "slow"
    slow.mkdir()
    (slow / "git").write_text(f"#!/bin/sh\nexec {shutil.which('sleep')} 60\n")
    (slow / "git").chmod(0o755)
    monkeypatch.setenv("PATH", str(slow))
    with pytest.raises(GitFailed, match="took more than"):
        found.run("status", seconds=0.05)
