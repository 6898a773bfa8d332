"""`watch --json` against what others do, and against what a disk and a checkout do at once."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_listed
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy, OnServer


@pytest.fixture
def watching(copy: Copy) -> Iterator[Callable[..., Watch]]:
    """Starts `watch` in a folder that is in step with the server, and waits until it listens."""
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> Watch:
        process = copy.home.start("--json", "watch", "--no-check", *options, cwd=copy.root, env=copy.env)
        started.append(process)
        watch = Watch(process)
        watch.until("ready")
        return watch

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


def told(watch: Watch, path: str) -> list[str]:
    return [event["event"] for event in watch.seen if path in (event.get("path"), *event.get("paths", ()))]


def test_what_others_change_is_told_once_and_touches_nothing(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    before = copy.files()
    watch = watching("--poll", "1")
    remote.write("side.js", "// theirs\n")
    assert watch.until("remote-change")["path"] == "side.js"
    # Another one, seen by a later look: the first is no news then.
    remote.write("util.ts", "// theirs\n")
    assert watch.until("remote-change")["path"] == "util.ts"
    assert copy.files() == before
    assert told(watch, "side.js") == ["remote-change"]
    assert copy.states() == {"side.js": "remote", "util.ts": "remote"}


def test_what_both_change_is_a_conflict_that_no_later_look_repeats(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    watch = watching("--poll", "1")
    remote.write("side.js", "// theirs\n")
    copy.write("side.js", "// ours\n")
    watch.until("conflict")
    # Looks and pushes that crossed with the save may each have told it; those are over with the second look.
    for number in range(3):
        before = told(watch, "side.js").count("conflict")
        remote.write("util.ts", f"// theirs, {number}\n")
        watch.until("remote-change", lambda event: event["path"] == "util.ts")
    assert told(watch, "side.js").count("conflict") == before
    assert remote.read("side.js") == "// theirs\n"
    assert copy.read("side.js") == "// ours\n"


def test_a_conflict_that_another_command_decides_for_ours_is_sent(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    watch = watching()
    remote.write("side.js", "// theirs\n")
    copy.write("side.js", "// ours\n")
    watch.until("conflict")
    assert copy.json("pull", "--ours")["kept"] == ["side.js"]
    assert watch.until("synced")["path"] == "side.js"
    assert remote.read("side.js") == "// ours\n"


def test_of_several_conflicts_those_decided_are_sent_whoever_told_of_them(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    # Refused by the server's compiler, so that only a look at it tells of the conflict.
    copy.write("util.ts", 'export const one: number = "1";\n')
    watch = watching("--poll", "1")
    watch.until("sync-failed")
    remote.write_all({"util.ts": "// theirs\n", "side.js": "// theirs\n", "main.ts": "// theirs\n"})
    watch.until("conflict", lambda event: event["path"] == "util.ts")
    copy.write_all({"side.js": "// ours\n", "main.ts": "// ours\n"})
    watch.until_each("conflict", {"side.js", "main.ts"})
    copy.json("pull", "--ours", "side.js")
    assert watch.until("synced")["path"] == "side.js"
    copy.json("pull", "--ours", "util.ts")
    # It is sent, and refused as before.
    assert watch.until("sync-failed")["path"] == "util.ts"
    assert remote.read("main.ts") == "// theirs\n"


@of_listed
def test_an_imported_json_file_that_no_rule_sends_is_pointed_out_once_and_sent_when_one_does(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    copy.write_all({"old.json": "{}\n", "new.json": "{}\n", "old.js": 'import "./old.json";\n'})
    copy.json("push", "--no-check")
    watch = watching()
    assert "old.js imports old.json, which is not sent" in watch.until("warning")["message"]
    copy.write("side.js", 'import "./old.json";\nimport "./new.json";\n')
    assert "side.js imports new.json, which is not sent" in watch.until("warning")["message"]
    copy.write("util.ts", "// mine\n")
    watch.until("synced", lambda event: event["path"] == "util.ts")
    assert [event["event"] for event in watch.seen].count("warning") == 2
    # The way out that it names.
    copy.settings(remote.id, include=("old.json", "new.json"))
    watch.until_each("synced", {"old.json", "new.json"})


@of_listed
def test_what_a_pull_brings_is_not_sent_back(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    watch = watching()
    remote.write("side.js", "// theirs\n")
    assert copy.json("pull")["pulled"] == ["side.js"]
    assert watch.until("change")["paths"] == ["side.js"]
    copy.write("util.ts", "// mine\n")
    assert watch.until("synced")["path"] == "util.ts"
    assert told(watch, "side.js") == ["change"]


@of_listed
def test_a_new_folder_that_is_filled_before_it_is_watched_is_sent_whole(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    watch = watching()
    made = copy.home.folder / "made elsewhere"
    for number in range(20):
        (made / f"deep{number}").mkdir(parents=True)
        (made / f"deep{number}" / "a.js").write_text(f"{number};\n", encoding="utf-8")
    made.rename(copy.root / "moved")
    for number in range(20):
        copy.write(f"written/deep{number}/a.js", f"{number};\n")
    folders = ("moved", "written")
    watch.until_each("synced", {f"{folder}/deep{number}/a.js" for folder in folders for number in range(20)})
    assert copy.states("--remote") == {}


def test_a_checkout_that_rewrites_and_adds_hundreds_of_files_ends_with_both_sides_equal(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        subprocess.run(["git", *identity, *arguments], cwd=copy.root, check=True, capture_output=True)

    copy.write(".gitignore", ".xgodo/\n")
    old = {f"old/{number}.js": f"// {number}\n" for number in range(150)}
    copy.write_all(old)
    git("init", "--quiet", "--initial-branch=main")
    git("add", ".")
    git("commit", "--quiet", "-m", "old")
    git("checkout", "--quiet", "-b", "other")
    rewritten = {path: text + "// rewritten\n" for path, text in old.items()}
    added = {f"new/{number}.js": f"// {number}\n" for number in range(150)}
    copy.write_all(rewritten | added)
    git("add", ".")
    git("commit", "--quiet", "-m", "new")
    git("checkout", "--quiet", "main")
    copy.json("push", "--no-check")
    watch = watching()
    git("checkout", "--quiet", "other")
    watch.until_each("synced", {*rewritten, *added})
    # Of a file that was sent while git wrote it, what it became is sent as well.
    deadline = time.monotonic() + DEADLINE
    while copy.states("--remote"):
        assert time.monotonic() < deadline
    assert {path: remote.read(path) for path in ("old/0.js", "new/149.js")} == {
        "old/0.js": "// 0\n// rewritten\n",
        "new/149.js": "// 149\n",
    }
    assert watch.end(signal.SIGINT) == 130
    assert copy.states("--remote") == {}


@of_listed
@pytest.mark.parametrize("how", ["some", "emptied"])
def test_a_mass_deletion_ends_the_loop_and_is_not_taken_for_an_intention(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer, how: str
) -> None:
    before = copy.files()
    process = watching().process
    if how == "some":
        copy.delete("main.ts", "util.ts")
    else:
        for entry in copy.root.iterdir():
            if entry.name != ".xgodo":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    assert process.wait(timeout=DEADLINE) == 3
    assert remote.read("main.ts") == SMALL_PROJECT["main.ts"]
    # Nothing is remembered as deleted: it is asked about again, and brought back when told to.
    copy.write_all({path: before[path].decode() for path in ("xgodo.toml", "tsconfig.json")})
    assert copy.json("push", "--no-check", exit_code=3)["error"]["code"] == "mass-deletion"
    assert {"main.ts", "util.ts"} <= set(copy.json("pull", "--theirs", ".")["pulled"])
    assert copy.files() == before


@of_listed
def test_a_loop_does_not_begin_with_a_mass_deletion(copy: Copy) -> None:
    copy.delete("main.ts", "util.ts")
    done = copy.run("--json", "watch", "--no-check")
    assert done.returncode == 3
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["error"]["code"] == "mass-deletion"
    assert copy.states() == {"main.ts": "deleted-local", "util.ts": "deleted-local"}


@of_listed
def test_a_single_deletion_is_said_and_remembered(
    watching: Callable[..., Watch], copy: Copy, remote: OnServer
) -> None:
    watch = watching()
    copy.delete("side.js")
    assert "side.js is gone here but stays on the platform" in watch.until("warning")["message"]
    assert watch.end(signal.SIGINT) == 130
    assert "side.js" not in copy.run("push", "--no-check").stderr
    assert remote.read("side.js") == SMALL_PROJECT["side.js"]


@of_listed
def test_a_save_of_what_only_a_check_reads_checks_and_sends_nothing(copy: Copy) -> None:
    copy.write_all({"words.json": '["a"]', "main.ts": 'import words from "./words.json";\nwords;\n'})
    copy.write(
        "tsconfig.json", copy.read("tsconfig.json").replace('"strict"', '"resolveJsonModule": true, "strict"')
    )
    process = copy.home.start("--json", "watch", "--no-push", cwd=copy.root, env=copy.env)
    watch = Watch(process)
    try:
        assert watch.until("check")["ok"] is True
        copy.write("words.json", "[")
        assert watch.until("change")["paths"] == ["words.json"]
        assert watch.until("check")["ok"] is False
        copy.write("words.json", "[]")
        assert watch.until("check")["ok"] is True
        copy.write(
            "tsconfig.json",
            copy.read("tsconfig.json").replace('"resolveJsonModule": true', '"resolveJsonModule": false'),
        )
        assert watch.until("check")["ok"] is False
    finally:
        watch.end(signal.SIGINT)
