"""The rules that need neither a server nor a database."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace

import pytest

from xgodo_dev.emulator.mobilerun.agent import script
from xgodo_dev.emulator.mobilerun.delivery import is_address, is_loopback
from xgodo_dev.emulator.mobilerun.lifecycle import CREATING_SECONDS, PROVISIONING_SECONDS, Device
from xgodo_dev.emulator.mobilerun.paging import listed
from xgodo_dev.emulator.mobilerun.screens import screenshot, ui_state
from xgodo_dev.emulator.mobilerun.structured_output import instance
from xgodo_dev.emulator.paging import Page

CLOUD = Device(
    id="d",
    name="d",
    provider="limrun",
    device_type="device_slot",
    country="US",
    apps=(),
    files=(),
    stream_token="t",
    created_at=1000.0,
    connected=True,
)
READY = CLOUD.created_at + PROVISIONING_SECONDS


def test_a_cloud_device_is_created_then_assigned_then_ready_until_it_terminates() -> None:
    device = replace(CLOUD, terminates_at=2000.0)

    assigned = CLOUD.created_at + CREATING_SECONDS
    moments = (1000.0, assigned, READY, 1999.9, 2000.0, 9999.0)
    states = [device.state(moment) for moment in moments]

    assert states == ["creating", "assigned", "ready", "ready", "terminated", "terminated"]
    assert [device.updated_at(moment) for moment in moments] == [1000, assigned, READY, READY, 2000, 2000]
    assert device.assigned_at(1000.0) is None
    assert device.assigned_at(1999.9) == assigned


def test_a_device_knows_how_long_it_stays_as_it_is() -> None:
    assert CLOUD.seconds_to_change(1000.0) == pytest.approx(CREATING_SECONDS)
    assert CLOUD.seconds_to_change(READY) is None
    assert replace(CLOUD, terminates_at=2000.0).seconds_to_change(1990.0) == pytest.approx(10)


def test_a_device_terminated_before_it_was_ready_never_becomes_so() -> None:
    device = replace(CLOUD, terminates_at=CLOUD.created_at + 0.1)

    assert device.state(READY) == "terminated"
    assert device.assigned_at(READY) is None
    assert device.updated_at(READY) == device.terminates_at


@pytest.mark.parametrize(("connected", "state"), [(True, "ready"), (False, "disconnected")])
def test_a_personal_phone_is_as_its_portal_app_is(connected: bool, state: str) -> None:
    assert replace(CLOUD, provider="personal", connected=connected).state(1000.0) == state


@pytest.mark.parametrize(
    ("task", "then", "message"),
    [
        ("Open Chrome and wait for the page", "complete", "Done: Open Chrome and wait for the page"),
        ("failing is no option", "complete", "Done: failing is no option"),
        ("fail: no network", "fail", "no network"),
        (" FAIL ", "fail", "The task said so"),
        ("wait", "wait", ""),
        ("pause: for the user", "pause", ""),
    ],
)
def test_only_a_task_that_begins_with_a_direction_goes_otherwise(task: str, then: str, message: str) -> None:
    play = script(task, max_steps=100, reasoning=False, output_schema=None)

    assert (play.then, play.message) == (then, message)
    assert len(play.steps) == (3 if then == "complete" else 1)


def test_an_agent_that_may_take_too_few_steps_fails_after_them() -> None:
    play = script("Open Chrome", max_steps=2, reasoning=False, output_schema=None)

    assert (len(play.steps), play.then, play.message) == (2, "fail", "Reached the maximum of 2 steps")


def test_each_step_is_seen_and_reasoned_about_where_it_is_asked_for() -> None:
    plain, reasoned = (
        [event.name for event in script("x", max_steps=9, reasoning=reasoning, output_schema=None).steps[0]]
        for reasoning in (False, True)
    )

    seen = ["ScreenshotEvent", "RecordUIStateEvent"]
    assert plain == [*seen, "FastAgentResponseEvent", "ToolExecutionEvent"]
    assert reasoned == [*seen, "ManagerPlanDetailsEvent", "ExecutorActionEvent", "ExecutorActionResultEvent"]


def test_the_output_fits_the_schema_that_was_asked_for() -> None:
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"enum": ["C", "F"]},
            "days": {"type": ["integer", "null"]},
            "wind": {"properties": {"speed": {"type": "number"}, "kind": {"default": "gust"}}},
            "hours": {"type": "array"},
            "broken": True,
        },
    }

    assert script("x", max_steps=9, reasoning=False, output_schema=schema).output == {
        "city": "",
        "unit": "C",
        "days": 0,
        "wind": {"speed": 0, "kind": "gust"},
        "hours": [],
    }
    assert script("x", max_steps=9, reasoning=False, output_schema={"type": "string"}).output is None


def test_a_schema_nested_without_end_has_an_instance_nonetheless() -> None:
    schema: dict[str, object] = {"type": "object"}
    schema["properties"] = {"again": schema}

    assert instance(schema)["again"]["again"]


def test_a_page_beyond_the_last_is_empty_whatever_its_number() -> None:
    page = Page(2**53, 2**53)

    assert page.part([1]) == []
    assert listed(page, [], 3)["pagination"] == {
        "hasNext": False,
        "hasPrev": True,
        "page": 2**53,
        "pages": 1,
        "pageSize": 2**53,
        "total": 3,
    }
    assert max(page.bounds) < 2**63


def test_screenshots_are_pngs_that_differ_from_step_to_step() -> None:
    first, second = screenshot(0), screenshot(1)

    assert first.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", first[16:24])
    length = struct.unpack(">I", first[33:37])[0]
    pixels = zlib.decompress(first[41 : 41 + length])
    assert len(pixels) == height * (1 + 3 * width)
    assert struct.unpack(">I", first[41 + length : 45 + length])[0] == zlib.crc32(first[37 : 41 + length])
    assert first != second
    assert ui_state(0)["a11y_tree"]["children"] != ui_state(1)["a11y_tree"]["children"]


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/x", True),
        ("http://localhost/x", True),
        ("http://[::1]:80", True),
        ("http://127.9.9.9/", True),
        ("http://127.0.0.1.example.com/", False),
        ("http://127.0.0.1@example.com/", False),
        ("https://example.com/", False),
        ("http://169.254.169.254/", False),
    ],
)
def test_only_addresses_of_this_machine_are_delivered_to(url: str, here: bool) -> None:
    assert is_address(url)
    assert is_loopback(url) is here


@pytest.mark.parametrize("text", ["", "ftp://127.0.0.1/", "http://", "127.0.0.1", "http://a:b:c/"])
def test_what_is_no_address_is_told_apart(text: str) -> None:
    assert not is_address(text)
