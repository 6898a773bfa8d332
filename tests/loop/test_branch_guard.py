from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.git_repositories import Git, git, repository
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.loop.branch_guard import BranchGuard, BranchSwitched, CheckoutUnderWay
from xgodo_dev.project.git.branch import NO_REPOSITORY, checked_out
from xgodo_dev.runs.events import Event

__all__ = ["git", "repository"]


def long_ago(repository: Path) -> None:
    os.utime(repository / ".git" / "index", (0, 0))


def guard_of(repository: Path, meant: str = "live") -> BranchGuard:
    return BranchGuard(repository, checked_out(repository), "live", lambda: meant)


def test_another_branch_of_the_same_project_passes(git: Git, repository: Path) -> None:
    guard = guard_of(repository)
    git(repository, "checkout", "-q", "-b", "topic")
    long_ago(repository)
    guard.require_same()


def test_a_branch_of_another_project_does_not(git: Git, repository: Path) -> None:
    guard = guard_of(repository, meant="staging")
    git(repository, "checkout", "-q", "-b", "topic")
    long_ago(repository)
    with pytest.raises(BranchSwitched, match="Branch topic is checked out"):
        guard.require_same()


def test_a_look_at_an_old_commit_is_no_switch_to_another_project(git: Git, repository: Path) -> None:
    guard = guard_of(repository, meant="any other")
    git(repository, "checkout", "-q", "--detach")
    long_ago(repository)
    with pytest.raises(CheckoutUnderWay, match=r"not for the project of branch main"):
        guard.require_same()
    git(repository, "checkout", "-q", "main")
    long_ago(repository)
    guard.require_same()
    # Whoever begins with one has said where its files go.
    git(repository, "checkout", "-q", "--detach")
    begun = guard_of(repository, meant="any other")
    git(repository, "checkout", "-q", "main")
    long_ago(repository)
    with pytest.raises(BranchSwitched):
        begun.require_same()


def test_between_the_new_index_and_the_new_head_nothing_passes(
    git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # However long it takes to come back from git.
    monkeypatch.setattr("xgodo_dev.loop.branch_guard._INDEX_TO_HEAD", 600.0)
    guard = guard_of(repository)
    long_ago(repository)
    guard.require_same()
    (repository / "new.ts").touch()
    git(repository, "add", "new.ts")
    with pytest.raises(CheckoutUnderWay):
        guard.require_same()


def test_a_lock_that_stays_holds_up_only_who_maps_branches(git: Git, repository: Path) -> None:
    long_ago(repository)
    lock = repository / ".git" / "index.lock"
    lock.touch()
    unmapped = BranchGuard(repository, NO_REPOSITORY, "live", lambda: "live", mapped=False)
    with pytest.raises(CheckoutUnderWay):
        unmapped.require_same()
    os.utime(lock, (0, 0))
    unmapped.require_same()
    with pytest.raises(CheckoutUnderWay, match=r"index\.lock"):
        guard_of(repository).require_same()


def test_settings_that_the_branch_lacks_are_told_by_who_opens_the_project_anew(
    git: Git, repository: Path
) -> None:
    def meant() -> str:
        raise ConfigurationError("No project here.")

    guard = BranchGuard(repository, checked_out(repository), "live", meant)
    git(repository, "checkout", "-q", "-b", "old")
    long_ago(repository)
    with pytest.raises(BranchSwitched, match=r"Branch old is checked out now\. No project here"):
        guard.require_same()


async def test_a_git_that_takes_long_is_told_once(
    git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xgodo_dev.loop.branch_guard._PATIENCE", 0)
    long_ago(repository)
    lock = repository / ".git" / "index.lock"
    lock.touch()
    told: list[Event] = []

    def emit(event: Event) -> None:
        told.append(event)
        lock.unlink()

    await guard_of(repository).settle(emit)
    assert len(told) == 1


def test_a_folder_without_a_repository_has_nothing_to_wait_for(tmp_path: Path) -> None:
    BranchGuard(tmp_path, NO_REPOSITORY, "live", lambda: "another").require_same()
