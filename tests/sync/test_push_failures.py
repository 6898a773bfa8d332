from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from tests.scripted_server import Request, json_answer
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject, order
from xgodo_dev.errors import ServerUnavailable, UnreachableError
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.push_results import Conflicting, Synced, Unchanged, Unsent

LOST = [Fault.UNHEARD] * 20


def at_request(number: int, act: Callable[[], None]) -> Callable[[Request], None]:
    """What does ``act`` before the request of that number, counted from one."""
    asked = 0

    def before_request(_: Request) -> None:
        nonlocal asked
        asked += 1
        if asked == number:
            act()

    return before_request


@pytest.mark.parametrize("fault", [Fault.UNANSWERED, Fault.FAILED_AFTER])
async def test_a_write_whose_outcome_is_unknown_is_no_conflict_afterwards(
    remote: RemoteProject, each_copy: WorkingCopy, fault: Fault
) -> None:
    each_copy.write("main.txt", "1")
    # The look, the write that arrives, and nothing more until we have given up.
    remote.faults = [Fault.NONE, fault, *LOST]
    with pytest.raises(UnreachableError):
        await each_copy.pusher.push("main.txt")
    assert remote.files == {"main.txt": "1"}
    remote.faults = []
    each_copy.restart()
    each_copy.write("main.txt", "2")
    assert isinstance((await each_copy.push())["main.txt"], Synced)
    assert remote.files == {"main.txt": "2"}


async def test_a_write_that_may_have_arrived_is_remembered_and_settled_by_asking(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.txt", "1")
    remote.faults = [Fault.NONE, Fault.UNANSWERED, *LOST]
    assert isinstance((await each_copy.push())["main.txt"], Unsent)
    remote.faults = []
    each_copy.restart()
    assert each_copy.state.known("main.txt").attempts == {blob_hash(b"1"): None}
    assert each_copy.survey().to_push() == ["main.txt"]
    assert isinstance((await each_copy.push())["main.txt"], Synced)
    known = each_copy.state.known("main.txt")
    assert (known.base, known.attempts) == (blob_hash(b"1"), {})


@pytest.mark.parametrize("heard", [Fault.UNHEARD, Fault.UNANSWERED])
async def test_undoing_a_change_whose_write_was_never_answered_settles_the_matter(
    remote: RemoteProject, each_copy: WorkingCopy, heard: Fault
) -> None:
    each_copy.write("main.txt", "1")
    await each_copy.push()
    each_copy.write("main.txt", "2")
    remote.faults = [Fault.NONE, heard, *LOST]
    assert isinstance((await each_copy.push())["main.txt"], Unsent)
    remote.faults = []
    each_copy.write("main.txt", "1")
    assert each_copy.survey().to_push() == ["main.txt"]
    result = (await each_copy.push())["main.txt"]
    assert isinstance(result, Synced if heard is Fault.UNANSWERED else Unchanged)
    assert remote.files == {"main.txt": "1"}
    assert each_copy.survey().to_push() == []


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.UNANSWERED, Fault.FAILED, Fault.SLOW_DOWN])
async def test_a_write_that_failed_for_a_moment_succeeds_in_the_end(
    remote: RemoteProject, each_copy: WorkingCopy, fault: Fault
) -> None:
    remote.faults = [Fault.NONE, fault, fault, Fault.NONE, fault]
    each_copy.write("main.txt", "1")
    assert isinstance(await each_copy.pusher.push("main.txt"), Synced)
    assert remote.files == {"main.txt": "1"}


async def test_each_attempt_to_write_is_preceded_by_a_look_of_its_own(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.faults = [Fault.NONE, Fault.UNHEARD, Fault.NONE, Fault.UNANSWERED]
    each_copy.write("main.txt", "1")
    assert isinstance(await each_copy.pusher.push("main.txt"), Synced)
    assert order(remote) == ["read", "write"] * 3


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.UNANSWERED, Fault.FAILED, Fault.SLOW_DOWN])
async def test_an_edit_made_while_a_failed_write_waits_to_be_tried_again_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy, fault: Fault
) -> None:
    each_copy.write("main.txt", "mine")
    remote.faults = [Fault.NONE, fault]
    remote.before_request = at_request(3, lambda: remote.files.update({"main.txt": "theirs"}))
    assert await each_copy.pusher.push("main.txt") == Conflicting("main.txt")
    assert remote.files == {"main.txt": "theirs"}


async def test_a_retried_write_sends_what_the_file_holds_by_then(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.txt", "1")
    remote.faults = [Fault.NONE, Fault.UNANSWERED]
    remote.before_request = at_request(2, lambda: each_copy.write("main.txt", "2"))
    assert isinstance(await each_copy.pusher.push("main.txt"), Synced)
    assert remote.files == {"main.txt": "2"}


async def test_a_server_that_wants_to_be_left_alone_for_long_is_not_asked_again(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.refusal = json_answer({"message": "slow down"}, 429, Retry_After="3600")
    each_copy.write("main.txt", "1")
    result = (await each_copy.push())["main.txt"]
    assert isinstance(result, Unsent)
    assert isinstance(result.error, ServerUnavailable)
    assert "3600 s" in str(result.error)
    assert order(remote) == ["read", "write"]


async def test_what_arrived_before_the_server_went_away_is_said_and_the_rest_is_unsent(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = [f"{number:03}.ts" for number in range(100)]
    for path in paths:
        copy.write(path, path)

    def go_away(_: Request) -> None:
        if len(remote.files) >= 20:
            remote.faults = list(LOST)

    remote.before_request = go_away
    results = await copy.push()
    assert sorted(results) == paths
    sent = {path for path, result in results.items() if isinstance(result, Synced)}
    assert sent == set(remote.files)
    assert len(sent) >= 20
    unsent = [result for result in results.values() if isinstance(result, Unsent)]
    assert len(unsent) == len(paths) - len(sent)
    assert all(isinstance(each.error, UnreachableError) for each in unsent)
    remote.before_request, remote.faults = lambda _: None, []
    copy.restart()
    assert {type(each) for each in (await copy.push()).values()} == {Synced}
    assert remote.files == {path: path for path in paths}


async def test_a_server_that_is_away_leaves_everything_unsent(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    paths = [f"{number}.ts" for number in range(12)]
    for path in paths:
        each_copy.write(path, "1")
    remote.faults = LOST * 10
    results = await each_copy.push()
    assert sorted(results) == sorted(paths)
    assert {type(each) for each in results.values()} == {Unsent}
    assert remote.files == {}


async def test_a_failure_leaves_no_task_behind(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    for number in range(12):
        each_copy.write(f"{number}.ts", "1")
    remote.faults = LOST * 10
    before = asyncio.all_tasks()
    await each_copy.push()
    assert {task for task in asyncio.all_tasks() - before if "xgodo_dev" in repr(task)} == set()


async def test_a_cancelled_push_leaves_no_lock_behind(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    remote.writes_wait = asyncio.Event()
    each_copy.write("main.txt", "1")
    pushing = asyncio.create_task(each_copy.push())
    async with asyncio.timeout(60):
        await remote.write_arrived.wait()
        pushing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await pushing
        remote.writes_wait.set()
        each_copy.write("main.txt", "2")
        assert isinstance(await each_copy.pusher.push("main.txt"), Synced)
    assert each_copy.survey().to_push() == []
