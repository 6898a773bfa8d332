"""What `run` hands over to a daemon, and gets back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xgodo_dev.cli.background.run_order import RunOrder, becoming_of, told
from xgodo_dev.errors import DeviceOffline, UsageError
from xgodo_dev.runs.fleet_launch import Becoming

ORDER = RunOrder(
    entry="main.ts",
    parameters={"name": "Ada"},
    devices=["Pixel"],
    environment_devices=[],
    timeout=5,
    may_ask=True,
)


def test_an_order_is_the_same_where_it_arrives() -> None:
    assert RunOrder.of(json.loads(json.dumps(ORDER.to_json()))) == ORDER


_WRONG = st.sampled_from([None, 1, "text", [1], ["text"], {"a": 1}, True])


@settings(max_examples=60)
@given(st.dictionaries(st.sampled_from([*ORDER.to_json(), "no such"]), _WRONG) | _WRONG)
def test_what_arrives_is_an_order_or_refused(document: object) -> None:
    try:
        order = RunOrder.of(document)
    except UsageError:
        return
    assert RunOrder.of(json.loads(json.dumps(order.to_json()))) == order


def test_what_became_of_it_keeps_its_errors_and_ends() -> None:
    offline = DeviceOffline("Bee is not connected.", hint="Wake it.")
    launched = [Becoming("Ant", "success"), Becoming("Bee", None, offline), Becoming("Cat", None, None, True)]
    again = becoming_of(json.loads(json.dumps(told(launched))))
    assert [(each.device, each.status, each.may_go_on) for each in again] == [
        ("Ant", "success", False),
        ("Bee", None, False),
        ("Cat", None, True),
    ]
    error = again[1].error
    assert error is not None
    assert (str(error), error.code, error.exit_code, error.hint) == (
        "Bee is not connected.",
        "device-offline",
        5,
        "Wake it.",
    )


@pytest.mark.parametrize("document", [None, [None, 1, {}], {"device": 1}, [{"status": "?", "error": 3}]])
def test_what_can_not_be_understood_became_of_it_is_no_error(document: object) -> None:
    assert all(each.status is None for each in becoming_of(document))
