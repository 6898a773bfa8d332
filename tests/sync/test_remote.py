from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.platform.memory import Memory
from tests.scripted_server import IMPATIENT, Answer, json_answer
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import PROJECT, RemoteProject, order
from xgodo_dev.errors import ApiError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.remote import (
    BatchRefused,
    Denied,
    DocumentedProject,
    ListedProject,
    NotCompiled,
    StoredOtherwise,
    Unfetchable,
    Written,
    find_remote,
)


@pytest.fixture
async def transport(remote: RemoteProject) -> AsyncIterator[Transport]:
    async with Transport(remote.server.server, patience=IMPATIENT) as transport:
        yield transport


@pytest.mark.parametrize("has_project_api", [True, False])
async def test_the_better_kind_is_chosen_where_the_server_has_it_and_remembered(
    remote: RemoteProject, transport: Transport, has_project_api: bool
) -> None:
    remote.has_project_api = has_project_api
    memory, kind = Memory(), ListedProject if has_project_api else DocumentedProject
    for _ in range(2):
        found = await find_remote(transport, AutomationApi(transport), PROJECT, memory, now=1000)
        assert isinstance(found, kind)
        assert found.lists_files is has_project_api
    # Asked once: with the list itself, or under both addresses.
    assert len(remote.seen) == (1 if has_project_api else 2)


async def test_a_file_is_read_as_it_is_and_a_missing_one_is_none(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": "\ufeffgrüße\r\n", "half.ts": "\ud83d"}
    assert await each_copy.remote.read("a.ts") == "\ufeffgrüße\r\n".encode()
    assert await each_copy.remote.read("half.ts") == b"\xed\xa0\xbd"
    assert await each_copy.remote.read("missing.ts") is None


async def test_what_is_no_text_can_not_be_had(remote: RemoteProject, listed_copy: WorkingCopy) -> None:
    remote.binaries["image.json"] = b"\x89PNG\xff\x00"
    with pytest.raises(Unfetchable, match=r"image\.json"):
        await listed_copy.remote.read("image.json")
    with pytest.raises(Unfetchable):
        await listed_copy.remote.hashes(["image.json"])
    # But the list knows its hash.
    assert await listed_copy.remote.all_hashes() == {"image.json": blob_hash(b"\x89PNG\xff\x00")}


async def test_a_text_with_the_sign_of_damage_in_it_is_a_text(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.files["a.ts"] = "\ufffd"
    assert await listed_copy.remote.read("a.ts") == "\ufffd".encode()


async def test_hashes_are_those_of_the_files_asked_for_that_exist(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": "1", "b.ts": "2", "c.ts": "3"}
    assert await each_copy.remote.hashes(["a.ts", "b.ts", "missing.ts"]) == {
        "a.ts": blob_hash(b"1"),
        "b.ts": blob_hash(b"2"),
    }
    assert order(remote) == (["list"] if each_copy.remote.lists_files else ["read"] * 3)
    assert await each_copy.remote.hashes(["a.ts"]) == {"a.ts": blob_hash(b"1")}
    assert await each_copy.remote.hashes(["missing.ts"]) == {}
    assert order(remote)[-2:] == ["read", "read"]


async def test_a_name_that_is_refused_names_no_file_but_a_server_that_refuses_all_is_believed(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files["a.ts"] = "1"
    remote.refuse_reading = {"b.ts", "c.ts"}
    assert await copy.remote.hashes(["a.ts", "b.ts"]) == {"a.ts": blob_hash(b"1")}
    for paths in (["b.ts"], ["b.ts", "c.ts"]):
        with pytest.raises(ApiError, match="Invalid path"):
            await copy.remote.hashes(paths)


async def test_the_list_leaves_out_what_was_compiled_from_a_file_beside_it(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": "1", "a.js": "compiled", "src/a.js": "written", "b.js": "written"}
    listed = await listed_copy.remote.all_hashes()
    assert listed is not None
    assert listed.keys() == {"a.ts", "src/a.js", "b.js"}


async def test_a_server_without_a_list_says_so(copy: WorkingCopy) -> None:
    assert await copy.remote.all_hashes() is None
    assert await copy.remote.history(10) is None
    assert not copy.remote.lists_files


async def test_each_outcome_of_a_write_is_told(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    write = each_copy.remote.write
    assert await write([("a.ts", "ü".encode())]) == [Written("a.ts")]
    assert await write([("a.ts", b"bad")]) == [NotCompiled("a.ts", ("Error at 1:1: x",))]
    remote.refusal = json_answer({"success": False, "message": "Invalid path"}, 400)
    assert await write([("a.ts", b"1")]) == [Denied("a.ts", "Invalid path")]


async def test_each_file_of_a_batch_has_its_own_outcome(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    remote.as_stored = lambda content: content.strip()
    outcomes = await listed_copy.remote.write([("a.ts", b"1"), ("b.ts", b"bad"), ("c.ts", b" 1 ")])
    assert outcomes == [
        Written("a.ts"),
        NotCompiled("b.ts", ("Error at 1:1: x",)),
        StoredOtherwise("c.ts", blob_hash(b"1")),
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        json_answer({"success": False, "message": "Invalid path"}, 400),
        json_answer({"message": "Payload Too Large"}, 413),
    ],
)
async def test_a_refusal_of_several_files_is_one_of_the_batch(
    remote: RemoteProject, listed_copy: WorkingCopy, refusal: Answer
) -> None:
    remote.refusal = refusal
    with pytest.raises(BatchRefused):
        await listed_copy.remote.write([("a.ts", b"1"), ("b.ts", b"1")])
    (outcome,) = await listed_copy.remote.write([("a.ts", b"1")])
    assert isinstance(outcome, Denied)
