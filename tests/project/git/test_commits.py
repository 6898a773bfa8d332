"""A commit of the project's files leaves everything else in the repository as it is."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.git_repositories import Git
from xgodo_dev.project.git import commits, notes
from xgodo_dev.project.git.commits import GitNotReady, GitRefused
from xgodo_dev.project.git.notes import Note
from xgodo_dev.project.git.repository import find

NOTE = Note("f" * 40, "83ba7359", "https://xgodo.com")


@pytest.fixture
def phones(git: Git, repository: Path) -> Path:
    """A project in a folder of the repository, with a committed file."""
    project = repository / "apps/my phones"
    (project / ".xgodo").mkdir(parents=True)
    (project / "xgodo.toml").write_text("[project]\n")
    (project / "gone.ts").write_text("")
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "Add phones")
    return project


def test_all_changes_below_the_folder_are_committed_and_nothing_else(
    git: Git, repository: Path, phones: Path
) -> None:
    (phones / "new [1].ts").write_text("1")
    (phones / "gone.ts").unlink()
    (phones / "xgodo.toml").write_text("[project]\nname='x'\n")
    (phones / ".xgodo/state.db").write_text("")
    (phones / ".gitignore").write_text("*.log\n")
    (phones / "x.log").write_text("")
    (repository / "main.ts").write_text("staged")
    git(repository, "add", "main.ts")
    (repository / "main.ts").write_text("not staged")
    (repository / "untracked.ts").write_text("")
    made = commits.commit(find(phones), "Say it\n\nin full")
    assert made is not None
    assert git(repository, "show", "--name-status", "--format=").splitlines() == [
        "A\tapps/my phones/.gitignore",
        "D\tapps/my phones/gone.ts",
        "A\tapps/my phones/new [1].ts",
        "M\tapps/my phones/xgodo.toml",
    ]
    assert git(repository, "status", "--short").splitlines() == [
        "MM main.ts",
        '?? "apps/my phones/.xgodo/"',
        "?? untracked.ts",
    ]
    assert made[0].hash == git(repository, "rev-parse", "HEAD")
    assert (made[0].subject, made[0].message) == ("Say it", "Say it\n\nin full")
    assert commits.commit(find(phones), "Again") is None


def test_the_first_commit_of_a_repository_may_be_that_of_the_project(git: Git, tmp_path: Path) -> None:
    root = tmp_path / "new"
    root.mkdir()
    git(root, "init", "-q")
    assert commits.history(find(root), ["HEAD"]) == []
    assert commits.commit(find(root), "Nothing") is None
    (root / "main.ts").write_text("")
    commits.commit(find(root), "First")
    assert [each.subject for each in commits.history(find(root), ["HEAD"])] == ["First"]


def test_where_a_hook_refuses_nothing_is_committed_nor_staged(
    git: Git, repository: Path, phones: Path
) -> None:
    hook = repository / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nenv | grep ^GIT_LITERAL\necho first >&2\necho 'not today' >&2\nexit 1\n")
    hook.chmod(0o755)
    (phones / "new.ts").write_text("1")
    (phones / "gone.ts").write_text("changed")
    before = git(repository, "status", "--short")
    with pytest.raises(GitRefused, match="not today") as refused:
        commits.commit(find(phones), "Try")
    assert refused.value.said == ("GIT_LITERAL_PATHSPECS=0", "first", "not today")
    assert git(repository, "status", "--short") == before
    hook.write_text("#!/bin/sh\necho passed >&2\n")
    made = commits.commit(find(phones), "Try")
    assert made is not None
    assert made[1] == ["passed"]


@pytest.mark.skipif(os.name == "nt", reason="of another system's processes, output is not told in parts")
def test_what_a_hook_leaves_at_work_is_not_waited_for(git: Git, repository: Path, phones: Path) -> None:
    hook = repository / ".git/hooks/post-commit"
    hook.write_text(f"#!/bin/sh\necho said\nsleep 600 &\necho $! > {repository.parent}/left\n")
    hook.chmod(0o755)
    (phones / "gone.ts").write_text("changed")
    made = commits.commit(find(phones), "Change")
    # It fails where that has ended.
    os.kill(int((repository.parent / "left").read_text()), signal.SIGKILL)
    assert made is not None
    assert made[1] == ["said"]


def test_what_git_needs_is_asked_for_beforehand(
    git: Git, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits.require_ready(find(repository))
    git(repository, "checkout", "-qb", "other")
    (repository / "main.ts").write_text("theirs")
    git(repository, "commit", "-qam", "Theirs")
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "--no-ff", "--no-commit", "-q", "other")
    with pytest.raises(GitNotReady, match="A merge is under way"):
        commits.require_ready(find(repository))
    git(repository, "merge", "--abort")
    (repository / "main.ts").write_text("stashed")
    git(repository, "stash", "-q")
    (repository / "main.ts").write_text("ours")
    git(repository, "commit", "-qam", "Ours")
    with pytest.raises(AssertionError):
        git(repository, "stash", "pop", "-q")
    with pytest.raises(GitNotReady, match=r"a conflict are in main\.ts"):
        commits.require_ready(find(repository))
    git(repository, "reset", "-q", "--hard")
    git(repository, "config", "user.useConfigOnly", "true")
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    with pytest.raises(GitNotReady, match=r"Git does not know who commits: .*email") as refused:
        commits.require_ready(find(repository))
    assert "user.name" in (refused.value.hint or "")


def test_notes_tell_of_each_platform_project_what_a_commit_is_there(
    git: Git, repository: Path, phones: Path
) -> None:
    here = find(phones)
    assert notes.recorded(here, NOTE.project, NOTE.server) == {}
    head, first = git(repository, "rev-parse", "HEAD"), git(repository, "rev-parse", "HEAD~")
    for setting, value in (("grep.lineNumber", "true"), ("grep.column", "true"), ("color.ui", "always")):
        git(repository, "config", setting, value)
    staging = Note("e" * 40, "staging", NOTE.server)
    for commit, note in ((head, NOTE), (head, staging), (head, NOTE), (first, NOTE)):
        notes.record(here, commit, note)
    assert notes.of(here, head) == [NOTE, staging]
    assert git(repository, "notes", "--ref=xgodo", "show", first) == (
        f"Xgodo-Commit: {NOTE.hash} project=83ba7359 server=https://xgodo.com"
    )
    assert {each: set(found) for each, found in notes.recorded(here, NOTE.project, NOTE.server).items()} == {
        NOTE.hash: {head, first}
    }
    assert notes.recorded(here, "staging", "emulator") == {}


def test_what_people_write_into_notes_is_kept(git: Git, repository: Path) -> None:
    said = "# Tried on two phones\n\nXgodo-Commit: hm\n\n\n  said by Ada  \n" + "much\n" * 40_000
    file = repository.parent / "said"
    file.write_text(said)
    stored = git(repository, "hash-object", "-w", str(file))
    git(repository, "notes", "--ref=xgodo", "add", "-C", stored)
    head = git(repository, "rev-parse", "HEAD")
    for _ in range(2):
        notes.record(find(repository), head, NOTE)
    assert notes.of(find(repository), head) == [NOTE]
    assert git(repository, "notes", "--ref=xgodo", "show") == f"{said}{NOTE.line()}"


def test_notes_made_at_once_are_all_kept(git: Git, repository: Path) -> None:
    for number in range(6):
        git(repository, "commit", "-q", "--allow-empty", "-m", str(number))
    made = git(repository, "log", "--format=%H").split()
    found = find(repository)
    with ThreadPoolExecutor(len(made)) as at_once:
        list(at_once.map(lambda commit: notes.record(found, commit, NOTE), made))
    assert sorted(notes.recorded(found, NOTE.project, NOTE.server)[NOTE.hash]) == sorted(made)
    assert git(repository, "for-each-ref", "--format=%(refname)", "refs/notes") == notes.NOTES


def test_commits_are_found_by_their_hashes_as_far_as_they_are_here(git: Git, repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD")
    found = commits.known(find(repository), [head, "a" * 40])
    assert [(each.hash, each.subject) for each in found] == [(head, "Begin")]
    assert commits.history(find(repository), ["HEAD"], without=["a" * 40]) == found
    assert commits.history(find(repository), ["HEAD"], without=[head]) == []
    assert commits.known(find(repository), []) == []
