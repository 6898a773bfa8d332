from __future__ import annotations

from pathlib import Path

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import RemoteProject
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import LARGEST_KEPT_TEXT
from xgodo_dev.sync.merge import MergeFailed
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.pull import AlreadyHere, Conflict, KeptOurs, Merged, NotPulled, Pulled, Strategy
from xgodo_dev.sync.push_results import Synced, Unchanged

BASE = "one\ntwo\nthree\nfour\nfive\n"
OURS = BASE.replace("one", "ONE")
THEIRS = BASE.replace("five", "FIVE")
BOTH = OURS.replace("five", "FIVE")
THEIRS_TOO = BASE.replace("one", "uno")


async def conflict(
    remote: RemoteProject, copy: WorkingCopy, ours: str | None, theirs: str | None, base: str | None = BASE
) -> None:
    """Let both sides have changed ``main.ts``; None is a deletion."""
    if base is not None:
        copy.write("main.ts", base)
        await copy.push()
    if ours is None:
        copy.delete("main.ts")
    else:
        copy.write("main.ts", ours)
    remote.files.pop("main.ts", None)
    if theirs is not None:
        remote.files["main.ts"] = theirs


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_changes_of_different_lines_are_merged_and_the_next_push_sends_both(
    remote: RemoteProject, each_copy: WorkingCopy, strategy: Strategy
) -> None:
    await conflict(remote, each_copy, OURS, THEIRS)
    assert await each_copy.pull(strategy=strategy) == {"main.ts": Merged("main.ts")}
    assert each_copy.read("main.ts") == BOTH
    assert remote.files["main.ts"] == THEIRS
    assert each_copy.backups("main.ts") == [OURS]
    assert isinstance((await each_copy.push())["main.ts"], Synced)
    assert remote.files["main.ts"] == BOTH


async def test_line_ends_of_windows_survive_a_merge(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    base, ours, theirs, both = (each.replace("\n", "\r\n") for each in (BASE, OURS, THEIRS, BOTH))
    await conflict(remote, each_copy, ours, theirs, base)
    assert await each_copy.pull() == {"main.ts": Merged("main.ts")}
    assert (each_copy.root / "main.ts").read_bytes() == both.encode()


async def test_a_merge_cut_short_before_it_was_recorded_comes_to_the_same_again(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, OURS, THEIRS)
    # What a kill between the replacement and the record leaves: the merged file, the old base.
    each_copy.write("main.ts", BOTH)
    assert await each_copy.pull() == {"main.ts": Merged("main.ts")}
    assert each_copy.read("main.ts") == BOTH


UNMERGEABLE = {
    "the same line": (OURS, THEIRS_TOO, BASE),
    "no known base": (OURS, THEIRS, None),
    "a zero byte": (OURS + "\0", THEIRS, BASE),
    "new on both sides": ("mine", "theirs", None),
    "other line ends": (OURS, THEIRS.replace("\n", "\r\n"), BASE),
}
unmergeable = pytest.mark.parametrize(
    ("ours", "theirs", "base"), list(UNMERGEABLE.values()), ids=list(UNMERGEABLE)
)


@unmergeable
async def test_a_conflict_touches_nothing_and_stays_one(
    remote: RemoteProject, each_copy: WorkingCopy, ours: str, theirs: str, base: str | None
) -> None:
    await conflict(remote, each_copy, ours, theirs, base)
    for _ in range(2):
        assert await each_copy.pull() == {"main.ts": Conflict("main.ts")}
        assert (each_copy.read("main.ts"), remote.files["main.ts"]) == (ours, theirs)
        each_copy.restart()
        assert each_copy.survey().verdicts == {"main.ts": Verdict.CHANGED_ON_BOTH}
    assert each_copy.backups("main.ts") == []


@unmergeable
async def test_a_conflict_decided_for_ours_is_sent_next_and_theirs_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy, ours: str, theirs: str, base: str | None
) -> None:
    await conflict(remote, each_copy, ours, theirs, base)
    assert await each_copy.pull(strategy=Strategy.OURS) == {"main.ts": KeptOurs("main.ts")}
    assert (each_copy.read("main.ts"), remote.files["main.ts"]) == (ours, theirs)
    assert each_copy.backups("main.ts") == [theirs]
    assert isinstance((await each_copy.push())["main.ts"], Synced)
    assert remote.files["main.ts"] == ours


@unmergeable
async def test_a_conflict_decided_for_theirs_keeps_ours(
    remote: RemoteProject, each_copy: WorkingCopy, ours: str, theirs: str, base: str | None
) -> None:
    await conflict(remote, each_copy, ours, theirs, base)
    assert await each_copy.pull(strategy=Strategy.THEIRS) == {"main.ts": Pulled("main.ts")}
    assert each_copy.read("main.ts") == remote.files["main.ts"] == theirs
    assert each_copy.backups("main.ts") == [ours]
    assert await each_copy.push() == {}


async def test_a_conflict_is_resolved_by_an_edit_that_makes_both_sides_equal(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, OURS, THEIRS_TOO)
    await each_copy.pull()
    each_copy.write("main.ts", THEIRS_TOO)
    assert await each_copy.push() == {"main.ts": Unchanged("main.ts")}
    assert each_copy.survey().verdicts == {}


async def test_a_decision_for_ours_covers_what_was_seen_only(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, OURS, THEIRS_TOO)
    await each_copy.pull(strategy=Strategy.OURS)
    remote.files["main.ts"] = "theirs, later"
    await each_copy.push()
    assert remote.files["main.ts"] == "theirs, later"


async def test_what_was_changed_there_and_deleted_here_is_a_conflict_that_says_so(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, None, THEIRS)
    assert await each_copy.pull() == {"main.ts": Conflict("main.ts", deleted_here=True)}
    assert not (each_copy.root / "main.ts").exists()


async def test_a_deletion_decided_for_ours_stays_deleted_and_theirs_is_kept(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, None, THEIRS)
    assert await each_copy.pull(strategy=Strategy.OURS) == {"main.ts": KeptOurs("main.ts", deleted_here=True)}
    assert each_copy.backups("main.ts") == [THEIRS]
    assert await each_copy.push() == {}
    assert await each_copy.pull() == {}
    assert remote.files["main.ts"] == THEIRS


async def test_a_deletion_decided_for_theirs_brings_the_file(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, None, THEIRS)
    assert await each_copy.pull(strategy=Strategy.THEIRS) == {"main.ts": Pulled("main.ts")}
    assert each_copy.read("main.ts") == THEIRS


async def test_the_same_edit_on_both_sides_is_no_conflict(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    await conflict(remote, each_copy, OURS, OURS)
    assert await each_copy.pull() == {"main.ts": AlreadyHere("main.ts")}
    assert each_copy.backups("main.ts") == []


async def test_a_text_too_large_to_be_kept_is_not_merged(remote: RemoteProject, copy: WorkingCopy) -> None:
    base = BASE + "x\n" * (LARGEST_KEPT_TEXT // 2)
    await conflict(remote, copy, base.replace("one", "ONE"), base.replace("five", "FIVE"), base)
    assert await copy.pull() == {"main.ts": Conflict("main.ts")}


async def test_without_git_changes_of_both_sides_are_a_conflict(
    remote: RemoteProject, each_copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await conflict(remote, each_copy, OURS, THEIRS)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await each_copy.pull() == {"main.ts": Conflict("main.ts")}
    assert each_copy.read("main.ts") == OURS


async def test_a_git_that_fails_leaves_that_file_alone_and_brings_the_others(
    remote: RemoteProject, each_copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    each_copy.write("other.ts", "1")
    await conflict(remote, each_copy, OURS, THEIRS)
    remote.files["other.ts"] = "2"
    broken = tmp_path / "bin" / "git"
    broken.parent.mkdir()
    broken.write_bytes(b"\x00not a program")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(broken.parent))
    results = await each_copy.pull()
    failed = results["main.ts"]
    assert isinstance(failed, NotPulled)
    assert isinstance(failed.error, MergeFailed)
    assert results["other.ts"] == Pulled("other.ts")
    assert each_copy.read("main.ts") == OURS


async def test_after_a_merge_the_base_is_theirs(remote: RemoteProject, each_copy: WorkingCopy) -> None:
    await conflict(remote, each_copy, OURS, THEIRS)
    await each_copy.pull()
    assert each_copy.state.known("main.ts").base == blob_hash(THEIRS.encode())
    assert each_copy.survey().verdicts == {"main.ts": Verdict.CHANGED_HERE}


async def test_going_back_to_the_base_after_a_write_that_may_have_arrived_is_an_edit(
    remote: RemoteProject, each_copy: WorkingCopy
) -> None:
    each_copy.write("main.ts", "first")
    await each_copy.push()
    each_copy.write("main.ts", "second")
    # The write arrives, and the process is gone before it learns so.
    each_copy.state.record_attempts({"main.ts": blob_hash(b"second")})
    remote.files["main.ts"] = "theirs, made of the second"
    each_copy.write("main.ts", "first")
    assert await each_copy.pull() == {"main.ts": Conflict("main.ts")}
    assert each_copy.read("main.ts") == "first"
