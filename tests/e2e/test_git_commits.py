"""`commit --git` and `log`: one command commits on both sides, and what failed half-way is finished by it."""

from __future__ import annotations

import os

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_listed
from tests.e2e.git_copy import GitCopy, in_git
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, OnServer
from tests.scripted_server import Answer, Request, json_answer

HASH = "f" * 40
UTIL = SMALL_PROJECT["util.ts"]


@pytest.fixture
def ada(copy: Copy) -> GitCopy:
    return in_git(copy)


@of_listed
def test_both_sides_are_committed_with_one_message_and_shown_together(ada: GitCopy, remote: OnServer) -> None:
    ada.write("util.ts", UTIL + "// more\n")
    ada.write("notes.txt", "not for the platform\n")
    made = ada.json("commit", "--git", "-m", "Retry")
    assert made["git"] == {
        "hash": ada.git("rev-parse", "HEAD"),
        "message": "Retry",
        "made": True,
        "recorded": True,
    }
    assert (made["message"], made["pushed"], remote.commits()) == ("Retry", ["util.ts"], ["Retry"])
    assert ada.git("status", "--short") == ""
    note = ada.git("notes", "--ref=xgodo", "show")
    assert note.startswith(f"Xgodo-Commit: {made['hash']} project={remote.id} server=http")
    again = ada.json("commit", "--git", "-m", "Nothing new", exit_code=1)
    assert again["error"]["code"] == "nothing-to-commit"
    ada.write("notes.txt", "more\n")
    ada.git("commit", "-qam", "Only here")
    listed = ada.json("log")
    (commit,) = listed["commits"]
    assert (commit["hash"], commit["git"]["hash"]) == (made["hash"], made["git"]["hash"])
    assert [each["message"] for each in listed["not_on_platform"]] == ["Only here"]
    shown = [line.split() for line in ada.run("log").stdout.splitlines()]
    assert [(line[0], line[-1]) for line in shown] == [
        ("platform", "message"),
        ("-", "here"),
        (made["hash"][:10], "Retry"),
    ]


@of_listed
def test_a_hook_that_refuses_comes_before_the_platforms_commit(ada: GitCopy, remote: OnServer) -> None:
    hook = ada.root / ".git/hooks/commit-msg"
    hook.write_text("#!/bin/sh\necho 'no ticket named' >&2\nexit 1\n")
    hook.chmod(0o755)
    ada.write("util.ts", UTIL + "// more\n")
    refused = ada.json("commit", "--git", "-m", "Retry", exit_code=1)
    assert refused["error"]["code"] == "git-refused"
    assert refused["error"]["said"] == ["no ticket named"]
    assert (refused["pushed"], remote.commits()) == (["util.ts"], [])
    hook.unlink()
    made = ada.json("commit", "--git", "-m", "Retry")
    assert made["git"]["made"]
    assert remote.commits() == ["Retry"]


@of_listed
def test_what_a_hook_makes_of_the_files_is_on_the_platform_too(ada: GitCopy, remote: OnServer) -> None:
    hook = ada.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nsed -i 's/ *= */ = /' util.ts && git add util.ts\n")
    hook.chmod(0o755)
    ada.write("util.ts", UTIL + "export const three=3;\n")
    ada.write("main.ts", "export {};\n")
    made = ada.json("commit", "--git", "-m", "Retry")
    formatted = UTIL + "export const three = 3;\n"
    assert ada.git("show", "HEAD:util.ts") + "\n" == remote.read("util.ts") == formatted
    assert made["pushed"] == ["main.ts", "util.ts"]
    # Nothing is left staged that would undo it.
    assert ada.git("status", "--short") == ""
    assert ada.states("--remote") == {}


@of_listed
def test_a_commit_that_no_branch_has_is_told(ada: GitCopy) -> None:
    ada.git("checkout", "-q", "--detach")
    ada.write("util.ts", UTIL + "// more\n")
    done = ada.run("commit", "--git", "-m", "Retry")
    assert done.returncode == 0, done.stderr
    assert f"`git branch NAME {ada.git('rev-parse', '--short', 'HEAD')}`" in done.stderr


def test_a_branch_that_is_checked_out_meanwhile_gets_no_commit(scripted: Copy, failing: Failing) -> None:
    ada = in_git(scripted)
    before = ada.git("rev-parse", "HEAD")
    ada.write("main.ts", "export {};\n")
    usual = failing.server.handler

    async def checking_out(request: Request) -> Answer:
        if request.method != "GET":
            ada.git("checkout", "-q", "-B", "other")
        return await usual(request)

    failing.server.handler = checking_out
    refused = ada.json("commit", "--git", "-m", "Retry", exit_code=1)
    assert refused["error"]["code"] == "git-not-ready"
    assert "main was" in refused["error"]["message"]
    assert ada.git("rev-parse", "main") == ada.git("rev-parse", "other") == before


def test_what_the_platform_has_already_is_recorded_with_gits_commit(ada: GitCopy) -> None:
    ada.write("util.ts", UTIL + "// more\n")
    before = ada.json("commit", "-m", "Retry")
    made = ada.json("commit", "--git", "-m", "Retry")
    assert (made["hash"], made["git"]["made"], made["git"]["recorded"]) == (before["hash"], True, True)


@of_listed
def test_a_commit_that_git_has_already_is_recorded_with_the_platforms(ada: GitCopy) -> None:
    ada.write("util.ts", UTIL + "// more\n")
    ada.git("commit", "-qam", "By hand")
    made = ada.json("commit", "--git", "-m", "Retry")
    assert made["git"]["message"] == "By hand"
    assert (made["git"]["made"], made["git"]["recorded"]) == (False, True)
    shown = ada.run("log").stdout.splitlines()
    assert [line.split()[-1] for line in shown] == ["message", "Retry", "hand"]
    assert shown[2].strip() == "in git: By hand"


def test_a_platform_that_fails_last_is_caught_up_with_by_the_same_command(
    scripted: Copy, failing: Failing
) -> None:
    ada = in_git(scripted)
    ada.write("main.ts", "export {};\n")
    failing.writes_taken = 1
    refused = ada.json("commit", "--git", "-m", "Retry", exit_code=5)
    assert "The same command again" in refused["error"]["hint"]
    assert refused["git"]["hash"] == ada.git("rev-parse", "HEAD")
    usual = failing.server.handler

    async def committing(request: Request) -> Answer:
        return json_answer({"commit": {"hash": HASH}}) if "commit" in request.path else await usual(request)

    failing.server.handler = committing
    made = ada.json("commit", "--git", "-m", "Retry")
    assert made["hash"] == HASH
    assert made["git"] == {**refused["git"], "made": False, "recorded": True}
    assert ada.git("log", "--format=%s").splitlines() == ["Retry", "Begin"]


@of_listed
def test_what_git_lacks_is_found_out_before_anything_is_sent(copy: Copy, remote: OnServer) -> None:
    copy.write("util.ts", UTIL + "// more\n")
    assert copy.json("commit", "--git", "-m", "x", exit_code=2)["error"]["code"] == "no-repository"
    assert copy.json("commit", "--git", "--no-push", "-m", "x", exit_code=2)["error"]["code"] == "usage"
    ada = in_git(copy)
    ada.git("config", "--global", "--remove-section", "user")
    ada.git("config", "--global", "user.useConfigOnly", "true")
    nobody = ada.json("commit", "--git", "-m", "x", exit_code=1)
    assert nobody["error"]["code"] == "git-not-ready"
    without = {**ada.env, "PATH": os.devnull}
    missing = ada.home.json("commit", "--git", "-m", "x", exit_code=1, cwd=ada.root, env=without)
    assert missing["error"]["code"] == "git-missing"
    assert set(ada.home.json("log", cwd=ada.root, env=without)) == {"commits"}
    assert remote.read("util.ts") == UTIL


@of_listed
def test_to_a_protected_project_goes_what_git_has_committed(ada: GitCopy, remote: OnServer) -> None:
    settings = ada.read("xgodo.toml")
    ada.write("xgodo.toml", f'{settings}\n[branches.main]\nproject = "{remote.id}"\nprotected = true\n')
    ada.write("util.ts", UTIL + "// more\n")
    made = ada.json("commit", "--git", "-m", "Retry")
    assert (made["git"]["made"], made["pushed"]) == (True, ["util.ts"])
    remote.write("util.ts", UTIL + "// theirs\n")
    ada.write("util.ts", UTIL + "// ours\n")
    refused = ada.json("commit", "--git", "-m", "Once more", exit_code=3)
    assert refused["git"]["message"] == "Once more"
    assert "The same command again" in refused["error"]["hint"]
    assert remote.commits() == ["Retry"]
