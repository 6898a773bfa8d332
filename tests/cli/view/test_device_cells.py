"""What the table of devices shows, and how it fits a terminal."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from xgodo_dev.cli.view.device_cells import rows, running
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.devices import short_ids

RUN, PROJECT = str(uuid.UUID(int=7)), str(uuid.UUID(int=8))


def phone(name: str, *, online: bool = True, **record: Any) -> Device:
    identifier = str(uuid.uuid5(uuid.NAMESPACE_DNS, name))
    known = {"brand": "Samsung", "model": "SM-G998B", "version": "13", "country": "US", "automations": []}
    return Device(identifier, name, online, {**known, **record})


def table(*devices: Device, width: int | None = None) -> list[list[str]]:
    return rows(devices, own_ids=(), short=short_ids(devices), width=width)


def line_length(cells: list[list[str]]) -> int:
    headings = ("NAME", "STATE", "MODEL", "ANDROID", "COUNTRY", "RUNNING", "ID")
    return sum(max(map(len, column)) + 2 for column in zip(headings, *cells, strict=True)) - 2


@pytest.mark.parametrize(
    ("automations", "shown"),
    [
        ([], ""),
        (None, ""),
        ([{"id": "a", "name": "Warmup"}], "Warmup"),
        ([{"id": "a", "name": "Warmup"}, {"id": "b", "name": "Daily post"}], "Warmup, Daily post"),
        ([{"name": "Warmup"}, {"name": "Warmup"}, {"name": "Post"}], "Warmup (2), Post"),
        ([{"id": str(number), "name": f"Job {number}"} for number in range(9)], "Job 0, Job 1 and 7 more"),
        ([{"id": RUN, "name": "Direct automation"}], "this project"),
        ([{"id": "a", "name": "Warmup"}, {"id": PROJECT}, {"id": RUN}], "this project, Warmup"),
        # The shape of the items is documented nowhere.
        ([PROJECT], "this project"),
        ([{"automation": {"ids": [RUN]}}, "other"], "this project and 1 more"),
        (["a"], "1 automation"),
        (["a", 7, None, {"id": "b"}, {"name": None}, {"name": " "}], "6 automations"),
        ([{"name": "Warmup"}, {"id": "b"}], "Warmup and 1 more"),
        ({"id": PROJECT}, "this project"),
        ("something", "1 automation"),
        (3, "1 automation"),
    ],
)
def test_what_runs_is_told_by_name_or_by_number(automations: object, shown: str) -> None:
    assert running(automations, {RUN, PROJECT}) == shown


def test_who_is_online_comes_first_then_it_goes_by_name() -> None:
    listed = table(phone("b"), phone("a", online=False), phone("C"), phone("A"), phone("d", online=False))
    assert [(row[0], row[1]) for row in listed] == [
        ("A", "online"),
        ("b", "online"),
        ("C", "online"),
        ("a", "offline"),
        ("d", "offline"),
    ]


def test_a_record_with_nothing_in_it_is_shown() -> None:
    assert table(Device("x", "Bare", True, {})) == [["Bare", "online", "", "", "", "", "x"]]
    odd = {"brand": None, "model": ["?"], "version": 13, "country": {}}
    assert table(Device("x", "Odd", True, odd)) == [["Odd", "online", "", "13", "", "", "x"]]


def test_a_brand_that_the_model_begins_with_is_not_told_twice() -> None:
    assert table(phone("a", brand="Google", model="google Pixel 7"))[0][2] == "google Pixel 7"
    assert table(phone("a", brand="Google", model="Pixel 7"))[0][2] == "Google Pixel 7"


def test_usual_phones_fit_eighty_columns_with_nothing_cut_but_makers_and_ids() -> None:
    devices = [phone("Atomic Mammal"), phone("Dormant Dolphin", online=False, automations=["a", "b"])]
    cells = table(*devices, width=80)
    assert line_length(cells) <= 80
    whole = table(*devices)
    assert [row[2] for row in cells] == ["SM-G998B", "SM-G998B"]
    assert [row[6] for row in cells] == [short_ids(devices)[device.id] for device in devices]
    for column in (0, 1, 3, 4, 5):
        assert [row[column] for row in cells] == [row[column] for row in whole]


def test_long_cells_are_cut_only_as_far_as_the_line_needs() -> None:
    running = [{"name": "Warm up the account before the evening"}]
    long = phone("Atomic Mammal on the left", model="sdk_gphone64_x86_64", automations=running)
    cells = table(long, phone("Owl"), width=80)
    assert line_length(cells) <= 80
    assert cells[0][:3] == ["Atomic Mammal on…", "online", "sdk_gphon…"]
    assert cells[0][5] == "Warm up the…"
    assert cells[1][:6] == ["Owl", "online", "SM-G998B", "13", "US", ""]
    usual = table(phone("Atomic Mammal", automations=running), width=90)
    assert line_length(usual) == 90
    assert usual[0][5].startswith("Warm up the account before")
    assert usual[0][0] == "Atomic Mammal"


def test_nothing_is_cut_where_there_is_no_terminal_or_a_wide_one() -> None:
    device = phone("Atomic Mammal", automations=[{"name": "Warm up the account before the evening"}])
    whole = ["Atomic Mammal", "online", "Samsung SM-G998B", "13", "US"]
    whole += ["Warm up the account before the evening", device.id]
    assert table(device) == table(device, width=200) == [whole]


def test_a_name_has_no_power_over_the_terminal_nor_over_the_columns() -> None:
    assert table(phone("\x1b[2Jname\n"), width=80)[0][0] == "\\x1b[2Jname\\x0a"


def test_a_name_of_any_length_leaves_room_for_the_others() -> None:
    long, usual = table(phone("A" * 100_000, model="B" * 100_000), phone("Owl"))
    assert max(map(len, long)) == 60
    assert usual[0] == "Owl"
