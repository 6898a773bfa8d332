"""Two people work on one project: `pull`, `push`, `diff` and `status` between two folders."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_listed
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, OnServer

UTIL = SMALL_PROJECT["util.ts"]
OURS = UTIL.replace("one = 1", "one = 11")
THEIRS = UTIL.replace("one = 1", "one = 111")
ELSEWHERE = UTIL.replace("two = 2", "two = 22")
BOTH = ELSEWHERE.replace("one = 1", "one = 11")


def push(copy: Copy, *arguments: str) -> None:
    copy.json("push", "--no-check", *arguments)


@pytest.fixture
def conflict(copy: Copy, remote: OnServer) -> Copy:
    """Ada's folder, in which the first line of ``util.ts`` is another than the one that Bob has sent."""
    remote.write("util.ts", THEIRS)
    copy.write("util.ts", OURS)
    return copy


def test_what_one_sends_the_other_pulls(copy: Copy, other: Copy) -> None:
    copy.write_all({"new/more.ts": "export const more = 3;\n", "util.ts": OURS})
    copy.write("main.ts", 'import "./new/more";\nimport "./util";\nimport "./side.js";\n')
    push(copy)
    assert other.json("pull") == {
        "pulled": ["main.ts", "new/more.ts", "util.ts"],
        "merged": [],
        "conflicts": [],
    }
    assert other.read("new/more.ts") == "export const more = 3;\n"
    assert other.backups("util.ts") == [UTIL]
    assert other.states("--remote") == {}
    assert other.json("pull") == {"pulled": [], "merged": [], "conflicts": []}


@of_listed
def test_a_dry_run_of_a_pull_says_what_it_would_do_and_touches_nothing(
    conflict: Copy, remote: OnServer
) -> None:
    remote.write("main.ts", "export {};\n")
    remote.delete("side.js")
    before = conflict.files()
    told = conflict.json("pull", "--dry-run")
    assert told == {
        "pulled": [],
        "merged": [],
        "conflicts": ["util.ts"],
        "would_pull": ["main.ts"],
        "would_remove": ["side.js"],
    }
    shown = conflict.run("pull", "--dry-run", "util.ts")
    assert shown.returncode == 0
    assert shown.stderr.splitlines() == ["would merge util.ts, or find a conflict in it"]
    assert conflict.files() == before
    assert conflict.states() == {"util.ts": "local"}


@of_listed
def test_a_dry_run_knows_how_conflicts_would_be_decided(conflict: Copy, remote: OnServer) -> None:
    conflict.delete("side.js")
    remote.write("side.js", "// theirs\n")
    asked = conflict.run("pull", "--dry-run").stderr.splitlines()
    assert asked == [
        "conflict side.js: deleted here, changed on the platform",
        "would merge util.ts, or find a conflict in it",
    ]
    ours = conflict.json("pull", "--dry-run", "--ours")
    assert (ours["would_keep"], ours["conflicts"]) == (["side.js", "util.ts"], [])
    shown = conflict.run("pull", "--dry-run", "--ours").stderr.splitlines()
    assert shown == [
        "would leave side.js deleted here",
        "would merge util.ts, or keep util.ts as it is here",
    ]
    theirs = conflict.json("pull", "--dry-run", "--theirs")
    assert (theirs["would_pull"], theirs["conflicts"]) == (["side.js", "util.ts"], [])
    shown = conflict.run("pull", "--dry-run", "--theirs").stderr.splitlines()
    assert shown == [
        "would pull side.js",
        "would merge util.ts, or replace util.ts with the platform's",
    ]
    # Once it was told, the decision is about all of the file.
    conflict.json("pull", "util.ts", exit_code=3)
    shown = conflict.run("pull", "--dry-run", "--ours", "util.ts").stderr.splitlines()
    assert shown == ["would keep util.ts as it is here"]
    shown = conflict.run("pull", "--dry-run", "--theirs", "util.ts").stderr.splitlines()
    assert shown == ["would replace util.ts with the platform's"]


@of_listed
@pytest.mark.parametrize(("decision", "outcome"), [("--ours", "kept"), ("--theirs", "pulled")])
def test_a_file_edited_until_it_is_right_is_decided_as_it_is(
    conflict: Copy, remote: OnServer, decision: str, outcome: str
) -> None:
    theirs = THEIRS.replace("two = 2", "two = 222")
    remote.write("util.ts", theirs)
    assert conflict.json("pull", exit_code=3)["conflicts"] == ["util.ts"]
    # Their first line and our second, on purpose: what a merge would make of this is theirs.
    mine = THEIRS
    conflict.write("util.ts", mine)
    assert conflict.json("pull", decision)[outcome] == ["util.ts"]
    assert conflict.read("util.ts") == (mine if decision == "--ours" else theirs)
    if decision == "--ours":
        assert conflict.json("push", "--no-check")["pushed"] == ["util.ts"]
        assert remote.read("util.ts") == mine
    assert conflict.backups("util.ts") == [theirs if decision == "--ours" else mine]


@of_listed
def test_a_merge_that_makes_what_they_have_promises_no_push(copy: Copy, remote: OnServer) -> None:
    theirs = THEIRS.replace("two = 2", "two = 222")
    remote.write("util.ts", theirs)
    copy.write("util.ts", THEIRS)
    assert copy.json("pull") == {"pulled": ["util.ts"], "merged": [], "conflicts": []}
    assert copy.read("util.ts") == theirs
    assert copy.backups("util.ts") == [THEIRS]
    assert copy.states("--remote") == {}


def test_changes_of_different_lines_are_merged_and_the_merge_is_pushed(copy: Copy, other: Copy) -> None:
    other.write("util.ts", ELSEWHERE)
    push(other)
    copy.write("util.ts", OURS)
    assert copy.json("push", "--no-check", exit_code=3)["conflicts"] == ["util.ts"]
    assert copy.json("pull") == {"pulled": [], "merged": ["util.ts"], "conflicts": []}
    assert copy.read("util.ts") == BOTH
    assert copy.backups("util.ts") == [OURS]
    assert copy.json("push", "--no-check")["pushed"] == ["util.ts"]
    assert other.json("pull")["pulled"] == ["util.ts"]
    assert other.read("util.ts") == BOTH


def test_a_conflict_touches_nothing_on_either_side(conflict: Copy, remote: OnServer) -> None:
    before = conflict.files()
    for _ in range(2):
        told = conflict.json("pull", exit_code=3)
        assert (told["pulled"], told["merged"], told["conflicts"]) == ([], [], ["util.ts"])
        assert told["error"]["code"] == "conflict"
        assert told["error"]["hint"]
        assert conflict.json("push", "--no-check", exit_code=3)["error"]["code"] == "conflict"
        assert conflict.files() == before
        assert remote.read("util.ts") == THEIRS
    assert conflict.states() == {"util.ts": "conflict"}
    assert conflict.states("--remote") == {"util.ts": "conflict"}


def test_a_conflict_holds_back_no_other_file(conflict: Copy, remote: OnServer) -> None:
    remote.write("side.js", "// theirs\n")
    conflict.write("main.ts", "export {};\n")
    assert conflict.json("pull", exit_code=3)["pulled"] == ["side.js"]
    assert conflict.json("push", "--no-check", exit_code=3)["pushed"] == ["main.ts"]


def test_a_conflict_decided_for_ours_is_sent_and_theirs_is_kept(conflict: Copy, remote: OnServer) -> None:
    assert conflict.json("pull", "--ours")["kept"] == ["util.ts"]
    assert conflict.read("util.ts") == OURS
    assert remote.read("util.ts") == THEIRS
    assert conflict.json("push", "--no-check")["pushed"] == ["util.ts"]
    assert remote.read("util.ts") == OURS
    assert conflict.backups("util.ts") == [THEIRS]


def test_a_conflict_decided_for_theirs_is_brought_and_ours_is_kept(conflict: Copy) -> None:
    assert conflict.json("pull", "--theirs")["pulled"] == ["util.ts"]
    assert conflict.read("util.ts") == THEIRS
    assert conflict.states("--remote") == {}
    assert conflict.backups("util.ts") == [OURS]


@of_listed
def test_only_the_named_conflict_is_decided(conflict: Copy, remote: OnServer) -> None:
    remote.write("side.js", "// theirs\n")
    conflict.write("side.js", "// ours\n")
    assert conflict.json("pull", "--theirs", "side.js")["pulled"] == ["side.js"]
    assert conflict.states("--remote") == {"util.ts": "conflict"}


@of_listed
def test_an_edit_to_what_the_server_holds_resolves_a_conflict(conflict: Copy) -> None:
    conflict.json("pull", exit_code=3)
    conflict.write("util.ts", THEIRS)
    assert conflict.json("pull")["conflicts"] == []
    assert conflict.states() == {}
    conflict.write("util.ts", OURS)
    assert conflict.json("push", "--no-check")["pushed"] == ["util.ts"]


@of_listed
def test_ours_and_theirs_exclude_each_other(conflict: Copy) -> None:
    assert conflict.json("pull", "--ours", "--theirs", exit_code=2)["error"]["code"] == "usage"


def test_a_push_leaves_what_only_the_other_changed(copy: Copy, remote: OnServer) -> None:
    remote.write("util.ts", THEIRS)
    assert copy.json("push", "--no-check", "util.ts")["skipped"] == ["util.ts"]
    assert remote.read("util.ts") == THEIRS


def test_a_file_nobody_imports_is_pulled_by_its_name(copy: Copy, remote: OnServer) -> None:
    remote.write("alone.ts", "export {};\n")
    assert copy.json("pull", "alone.ts")["pulled"] == ["alone.ts"]
    assert copy.read("alone.ts") == "export {};\n"
    assert copy.states("--remote") == {}
    missing = copy.json("pull", "never.ts", exit_code=2)
    assert "never.ts" in missing["error"]["message"]


def test_a_folder_is_pulled_by_its_name(copy: Copy, remote: OnServer) -> None:
    copy.write("lib/a.ts", "export {};\n")
    push(copy)
    remote.write_all({"lib/a.ts": "export const a = 1;\n", "util.ts": THEIRS})
    (copy.root / "empty").mkdir()
    assert copy.json("pull", "lib")["pulled"] == ["lib/a.ts"]
    copy.delete("lib/a.ts")
    (copy.root / "lib").rmdir()
    assert copy.json("pull", "--theirs", "lib")["pulled"] == ["lib/a.ts"]
    assert copy.json("pull", "empty", exit_code=2)["error"]["code"] == "usage"


def test_an_import_that_can_not_be_had_is_a_failure_of_the_pull(scripted: Copy, failing: Failing) -> None:
    failing.files = {"main.ts": 'import "./lib/a";\n', "lib/a.ts": "export {};\n"}
    failing.refuse_reading = {"lib/a.ts"}
    told = scripted.json("pull", "main.ts", exit_code=1)
    assert told["pulled"] == ["main.ts"]
    assert [each["path"] for each in told["failed"]] == ["lib/a.ts"]


def test_a_diff_shows_every_file_that_it_can_and_fails_for_the_others(
    scripted: Copy, failing: Failing
) -> None:
    failing.has_project_api = True
    failing.files = {f"{number:02}.js": "// theirs\n" for number in range(40)}
    failing.files |= {"empty.js": ""}
    failing.refuse_reading = {"07.js"}
    scripted.write_all({"01.js": "// ours\n", "new.js": "", "crlf.js": "a\r\n\x1b[1mb\u2028c\fd\n"})
    failing.files["crlf.js"] = "a\n\x1b[1mb\u2028c\fd\n"
    told = scripted.json("diff", exit_code=1)
    paths = [each["path"] for each in told["files"]]
    assert paths == sorted({*failing.files, "new.js"} - {"07.js"})
    assert [each["path"] for each in told["failed"]] == ["07.js"]
    assert told["error"]["code"] == "api"
    diffs = {each["path"]: each["diff"] for each in told["files"]}
    assert diffs["new.js"] == "--- /dev/null\n+++ here/new.js\n"
    assert diffs["empty.js"] == "--- platform/empty.js\n+++ /dev/null\n"
    # Captured, the patch is exact.
    with scripted.home.start("diff", "crlf.js", "empty.js", cwd=scripted.root, env=scripted.env) as process:
        assert process.stdout is not None
        shown = process.stdout.buffer.read().decode()
    assert shown == diffs["crlf.js"] + diffs["empty.js"]
    assert "\n-a\n+a\r\n \x1b[1mb\u2028c\fd\n" in diffs["crlf.js"]


@of_listed
def test_a_diff_shows_what_is_here_and_not_there_and_the_other_way_round(
    copy: Copy, remote: OnServer
) -> None:
    copy.write("util.ts", OURS)
    copy.write("new.ts", "export {};")
    copy.delete("main.ts")
    remote.write("side.js", "// theirs\n")
    told = {each["path"]: each["diff"] for each in copy.json("diff")["files"]}
    assert sorted(told) == ["main.ts", "new.ts", "side.js", "util.ts"]
    assert told["util.ts"] == (
        "--- platform/util.ts\n+++ here/util.ts\n@@ -1,4 +1,4 @@\n"
        "-export const one = 1;\n+export const one = 11;\n \n // between\n \n"
    )
    assert told["new.ts"].startswith("--- /dev/null\n+++ here/new.ts\n")
    assert told["new.ts"].endswith("\n\\ No newline at end of file\n")
    assert "\n+++ /dev/null\n" in told["main.ts"]
    assert "\n-// theirs\n" in told["side.js"]
    assert [each["path"] for each in copy.json("diff", "util.ts")["files"]] == ["util.ts"]
    shown = copy.run("diff", "util.ts")
    assert shown.stdout == told["util.ts"]
    assert "\x1b" not in shown.stdout


@of_listed
def test_a_diff_of_equal_sides_says_so_and_ends_with_0(copy: Copy) -> None:
    assert copy.json("diff") == {"files": []}
    shown = copy.run("diff")
    assert (shown.returncode, shown.stdout) == (0, "")
    assert "No file differs" in shown.stderr
