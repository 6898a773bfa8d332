"""Commits, history and differences over the project API, beside the git of this machine."""

from __future__ import annotations

import subprocess
from datetime import datetime

import pytest
from project_api import PREFIXES, ProjectApi
from served_emulator import ServedEmulator


@pytest.fixture
def api(emulator: ServedEmulator, project: str) -> ProjectApi:
    return ProjectApi(emulator, project)


def git(api: ProjectApi, *arguments: str) -> str:
    """What the git of this machine says about the project."""
    folder = api.emulator.project_folder(api.project)
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("prefix", PREFIXES)
def test_status_tells_new_modified_and_deleted_files_and_a_commit_settles_them(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    api = ProjectApi(emulator, project, prefix)
    # A commit takes ignored files too, so they count here as well.
    api.sync({".gitignore": b"*.log\n", "kept.txt": b"1", "edited.log": b"1", "gone.txt": b"1"})
    assert set(api.changes().values()) == {"new"}
    first = api.commit("first")
    assert api.changes() == {}
    api.sync({"edited.log": b"2", "added.log": b"1"})
    emulator.client.delete(f"/api/v1/automation-project/{project}/file", params={"path": "gone.txt"})
    assert api.changes() == {"added.log": "new", "edited.log": "modified", "gone.txt": "deleted"}
    second = api.commit("second")
    assert api.changes() == {}
    assert git(api, "log", "--format=%H").split() == [second, first]
    assert git(api, "ls-tree", "--name-only", "HEAD").split() == [
        ".gitignore",
        "added.log",
        "edited.log",
        "kept.txt",
    ]


def test_the_last_file_can_be_deleted_and_committed(api: ProjectApi) -> None:
    api.sync({"a.txt": b"1"})
    api.commit("with it")
    url = f"/api/v1/automation-project/{api.project}/file"
    assert api.emulator.client.delete(url, params={"path": "a.txt"}).status_code == 200
    assert api.hashes() == {}
    api.commit("without it")
    assert git(api, "ls-tree", "HEAD") == ""


def test_history_is_newest_first_and_limited(api: ProjectApi) -> None:
    api.sync({"a.txt": b"0"})
    assert api.get("/git/history")["commits"] == []
    messages = ["first", "zweite\n\nÄ body | with 'quotes'\n", " third\x1f "]
    hashes = []
    for number, message in enumerate(messages):
        api.sync({"a.txt": str(number).encode()})
        hashes.append(api.commit(message))
    commits = api.get("/git/history")["commits"]
    assert [(commit["hash"], commit["message"]) for commit in commits] == list(
        zip(reversed(hashes), reversed(messages), strict=True)
    )
    for commit in commits:
        assert (commit["author"], commit["authorEmail"]) == ("xgodo-dev emulator", "emulator@localhost")
        assert datetime.fromisoformat(commit["timestamp"]).tzinfo is not None
    assert [commit["hash"] for commit in api.get("/git/history", limit=1)["commits"]] == hashes[-1:]


@pytest.mark.parametrize("limit", ["0", "-1", "many", "1.5", "", "9" * 400])
def test_a_limit_that_is_no_positive_number_is_refused(api: ProjectApi, limit: str) -> None:
    api.sync({"a.txt": b"0"})
    response = api.request("GET", "/git/history", params={"limit": limit})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "limit must be a positive number"}


def test_history_holds_fifty_commits_unless_asked_for_more(api: ProjectApi) -> None:
    api.sync({"a.txt": b"0"})
    api.commit("0")
    for number in range(1, 52):
        git(
            api, "-c", "user.name=n", "-c", "user.email=e", "commit", "-q", "--allow-empty", "-m", str(number)
        )
    assert len(api.get("/git/history")["commits"]) == 50
    assert api.get("/git/history", limit=100)["commits"][-1]["message"] == "0"


def test_a_diff_has_both_texts_of_what_changed_since_a_commit(api: ProjectApi) -> None:
    api.sync({"same.txt": b"=", "edited.txt": "eins ä\r\n".encode(), "gone.txt": b"gone"})
    first = api.commit("first")
    api.sync({"edited.txt": b"two\n", "folder/new.txt": b"new"})
    api.emulator.client.delete(f"/api/v1/automation-project/{api.project}/file", params={"path": "gone.txt"})
    expected = {
        "success": True,
        "commitHash": first,
        "files": [
            {"path": "edited.txt", "status": "modified", "original": "eins ä\r\n", "modified": "two\n"},
            {"path": "folder/new.txt", "status": "added", "original": "", "modified": "new"},
            {"path": "gone.txt", "status": "deleted", "original": "gone", "modified": ""},
        ],
    }
    assert api.get(f"/git/diff-working/{first}") == expected
    second = api.commit("second")
    assert api.get(f"/git/diff-working/{second}") == {"success": True, "commitHash": second, "files": []}
    # An older commit is as good, and so is the beginning of its hash.
    assert api.get(f"/git/diff-working/{first[:8]}") == expected


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "main", "--all", "abc", "g" * 40])
def test_a_diff_against_what_is_no_commit_is_not_found(api: ProjectApi, commit: str) -> None:
    api.sync({"a.txt": b"0"})
    api.commit("first")
    response = api.request("GET", f"/git/diff-working/{commit}")
    assert response.status_code == 404
    assert response.json() == {"success": False, "message": "Commit not found"}


def test_a_commit_keeps_every_byte_whatever_the_project_says_about_line_endings(api: ProjectApi) -> None:
    api.sync({".gitattributes": b"* text=auto eol=crlf ident\n", "a.txt": b"$Id$\r\none\r\n"})
    api.commit("first")
    assert api.changes() == {}
    assert git(api, "rev-parse", "HEAD:a.txt").strip() == api.hashes()["a.txt"]


def test_nothing_to_commit_is_said_in_the_documented_words(api: ProjectApi) -> None:
    api.sync({"a.txt": b"0"})
    api.commit("first")
    response = api.request("POST", "/commit", json={"message": "again"})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "No changes to commit"}
