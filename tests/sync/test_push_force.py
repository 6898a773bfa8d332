from __future__ import annotations

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject, order
from xgodo_dev.sync.push_results import Conflicting, LocallyDeleted, Refused, Synced, Unchanged, Unsent

LOST = [Fault.UNHEARD] * 20


async def test_force_keeps_exactly_what_it_replaces(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    remote.files["src/main.ts"] = "\ufefftheirs\r\nü"
    each_copy.write("src/main.ts", "mine")
    assert isinstance((await each_copy.push(force=True))["src/main.ts"], Synced)
    assert remote.files["src/main.ts"] == "mine"
    assert each_copy.backups("src/main.ts") == ["\ufefftheirs\r\nü"]


async def test_force_keeps_theirs_before_anything_is_sent(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    kept_at_write: list[list[str]] = []
    remote.before_request = lambda request: (
        kept_at_write.append(each_copy.backups("main.ts")) if request.method != "GET" else None
    )
    remote.files["main.ts"] = "theirs"
    each_copy.write("main.ts", "mine")
    await each_copy.push(force=True)
    assert kept_at_write == [["theirs"]]
    assert order(remote)[-2:] == ["read", "write"]


async def test_force_keeps_nothing_where_nothing_is_lost(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    for content in ("1", "2"):
        each_copy.write("main.ts", content)
        await each_copy.push(force=True)
    assert remote.files["main.ts"] == "2"
    assert each_copy.backups("main.ts") == []


async def test_force_replaces_by_name_also_what_nobody_changed_here(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    remote.files["main.ts"] = "theirs"
    assert await each_copy.push(force=True) == {}
    assert isinstance((await each_copy.push("main.ts", force=True))["main.ts"], Synced)
    assert remote.files["main.ts"] == "1"
    assert each_copy.backups("main.ts") == ["theirs"]


async def test_every_conflict_of_a_batch_is_replaced_and_kept(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files |= {"b.ts": "their b", "c.ts": "their c", "d.ts": "d"}
    for name in "abcd":
        each_copy.write(f"{name}.ts", name)
    results = await each_copy.push(force=True)
    assert [path for path in sorted(results) if isinstance(results[path], Synced)] == ["a.ts", "b.ts", "c.ts"]
    assert remote.files == {f"{name}.ts": name for name in "abcd"}
    assert {name: each_copy.backups(f"{name}.ts") for name in "abcd"} == {
        "a": [],
        "b": ["their b"],
        "c": ["their c"],
        "d": [],
    }
    assert each_copy.survey().to_push() == []


async def test_remote_content_that_no_encoding_takes_is_kept_as_well(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files["main.ts"] = "half \ud83d"
    each_copy.write("main.ts", "mine")
    assert isinstance(await each_copy.forcing.push("main.ts"), Synced)
    (kept,) = (each_copy.root / ".xgodo" / "backup").glob("*/main.ts")
    assert kept.read_bytes().decode("utf-8", "surrogatepass") == "half \ud83d"


async def test_what_the_server_can_not_hand_out_is_not_replaced_even_by_force(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.binaries["data.json"] = b"\xff\xfe{}"
    listed_copy.write("data.json", "mine")
    listed_copy.write("main.ts", "1")
    results = await listed_copy.push(force=True)
    assert isinstance(results["main.ts"], Synced)
    refused = results["data.json"]
    assert isinstance(refused, Refused)
    assert "can't be kept" in refused.reason
    assert "data.json" not in remote.files


async def test_one_file_that_can_not_be_forced_does_not_stop_the_others(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": "theirs", "b.ts": "theirs"}
    remote.refuse_reading = {"a.ts"}
    listed_copy.write("a.ts", "mine")
    listed_copy.write("b.ts", "mine")
    results = await listed_copy.push(force=True)
    assert results["a.ts"] == Refused("a.ts", "Invalid path")
    assert isinstance(results["b.ts"], Synced)
    assert remote.files == {"a.ts": "theirs", "b.ts": "mine"}


@pytest.mark.parametrize("fault", [Fault.UNHEARD, Fault.UNANSWERED])
async def test_a_forced_write_that_failed_for_a_moment_keeps_theirs_and_nothing_of_ours(
    remote: RemoteProject, each_copy: WorkingCopy, fault: Fault
) -> None:
    remote.files["main.ts"] = "theirs"
    each_copy.write("main.ts", "mine")
    remote.faults = [Fault.NONE, Fault.NONE, fault]
    assert isinstance((await each_copy.push(force=True))["main.ts"], Synced)
    assert remote.files["main.ts"] == "mine"
    # Not heard, theirs is seen again, and kept again: twice is no loss.
    assert set(each_copy.backups("main.ts")) == {"theirs"}


async def test_what_was_sent_before_a_forced_write_found_nobody_is_said(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.files |= {"b.ts": "theirs", "c.ts": "theirs"}
    for name in "abc":
        listed_copy.write(f"{name}.ts", "mine")
    # The list, the write of a.ts, the look at b.ts, and nothing more.
    remote.faults = [Fault.NONE] * 3 + LOST
    results = await listed_copy.push(force=True)
    assert {path: type(each) for path, each in results.items()} == {
        "a.ts": Synced,
        "b.ts": Unsent,
        "c.ts": Unsent,
    }
    assert remote.files == {"a.ts": "mine", "b.ts": "theirs", "c.ts": "theirs"}


async def test_an_edit_between_the_look_and_the_forced_write_is_the_one_that_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.files["main.ts"] = "theirs"
    each_copy.write("main.ts", "mine")

    def they_save_again(_: object) -> None:
        if len(remote.seen) == 2:
            remote.files["main.ts"] = "theirs, later"

    remote.before_request = they_save_again
    await each_copy.push(force=True)
    assert remote.files["main.ts"] == "mine"
    assert each_copy.backups("main.ts") == ["theirs, later"]


async def test_what_was_changed_there_and_is_gone_here_is_a_conflict_that_force_leaves_deleted(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    remote.files["main.ts"] = "theirs"
    assert await each_copy.push() == {"main.ts": Conflicting("main.ts", deleted_here=True)}
    assert await each_copy.push("main.ts", force=True) == {"main.ts": LocallyDeleted("main.ts")}
    assert remote.files == {"main.ts": "theirs"}
    assert await each_copy.push() == {}
    remote.files["main.ts"] = "theirs again"
    assert await each_copy.push("main.ts") == {"main.ts": Conflicting("main.ts", deleted_here=True)}


async def test_a_file_that_comes_back_after_force_left_it_deleted_replaces_what_was_kept(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    remote.files["main.ts"] = "theirs"
    await each_copy.push("main.ts", force=True)
    each_copy.write("main.ts", "back")
    await each_copy.push()
    assert remote.files == {"main.ts": "back"}
    assert each_copy.backups("main.ts") == ["theirs"]


async def test_what_was_deleted_on_both_sides_is_forgotten_by_force(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    each_copy.delete("main.ts")
    del remote.files["main.ts"]
    assert await each_copy.push("main.ts", force=True) == {"main.ts": Unchanged("main.ts")}
    assert each_copy.state.base() == {}
