from __future__ import annotations

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import blob_hash
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.push_results import Refused, RemoteChanged
from xgodo_dev.sync.survey import MassDeletion, learn

LOST = [Fault.UNHEARD] * 20


async def share(copy: WorkingCopy, *names: str) -> None:
    for name in names:
        copy.write(f"{name}.ts", name)
    await copy.push()


async def test_what_differs_is_found_without_and_with_asking(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, *"abcdef")
    each_copy.write("a.ts", "mine")
    remote.files["b.ts"] = "theirs"
    each_copy.write("c.ts", "mine")
    remote.files["c.ts"] = "theirs"
    each_copy.delete("d.ts")
    del remote.files["e.ts"]
    each_copy.write("new.ts", "new")
    here = {
        "a.ts": Verdict.CHANGED_HERE,
        "c.ts": Verdict.CHANGED_HERE,
        "d.ts": Verdict.DELETED_HERE,
        "new.ts": Verdict.CHANGED_HERE,
    }
    assert each_copy.survey().verdicts == here
    found = await each_copy.ask()
    assert found.verdicts == here | {
        "b.ts": Verdict.CHANGED_THERE,
        "c.ts": Verdict.CHANGED_ON_BOTH,
        "e.ts": Verdict.DELETED_THERE,
    }
    assert found.remote["b.ts"] == blob_hash(b"theirs")
    assert found.with_verdict(Verdict.CHANGED_HERE) == ["a.ts", "new.ts"]
    # Asking alone changes nothing; learning makes a later survey say the same without asking.
    assert each_copy.survey().verdicts == here
    learn(each_copy.files, each_copy.state, found)
    each_copy.restart()
    assert each_copy.survey().verdicts == found.verdicts


async def test_asking_costs_one_request_with_a_list_and_one_a_path_without(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, *"abc")
    each_copy.delete("a.ts")
    before = len(remote.seen)
    await each_copy.ask()
    assert len(remote.seen) - before == (1 if each_copy.remote.lists_files else 3)


async def test_what_was_seen_there_is_forgotten_when_it_is_as_it_was_again(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, "a", "b")
    remote.files["a.ts"] = "theirs"
    del remote.files["b.ts"]
    learn(each_copy.files, each_copy.state, await each_copy.ask())
    assert len(each_copy.survey().verdicts) == 2
    remote.files |= {"a.ts": "a", "b.ts": "b"}
    found = await each_copy.ask()
    assert found.verdicts == {}
    learn(each_copy.files, each_copy.state, found)
    assert each_copy.survey().verdicts == {}
    assert each_copy.state.unsettled() == {}


async def test_what_became_equal_or_went_on_both_sides_is_learned(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, "a", "b")
    each_copy.write("a.ts", "same")
    remote.files["a.ts"] = "same"
    each_copy.delete("b.ts")
    del remote.files["b.ts"]
    learn(each_copy.files, each_copy.state, await each_copy.ask())
    assert each_copy.state.base() == {"a.ts": blob_hash(b"same")}
    assert each_copy.survey().verdicts == {}


async def test_a_file_that_changed_since_the_survey_is_not_taken_for_equal(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("a.ts", "same")
    remote.files["a.ts"] = "same"
    found = await each_copy.ask()
    each_copy.write("a.ts", "mine")
    learn(each_copy.files, each_copy.state, found)
    assert each_copy.state.base() == {}


async def test_what_a_push_saw_there_is_known_to_the_next_survey(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, "a")
    remote.files["a.ts"] = "theirs"
    assert await each_copy.push("a.ts") == {"a.ts": RemoteChanged("a.ts")}
    each_copy.restart()
    assert each_copy.survey().verdicts == {"a.ts": Verdict.CHANGED_THERE}
    # A push has nothing of it to send.
    assert each_copy.survey().to_push() == []


async def test_a_name_that_the_server_does_not_take_keeps_nobody_from_asking_about_others(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, "a", "b")
    each_copy.write("odd.ts", "1")
    remote.refuse_reading = {"odd.ts"}
    remote.files["b.ts"] = "theirs"
    found = await each_copy.ask()
    assert found.verdicts == {"odd.ts": Verdict.CHANGED_HERE, "b.ts": Verdict.CHANGED_THERE}


async def test_the_compilers_errors_hold_until_the_file_is_edited(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
    each_copy.write("a.ts", "bad")
    each_copy.write("b.ts", "good")
    await each_copy.push()
    each_copy.restart()
    assert each_copy.survey().compile_errors() == {"a.ts": ("Error at 1:1: x",)}
    each_copy.write("a.ts", "edited")
    assert each_copy.survey().compile_errors() == {}
    # And again when the edit is undone.
    each_copy.write("a.ts", "bad")
    assert each_copy.survey().compile_errors() == {"a.ts": ("Error at 1:1: x",)}
    each_copy.delete("a.ts")
    assert each_copy.survey().compile_errors() == {}


async def test_what_is_left_out_is_neither_sent_nor_gone(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    await share(listed_copy, "a")
    listed_copy.write("b.ts", "b")
    (listed_copy.root / ".gitignore").write_text("a.ts\nb.ts\n")
    remote.files |= {"b.ts": "theirs", "README.md": "theirs", "gone.md": "theirs"}
    listed_copy.restart()
    found = await listed_copy.ask()
    assert found.verdicts == dict.fromkeys(["a.ts", "b.ts", "README.md", "gone.md"], Verdict.LEFT_OUT)
    assert found.to_push() == []
    assert listed_copy.puller().to_pull(found) == []
    found.require_no_mass_deletion()


async def test_a_folder_or_link_in_place_of_a_known_file_is_no_deletion(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, "a")
    each_copy.delete("a.ts")
    (each_copy.root / "a.ts").mkdir()
    found = await each_copy.ask()
    assert found.verdicts == {"a.ts": Verdict.LEFT_OUT}


async def test_javascript_that_the_server_compiled_is_nobodys_file(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    await share(listed_copy, "a")
    remote.files |= {"a.js": "compiled", "hand.js": "written"}
    found = await listed_copy.ask()
    assert found.verdicts == {"hand.js": Verdict.CHANGED_THERE}


class LockedDisk(Disk):
    def open_existing(self, path):  # type: ignore[no-untyped-def]
        raise PermissionError(13, "Permission denied")


async def test_what_can_not_be_read_is_never_compared(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await share(each_copy, "a", "b")
    remote.files["a.ts"] = "theirs"
    each_copy.state.__exit__(None, None, None)
    # Forget what they looked like: a file that looks as it did is not read.
    each_copy.open(LockedDisk())
    each_copy.state.remember_fingerprints({}, ["a.ts", "b.ts"])
    found = await each_copy.ask()
    assert found.verdicts == {"a.ts": Verdict.UNREADABLE, "b.ts": Verdict.UNREADABLE}
    found.require_no_mass_deletion()
    learn(each_copy.files, each_copy.state, found)
    assert await each_copy.pull() == {}
    assert {type(each) for each in (await each_copy.push()).values()} == {Refused}


@pytest.mark.parametrize(
    ("files", "gone", "halts"),
    [(1, 1, True), (2, 1, False), (2, 2, True), (3, 1, False), (3, 2, True), (10, 5, False), (10, 6, True)],
)
async def test_more_than_half_gone_here_halts(
    remote: RemoteProject, each_copy: WorkingCopy, files: int, gone: int, halts: bool
) -> None:
    names = [str(number) for number in range(files)]
    await share(each_copy, *names)
    for name in names[:gone]:
        each_copy.delete(f"{name}.ts")
    for found in (each_copy.survey(), await each_copy.ask()):
        if not halts:
            found.require_no_mass_deletion()
            continue
        with pytest.raises(MassDeletion, match=rf"{gone} of the {files} .* gone here") as raised:
            found.require_no_mass_deletion()
        assert "--accept-deletes" in (raised.value.hint or "")


@pytest.mark.parametrize(("gone", "halts"), [(2, False), (3, True), (4, True)])
async def test_more_than_half_gone_there_halts(
    remote: RemoteProject, each_copy: WorkingCopy, gone: int, halts: bool
) -> None:
    names = "abcd"
    await share(each_copy, *names)
    for name in names[:gone]:
        del remote.files[f"{name}.ts"]
    found = await each_copy.ask()
    each_copy.survey().require_no_mass_deletion()
    if not halts:
        found.require_no_mass_deletion()
        return
    with pytest.raises(MassDeletion, match=rf"{gone} of the 4 .* gone on the server"):
        found.require_no_mass_deletion()


async def test_files_gone_on_both_sides_count_as_gone_here(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await share(each_copy, *"abc")
    for name in "abc":
        each_copy.delete(f"{name}.ts")
    remote.files.clear()
    with pytest.raises(MassDeletion):
        (await each_copy.ask()).require_no_mass_deletion()


async def test_deletions_that_were_told_are_no_news(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await share(each_copy, *"abcd")
    for name in "abc":
        each_copy.delete(f"{name}.ts")
    # Accepted by the person: pushed all the same.
    await each_copy.push()
    each_copy.survey().require_no_mass_deletion()
    # Of the one that is left, half is none.
    each_copy.delete("d.ts")
    with pytest.raises(MassDeletion, match="1 of the 1"):
        each_copy.survey().require_no_mass_deletion()


async def test_files_that_came_back_count_again(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await share(each_copy, *"abcd")
    for name in "abcd":
        each_copy.delete(f"{name}.ts")
    await each_copy.push()
    for name in "abcd":
        each_copy.write(f"{name}.ts", name)
    assert each_copy.survey().verdicts == {}
    for name in "abcd":
        each_copy.delete(f"{name}.ts")
    with pytest.raises(MassDeletion, match="4 of the 4"):
        each_copy.survey().require_no_mass_deletion()


async def test_new_files_and_edits_never_halt(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    each_copy.survey().require_no_mass_deletion()
    await share(each_copy, "a")
    for name in "abcdef":
        each_copy.write(f"{name}.ts", "new")
    (await each_copy.ask()).require_no_mass_deletion()


async def test_renaming_every_file_is_no_mass_deletion(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    each_copy.write("main.ts", "1")
    await each_copy.push()
    (each_copy.root / "main.ts").rename(each_copy.root / "start.ts")
    each_copy.survey().require_no_mass_deletion()
    assert sorted(await each_copy.push()) == ["main.ts", "start.ts"]
