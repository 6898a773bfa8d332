"""Files that go: the API has no delete, so a deletion is remembered, said once, and never claimed done."""

from __future__ import annotations

import shutil

import pytest

from tests.e2e.conftest import DOCUMENTED, LISTED, SMALL_PROJECT, of_listed
from tests.e2e.working_copies import Copy, OnServer

SAID = "side.js is gone here but stays on the platform"
PUSH, PULL = ("push", "--no-check"), ("pull",)


@pytest.mark.parametrize(
    ("server", "first", "second"), [(DOCUMENTED, PUSH, PULL), (LISTED, PULL, PUSH)], indirect=["server"]
)
def test_a_deletion_here_is_said_once_remembered_and_never_claimed_or_undone(
    copy: Copy, remote: OnServer, first: tuple[str, ...], second: tuple[str, ...]
) -> None:
    copy.delete("side.js")
    assert SAID in copy.run(*first).stderr
    for again in (PUSH, PULL, first):
        done = copy.run(*again)
        assert (done.returncode, "side.js" in done.stderr) == (0, False)
    assert remote.read("side.js") == SMALL_PROJECT["side.js"]
    assert not (copy.root / "side.js").exists()
    assert copy.states("--remote") == {"side.js": "deleted-local"}
    copy.write("side.js", "// back\n")
    assert copy.json("push", "--no-check")["pushed"] == ["side.js"]
    copy.delete("side.js")
    assert SAID in copy.run(*second).stderr


def test_a_deleted_file_is_brought_back_by_asking_for_it_by_name(copy: Copy, remote: OnServer) -> None:
    copy.delete("side.js")
    assert copy.json("pull", "--theirs")["pulled"] == []
    assert copy.json("pull", "--theirs", "side.js")["pulled"] == ["side.js"]
    assert copy.read("side.js") == SMALL_PROJECT["side.js"]
    assert copy.states("--remote") == {}


def test_an_edit_there_of_a_file_deleted_here_is_a_conflict(copy: Copy, remote: OnServer) -> None:
    copy.delete("side.js")
    remote.write("side.js", "// theirs\n")
    refused = copy.json("pull", exit_code=3)
    assert refused["conflicts"] == ["side.js"]
    assert not (copy.root / "side.js").exists()
    assert copy.json("push", "--no-check", exit_code=3)["conflicts"] == ["side.js"]
    assert copy.json("pull", "--theirs")["pulled"] == ["side.js"]
    assert copy.read("side.js") == "// theirs\n"


def test_a_deletion_there_is_pulled_and_the_file_is_kept(copy: Copy, remote: OnServer) -> None:
    remote.delete("side.js")
    assert copy.json("push", "--no-check")["pushed"] == []
    told = copy.json("pull")
    assert told["removed"] == ["side.js"]
    assert not (copy.root / "side.js").exists()
    assert copy.backups("side.js") == [SMALL_PROJECT["side.js"]]
    assert copy.states("--remote") == {}


@of_listed
def test_an_edit_here_outlives_a_deletion_there(copy: Copy, remote: OnServer) -> None:
    remote.delete("side.js")
    copy.write("side.js", "// ours\n")
    assert copy.json("pull").get("removed") is None
    assert copy.json("push", "--no-check")["pushed"] == ["side.js"]
    assert remote.read("side.js") == "// ours\n"


@of_listed
def test_a_deletion_there_is_undone_by_force(copy: Copy, remote: OnServer) -> None:
    remote.delete("side.js")
    assert copy.states("--remote") == {"side.js": "deleted-remote"}
    assert copy.json("push", "--no-check", "--force")["pushed"] == ["side.js"]
    assert remote.read("side.js") == SMALL_PROJECT["side.js"]


@of_listed
def test_a_renamed_file_leaves_its_old_name_there(copy: Copy, remote: OnServer) -> None:
    (copy.root / "side.js").rename(copy.root / "aside.js")
    done = copy.run("push", "--no-check")
    assert "sent aside.js" in done.stderr
    assert SAID in done.stderr
    assert copy.states("--remote") == {"side.js": "deleted-local"}


@of_listed
def test_more_than_half_of_the_files_gone_at_once_stops_everything(copy: Copy, remote: OnServer) -> None:
    copy.delete("main.ts", "side.js")
    remote.write("util.ts", "export const theirs = 1;\n")
    before = copy.files()
    for command in (
        ["push", "--no-check"],
        ["push", "--no-check", "util.ts"],
        ["push", "--no-check", "--dry-run"],
        ["pull"],
        ["pull", "--theirs"],
        ["commit", "--allow-errors", "-m", "x"],
    ):
        halted = copy.json(*command, exit_code=3)
        assert halted["error"]["code"] == "mass-deletion"
        assert "2 of the 3 files" in halted["error"]["message"]
        assert "--accept-deletes" in halted["error"]["hint"]
        assert copy.files() == before
    assert copy.states() == {"main.ts": "deleted-local", "side.js": "deleted-local"}
    assert "--accept-deletes" in copy.run("status").stderr
    assert copy.json("push", "--no-check", "--accept-deletes")["skipped"]
    # From now on they are meant to be gone.
    assert copy.json("pull")["pulled"] == ["util.ts"]
    assert not (copy.root / "main.ts").exists()
    assert remote.read("main.ts") == SMALL_PROJECT["main.ts"]


@of_listed
def test_files_lost_by_accident_are_brought_back_at_once(copy: Copy) -> None:
    before = copy.files()
    copy.delete(*SMALL_PROJECT)
    assert copy.json("push", "--no-check", exit_code=3)["error"]["code"] == "mass-deletion"
    assert copy.json("pull", "--theirs", ".")["pulled"] == sorted(SMALL_PROJECT)
    assert copy.files() == before
    assert copy.states("--remote") == {}


def test_an_emptied_server_takes_no_file_from_here(copy: Copy, remote: OnServer) -> None:
    before = copy.files()
    for path in SMALL_PROJECT:
        remote.delete(path)
    assert copy.json("pull", exit_code=3)["error"]["code"] == "mass-deletion"
    assert copy.files() == before
    assert copy.json("pull", "--accept-deletes")["removed"] == sorted(SMALL_PROJECT)
    assert [copy.backups(path) for path in SMALL_PROJECT] == [[text] for text in SMALL_PROJECT.values()]


@of_listed
@pytest.mark.parametrize("command", [("push", "--no-check"), ("pull",), ("status",), ("commit", "-m", "x")])
def test_an_emptied_and_a_removed_folder_are_no_project(copy: Copy, command: tuple[str, ...]) -> None:
    for entry in copy.root.iterdir():
        if entry.name != ".xgodo":
            entry.unlink()
    gone = copy.json(*command, exit_code=2)["error"]
    assert gone["code"] == "no-project"
    shutil.rmtree(copy.root)
    assert copy.home.json("-C", copy.root, *command, exit_code=2)["error"]["code"] == "usage"
