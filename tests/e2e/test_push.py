"""`push`: what is sent, what is held back, and what is said of either."""

from __future__ import annotations

from typing import Any

from tests.e2e.conftest import SMALL_PROJECT, Emulator, Home, of_listed
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, OnServer, give_up_privileges, new_copy

UTIL = SMALL_PROJECT["util.ts"]
TYPE_ERROR = 'export const one: number = "one";\n'
SERVERS_WORDS = "Error at 1:14: Type 'string' is not assignable to type 'number'."


def test_everything_is_sent_once_and_then_nothing(home: Home, server: Emulator, remote: OnServer) -> None:
    copy = new_copy(home, server, remote.id, home.folder / "new", SMALL_PROJECT | {"README.md": "no\n"})
    assert copy.json("push") == {"pushed": sorted(SMALL_PROJECT), "skipped": [], "failed": []}
    assert copy.json("push") == {"pushed": [], "skipped": sorted(SMALL_PROJECT), "failed": []}
    copy.write("util.ts", UTIL + "// more\n")
    (copy.root / "deep" / "er").mkdir(parents=True)
    third = copy.json("push", "-C", "deep/er")
    assert third == {"pushed": ["util.ts"], "skipped": ["main.ts", "side.js"], "failed": []}
    assert remote.read("README.md") is None
    assert remote.read("xgodo.toml") is None


def test_what_was_sent_is_on_the_server_byte_for_byte(copy: Copy, remote: OnServer) -> None:
    texts = {
        "crlf.ts": "// eins\r\n// zwei — drei\n\n",
        "bom.ts": "\ufeff// x\n",
        "empty.ts": "",
        "ünï.js": "1",
    }
    copy.write_all(texts)
    assert copy.json("push", "--no-check")["pushed"] == sorted(texts)
    assert {path: remote.read(path) for path in texts} == texts


@of_listed
def test_a_folder_on_the_command_line_means_what_is_below_it(copy: Copy, remote: OnServer) -> None:
    copy.write_all({"lib/a.ts": "export {};\n", "lib/deep/b.ts": "export {};\n", "main.ts": "export {};\n"})
    assert copy.json("push", "--no-check", "lib")["pushed"] == ["lib/a.ts", "lib/deep/b.ts"]
    assert copy.states() == {"main.ts": "local"}
    for never in ("nowhere.ts", "../outside.ts", "tsconfig.json", "xgodo.toml"):
        refused = copy.json("push", "--no-check", never, exit_code=2)["error"]
        assert refused["code"] == "usage"
        assert never in refused["message"]


@of_listed
def test_a_dry_run_says_what_would_become_of_each_file_and_sends_nothing(
    copy: Copy, remote: OnServer
) -> None:
    copy.write("gone.ts", "export {};\n")
    copy.json("push", "--no-check")
    remote.write("side.js", "// theirs\n")
    copy.write_all({"main.ts": 'import "./util";\n', "side.js": "// ours\n"})
    copy.delete("gone.ts")
    copy.states("--remote")
    told = copy.json("push", "--dry-run", exit_code=3)
    assert told["would_push"] == ["main.ts"]
    assert told["conflicts"] == ["side.js"]
    assert told["pushed"] == []
    assert remote.read("main.ts") == SMALL_PROJECT["main.ts"]
    shown = copy.run("push", "--dry-run")
    # As the push would end.
    assert shown.returncode == 3
    assert shown.stderr.splitlines()[:3] == [
        "gone.ts is gone here but stays on the platform, whose API has no delete.",
        "would send main.ts",
        "would not send side.js: changed on the platform too",
    ]
    # Saying it in a dry run is not yet having said it.
    assert copy.json("push", "--dry-run", exit_code=3) == told


@of_listed
def test_a_dry_run_foresees_what_can_not_be_sent(copy: Copy) -> None:
    (copy.root / "side.js").write_bytes(b"// \xff\n")
    copy.write("main.ts", "export {};\n")
    foreseen = copy.json("push", "--dry-run", "--no-check", exit_code=1)
    assert foreseen["would_push"] == ["main.ts"]
    assert [each["path"] for each in foreseen["failed"]] == ["side.js"]
    shown = copy.run("push", "--dry-run", "--no-check").stderr
    assert "would not send side.js: not UTF-8 text" in shown


@of_listed
def test_what_is_deleted_here_and_changed_there_is_told_with_its_own_ways_out(
    copy: Copy, remote: OnServer
) -> None:
    copy.delete("side.js")
    remote.write("side.js", "// theirs\n")
    refused = copy.json("push", "--no-check", exit_code=3)
    assert refused["conflicts"] == ["side.js"]
    told = copy.run("push", "--no-check").stderr
    assert "conflict side.js: deleted here, changed on the platform\n" in told
    assert "`pull --theirs side.js`" in told
    assert "--force" not in told
    assert "would not send side.js: deleted here, changed there" in copy.run("push", "--dry-run").stderr
    forced = copy.run("push", "--no-check", "--force")
    assert forced.returncode == 0
    assert forced.stderr.splitlines()[0] == (
        "side.js is gone here but stays on the platform, whose API has no delete."
    )
    # Should the file come back here and be sent, theirs is replaced.
    assert copy.backups("side.js") == ["// theirs\n"]
    assert remote.read("side.js") == "// theirs\n"
    assert copy.states() == {"side.js": "deleted-local"}


@of_listed
def test_a_failed_check_holds_the_push_back(copy: Copy, remote: OnServer) -> None:
    copy.write("util.ts", TYPE_ERROR)
    held = copy.json("push", exit_code=1)
    assert held["pushed"] == []
    assert [failure["path"] for failure in held["failed"]] == ["util.ts"]
    assert held["error"]["code"] == "check-failed"
    assert remote.read("util.ts") == UTIL
    refused = copy.json("push", "--no-check", exit_code=1)
    assert refused["error"]["code"] == "compile-refused"
    assert refused["failed"] == [{"path": "util.ts", "errors": [SERVERS_WORDS]}]
    shown = copy.run("push", "--no-check")
    assert f"util.ts: {SERVERS_WORDS}" in shown.stderr
    assert copy.states() == {"util.ts": "compile-error"}


def test_files_that_need_each_other_are_sent_in_any_order(copy: Copy) -> None:
    copy.write_all({"a.ts": 'export { c } from "./b";\n', "b.ts": 'export { c } from "./c";\n'})
    copy.write("c.ts", "export const c = 1;\n")
    assert copy.json("push", "--no-check")["pushed"] == ["a.ts", "b.ts", "c.ts"]


def test_one_file_that_can_not_be_sent_stops_no_other(copy: Copy) -> None:
    copy.write_all({"bad.js": b"\xff\xfe", "good.js": b"1\n"})
    refused = copy.json("push", "--no-check", exit_code=1)
    assert refused["pushed"] == ["good.js"]
    assert refused["error"]["code"] == "not-sent"
    assert [failure["path"] for failure in refused["failed"]] == ["bad.js"]
    assert "UTF-8" in refused["failed"][0]["errors"][0]


def test_one_file_that_can_not_be_read_is_no_clean_status_and_stops_no_other(
    scripted: Copy, failing: Failing
) -> None:
    scripted.write_all({"a.ts": "export {};\n", "b.ts": "export {};\n"})
    scripted.json("push", "--no-check")
    scripted.write_all({"a.ts": "export const a = 1;\n"})
    (scripted.root / "a.ts").chmod(0)

    def told(*arguments: str, exit_code: int = 0) -> Any:
        return scripted.json(*arguments, exit_code=exit_code, preexec_fn=give_up_privileges)

    assert told("status") == {"changes": [], "clean": False, "unreadable": ["a.ts"]}
    shown = scripted.run("status", preexec_fn=give_up_privileges)
    assert "Nothing differs" not in shown.stdout
    assert "a.ts can't be read" in shown.stderr
    scripted.write("b.ts", "export const b = 1;\n")
    foreseen = told("push", "--no-check", "--dry-run", exit_code=1)
    assert [each["path"] for each in foreseen["failed"]] == ["a.ts"]
    pushed = told("push", "--no-check", exit_code=1)
    assert pushed["pushed"] == ["b.ts"]
    assert pushed["error"]["code"] == "not-sent"
    scripted.write("b.ts", "export const b = 2;\n")
    compared = told("diff", exit_code=1)
    assert [each["path"] for each in compared["files"]] == ["b.ts"]
    assert [each["path"] for each in compared["failed"]] == ["a.ts"]
    assert compared["error"]["code"] == "file-unreadable"


def test_every_conflict_is_named_also_where_the_error_is_another(scripted: Copy, failing: Failing) -> None:
    paths = [f"{name}.js" for name in "abcdefg"]
    scripted.write_all(dict.fromkeys(paths, "// ours\n"))
    failing.files = dict.fromkeys(paths, "// theirs\n")
    shown = scripted.run("push", "--no-check")
    assert shown.returncode == 3
    for path in paths:
        assert f"conflict {path}: changed on both sides\n" in shown.stderr
    dry = scripted.run("push", "--dry-run", "--no-check")
    assert "Nothing to send" not in dry.stderr


@of_listed
def test_a_path_of_the_command_line_may_go_up(copy: Copy) -> None:
    copy.write_all({"lib/a.ts": "export {};\n", "main.ts": "export {};\n"})
    assert copy.json("push", "--no-check", "-C", "lib", "../main.ts")["pushed"] == ["main.ts"]
    refused = copy.json("push", "--no-check", "-C", "lib", "../tsconfig.json", exit_code=2)["error"]
    assert "is never sent" in refused["message"]


def test_an_edit_made_on_the_server_is_never_overwritten_unless_forced_and_then_kept(
    copy: Copy, remote: OnServer
) -> None:
    remote.write("util.ts", UTIL + "// theirs\n")
    copy.write("util.ts", UTIL + "// ours\n")
    conflict = copy.json("push", "--no-check", exit_code=3)
    assert conflict["error"]["code"] == "conflict"
    assert conflict["conflicts"] == ["util.ts"]
    assert remote.read("util.ts") == UTIL + "// theirs\n"
    assert copy.json("push", "--no-check", "--force")["pushed"] == ["util.ts"]
    assert remote.read("util.ts") == UTIL + "// ours\n"
    assert copy.backups("util.ts") == [UTIL + "// theirs\n"]


@of_listed
def test_what_a_command_replaced_is_listed_and_restored(copy: Copy, remote: OnServer) -> None:
    remote.write_all({"util.ts": "// theirs\n", "side.js": "// theirs\n"})
    copy.write("util.ts", "// ours\n")
    copy.json("push", "--no-check", "--force", "util.ts")
    copy.json("pull")
    here, there = copy.json("backup", "list")["backups"]
    assert (here["side"], here["files"]) == ("local", ["side.js"])
    assert (there["side"], there["files"]) == ("remote", ["util.ts"])
    assert here["time"] >= there["time"]
    shown = copy.run("backup", "list").stdout.splitlines()
    assert [line.split()[-1] for line in shown] == ["FILES", "side.js", "util.ts"]
    assert max(map(len, shown)) <= 80
    assert copy.json("backup", "restore", there["id"]) == {"id": there["id"], "restored": ["util.ts"]}
    assert copy.read("util.ts") == "// theirs\n"
    # What the restoring replaced is kept as well, and a part of the id is enough.
    newest = copy.json("backup", "list")["backups"][0]
    assert newest["files"] == ["util.ts"]
    short = copy.run("backup", "list").stdout.splitlines()[1].split()[0]
    assert len(short) < len(newest["id"])
    assert copy.json("backup", "restore", short, "util.ts")["restored"] == ["util.ts"]
    assert copy.read("util.ts") == "// ours\n"
    assert copy.json("backup", "restore", "1", exit_code=2)["error"]["code"] == "usage"
    assert copy.json("backup", "restore", here["id"], "main.ts", exit_code=2)["error"]["code"] == "usage"


@of_listed
def test_what_can_not_be_restored_is_named_and_stops_no_other(copy: Copy, remote: OnServer) -> None:
    remote.write_all({"main.ts": "export {};\n", "side.js": "// theirs\n", "util.ts": "export {};\n"})
    copy.json("pull")
    (kept,) = copy.json("backup", "list")["backups"]
    copy.delete("side.js")
    (copy.root / "side.js").mkdir()
    told = copy.json("backup", "restore", kept["id"], exit_code=1)
    assert told["restored"] == ["main.ts", "util.ts"]
    assert [each["path"] for each in told["failed"]] == ["side.js"]
    assert "side.js" in told["error"]["message"]
    shown = copy.run("backup", "restore", kept["id"])
    assert "not restored: side.js\n" in shown.stderr


@of_listed
def test_what_a_decision_replaced_is_told_with_the_way_back(copy: Copy, remote: OnServer) -> None:
    remote.write("util.ts", "// theirs\n")
    copy.write("util.ts", "// ours\n")
    told = copy.run("pull", "--theirs").stderr.splitlines()
    # As short as it tells this one from the others.
    shown = copy.run("backup", "list").stdout.splitlines()[1].split()[0]
    assert told[-1] == f"The version here is kept: `backup restore {shown}` puts it here."
    copy.json("backup", "restore", shown)
    assert copy.read("util.ts") == "// ours\n"
    told = copy.run("push", "--no-check", "--force").stderr.splitlines()
    assert "is kept" not in told[-1]
    remote.write("util.ts", "// theirs again\n")
    copy.write("util.ts", "// ours again\n")
    told = copy.run("push", "--no-check", "--force").stderr.splitlines()
    shown = copy.run("backup", "list").stdout.splitlines()[1].split()[0]
    assert told[-1] == f"The platform's version is kept: `backup restore {shown}` puts it here."


@of_listed
def test_a_project_without_backups_says_so(copy: Copy) -> None:
    assert copy.json("backup", "list") == {"backups": []}
    assert "no backup" in copy.run("backup", "list").stderr


@of_listed
def test_data_that_is_imported_but_not_included_is_warned_of(copy: Copy, remote: OnServer) -> None:
    copy.write_all({"data/words.json": '["a"]\n', "load.js": 'import words from "./data/words.json";\n'})
    told = copy.json("push", "--no-check")
    assert told["pushed"] == ["load.js"]
    (warning,) = told["warnings"]
    assert "load.js" in warning
    assert "data/words.json" in warning
    assert "include" in warning
    copy.settings(remote.id, include=("data/*.json",))
    copy.write("load.js", 'import words from "./data/words.json";\nwords;\n')
    told = copy.json("push", "--no-check")
    assert told == {
        "pushed": ["data/words.json", "load.js"],
        "skipped": ["main.ts", "side.js", "util.ts"],
        "failed": [],
    }
    assert remote.read("data/words.json") == '["a"]\n'


@of_listed
def test_what_the_ignore_files_and_settings_exclude_is_not_sent(copy: Copy, remote: OnServer) -> None:
    copy.write_all({".gitignore": "dist/\n*.tmp.ts\n", ".xgodoignore": "/own/*\n!/own/kept.ts\n!a.tmp.ts\n"})
    copy.write_all(dict.fromkeys(("dist/x.ts", "own/x.ts", "own/kept.ts", "a.tmp.ts"), "export {};\n"))
    copy.write_all(dict.fromkeys(("b.tmp.ts", ".hidden/x.ts", "node_modules/x/y.js"), "export {};\n"))
    assert copy.json("push", "--no-check")["pushed"] == ["a.tmp.ts", "own/kept.ts"]
    assert copy.states("--remote") == {}


@of_listed
def test_a_file_that_a_rule_excludes_from_now_on_is_no_deletion(copy: Copy, remote: OnServer) -> None:
    copy.write(".xgodoignore", "util.ts\n")
    copy.delete("util.ts")
    copy.write("util.ts", "// a private text\n")
    assert copy.states("--remote") == {}
    assert copy.json("push", "--no-check")["pushed"] == []
    remote.write("util.ts", "// theirs\n")
    assert copy.json("pull")["pulled"] == []
    assert copy.read("util.ts") == "// a private text\n"
