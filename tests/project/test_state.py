"""What is remembered of paths, remotes and local files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.fingerprints import Fingerprint
from xgodo_dev.project.state import LARGEST_KEPT_TEXT, Known, MadeCommit, State
from xgodo_dev.project.state_file import StateUnusable, state_file


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path, "remote") as state:
        yield state


def record(state: State, path: str, content: bytes) -> str:
    content_hash = blob_hash(content)
    state.record_base(path, content_hash, content)
    return content_hash


def test_what_was_recorded_is_there_after_opening_again(tmp_path: Path) -> None:
    with State(tmp_path, "remote") as state:
        state.record_base("main.ts", "h1", b"1")
        state.record_attempts({"src/a.ts": "h2"})
        state.record_attempts({"src/a.ts": "h3", "main.ts": "h3"})
        state.record_attempts({"src/a.ts": "h3"})
        state.record_refusal("src/a.ts", "h4", ["Error at 1:1: x", "ü"])
        state.record_sighting("seen.ts", "h5")
        state.record_deletion_told("main.ts")
        state.learn("write-method", "PUT")
        state.learn("write-method", "POST")
    with State(tmp_path, "remote") as state:
        assert state.base() == {"main.ts": "h1"}
        attempts = {"h2": None, "h3": None, "h4": ("Error at 1:1: x", "ü")}
        everything = {
            "main.ts": Known(base="h1", attempts={"h3": None}, deletion_told=True),
            "src/a.ts": Known(attempts=attempts),
            "seen.ts": Known(sighting="h5"),
        }
        assert state.unsettled() == everything
        assert {path: state.known(path) for path in everything} == everything
        assert state.known("other.ts") == Known()
        assert (state.fact("write-method"), state.fact("other")) == ("POST", None)


def test_a_new_base_settles_everything_else_about_that_path_only(state: State) -> None:
    for path in ("a.ts", "b.ts"):
        state.record_attempts({path: "h1"})
        state.record_sighting(path, "h2")
        state.record_deletion_told(path)
    state.record_base("a.ts", "h3", None)
    assert state.known("a.ts") == Known(base="h3")
    assert state.known("b.ts") == Known(attempts={"h1": None}, sighting="h2", deletion_told=True)
    state.forget("b.ts")
    assert state.known("b.ts") == Known()
    state.forget("a.ts")
    assert state.base() == {}


def test_a_refusal_gives_an_attempt_its_errors_and_another_attempt_keeps_them(state: State) -> None:
    state.record_attempts({"a.ts": "h1"})
    state.record_refusal("a.ts", "h1", ["Error"])
    state.record_attempts({"a.ts": "h1"})
    assert state.known("a.ts").attempts == {"h1": ("Error",)}


@pytest.mark.parametrize(
    ("base", "sightings", "remote"),
    [
        (None, [], None),
        ("b", [], "b"),
        (None, ["r"], "r"),
        ("b", ["r"], "r"),
        ("b", ["r", "s"], "s"),
        ("b", [None], None),
        ("b", [None, "b"], "b"),
        ("b", ["r", "b"], "b"),
        (None, ["r", None], None),
    ],
)
def test_what_the_server_is_last_known_to_hold(
    state: State, base: str | None, sightings: list[str | None], remote: str | None
) -> None:
    if base:
        state.record_base("a.ts", base, None)
    for sighting in sightings:
        state.record_sighting("a.ts", sighting)
    assert state.known("a.ts").remote == remote
    # Seeing what is known anyway leaves nothing to remember.
    assert ("a.ts" in state.unsettled()) is (remote != base)


def test_a_told_deletion_is_news_again_once_the_file_was_here(state: State) -> None:
    state.record_base("a.ts", "h", None)
    state.record_deletion_told("a.ts")
    state.record_deletion_told("a.ts")
    assert state.known("a.ts").deletion_told
    state.note_present("a.ts")
    assert not state.known("a.ts").deletion_told


def test_what_is_known_about_one_remote_says_nothing_about_another(tmp_path: Path) -> None:
    with State(tmp_path, "emulator:1#p") as one, State(tmp_path, "https://xgodo.com#p") as other:
        one.record_base("main.ts", "h1", None)
        one.record_attempts({"a.ts": "h1"})
        one.record_sighting("b.ts", "h1")
        one.record_deletion_told("main.ts")
        one.learn("write-method", "PUT")
        one.record_commit(MadeCommit("c", "m", 1))
        assert (other.base(), other.unsettled(), other.fact("write-method")) == ({}, {}, None)
        assert other.commits(10) == []
        other.record_base("main.ts", "h2", None)
        other.forget("main.ts")
        other.forget("b.ts")
        assert one.base() == {"main.ts": "h1"}
        assert one.known("b.ts").sighting == "h1"


def test_a_name_that_is_no_text_is_one_of_which_nothing_is_known(state: State) -> None:
    assert state.known("bad-\udcff.ts") == Known()


@pytest.mark.parametrize("content", [b"", b"a\r\nb", "ü😀".encode(), b"\0\xff", b"x" * LARGEST_KEPT_TEXT])
def test_the_text_of_a_base_is_kept_for_merges(state: State, content: bytes) -> None:
    assert state.text(record(state, "a.ts", content)) == content


def test_a_text_is_kept_as_long_as_any_path_on_any_remote_builds_on_it(tmp_path: Path) -> None:
    with State(tmp_path, "one") as one, State(tmp_path, "other") as other:
        shared = record(one, "a.ts", b"shared")
        record(one, "b.ts", b"shared")
        record(other, "a.ts", b"shared")
        newer = record(one, "a.ts", b"newer")
        one.forget("b.ts")
        assert one.text(shared) == b"shared"
        other.forget("a.ts")
        assert one.text(shared) is None
        assert one.text(newer) == b"newer"
        # The same base again is the same text.
        record(one, "a.ts", b"newer")
        assert one.text(newer) == b"newer"


def test_a_text_that_is_too_large_or_not_at_hand_is_not_kept(state: State) -> None:
    large = b"x" * (LARGEST_KEPT_TEXT + 1)
    assert state.text(record(state, "a.ts", large)) is None
    state.record_base("b.ts", blob_hash(b"1"), None)
    assert state.text(blob_hash(b"1")) is None
    # It may come to hand later.
    record(state, "b.ts", b"1")
    assert state.text(blob_hash(b"1")) == b"1"


@pytest.mark.parametrize("damaged", [b"", b"no compressed text", "other"])
def test_a_text_that_is_not_the_one_recorded_is_never_handed_out(
    tmp_path: Path, state: State, damaged: bytes | str
) -> None:
    content_hash = record(state, "a.ts", b"content")
    if isinstance(damaged, str):
        record(state, "b.ts", damaged.encode())
        change = "UPDATE text SET content = (SELECT content FROM text WHERE hash = ?2) WHERE hash = ?1"
        values: tuple[object, ...] = (content_hash, blob_hash(damaged.encode()))
    else:
        change, values = "UPDATE text SET content = ?2 WHERE hash = ?1", (content_hash, damaged)
    with sqlite3.connect(state_file(tmp_path)) as database:
        database.execute(change, values)
    database.close()
    with pytest.raises(StateUnusable, match="damaged"):
        state.text(content_hash)


def fingerprint(number: int) -> Fingerprint:
    # As large as the numbers of any file system get.
    return Fingerprint(
        size=2**40 + number, mtime_ns=2**62, ctime_ns=-1, inode=2**63 - 1, hash=f"{number:040x}"
    )


def test_fingerprints_are_replaced_and_dropped_by_path(tmp_path: Path, state: State) -> None:
    state.remember_fingerprints({"a.ts": fingerprint(1), "b.ts": fingerprint(2)}, [])
    state.remember_fingerprints({"a.ts": fingerprint(3), "grüße.ts": fingerprint(4)}, ["b.ts", "never.ts"])
    left = {"a.ts": fingerprint(3), "grüße.ts": fingerprint(4)}
    assert state.fingerprints() == left
    # They are of this disk, whatever the remote.
    with State(tmp_path, "another") as another:
        assert another.fingerprints() == left
    state.remember_fingerprints({}, list(left))
    assert state.fingerprints() == {}


def test_commits_are_listed_newest_first(state: State) -> None:
    for number in (2, 1, 3):
        state.record_commit(MadeCommit(f"h{number}", f"message {number}", number / 2))
    assert state.commits(2) == [MadeCommit("h3", "message 3", 1.5), MadeCommit("h2", "message 2", 1.0)]
    state.record_commit(MadeCommit("h1", "again", 9))
    assert [each.hash for each in state.commits(10)] == ["h1", "h3", "h2"]
