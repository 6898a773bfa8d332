"""The log store of a device, with a clock that the test moves."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.emulator import logs
from xgodo_dev.emulator.logs import KEPT_SECONDS, LogStore


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still."""
    return Clock()


@pytest.fixture
def store(clock: Clock) -> LogStore:
    """An empty store."""
    return LogStore(clock)


def add(store: LogStore, run: str, message: str) -> None:
    """Appends a line like any other."""
    store.append(run, message, line_number=1, level="log", timestamp=0)


def messages(store: LogStore, *runs: str, after: str | None = None) -> list[str]:
    """The messages a query gives."""
    return [entry.message for entry in store.query(runs, after)]


def test_a_line_has_the_documented_document(store: LogStore) -> None:
    store.append("run", "text", line_number=42, level="warn", timestamp=1755811585870)
    (entry,) = store.query(["run"])
    document = entry.document()
    assert str(uuid.UUID(str(document.pop("id")))) == entry.id
    assert document == {
        "automationId": "run",
        "message": "text",
        "lineNumber": 42,
        "messageLevel": "warn",
        "timestamp": 1755811585870,
    }


def test_only_the_runs_asked_for_are_given_in_the_order_of_arrival(store: LogStore) -> None:
    for number in range(6):
        add(store, "abc"[number % 3], str(number))
    assert messages(store, "a", "c") == ["0", "2", "3", "5"]
    assert messages(store, "other") == []


@given(st.lists(st.sampled_from("ab"), max_size=30), st.integers(1, 5))
def test_pages_joined_are_the_whole_without_repetition(runs: list[str], page: int) -> None:
    store = LogStore(Clock())
    seen: list[str] = []
    after = None
    for position, run in enumerate(runs):
        add(store, run, str(position))
        if position % page == 0:
            for entry in store.query(["a"], after):
                seen.append(entry.message)
                after = entry.id
    seen += messages(store, "a", after=after)
    assert seen == [str(position) for position, run in enumerate(runs) if run == "a"]


def test_the_id_of_another_runs_line_marks_a_place_too(store: LogStore) -> None:
    add(store, "a", "1")
    add(store, "b", "2")
    add(store, "a", "3")
    (other,) = store.query(["b"])
    assert messages(store, "a", after=other.id) == ["3"]


def test_lines_are_gone_after_ten_minutes(store: LogStore, clock: Clock) -> None:
    add(store, "run", "old")
    clock.now += KEPT_SECONDS / 2
    add(store, "run", "young")
    clock.now += KEPT_SECONDS / 2 - 0.001
    assert messages(store, "run") == ["old", "young"]
    clock.now += 0.001
    assert messages(store, "run") == ["young"]
    clock.now += KEPT_SECONDS
    assert messages(store, "run") == []


def test_after_an_expired_or_unknown_id_everything_still_kept_is_given(store: LogStore, clock: Clock) -> None:
    add(store, "run", "old")
    (old,) = store.query(["run"])
    clock.now += KEPT_SECONDS
    add(store, "run", "new")
    assert messages(store, "run", after=old.id) == ["new"]
    assert messages(store, "run", after="nothing") == ["new"]


def test_the_oldest_lines_make_room_for_new_ones(store: LogStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "_MAXIMUM_LINES", 3)
    for number in range(5):
        add(store, "run", str(number))
    assert messages(store, "run") == ["2", "3", "4"]
    monkeypatch.setattr(logs, "_MAXIMUM_CHARACTERS", 10)
    add(store, "run", "x" * 9)
    assert messages(store, "run") == ["4", "x" * 9]
    add(store, "run", "y" * 100)
    assert messages(store, "run") == ["y" * 100]


def test_a_message_with_half_a_character_can_be_sent(store: LogStore) -> None:
    add(store, "run", "a\ud800b \ud83d\ude00")
    assert messages(store, "run") == ["a\ufffdb \U0001f600"]
