from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.git_repositories import Git
from xgodo_dev.project.git.branch import NO_REPOSITORY, checked_out


@pytest.fixture
def project(repository: Path) -> Path:
    folder = repository / "bots" / "notes"
    folder.mkdir(parents=True)
    return folder


def test_the_branch_is_read_without_any_git(
    git: Git, repository: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repository, "checkout", "-q", "-b", "feature/naïve")
    monkeypatch.setenv("PATH", "")
    found = checked_out(project)
    assert found.branch == "feature/naïve"
    assert found.lock == repository / ".git" / "index.lock"


def test_a_detached_head_is_told_by_its_commit(git: Git, repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach")
    found = checked_out(repository)
    assert (found.branch, found.detached_at) == (None, git(repository, "rev-parse", "HEAD")[:7])


def test_a_worktree_and_a_submodule_have_a_branch_of_their_own(git: Git, repository: Path) -> None:
    worktree = repository.parent / "staging"
    git(repository, "worktree", "add", "-q", "-b", "staging", str(worktree))
    git(worktree, "submodule", "add", "-q", "-b", "main", str(repository), "vendor")
    git(worktree / "vendor", "checkout", "-q", "-b", "own")
    assert checked_out(worktree).branch == "staging"
    assert checked_out(worktree / "vendor").branch == "own"
    assert checked_out(repository).branch == "main"


def test_a_branch_that_is_being_rebased_is_the_one_that_counts(git: Git, repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "topic")
    (repository / "main.ts").write_text("ours\n")
    git(repository, "commit", "-qam", "Ours")
    git(repository, "checkout", "-q", "main")
    (repository / "main.ts").write_text("theirs\n")
    git(repository, "commit", "-qam", "Theirs")
    subprocess.run(["git", "rebase", "main", "topic"], cwd=repository, capture_output=True, check=False)
    assert checked_out(repository).branch == "topic"
    git(repository, "rebase", "--abort")
    assert checked_out(repository).branch == "topic"


def test_what_is_no_repository_has_no_branch(tmp_path: Path) -> None:
    (tmp_path / ".git").write_bytes(b"nothing that git knows")
    assert checked_out(tmp_path) == NO_REPOSITORY


@pytest.mark.parametrize("content", [b"gitdir: no\0path", b"gitdir: \xff"])
def test_of_a_worktree_whose_repository_is_gone_no_other_branch_is_told(
    repository: Path, content: bytes
) -> None:
    worktree = repository / "tree"
    worktree.mkdir()
    (worktree / ".git").write_bytes(content)
    found = checked_out(worktree)
    assert (found.branch, found.head) == (None, None)
    assert found.gone


def test_nothing_waits_for_a_pipe_in_the_place_of_what_git_keeps(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert checked_out(tmp_path) == NO_REPOSITORY
    (tmp_path / ".git").unlink()
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").symlink_to("/dev/zero")
    assert checked_out(tmp_path) == NO_REPOSITORY


def test_branches_in_the_newer_format_are_asked_of_git(git: Git, tmp_path: Path) -> None:
    command = ["git", "init", "-q", "-b", "topic", "--ref-format=reftable", "repository"]
    if subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode:
        pytest.skip("this git has no reftable")
    assert checked_out(tmp_path / "repository").branch == "topic"
