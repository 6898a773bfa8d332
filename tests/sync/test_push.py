from __future__ import annotations

import asyncio

import pytest

from tests.scripted_server import json_answer
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import RemoteProject, order
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import Known, State
from xgodo_dev.sync import push_attempt
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.push_results import (
    Conflicting,
    LocallyDeleted,
    Refused,
    RemoteChanged,
    RemotelyDeleted,
    Synced,
    Unchanged,
)
from xgodo_dev.sync.remote import AT_ONCE


async def test_a_new_file_is_sent_and_then_known_to_be_equal(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("src/main.ts", "grüße")
    result = await each_copy.pusher.push("src/main.ts")
    assert isinstance(result, Synced)
    assert (result.path, result.bytes) == ("src/main.ts", 7)
    assert result.ms > 0
    assert remote.files == {"src/main.ts": "grüße"}
    requests = len(remote.server.requests)
    assert await each_copy.pusher.push("src/main.ts") == Unchanged("src/main.ts")
    assert len(remote.server.requests) == requests


async def test_the_server_is_looked_at_right_before_each_write(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    for name in "abc":
        copy.write(f"{name}.ts", name)
    await copy.push()
    asked = [(request.method, request.query.get("path") or request.json["path"]) for request in remote.seen]
    for name in "abc":
        assert [method for method, path in asked if path == f"{name}.ts"] == ["GET", "PUT"]


async def test_one_look_at_the_list_precedes_the_one_write_of_a_batch(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    for name in "abc":
        listed_copy.write(f"{name}.ts", name)
    await listed_copy.push()
    assert order(remote) == ["list", "write"]
    listed_copy.write("b.ts", "2")
    await listed_copy.push()
    # Of a single file the content is asked: the list may be long.
    assert order(remote) == ["list", "write", "read", "write"]


async def test_a_push_with_nothing_changed_asks_nothing(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    requests = len(remote.server.requests)
    each_copy.restart()
    assert await each_copy.push() == {}
    assert len(remote.server.requests) == requests


async def test_a_conflict_touches_nothing(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    remote.files["main.ts"] = "theirs"
    each_copy.write("main.ts", "mine")
    each_copy.write("other.ts", "mine too")
    results = await each_copy.push()
    assert results["main.ts"] == Conflicting("main.ts")
    assert isinstance(results["other.ts"], Synced)
    assert (remote.files["main.ts"], each_copy.read("main.ts")) == ("theirs", "mine")
    assert remote.writes == [("other.ts", "mine too")]
    known = each_copy.state.known("main.ts")
    assert (known.base, known.attempts) == (None, {})
    assert each_copy.backups("main.ts") == []


async def test_a_change_there_alone_is_said_and_left_alone(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    remote.files["main.ts"] = "theirs"
    assert await each_copy.push("main.ts") == {"main.ts": RemoteChanged("main.ts")}
    assert (remote.files["main.ts"], each_copy.read("main.ts")) == ("theirs", "1")


async def test_equal_content_on_both_sides_is_adopted_without_a_write(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files["main.ts"] = "same"
    each_copy.write("main.ts", "same")
    assert await each_copy.push() == {"main.ts": Unchanged("main.ts")}
    assert remote.writes == []
    assert each_copy.survey().to_push() == []
    remote.files["main.ts"] = "theirs"
    each_copy.write("main.ts", "mine")
    assert await each_copy.push() == {"main.ts": Conflicting("main.ts")}


async def test_an_edit_of_what_was_deleted_there_is_sent(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    remote.files.clear()
    each_copy.write("main.ts", "2")
    assert isinstance((await each_copy.push())["main.ts"], Synced)
    assert remote.files == {"main.ts": "2"}


async def test_what_was_deleted_there_is_sent_again_only_by_force(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    remote.files.clear()
    assert await each_copy.push("main.ts") == {"main.ts": RemotelyDeleted("main.ts")}
    assert (remote.files, each_copy.read("main.ts")) == ({}, "1")
    assert isinstance((await each_copy.push("main.ts", force=True))["main.ts"], Synced)
    assert remote.files == {"main.ts": "1"}
    assert each_copy.backups("main.ts") == []


async def test_a_file_that_is_gone_here_stays_there_and_is_said_once(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    assert each_copy.survey().to_push() == ["main.ts"]
    assert await each_copy.push() == {"main.ts": LocallyDeleted("main.ts")}
    assert remote.files == {"main.ts": "1"}
    each_copy.restart()
    assert each_copy.survey().to_push() == []


async def test_a_file_that_is_gone_on_both_sides_is_forgotten(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    remote.files.clear()
    assert await each_copy.push() == {"main.ts": Unchanged("main.ts")}
    assert each_copy.state.known("main.ts") == Known()


async def test_a_file_that_is_here_again_is_news_when_it_goes_again(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    await each_copy.push()
    each_copy.write("main.ts", "1")
    assert await each_copy.push() == {}
    each_copy.delete("main.ts")
    assert await each_copy.push() == {"main.ts": LocallyDeleted("main.ts")}


async def test_a_conflict_keeps_no_other_file_waiting_between_its_look_and_its_write(
    remote: RemoteProject, each_copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push_attempt, "_TIME_OF_A_PULL_TO_RECORD", 3600)
    remote.files["conflict.txt"] = "theirs"
    each_copy.write("conflict.txt", "ours")
    each_copy.write("other.txt", "1")
    pushing = asyncio.create_task(each_copy.push())
    async with asyncio.timeout(60):
        await remote.write_arrived.wait()
    pushing.cancel()
    await asyncio.gather(pushing, return_exceptions=True)
    assert [path for path, _ in remote.writes] == ["other.txt"]


async def test_a_merge_that_another_process_records_during_the_look_is_no_conflict(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.txt", "1")
    await each_copy.push()
    remote.files["main.txt"] = "theirs"
    each_copy.write("main.txt", "both")

    def record(_: object) -> None:
        with State(each_copy.root, each_copy.key) as others:
            others.record_base("main.txt", blob_hash(b"theirs"), b"theirs")

    remote.before_request = record
    assert isinstance((await each_copy.push())["main.txt"], Synced)
    assert remote.files == {"main.txt": "both"}


async def test_a_file_that_is_excluded_now_is_neither_sent_nor_taken_for_deleted(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("notes.txt", "1")
    await each_copy.push()
    each_copy.write("notes.txt", "private")
    each_copy.exclude = ("notes.txt",)
    each_copy.restart()
    assert await each_copy.push() == {}
    # Not even by name: the rule may be younger than whoever names it knows.
    assert await each_copy.push("notes.txt", force=True) == {"notes.txt": Unchanged("notes.txt")}
    assert remote.files == {"notes.txt": "1"}


async def test_a_save_during_a_push_is_sent_once_and_newest(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.writes_wait = asyncio.Event()
    each_copy.write("main.ts", "1")
    pushes = [asyncio.create_task(each_copy.pusher.push("main.ts"))]
    async with asyncio.timeout(60):
        await remote.write_arrived.wait()
        for content in ("2", "3", "4"):
            each_copy.write("main.ts", content)
            pushes.append(asyncio.create_task(each_copy.pusher.push("main.ts")))
            await asyncio.sleep(0)
        assert len(remote.writes) == 1
        remote.writes_wait.set()
        results = await asyncio.gather(*pushes)
    assert remote.writes == [("main.ts", "1"), ("main.ts", "4")]
    assert [type(result) for result in results] == [Synced, Synced, Unchanged, Unchanged]


async def test_different_files_are_on_the_wire_side_by_side_but_not_all_at_once(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.writes_wait = asyncio.Event()
    full = asyncio.Event()
    remote.before_request = lambda _: full.set() if len(remote.writes) == AT_ONCE else None
    paths = [f"{number:02}.ts" for number in range(AT_ONCE + 4)]
    for path in paths:
        copy.write(path, path)
    pushing = asyncio.create_task(copy.push())
    async with asyncio.timeout(60):
        await full.wait()
        # Time for one more to come, if anything let it.
        await asyncio.sleep(0.05)
        assert len(remote.writes) == AT_ONCE
        remote.writes_wait.set()
        results = await pushing
    assert sorted(results) == sorted(remote.files) == sorted(paths)


async def test_a_push_tells_when_it_reads_and_when_the_content_has_left(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    told: list[object] = []
    pusher = Pusher(
        each_copy.files,
        each_copy.remote,
        each_copy.state,
        on_read=lambda path, content_hash: told.append((path, content_hash)),
    )
    each_copy.write("empty.ts", "")
    await pusher.push("empty.ts", on_sent=lambda: told.append("sent"))
    assert told == [("empty.ts", "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"), "sent"]
    await pusher.push("empty.ts", on_sent=lambda: told.append("sent"))
    assert len(told) == 3
    each_copy.delete("empty.ts")
    await pusher.push("empty.ts", on_sent=lambda: told.append("sent"))
    assert told[3:] == [("empty.ts", None)]


async def test_new_typescript_never_replaces_javascript_of_its_name_that_nobody_here_has_seen(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files["util.js"] = "theirs"
    each_copy.write("util.ts", "mine")
    assert await each_copy.push() == {"util.ts": Conflicting("util.ts", buries="util.js")}
    assert remote.writes == []
    forced = await each_copy.push(force=True)
    assert isinstance(forced["util.ts"], Synced)
    assert each_copy.backups("util.js") == ["theirs"]


async def test_javascript_that_is_known_here_may_become_typescript(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("util.js", "mine")
    await each_copy.push()
    (each_copy.root / "util.js").rename(each_copy.root / "util.ts")
    results = await each_copy.push()
    assert isinstance(results["util.ts"], Synced)


async def test_a_write_that_the_server_says_no_to_is_not_remembered_as_one_that_may_have_arrived(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.write("main.ts", "2")
    remote.refusal = json_answer({"success": False, "message": "Not now"}, 400)
    assert await each_copy.push() == {"main.ts": Refused("main.ts", "Not now")}
    each_copy.write("main.ts", "1")
    assert each_copy.survey().to_push() == []
    remote.refusal = None
    del remote.files["main.ts"]
    assert await each_copy.push("main.ts") == {"main.ts": RemotelyDeleted("main.ts")}


async def test_a_file_that_vanishes_before_it_is_read_stops_no_other(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("here.ts", "1")
    results = await each_copy.push("gone.ts", "here.ts")
    assert results["gone.ts"] == Unchanged("gone.ts")
    assert isinstance(results["here.ts"], Synced)
