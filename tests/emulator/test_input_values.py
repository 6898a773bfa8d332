"""Values held against a schema, as the emulated platform does it."""

from __future__ import annotations

import asyncio
import uuid

from xgodo_dev.emulator.input_values import complaint, complaints

SCHEMA = {
    "fields": [
        {"name": "email", "type": "string", "required": True, "pattern": "^\\S+@\\S+$"},
        {"name": "retries", "type": "number", "min": 1, "max": 10},
    ]
}


def test_values_that_a_schema_allows_meet_no_complaint() -> None:
    assert complaints(SCHEMA, {"email": "user@example.com", "retries": 3}) == []


def test_every_reason_why_a_schema_does_not_allow_values_is_told() -> None:
    told = complaints(SCHEMA, {"email": "nobody", "retries": 11, "retires": 1})

    assert [complaint.partition(":")[0] for complaint in told] == ["email", "retries", "retires"]


def test_what_is_required_and_missing_is_told() -> None:
    assert complaints(SCHEMA, {}) == ["email: is required, and not given."]


def test_without_a_schema_anything_goes() -> None:
    assert complaints(None, {"anything": [None]}) == []
    assert complaints({"fields": []}, {"anything": [None]}) == []


async def test_others_go_on_while_a_pattern_is_matched() -> None:
    checked = asyncio.create_task(complaint(SCHEMA, {"email": uuid.uuid4().hex}))
    turns = 0
    while not checked.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 3
    assert await checked is not None
