from __future__ import annotations

import asyncio
import os
import sys

import pytest

from tests.scripted_server import json_answer, page
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.errors import NotFound, UnreachableError
from xgodo_dev.platform.transport import RouteMissing
from xgodo_dev.sync import push as push_module
from xgodo_dev.sync.push import (
    Conflicting,
    LocallyDeleted,
    Pusher,
    PushResult,
    Refused,
    RemoteChanged,
    Synced,
    Unchanged,
)

LOST = [Fault.UNHEARD] * 20


async def push_all(pusher: Pusher, *paths: str) -> dict[str, PushResult]:
    return {result.path: result async for result in pusher.push_all(paths)}


async def test_a_new_file_is_sent_and_then_known_to_be_equal(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("src/main.ts", "grüße")
    result = await copy.pusher.push("src/main.ts")
    assert isinstance(result, Synced)
    assert (result.path, result.bytes) == ("src/main.ts", 7)
    assert result.ms > 0
    assert remote.files == {"src/main.ts": "grüße"}
    requests = len(remote.server.requests)
    assert await copy.pusher.push("src/main.ts") == Unchanged("src/main.ts")
    assert len(remote.server.requests) == requests


@pytest.mark.parametrize(
    "content",
    ["a\r\nb\r\n", "a\rb", "\ufeffmark", "", "\0", "no end of line", "😀\u2028\u0085", "\\u0041 \"'"],
)
async def test_content_arrives_byte_for_byte(remote: RemoteProject, copy: WorkingCopy, content: str) -> None:
    copy.write("main.ts", content)
    await copy.pusher.push("main.ts")
    assert remote.files["main.ts"] == content
    assert isinstance(await copy.pusher.push("main.ts", verify=True), Unchanged)


async def test_a_conflict_touches_nothing(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.files["main.ts"] = "theirs"
    copy.write("main.ts", "mine")
    assert await copy.pusher.push("main.ts") == Conflicting("main.ts")
    assert (remote.files["main.ts"], copy.read("main.ts")) == ("theirs", "mine")
    assert remote.writes == []
    assert (copy.state.base(), copy.state.attempted(), copy.backups("main.ts")) == ({}, frozenset(), [])


async def test_force_backs_up_exactly_what_it_replaces(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.files["src/main.ts"] = "\ufefftheirs\r\nü"
    copy.write("src/main.ts", "mine")
    assert isinstance(await copy.forcing.push("src/main.ts"), Synced)
    assert remote.files["src/main.ts"] == "mine"
    assert copy.backups("src/main.ts") == ["\ufefftheirs\r\nü"]


async def test_force_backs_up_nothing_where_nothing_is_lost(remote: RemoteProject, copy: WorkingCopy) -> None:
    copy.write("main.ts", "1")
    await copy.forcing.push("main.ts")
    copy.write("main.ts", "2")
    await copy.forcing.push("main.ts")
    assert remote.files["main.ts"] == "2"
    assert copy.backups("main.ts") == []


async def test_force_does_not_replace_an_edit_with_what_nobody_changed_here(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("main.ts", "1")
    await copy.pusher.push("main.ts")
    remote.files["main.ts"] = "theirs"
    assert await copy.forcing.push("main.ts", verify=True) == RemoteChanged("main.ts")
    assert remote.files["main.ts"] == "theirs"


async def test_remote_content_that_no_encoding_takes_is_a_conflict_like_any_other(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files["main.ts"] = "half \ud83d"
    copy.write("main.ts", "mine")
    assert await copy.pusher.push("main.ts") == Conflicting("main.ts")
    assert isinstance(await copy.forcing.push("main.ts"), Synced)
    (kept,) = (copy.root / ".xgodo" / "backup").glob("*/main.ts")
    assert kept.read_bytes().decode("utf-8", "surrogatepass") == "half \ud83d"


async def test_equal_content_on_both_sides_is_adopted_without_a_write(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files["main.ts"] = "same"
    copy.write("main.ts", "same")
    assert await copy.pusher.push("main.ts") == Unchanged("main.ts")
    assert remote.writes == []
    remote.files["main.ts"] = "theirs"
    copy.write("main.ts", "mine")
    assert await copy.pusher.push("main.ts") == Conflicting("main.ts")


async def test_a_file_that_is_gone_here_stays_there(remote: RemoteProject, copy: WorkingCopy) -> None:
    copy.write("main.ts", "1")
    await copy.pusher.push("main.ts")
    (copy.root / "main.ts").unlink()
    assert copy.pusher.changed([]) == ["main.ts"]
    assert await copy.pusher.push("main.ts") == LocallyDeleted("main.ts")
    assert remote.files == {"main.ts": "1"}
    del remote.files["main.ts"]
    assert await copy.pusher.push("main.ts") == Unchanged("main.ts")
    assert copy.pusher.changed([]) == []


async def test_a_file_that_is_excluded_now_is_not_sent_any_more(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("notes.txt", "1")
    await copy.pusher.push("notes.txt")
    copy.write("notes.txt", "private")
    assert copy.pusher.changed([]) == []


async def test_what_the_server_lost_is_sent_again_when_it_is_asked(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("main.ts", "1")
    await copy.pusher.push("main.ts")
    remote.files.clear()
    assert isinstance(await copy.pusher.push("main.ts", verify=True), Synced)
    assert remote.files == {"main.ts": "1"}


def needs(remote: RemoteProject, **imports: str) -> None:
    """Let the server's compiler refuse a file until the one that it imports is there."""

    def errors(path: str, _content: str) -> list[str]:
        wanted = imports.get(path.removesuffix(".ts"))
        return (
            [f"Error at 1:1: Cannot find {wanted}."] if wanted and f"{wanted}.ts" not in remote.files else []
        )

    remote.compile = errors


@pytest.mark.parametrize("stores", [True, False])
async def test_compile_refusals_are_tried_again_while_that_helps(
    remote: RemoteProject, copy: WorkingCopy, stores: bool
) -> None:
    remote.stores_what_does_not_compile = stores
    chain = {"a": "b", "b": "c", "c": "d"}
    needs(remote, **chain)
    paths = [f"{name}.ts" for name in "abcd"]
    for path in paths:
        copy.write(path, path)
    results = await push_all(copy.pusher, *paths)
    assert {type(result) for result in results.values()} == {Synced}
    assert remote.files == {path: path for path in paths}
    assert copy.pusher.changed(paths) == []


@pytest.mark.parametrize("stores", [True, False])
async def test_a_refusal_that_stays_is_reported_once_and_the_rest_is_sent(
    remote: RemoteProject, copy: WorkingCopy, stores: bool
) -> None:
    remote.stores_what_does_not_compile = stores
    needs(remote, bad="nothing")
    copy.write("bad.ts", "bad")
    copy.write("good.ts", "good")
    results = [result async for result in copy.pusher.push_all(["bad.ts", "good.ts"])]
    assert sorted(result.path for result in results) == ["bad.ts", "good.ts"]
    (refused,) = (result for result in results if isinstance(result, Refused))
    assert refused == Refused("bad.ts", "compile", ("Error at 1:1: Cannot find nothing.",))
    assert copy.pusher.changed(["bad.ts", "good.ts"]) == ["bad.ts"]
    assert copy.read("bad.ts") == "bad"


async def test_what_does_not_compile_is_no_edit_of_somebody_else(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    copy.write("main.ts", "good")
    await copy.pusher.push("main.ts")
    copy.write("main.ts", "bad")
    assert isinstance(await copy.pusher.push("main.ts"), Refused)
    assert remote.files["main.ts"] == "bad"
    copy.restart()
    copy.write("main.ts", "better")
    assert isinstance(await copy.pusher.push("main.ts"), Synced)


async def test_undoing_what_does_not_compile_undoes_it_there_too(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    copy.write("main.ts", "good")
    await copy.pusher.push("main.ts")
    copy.write("main.ts", "bad")
    await copy.pusher.push("main.ts")
    copy.write("main.ts", "good")
    assert copy.pusher.changed(["main.ts"]) == ["main.ts"]
    assert isinstance(await copy.pusher.push("main.ts"), Synced)
    assert remote.files["main.ts"] == "good"
    assert copy.pusher.changed(["main.ts"]) == []


async def test_any_other_refusal_of_one_file_lets_the_others_through(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.refusal = json_answer({"success": False, "message": "Invalid path"}, 400)
    copy.write("a.ts", "1")
    assert await copy.pusher.push("a.ts") == Refused("a.ts", "Invalid path")


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        (json_answer({"success": False, "message": "Automation project not found"}, 404), NotFound),
        (page(405), RouteMissing),
    ],
)
async def test_a_refusal_of_the_whole_project_ends_the_push(
    remote: RemoteProject, copy: WorkingCopy, refusal: object, kind: type[Exception]
) -> None:
    remote.refusal = refusal  # type: ignore[assignment]
    copy.write("a.ts", "1")
    copy.write("b.ts", "1")
    with pytest.raises(kind):
        await push_all(copy.pusher, "a.ts", "b.ts")


async def test_a_save_during_a_push_is_sent_once_and_newest(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.writes_wait = asyncio.Event()
    copy.write("main.ts", "1")
    pushes = [asyncio.create_task(copy.pusher.push("main.ts"))]
    async with asyncio.timeout(10):
        await remote.write_arrived.wait()
        for content in ("2", "3", "4"):
            copy.write("main.ts", content)
            pushes.append(asyncio.create_task(copy.pusher.push("main.ts")))
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
    limit = push_module._CONCURRENT_WRITES
    remote.before_request = lambda _: full.set() if len(remote.writes) == limit else None
    paths = [f"{number}.ts" for number in range(20)]
    for path in paths:
        copy.write(path, path)
    pushing = asyncio.create_task(push_all(copy.pusher, *paths))
    async with asyncio.timeout(10):
        await full.wait()
        # Time for one more to come, if anything let it.
        await asyncio.sleep(0.05)
        assert len(remote.writes) == limit
        remote.writes_wait.set()
        results = await pushing
    assert sorted(results) == sorted(remote.files) == sorted(paths)


BINARY = b"\x89PNG\xff\x00"


async def test_what_is_no_text_is_refused_with_its_reason(remote: RemoteProject, copy: WorkingCopy) -> None:
    copy.write("image.png", BINARY)
    result = await copy.pusher.push("image.png")
    assert isinstance(result, Refused)
    assert "UTF-8" in result.reason
    assert remote.server.requests == []


async def test_what_is_too_large_is_refused_with_its_reason(remote: RemoteProject, copy: WorkingCopy) -> None:
    with (copy.root / "large.json").open("wb") as file:
        file.truncate(push_module.LARGEST_CONTENT + 1)
    result = await copy.pusher.push("large.json")
    assert isinstance(result, Refused)
    assert "50 MB" in result.reason
    assert remote.server.requests == []


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes")
async def test_a_name_that_is_no_text_is_refused_with_its_reason(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    path = os.fsdecode(b"bad-\xff.ts")
    copy.write(path, "1")
    assert copy.pusher.changed([path]) == [path]
    assert isinstance(await copy.pusher.push(path), Refused)


@pytest.mark.skipif(sys.platform == "win32", reason="links")
async def test_a_file_that_can_not_be_read_is_refused_with_its_reason(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    (copy.root / "loop.ts").symlink_to("loop.ts")
    assert copy.pusher.changed(["loop.ts"]) == ["loop.ts"]
    result = await copy.pusher.push("loop.ts")
    assert isinstance(result, Refused)
    assert "can't be read" in result.reason


@pytest.mark.parametrize("fault", [Fault.UNANSWERED, Fault.FAILED_AFTER])
async def test_a_write_whose_outcome_is_unknown_is_no_conflict_afterwards(
    remote: RemoteProject, copy: WorkingCopy, fault: Fault
) -> None:
    copy.write("main.ts", "1")
    # The read, the write that arrives, and nothing more until we have given up.
    remote.faults = [Fault.NONE, fault, *LOST]
    with pytest.raises(UnreachableError):
        await copy.pusher.push("main.ts")
    assert remote.files == {"main.ts": "1"}
    remote.faults = []
    copy.restart()
    copy.write("main.ts", "2")
    assert isinstance(await copy.pusher.push("main.ts"), Synced)
    assert remote.files == {"main.ts": "2"}


async def test_undoing_a_change_whose_write_was_never_heard_settles_the_matter(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("main.ts", "1")
    await copy.pusher.push("main.ts")
    copy.write("main.ts", "2")
    remote.faults = [Fault.NONE, *LOST]
    with pytest.raises(UnreachableError):
        await copy.pusher.push("main.ts")
    remote.faults = []
    copy.write("main.ts", "1")
    assert await copy.pusher.push("main.ts") == Unchanged("main.ts")
    assert copy.pusher.changed(["main.ts"]) == []


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.UNANSWERED, Fault.FAILED, Fault.SLOW_DOWN])
async def test_a_write_that_failed_for_a_moment_succeeds_in_the_end(
    remote: RemoteProject, copy: WorkingCopy, fault: Fault
) -> None:
    remote.faults = [Fault.NONE, fault, fault, Fault.NONE, fault]
    copy.write("main.ts", "1")
    assert isinstance(await copy.pusher.push("main.ts"), Synced)
    assert remote.files == {"main.ts": "1"}


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.UNANSWERED, Fault.FAILED, Fault.SLOW_DOWN])
async def test_an_edit_made_while_a_failed_write_waits_to_be_tried_again_is_kept(
    remote: RemoteProject, copy: WorkingCopy, fault: Fault
) -> None:
    copy.write("main.ts", "mine")
    remote.faults = [Fault.NONE, fault]
    asked = 0

    def they_save(_: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 3:
            remote.files["main.ts"] = "theirs"

    remote.before_request = they_save
    assert await copy.pusher.push("main.ts") == Conflicting("main.ts")
    assert remote.files == {"main.ts": "theirs"}


async def test_a_retried_write_sends_what_the_file_holds_by_then(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.write("main.ts", "1")
    remote.faults = [Fault.NONE, Fault.UNANSWERED]
    asked = 0

    def we_save(_: object) -> None:
        nonlocal asked
        asked += 1
        if asked == 2:
            copy.write("main.ts", "2")

    remote.before_request = we_save
    assert isinstance(await copy.pusher.push("main.ts"), Synced)
    assert remote.files == {"main.ts": "2"}


async def test_a_cancelled_push_leaves_no_lock_behind(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.writes_wait = asyncio.Event()
    copy.write("main.ts", "1")
    pushing = asyncio.create_task(push_all(copy.pusher, "main.ts"))
    async with asyncio.timeout(10):
        await remote.write_arrived.wait()
        pushing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pushing
        remote.writes_wait.set()
        copy.write("main.ts", "2")
        assert isinstance(await copy.pusher.push("main.ts"), Synced)
    assert copy.pusher.changed(["main.ts"]) == []


async def test_a_network_failure_leaves_no_task_behind(remote: RemoteProject, copy: WorkingCopy) -> None:
    paths = [f"{number}.ts" for number in range(12)]
    for path in paths:
        copy.write(path, "1")
    remote.faults = LOST * 10
    with pytest.raises(UnreachableError):
        await push_all(copy.pusher, *paths)
    assert not [task for task in asyncio.all_tasks() if "Pusher" in repr(task)]
