"""`status`: what differs, path by path, with and without asking the server; and its state, rebuilt."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.e2e.conftest import DOCUMENTED, LISTED, SMALL_PROJECT, of_documented, of_listed
from tests.e2e.working_copies import Copy, OnServer

BROKEN = 'export const one: number = "one";\n'
CHANGED = "export const one = 2;\n"


def test_every_state_of_the_contract_is_told(copy: Copy, remote: OnServer) -> None:
    copy.write_all({"broken.ts": "export {};\n", "both.ts": "// base\n", "gone.ts": "export {};\n"})
    copy.write_all({"gone_there.ts": "export {};\n", "gone_changed.ts": "export {};\n"})
    copy.json("push", "--no-check")
    copy.write("broken.ts", BROKEN)
    copy.json("push", "--no-check", exit_code=1)
    copy.write_all({"main.ts": "export {};\n", "new.ts": "export {};\n", "both.ts": "// ours\n"})
    copy.delete("gone.ts", "gone_changed.ts")
    here = {
        "broken.ts": "compile-error",
        "gone.ts": "deleted-local",
        "main.ts": "local",
        "new.ts": "local",
    }
    remote.write_all({"both.ts": "// theirs\n", "side.js": "// theirs\n", "gone_changed.ts": "// theirs\n"})
    remote.delete("gone_there.ts")
    assert copy.states() == here | {"both.ts": "local", "gone_changed.ts": "deleted-local"}
    everything = here | {
        "both.ts": "conflict",
        "gone_changed.ts": "conflict",
        "gone_there.ts": "deleted-remote",
        "side.js": "remote",
    }
    assert copy.states("--remote") == everything
    # What was seen there is remembered.
    assert copy.states() == everything
    assert copy.states("--no-remote") == everything
    shown = copy.run("status").stdout
    for path in everything:
        assert f"\n  {path}\n" in shown
    assert "Error at 1:14: Type 'string' is not assignable to type 'number'." in shown
    assert max(map(len, shown.splitlines())) <= 80


def test_a_status_asks_nobody_unless_told_to(copy: Copy) -> None:
    nobody = {"XGODO_API_URL": "http://127.0.0.1:9", "XGODO_TOKEN": ""}
    alone = Copy(copy.home, copy.root, nobody)
    assert alone.json("status")["clean"] is False
    assert alone.json("status", "--remote", exit_code=4)["error"]["code"] == "authentication"


def test_a_refused_text_that_was_taken_back_here_is_taken_back_there_too(
    copy: Copy, remote: OnServer
) -> None:
    copy.write("util.ts", BROKEN)
    copy.json("push", "--no-check", exit_code=1)
    assert remote.read("util.ts") == BROKEN
    copy.write("util.ts", SMALL_PROJECT["util.ts"])
    assert copy.states() == {"util.ts": "local"}
    assert copy.json("push", "--no-check")["pushed"] == ["util.ts"]
    assert remote.read("util.ts") == SMALL_PROJECT["util.ts"]
    assert copy.states("--remote") == {}


def damage(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 8192)
    for suffix in ("-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)


def from_the_future(file: Path) -> None:
    database = sqlite3.connect(file)
    database.execute("PRAGMA user_version = 1000")
    database.close()


@pytest.mark.parametrize(
    ("server", "spoil"), [(DOCUMENTED, damage), (LISTED, from_the_future)], indirect=["server"]
)
def test_a_state_that_can_not_be_used_stops_everything_until_it_is_rebuilt(
    copy: Copy, remote: OnServer, spoil: object
) -> None:
    assert callable(spoil)
    copy.write("main.ts", "export {};\n")
    remote.write("util.ts", CHANGED)
    spoil(copy.root / ".xgodo" / "state.db")
    spoilt = (copy.root / ".xgodo" / "state.db").read_bytes()
    before = copy.files()
    for command in (["status"], ["push", "--no-check"], ["pull"], ["commit", "-m", "x"]):
        refused = copy.json(*command, exit_code=2)
        assert refused["error"]["code"] == "state-unusable"
        assert "status --rebuild" in refused["error"]["hint"]
    assert copy.files() == before
    assert remote.read("main.ts") == SMALL_PROJECT["main.ts"]
    # Which side changed can't be known any more, so both count.
    assert copy.states("--rebuild") == {"main.ts": "conflict", "util.ts": "conflict"}
    assert spoilt in [aside.read_bytes() for aside in (copy.root / ".xgodo").glob("state.db.*")]
    assert copy.states() == {"main.ts": "conflict", "util.ts": "conflict"}
    assert copy.json("pull", "--theirs", "util.ts")["pulled"] == ["util.ts"]
    assert copy.json("pull", "--ours", "main.ts")["kept"] == ["main.ts"]
    assert copy.json("push", "--no-check")["pushed"] == ["main.ts"]


@of_documented
def test_a_rebuild_while_nobody_answers_leaves_the_state_as_it_was(copy: Copy) -> None:
    copy.write("main.ts", "export {};\n")
    nobody = Copy(copy.home, copy.root, {**copy.env, "XGODO_TOKEN": "wrong"})
    assert nobody.json("status", "--rebuild", exit_code=4)["error"]["code"] == "authentication"
    assert copy.states() == {"main.ts": "local"}


@of_listed
def test_what_stands_in_the_place_of_a_file_is_no_deletion_of_it(copy: Copy) -> None:
    copy.delete("side.js")
    (copy.root / "side.js").symlink_to("/nowhere")
    assert copy.states("--remote") == {}
    copy.delete("side.js")
    (copy.root / "side.js").mkdir()
    assert copy.states("--remote") == {}
