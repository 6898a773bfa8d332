"""A project whose git branches go to projects of their own."""

from __future__ import annotations

import os
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_listed
from tests.e2e.scripted_project import Failing
from tests.e2e.watch_process import Watch
from tests.e2e.working_copies import Copy, OnServer
from tests.git_repositories import Git
from tests.git_repositories import git as git_now
from tests.scripted_server import Answer, Request
from tests.sync.remote_project import PROJECT

__all__ = ["git_now"]

MAPPING = """
[branches.main]
project = "{live}"
protected = true

[branches.staging]
project = "{staging}"
"""
UTIL = SMALL_PROJECT["util.ts"]


@pytest.fixture
def git(git_now: Git) -> Git:
    """Runs git as if a moment ago: nothing has to wait for a checkout to be over."""

    def run(folder: Path, *arguments: str) -> str:
        said = git_now(folder, *arguments)
        index, then = folder / ".git/index", time.time() - 5
        for file in folder.iterdir():
            if file.is_file() and not file.is_symlink():
                # It was there before git wrote its index.
                os.utime(file, (then, min(then, file.stat().st_mtime)))
        if index.exists():
            os.utime(index, (then, then))
        return said

    return run


@pytest.fixture
def staging(copy: Copy, remote: OnServer, git: Git) -> Iterator[OnServer]:
    """The project of branch `staging`; `main`'s, which is in step, is ``remote``. Both are one commit."""
    staging = OnServer(remote.emulator, str(uuid.uuid4()))
    settings = copy.read("xgodo.toml").replace(remote.id, "nobody")
    copy.write("xgodo.toml", settings + MAPPING.format(live=remote.id, staging=staging.id))
    copy.write(".gitignore", ".xgodo/\n")
    git(copy.root, "init", "-q", "-b", "main")
    git(copy.root, "add", ".")
    git(copy.root, "commit", "-q", "-m", "Begin")
    git(copy.root, "branch", "staging")
    yield staging


@of_listed
def test_each_branch_has_a_project_and_a_base_of_its_own_and_no_edit_is_lost(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git
) -> None:
    assert copy.json("status")["clean"]
    git(copy.root, "checkout", "-q", "staging")
    assert copy.json("push", "--no-check")["pushed"] == sorted(SMALL_PROJECT)
    staging.write("side.js", "// by a colleague, on staging\n")
    assert copy.json("pull")["pulled"] == ["side.js"]
    # What git does not have committed comes along to the other branch, and would go to its project.
    git(copy.root, "checkout", "-q", "main")
    remote.write("util.ts", UTIL + "// by another, live\n")
    refused = copy.json("push", "--no-check", exit_code=3)["error"]
    assert (refused["code"], refused["paths"]) == ("uncommitted", ["side.js"])
    assert "push --ref HEAD" in refused["hint"]
    assert remote.read("side.js") == SMALL_PROJECT["side.js"]

    git(copy.root, "commit", "-q", "-am", "Take over the side of staging")
    assert copy.json("push", "--no-check")["pushed"] == ["side.js"]
    assert copy.states("--remote") == {"util.ts": "remote"}
    assert copy.json("pull")["pulled"] == ["util.ts"]
    git(copy.root, "commit", "-q", "-am", "Take over what is live")
    git(copy.root, "checkout", "-q", "staging")
    # The checkout has put back an older side than what the platform has, which by now is in git too.
    assert copy.states("--remote") == {"side.js": "local"}
    staging.write("util.ts", UTIL + "// by a colleague, and never committed\n")
    assert copy.json("pull", "util.ts")["pulled"] == ["util.ts"]
    git(copy.root, "checkout", "-q", "-f", "main")
    git(copy.root, "checkout", "-q", "staging")
    assert copy.json("push", "--no-check")["pushed"] == ["side.js", "util.ts"]
    assert UTIL + "// by a colleague, and never committed\n" in copy.backups("util.ts")
    assert "// by a colleague, on staging\n" not in copy.backups("side.js")


@of_listed
@pytest.mark.parametrize("stored", ["sha256", "autocrlf"])
def test_what_a_checkout_drops_is_kept_however_git_stores_the_files(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git, stored: str
) -> None:
    if stored == "sha256":
        # Its hashes are of another kind than those that the last sync is remembered by.
        shutil.rmtree(copy.root / ".git")
        git(copy.root, "init", "-q", "-b", "main", "--object-format=sha256")
        git(copy.root, "add", ".")
        git(copy.root, "commit", "-q", "-m", "Begin")
        git(copy.root, "branch", "staging")
    else:
        git(copy.root, "config", "core.autocrlf", "true")
    git(copy.root, "checkout", "-q", "staging")
    assert copy.json("push", "--no-check")["pushed"] == sorted(SMALL_PROJECT)
    staging.write("util.ts", UTIL + "// by a colleague, and never committed\n")
    assert copy.json("pull")["pulled"] == ["util.ts"]
    git(copy.root, "checkout", "-q", "-f", "main")
    git(copy.root, "checkout", "-q", "staging")
    assert copy.json("push", "--no-check")["pushed"] == ["util.ts"]
    assert UTIL + "// by a colleague, and never committed\n" in copy.backups("util.ts")


@of_listed
def test_what_was_pulled_and_thrown_away_by_git_is_kept_without_a_mapping_too(
    copy: Copy, remote: OnServer, git: Git
) -> None:
    copy.write(".gitignore", ".xgodo/\n")
    git(copy.root, "init", "-q", "-b", "main")
    git(copy.root, "add", ".")
    git(copy.root, "commit", "-q", "-m", "Begin")
    remote.write("util.ts", UTIL + "// theirs\n")
    assert copy.json("pull")["pulled"] == ["util.ts"]
    git(copy.root, "checkout", "-q", ".")
    assert copy.json("push", "--no-check")["pushed"] == ["util.ts"]
    assert UTIL + "// theirs\n" in copy.backups("util.ts")
    remote.write("util.ts", UTIL + "// once more\n")
    assert copy.json("pull")["pulled"] == ["util.ts"]
    git(copy.root, "checkout", "-q", ".")
    # As in a container, whose user has not made the repository, and was not at work in it.
    nobodys = {**copy.env, "GIT_TEST_ASSUME_DIFFERENT_OWNER": "1"}
    assert copy.home.run("push", "--no-check", cwd=copy.root, env=nobodys).returncode == 0
    assert UTIL + "// once more\n" in copy.backups("util.ts")
    process = copy.home.start("--json", "watch", "--no-check", cwd=copy.root, env=copy.env)
    try:
        watch = Watch(process)
        watch.until("ready")
        remote.write("side.js", "// theirs\n")
        assert copy.json("pull")["pulled"] == ["side.js"]
        watch.until("change")
        git(copy.root, "checkout", "-q", ".")
        watch.until("warning", lambda event: "backup list" in event["message"])
        watch.until("synced", lambda event: event["path"] == "side.js")
        copy.write("side.js", "// ours\n")
        watch.until("synced", lambda event: event["path"] == "side.js")
        assert watch.end(signal.SIGINT) == 130
    finally:
        process.kill()
        process.communicate(timeout=60)
    assert "// theirs\n" in copy.backups("side.js")


@of_listed
def test_what_is_not_committed_yet_is_no_file_of_a_protected_project(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git
) -> None:
    copy.write("new.ts", "export {};\n")
    refused = copy.run("push", "--no-check")
    assert refused.returncode == 3
    assert "new.ts" in refused.stderr
    assert f"Branch main: project {remote.id}, which is protected." in refused.stderr
    assert copy.json("commit", "-m", "No", exit_code=3)["error"]["paths"] == ["new.ts"]
    assert remote.read("new.ts") is None
    assert "Changed here (`push` sends what is committed in git):" in copy.run("status").stdout
    git(copy.root, "checkout", "-q", "--detach")
    told = copy.run("status", "--no-remote")
    assert "No branch is checked out, but commit" in told.stderr
    assert copy.json("push", "--dry-run", "--no-check")["project"] == "nobody"
    assert "project nobody" in told.stderr


@of_listed
def test_watch_goes_on_with_the_project_of_the_branch_that_is_checked_out(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git
) -> None:
    git(copy.root, "checkout", "-q", "staging")
    copy.write("util.ts", UTIL + "// of staging\n")
    git(copy.root, "commit", "-q", "-am", "Change util on staging")
    process = copy.home.start("--json", "watch", "--no-check", cwd=copy.root, env=copy.env)
    try:
        watch = Watch(process)
        assert watch.until("ready")["project"] == staging.id
        watch.until("synced", lambda event: event["path"] == "util.ts")
        git(copy.root, "checkout", "-q", "main")
        watch.until("warning", lambda event: "Branch main is checked out now" in event["message"])
        watch.until("warning", lambda event: "what you save is not sent" in event["message"])
        assert watch.until("ready")["project"] == remote.id
        copy.write("main.ts", "// not for the live project\n")
        watch.until("change")
        git(copy.root, "checkout", "-q", "-f", "staging")
        assert watch.until("ready")["project"] == staging.id
        copy.write("main.ts", "// for staging\n")
        watch.until("synced", lambda event: event["path"] == "main.ts")
        assert watch.end(signal.SIGINT) == 130
    finally:
        process.kill()
        process.communicate(timeout=60)
    assert {event["event"] for event in watch.seen if event["event"] == "stopped"} == {"stopped"}
    assert [event["event"] for event in watch.seen].count("stopped") == 1
    assert remote.read("main.ts") == SMALL_PROJECT["main.ts"]
    assert remote.read("util.ts") == UTIL
    assert staging.read("main.ts") == "// for staging\n"


@of_listed
def test_a_branch_whose_settings_name_another_project_is_not_sent_to_the_one_before(
    copy: Copy, remote: OnServer, git: Git
) -> None:
    other = OnServer(remote.emulator, str(uuid.uuid4()))
    copy.write(".gitignore", ".xgodo/\n")
    git(copy.root, "init", "-q", "-b", "main")
    git(copy.root, "add", ".")
    git(copy.root, "commit", "-q", "-m", "Begin")
    git(copy.root, "checkout", "-q", "-b", "other")
    copy.write("xgodo.toml", copy.read("xgodo.toml").replace(remote.id, other.id))
    copy.write("util.ts", UTIL + "// of the other\n")
    git(copy.root, "commit", "-q", "-am", "Have a project of its own")
    git(copy.root, "checkout", "-q", "main")
    process = copy.home.start("--json", "watch", "--no-check", cwd=copy.root, env=copy.env)
    try:
        watch = Watch(process)
        assert watch.until("ready")["project"] == remote.id
        git(copy.root, "checkout", "-q", "other")
        assert watch.until("ready")["project"] == other.id
        watch.until("synced", lambda event: event["path"] == "util.ts")
        assert watch.end(signal.SIGINT) == 130
    finally:
        process.kill()
        process.communicate(timeout=60)
    assert remote.read("util.ts") == UTIL
    assert other.read("util.ts") == UTIL + "// of the other\n"


def test_a_checkout_while_a_push_is_under_way_sends_nothing_to_the_other_project(
    scripted: Copy, failing: Failing, git: Git
) -> None:
    settings = scripted.read("xgodo.toml")
    scripted.write(
        "xgodo.toml", settings + MAPPING.format(live=PROJECT, staging="staging").replace("true", "false")
    )
    scripted.write("main.ts", "// live\n")
    git(scripted.root, "init", "-q", "-b", "main")
    git(scripted.root, "add", ".")
    git(scripted.root, "commit", "-q", "-m", "Begin")
    git(scripted.root, "checkout", "-q", "-b", "staging")
    scripted.write("main.ts", "// staged\n")
    git(scripted.root, "commit", "-q", "-am", "Stage")
    git(scripted.root, "checkout", "-q", "main")
    usual = failing.server.handler

    async def checking_out(request: Request) -> Answer:
        failing.server.handler = usual
        git(scripted.root, "checkout", "-q", "staging")
        return await usual(request)

    failing.server.handler = checking_out
    refused = scripted.json("push", "--no-check", exit_code=1)
    assert (refused["error"]["code"], refused["pushed"]) == ("branch-switched", [])
    assert failing.files == {}


@of_listed
def test_a_commit_is_sent_in_place_of_the_working_files_and_by_its_own_rules(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git
) -> None:
    copy.write("util.ts", UTIL + "// committed\n")
    copy.write("crlf.ts", "// eins\r\nexport {};\r\n")
    copy.write("secret.ts", "export {};\n")
    copy.write(".xgodoignore", "secret.ts\n")
    copy.write("large.ts", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")
    (copy.root / "link.ts").symlink_to("main.ts")
    git(copy.root, "add", ".")
    git(copy.root, "commit", "-q", "-m", "Change a lot")
    commit = git(copy.root, "rev-parse", "HEAD")
    copy.write("util.ts", UTIL + "// work in progress\n" + "const wrong: number = 'text';\n")
    copy.delete(".xgodoignore", "side.js")

    told = copy.run("push", "--ref", "HEAD", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert {line for line in told.stderr.splitlines() if "would send" in line} == {
        "would send crlf.ts",
        "would send util.ts",
    }
    assert remote.read("crlf.ts") is None
    sent = copy.json("push", "--ref", "HEAD")
    assert (sent["pushed"], sent["failed"], sent["commit"]) == (["crlf.ts", "util.ts"], [], commit)
    assert len(sent["warnings"]) == 2
    assert remote.read("crlf.ts") == "// eins\r\nexport {};\r\n"
    assert remote.read("util.ts") == UTIL + "// committed\n"
    assert remote.read("side.js") == SMALL_PROJECT["side.js"]
    # The working tree is as it was, and differs from what the platform holds by the work in progress.
    assert copy.states("--remote") == {
        "large.ts": "local",
        "secret.ts": "local",
        "side.js": "deleted-local",
        "util.ts": "local",
    }
    assert copy.json("push", "--ref", "HEAD")["pushed"] == []

    # The branch that is named says where it goes.
    assert copy.json("push", "--ref", "staging", "side.js")["pushed"] == ["side.js"]
    assert (staging.read("side.js"), staging.read("util.ts")) == (SMALL_PROJECT["side.js"], None)
    for named in ("heads/staging", "refs/heads/staging"):
        assert copy.json("push", "--ref", named, "--dry-run")["project"] == staging.id
    unknown = copy.json("push", "--ref", "stagin", exit_code=2)["error"]
    assert "Did you mean staging?" in unknown["message"]
    # Git would take the tag, and say so only to people.
    git(copy.root, "tag", "staging")
    both = copy.json("push", "--ref", "staging", exit_code=2)["error"]
    assert "refs/heads/staging" in both["hint"]
    assert copy.json("push", "--ref", "refs/tags/staging", "--dry-run")["project"] == remote.id


@of_listed
def test_a_commit_replaces_nothing_that_it_does_not_build_on_unkept(
    copy: Copy, remote: OnServer, staging: OnServer, git: Git
) -> None:
    copy.write("util.ts", UTIL + "// ours\n")
    copy.write("main.ts", "const wrong: number = 'text';\n")
    git(copy.root, "commit", "-q", "-am", "Change both")
    checked = copy.json("push", "--ref", "HEAD", exit_code=1)
    assert checked["error"]["code"] == "check-failed"
    assert [each["path"] for each in checked["failed"]] == ["main.ts"]

    # A colleague has sent what this commit builds on.
    copy.write("util.ts", UTIL + "// ours\n// and later\n")
    git(copy.root, "commit", "-q", "-am", "Go on")
    remote.write("util.ts", UTIL + "// ours\n")
    sent = copy.json("push", "--no-check", "--ref", "HEAD", "util.ts")
    assert (sent["pushed"], "warnings" in sent) == (["util.ts"], False)
    # Or has put it back to that; which may have been meant.
    remote.write("util.ts", UTIL + "// ours\n")
    (warning,) = copy.json("push", "--no-check", "--ref", "HEAD", "util.ts")["warnings"]
    assert "Somebody had put util.ts on the platform back" in warning

    remote.write("util.ts", UTIL + "// theirs\n")
    remote.write("side.js", "// theirs, and pulled\n")
    assert copy.json("pull", "side.js")["pulled"] == ["side.js"]
    copy.write("util.ts", UTIL + "// ours, the last\n")
    git(copy.root, "commit", "-q", "-m", "Go further", "util.ts")
    refused = copy.json("push", "--no-check", "--ref", "HEAD", "util.ts", exit_code=3)
    assert (refused["pushed"], refused["error"]["code"]) == ([], "conflict")
    # What was pulled is thrown away here, so that nobody but the platform has it.
    git(copy.root, "checkout", "-q", "side.js")
    assert copy.json("push", "--no-check", "--ref", "HEAD", "side.js")["pushed"] == ["side.js"]
    assert "// theirs, and pulled\n" in copy.backups("side.js")


@of_listed
def test_without_git_all_but_what_needs_it_goes_on(copy: Copy, remote: OnServer, git: Git) -> None:
    copy.write("util.ts", UTIL + "// more\n")
    without = {"env": {**copy.env, "PATH": str(copy.home.folder)}}
    run = copy.home.json
    assert run("push", "--no-check", cwd=copy.root, **without)["pushed"] == ["util.ts"]
    assert run("status", cwd=copy.root, **without)["clean"]
    missing = run("push", "--ref", "HEAD", cwd=copy.root, exit_code=1, **without)["error"]
    assert (missing["code"], missing["message"]) == ("git-missing", "git is not on PATH.")
    alone = copy.json("push", "--ref", "HEAD", exit_code=2)["error"]
    assert alone["code"] == "no-repository"
