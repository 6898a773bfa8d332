from __future__ import annotations

import pytest

from tests.scripted_server import Answer, Request, json_answer
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject, order, written_files
from xgodo_dev.errors import UnreachableError
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.push_results import Conflicting, Refused, Synced, Unsent

LOST = [Fault.UNHEARD] * 20
BAD_PATH = json_answer({"success": False, "message": "Invalid path"}, 400)
TOO_LARGE = json_answer({"success": False, "message": "Payload Too Large"}, 413)


@pytest.fixture
def copy(listed_copy: WorkingCopy) -> WorkingCopy:
    return listed_copy


def batches(remote: RemoteProject) -> list[list[str]]:
    """The paths of each write, in turn."""
    return [
        [each["path"] for each in written_files(request)]
        for request in remote.seen
        if request.method != "GET"
    ]


def write_many(copy: WorkingCopy, count: int, content: str = "1") -> list[str]:
    paths = [f"{number:04}.ts" for number in range(count)]
    for path in paths:
        copy.write(path, content)
    return paths


async def test_many_files_go_in_batches_of_two_hundred_with_one_look_each(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = write_many(copy, 450)
    results = await copy.push()
    assert sorted(results) == sorted(remote.files) == paths
    assert [len(batch) for batch in batches(remote)] == [200, 200, 50]
    assert order(remote) == ["list", "write"] * 3


async def test_a_batch_holds_no_more_bytes_than_its_limit_unless_one_file_does(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    copy.remote.batch_bytes = 1000
    sizes = {"a.ts": 600, "b.ts": 400, "c.ts": 1, "d.ts": 5000, "e.ts": 999, "f.ts": 1}
    for path, size in sizes.items():
        copy.write(path, "x" * size)
    await copy.push()
    assert batches(remote) == [["a.ts", "b.ts"], ["c.ts"], ["d.ts"], ["e.ts", "f.ts"]]
    assert remote.files.keys() == sizes.keys()


def refuse(remote: RemoteProject, answer: Answer, *, while_any: set[str], longest: int = 1000) -> None:
    """Let the server answer so to each write that holds one of these paths, or more than ``longest``."""

    def before_request(request: Request) -> None:
        paths = [each["path"] for each in written_files(request)] if request.method != "GET" else []
        remote.refusal = answer if while_any & set(paths) or len(paths) > longest else None

    remote.before_request = before_request


async def test_a_refused_batch_is_halved_until_only_the_bad_file_is_refused(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = write_many(copy, 16)
    refuse(remote, BAD_PATH, while_any={"0005.ts"})
    results = await copy.push()
    assert results.pop("0005.ts") == Refused("0005.ts", "Invalid path")
    assert {type(each) for each in results.values()} == {Synced}
    assert remote.files.keys() == set(paths) - {"0005.ts"}
    assert [len(batch) for batch in batches(remote)] == [16, 8, 4, 4, 2, 1, 1, 2, 8]
    assert order(remote)[::2] == ["list"] * 9


async def test_a_batch_that_is_too_large_is_halved_until_it_fits(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = write_many(copy, 16)
    refuse(remote, TOO_LARGE, while_any=set(), longest=4)
    results = await copy.push()
    assert {type(each) for each in results.values()} == {Synced}
    assert sorted(remote.files) == paths
    assert [len(batch) for batch in batches(remote)] == [16, 8, 4, 4, 8, 4, 4]


async def test_a_single_file_that_is_too_large_is_refused_and_the_others_are_sent(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    write_many(copy, 3)
    refuse(remote, TOO_LARGE, while_any={"0001.ts"})
    results = await copy.push()
    assert results["0001.ts"] == Refused("0001.ts", "Payload Too Large")
    assert remote.files.keys() == {"0000.ts", "0002.ts"}


async def test_what_arrived_before_the_server_went_away_amid_the_halves_is_said(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    write_many(copy, 4)

    def before_request(request: Request) -> None:
        count = len(written_files(request)) if request.method != "GET" else 0
        remote.refusal = BAD_PATH if count > 2 else None
        if remote.files:
            remote.faults = list(LOST)

    remote.before_request = before_request
    results = await copy.push()
    assert sorted(remote.files) == ["0000.ts", "0001.ts"]
    assert {path: type(each) for path, each in results.items()} == {
        "0000.ts": Synced,
        "0001.ts": Synced,
        "0002.ts": Unsent,
        "0003.ts": Unsent,
    }


async def test_batches_behind_the_one_that_nobody_answered_are_not_tried(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = write_many(copy, 600)
    remote.faults = [Fault.NONE, Fault.NONE, *LOST]
    results = await copy.push()
    assert sorted(results) == paths
    assert {path for path, each in results.items() if isinstance(each, Synced)} == set(paths[:200])
    unsent = [each for each in results.values() if isinstance(each, Unsent)]
    assert len(unsent) == 400
    assert all(isinstance(each.error, UnreachableError) for each in unsent)
    assert copy.survey().to_push() == paths[200:]


async def test_a_batch_whose_answer_is_lost_is_settled_by_the_list(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    paths = write_many(copy, 3)
    remote.faults = [Fault.NONE, Fault.UNANSWERED]
    results = await copy.push()
    assert {type(each) for each in results.values()} == {Synced}
    assert sorted(remote.files) == paths
    assert order(remote) == ["list", "write", "list", "write"]


async def test_an_edit_made_there_while_a_batch_waits_to_be_tried_again_is_kept(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    write_many(copy, 3, "mine")
    remote.faults = [Fault.NONE, Fault.UNANSWERED]

    def they_save(_: Request) -> None:
        if len(remote.seen) == 3:
            remote.files["0001.ts"] = "theirs"

    remote.before_request = they_save
    results = await copy.push()
    assert results["0001.ts"] == Conflicting("0001.ts")
    assert remote.files == {"0000.ts": "mine", "0001.ts": "theirs", "0002.ts": "mine"}


async def test_conflicts_stay_out_of_a_batch(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.files["0001.ts"] = "theirs"
    write_many(copy, 3)
    results = await copy.push()
    assert results["0001.ts"] == Conflicting("0001.ts")
    assert batches(remote) == [["0000.ts", "0002.ts"]]


async def test_a_file_that_the_server_stores_otherwise_is_refused_and_stays_ours(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.as_stored = lambda content: content.rstrip()
    copy.write("a.ts", "1\n")
    copy.write("b.ts", "1")
    results = await copy.push()
    assert isinstance(results["b.ts"], Synced)
    refused = results["a.ts"]
    assert isinstance(refused, Refused)
    assert "other content" in refused.reason
    known = copy.state.known("a.ts")
    assert (known.base, blob_hash(b"1") in known.attempts) == (None, True)
    # What the server made of it is nobody's edit: the next version replaces it.
    copy.write("a.ts", "2")
    assert isinstance((await copy.push())["a.ts"], Synced)
    assert remote.files["a.ts"] == "2"
