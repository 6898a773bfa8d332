from __future__ import annotations

from pathlib import Path

from tests.git_repositories import Git
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.git.history import History, in_recent_commits
from xgodo_dev.project.git.repository import find

KEPT = blob_hash(b"let a = 1;\n")


def test_what_commits_held_is_known_and_what_came_later(git: Git, repository: Path) -> None:
    project = repository / "bot"
    project.mkdir()
    (project / "main.ts").write_text("1")
    git(repository, "add", ".")
    for content in ("1", "2", "3"):
        (project / "main.ts").write_text(content)
        git(repository, "commit", "-q", "-am", content)
    history = History(find(project))
    first, second, third, never = (blob_hash(content) for content in (b"1", b"2", b"3", b"4"))
    assert [each in history for each in (first, second, third, never)] == [True, True, True, False]
    # What only the rest of the repository held is none of the project's.
    assert KEPT not in history
    assert third not in History(find(project), "HEAD~")
    assert history.has_gone_on(first, second)
    assert not history.has_gone_on(second, first)
    assert not history.has_gone_on(never, first)
    assert first not in History(find(project), "no-such")


def test_of_a_partial_clone_nothing_is_fetched(git: Git, repository: Path, tmp_path: Path) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", repository.as_uri(), str(partial))
    repository.rename(tmp_path / "away")
    assert KEPT in History(find(partial))
    assert in_recent_commits(find(partial), {KEPT}) == {KEPT}


def test_what_git_has_and_no_commit_is_not_taken_for_kept(git: Git, repository: Path) -> None:
    for content in ("staged", "stashed"):
        (repository / "main.ts").write_text(content)
        git(repository, "add", "main.ts")
    git(repository, "stash", "-q")
    git(repository, "checkout", "-q", "-b", "theirs")
    (repository / "main.ts").write_text("theirs")
    git(repository, "commit", "-qam", "Theirs")
    git(repository, "checkout", "-q", "main")
    (repository / "main.ts").write_text("ours")
    git(repository, "commit", "-qam", "Ours")
    git(repository, "merge", "-q", "-s", "ours", "theirs", "--no-commit")
    (repository / "main.ts").write_text("both")
    git(repository, "commit", "-qam", "Merge")
    asked = {each: blob_hash(each.encode()) for each in ("staged", "stashed", "theirs", "ours", "both")}
    kept = in_recent_commits(find(repository), {KEPT, *asked.values()})
    assert {each for each, content_hash in asked.items() if content_hash in kept} == asked.keys() - {"staged"}
    assert KEPT in kept
