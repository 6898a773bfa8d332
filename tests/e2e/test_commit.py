"""`commit` and `log`: nothing broken is committed, and what was is listed."""

from __future__ import annotations

import time

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_listed
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, OnServer, give_up_privileges

UTIL = SMALL_PROJECT["util.ts"]
TYPE_ERROR = 'export const one: number = "one";\n'
SAID = " [committed with type errors]"


@pytest.fixture
def broken_there(copy: Copy) -> Copy:
    """The server stores a file that it could not compile; here it type-checks, by a declaration it lacks."""
    copy.write("util.ts", "export const one = HERE;\n")
    copy.json("push", "--no-check", exit_code=1)
    copy.write(".xgodo/types/here.d.ts", "declare const HERE: number;\n")
    assert copy.json("check")["ok"] is True
    return copy


def test_a_commit_pushes_first_and_gives_a_real_hash(copy: Copy, remote: OnServer) -> None:
    copy.write("util.ts", UTIL + "// more\n")
    made = copy.json("commit", "-m", "First version")
    assert set(made) == {"hash", "message", "pushed"}
    assert (made["message"], made["pushed"]) == ("First version", ["util.ts"])
    assert len(made["hash"]) == 40
    assert remote.commits() == ["First version"]
    again = copy.json("commit", "-m", "Nothing new", exit_code=1)
    assert again["error"]["code"] == "nothing-to-commit"


@of_listed
def test_nothing_is_committed_while_the_check_fails(copy: Copy, remote: OnServer) -> None:
    copy.write("util.ts", TYPE_ERROR)
    for options in ([], ["--no-push"]):
        refused = copy.json("commit", "-m", "Broken", *options, exit_code=1)
        assert refused["error"]["code"] == "check-failed"
        assert "--allow-errors" in refused["error"]["hint"]
    assert remote.commits() == []
    assert remote.read("util.ts") == UTIL


def test_nothing_is_committed_while_the_server_can_not_compile_it(
    broken_there: Copy, remote: OnServer
) -> None:
    for options in ([], ["--no-push"]):
        refused = broken_there.json("commit", "-m", "Broken", *options, exit_code=1)
        assert refused["error"]["code"] == "compile-refused"
        assert [failure["path"] for failure in refused["failed"]] == ["util.ts"]
    assert remote.commits() == []
    # Also when the text is another one here by now.
    broken_there.write("util.ts", UTIL)
    assert broken_there.json("commit", "-m", "Broken", "--no-push", exit_code=1)["failed"]
    assert broken_there.json("commit", "-m", "Whole")["pushed"] == ["util.ts"]
    assert remote.commits() == ["Whole"]


def test_a_commit_in_spite_of_errors_says_so_in_its_message(broken_there: Copy, remote: OnServer) -> None:
    made = broken_there.json("commit", "--allow-errors", "--no-push", "-m", "On purpose")
    assert made["message"] == "On purpose" + SAID
    broken_there.write("util.ts", TYPE_ERROR)
    made = broken_there.json("commit", "--allow-errors", "-m", "x" * 1000)
    assert len(made["message"]) == 1000
    assert made["message"].endswith("x" + SAID)
    assert remote.commits() == [made["message"], "On purpose" + SAID]


@pytest.mark.parametrize("bad", [b"\xff\xfe", None], ids=["no text", "unreadable"])
def test_errors_that_are_allowed_are_the_compilers_only(
    scripted: Copy, failing: Failing, bad: bytes | None
) -> None:
    failing.compile = lambda path, _content: ["Error at 1:1: no"] if path == "broken.ts" else []
    scripted.write_all({"broken.ts": "export {};\n", "bad.js": bad or b"1\n"})
    if bad is None:
        (scripted.root / "bad.js").chmod(0)
    refused = scripted.json("commit", "--allow-errors", "-m", "x", exit_code=1, preexec_fn=give_up_privileges)
    assert refused["error"]["code"] == "not-sent"
    assert "bad.js" in refused["error"]["message"]
    assert [each["path"] for each in refused["failed"]] == ["bad.js", "broken.ts"]
    assert not [call for call in failing.server.calls() if "commit" in call]


@of_listed
@pytest.mark.parametrize("leave", ["remove", "ignore"])
def test_what_the_server_could_not_compile_is_not_committed_though_it_is_gone_here(
    copy: Copy, remote: OnServer, leave: str
) -> None:
    copy.write("broken.ts", TYPE_ERROR)
    copy.json("push", "--no-check", exit_code=1)
    if leave == "ignore":
        copy.write(".xgodoignore", "broken.ts\n")
        copy.write("broken.ts", "export {};\n")
    else:
        copy.delete("broken.ts")
    copy.write("mended.ts", "export const one = 1;\n")
    refused = copy.json("commit", "-m", "Renamed", exit_code=1)
    assert refused["error"]["code"] == "compile-refused"
    assert refused["pushed"] == ["mended.ts"]
    assert [each["path"] for each in refused["failed"]] == ["broken.ts"]
    assert remote.commits() == []
    assert "broken.ts: Error at 1:14" in copy.run("commit", "-m", "Renamed").stderr
    assert copy.json("commit", "--allow-errors", "-m", "Renamed")["message"] == "Renamed" + SAID


@of_listed
def test_a_conflict_holds_the_commit_back(copy: Copy, remote: OnServer) -> None:
    remote.write("util.ts", UTIL + "// theirs\n")
    copy.write("util.ts", UTIL + "// ours\n")
    refused = copy.json("commit", "--allow-errors", "-m", "Mine", exit_code=3)
    assert refused["error"]["code"] == "conflict"
    assert remote.commits() == []


@of_listed
@pytest.mark.parametrize("message", ["", "   ", "x" * 1001])
def test_a_commit_message_has_1_to_1000_characters(copy: Copy, message: str) -> None:
    assert copy.json("commit", "-m", message, exit_code=2)["error"]["code"] == "usage"


def test_commits_are_listed_newest_first(copy: Copy, remote: OnServer) -> None:
    assert copy.json("log") == {"commits": []}
    began = time.time()
    first = copy.json("commit", "-m", "First\n\nwith more to say")
    copy.write("util.ts", UTIL + "// more\n")
    second = copy.json("commit", "-m", "Second")
    listed = copy.json("log")["commits"]
    assert [(each["hash"], each["message"].strip()) for each in listed] == [
        (second["hash"], "Second"),
        (first["hash"], "First\n\nwith more to say"),
    ]
    assert all(set(each) == {"hash", "message", "time"} for each in listed)
    assert all(began - 2 <= each["time"] <= time.time() + 2 for each in listed)
    assert [each["message"].strip() for each in copy.json("log", "-n", "1")["commits"]] == ["Second"]
    shown = copy.run("log")
    assert shown.stdout.splitlines()[0].endswith("Second")
    assert ("no history" in shown.stderr) == ("documented" in str(remote.folder))
