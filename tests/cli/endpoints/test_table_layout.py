"""Tables and records: what is shown of them, and what fits a line."""

from __future__ import annotations

import pytest

from xgodo_dev.cli.endpoints import record_layout
from xgodo_dev.cli.endpoints.table_layout import heading, laid_out
from xgodo_dev.cli.view import cells

UUID = "afac150b-951c-449b-918c-3b67fbd83a24"
CONNECTIONS = [
    {
        "id": UUID,
        "password": "p9F7bX3cVqLtZmK2",
        "name": "über",
        "device": UUID,
        "at": "2026-04-25T13:22:11Z",
    },
    {"id": UUID, "password": "short", "name": None, "device": UUID, "at": None},
]
COLUMNS = ["id", "password", "name", "device", "at"]


def test_all_of_it_is_there_where_there_is_room() -> None:
    table = laid_out(CONNECTIONS, COLUMNS, 200)
    assert table.heading is not None
    assert table.heading.split() == ["ID", "PASSWORD", "NAME", "DEVICE", "AT"]
    assert table.lines[0].split()[:4] == [UUID, "p9F7bX3cVqLtZmK2", "über", UUID]
    assert not table.dropped


def test_later_columns_give_way_first_and_the_last_ones_are_left_out_and_named() -> None:
    name = "Somebody who is called by a long name"
    records = [{"name": name, "a": "a" * 30, "b": "b" * 30, "at": "2026-04-25T13:22:11Z"}]
    table = laid_out(records, ["name", "a", "b", "at"], 80)
    assert table.heading is not None
    assert max(map(cells.width, (table.heading, *table.lines))) <= 80
    assert table.dropped == ["AT"]
    # What names the record stays whole.
    assert table.lines[0].startswith(f"{name}  aaaaaa")


def test_ids_are_as_short_as_tells_them_apart_before_a_column_is_left_out() -> None:
    near, far = f"{UUID[:9]}00{UUID[11:]}", "0" + UUID[1:]
    records = [{"id": each, "device": UUID, "data": "d" * 30} for each in (UUID, near, far)]
    assert [line.split()[:2] for line in laid_out(records, ["id", "device", "data"], 80).lines] == [
        [UUID, UUID[:8]],
        [near, UUID[:8]],
        [far, UUID[:8]],
    ]
    assert not laid_out(records, ["id", "device", "data"], 200).has_short_ids
    narrow = laid_out(records, ["id", "device", "data"], 60)
    assert narrow.has_short_ids
    assert [line.split() for line in narrow.lines] == [
        ["afac150b-9", UUID[:8], "d" * 30],
        ["afac150b-0", UUID[:8], "d" * 30],
        ["0fac150b-9", UUID[:8], "d" * 30],
    ]


def test_headings_are_words_and_times_of_models_moments() -> None:
    names = ["_id", "isAvailable", "deviceType", "tasks_done_count", "taskCount"]
    assert list(map(heading, names)) == ["ID", "AVAILABLE", "DEVICE TYPE", "DONE", "TASK COUNT"]
    assert laid_out([{"created": 1_750_000_000}], ["created"], 80).lines[0].startswith("2025-06-1")


@pytest.mark.parametrize("width", [1, 10, 20])
def test_no_line_is_too_long_however_narrow(width: int) -> None:
    table = laid_out(CONNECTIONS, COLUMNS, width)
    assert max(map(cells.width, table.lines)) <= width


def test_numbers_stand_at_the_right_and_values_are_short() -> None:
    device = {"name": "Atomic Mammal", "model": "X"}
    records = [
        {"n": 5, "on": True, "device": device, "tags": ["a", "b"], "o": {"k": 1}},
        {"n": 1200, "on": False, "device": None, "tags": [], "o": {}},
    ]
    assert laid_out(records, ["n", "on", "device", "tags", "o", "never"], None).lines == [
        '   5  yes  Atomic Mammal  a, b  {"k": 1}',
        "1200  no",
    ]


def test_a_list_of_texts_is_lines() -> None:
    table = laid_out(["example.com", "tracker.io"], (), 80)
    assert (table.heading, table.lines) == (None, ["example.com", "tracker.io"])


def record_lines(record: object, width: int | None) -> list[str]:
    return [(begin + text).rstrip() for begin, text in record_layout.laid_out(record, width)]


def test_a_record_is_aligned_lines_with_what_it_holds_below() -> None:
    bucket = {
        "_id": "b1",
        "data": {"token": "abc", "steps": [{"at": 1, "ok": True}, {"at": 2}]},
        "note": None,
    }
    assert record_lines({"success": True, "bucket": bucket}, None) == [
        "_id:  b1",
        "data:",
        "  token: abc",
        "  steps:",
        "    - at: 1",
        "      ok: yes",
        "    - at: 2",
        "note: -",
    ]


def test_long_texts_of_a_record_go_on_at_their_indent() -> None:
    lines = record_lines({"title": "t", "description": "word " * 30}, 40)
    assert lines[0] == "title:       t"
    assert lines[1].startswith("description: word")
    assert lines[2].startswith("             word")
    assert max(map(len, lines)) <= 40
