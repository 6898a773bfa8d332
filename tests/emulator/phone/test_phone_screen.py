"""The built-in phone by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from xgodo_dev.emulator.phone.actions import perform
from xgodo_dev.emulator.phone.screen import LAUNCHER_PACKAGE, NOTES_PACKAGE, Phone, PhoneActionError

ALWAYS_PRESENT = {
    "falseId",
    "className",
    "packageName",
    "boundsInScreen",
    "index",
    "hintText",
    "maxTextLength",
    "inputType",
    "isShowingHintText",
    "isEnabled",
    "clickable",
    "isLongClickable",
    "isContextClickable",
    "isFocusable",
    "isScrollable",
    "isEditable",
    "isPassword",
    "isMultiLine",
    "isDismissable",
    "isHeading",
    "isSelected",
    "isTextEntryKey",
    "isVisibleToUser",
    "isImportantForAccessibility",
    "isTextSelectable",
    "actions",
    "actionLabels",
    "children",
}


def nodes(root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield root
    for child in root["children"]:
        yield from nodes(child)


def by_id(phone: Phone, name: str) -> dict[str, Any]:
    wanted = f"{NOTES_PACKAGE}:id/{name}"
    [node] = [node for node in nodes(phone.screen_content()) if node.get("viewId") == wanted]
    return node


def tap(phone: Phone, node: dict[str, Any]) -> None:
    bounds = node["boundsInScreen"]
    phone.tap((bounds["left"] + bounds["right"]) / 2, (bounds["top"] + bounds["bottom"]) / 2)


def add_note(phone: Phone, text: str) -> None:
    tap(phone, by_id(phone, "note"))
    phone.write_text(text)
    tap(phone, by_id(phone, "add"))


def items(phone: Phone) -> list[str]:
    return [
        node["text"] for node in nodes(phone.screen_content()) if node.get("viewId", "").endswith("/item")
    ]


@pytest.fixture
def phone() -> Phone:
    return Phone()


@pytest.fixture
def notes(phone: Phone) -> Phone:
    phone.launch_app(NOTES_PACKAGE)
    return phone


def test_every_node_has_the_properties_that_real_dumps_always_have(notes: Phone) -> None:
    add_note(notes, "milk")
    for node in nodes(notes.screen_content()):
        assert set(node) >= ALWAYS_PRESENT
        assert "isClickable" not in node
        assert isinstance(node["inputType"], str)
        assert [label["id"] for label in node["actionLabels"]] == node["actions"]
        assert [child["index"] for child in node["children"]] == list(range(len(node["children"])))
        assert ("isFocused" in node) == node["isFocusable"]


def test_every_fetch_gives_new_false_ids(phone: Phone) -> None:
    first = {node["falseId"] for node in nodes(phone.screen_content())}
    second = {node["falseId"] for node in nodes(phone.screen_content())}
    assert not first & second


def test_children_lie_within_their_parents(notes: Phone) -> None:
    for number in range(40):
        add_note(notes, f"note {number}")
    for node in nodes(notes.screen_content()):
        outer = node["boundsInScreen"]
        for child in node["children"]:
            inner = child["boundsInScreen"]
            assert outer["left"] <= inner["left"] < inner["right"] <= outer["right"]
            assert outer["top"] <= inner["top"] < inner["bottom"] <= outer["bottom"]


def test_tapping_the_icon_opens_the_app(phone: Phone) -> None:
    assert phone.package == LAUNCHER_PACKAGE
    [icon] = [node for node in nodes(phone.screen_content()) if node["clickable"]]
    tap(phone, icon)
    assert phone.screen_content()["packageName"] == NOTES_PACKAGE


def test_a_typed_note_moves_to_the_top_of_the_list(notes: Phone) -> None:
    add_note(notes, "milk")
    add_note(notes, "bread")
    assert items(notes) == ["bread", "milk"]
    assert by_id(notes, "title")["text"] == "2 notes"
    assert by_id(notes, "note")["text"] == "Write a note"


def test_an_empty_field_reports_its_hint_as_text(notes: Phone) -> None:
    assert by_id(notes, "note")["isShowingHintText"] is True
    tap(notes, by_id(notes, "note"))
    notes.write_text("a")
    notes.write_text("b")
    field = by_id(notes, "note")
    assert (field["text"], field["isShowingHintText"], field["isFocused"]) == ("ab", False, True)


def test_a_disabled_button_does_nothing(notes: Phone) -> None:
    assert by_id(notes, "add")["isEnabled"] is False
    tap(notes, by_id(notes, "add"))
    assert items(notes) == []


def test_writing_without_focus_is_refused(notes: Phone) -> None:
    with pytest.raises(PhoneActionError, match="no field has focus"):
        notes.write_text("lost")


def test_back_puts_the_keyboard_away_and_then_leaves(notes: Phone) -> None:
    tap(notes, by_id(notes, "note"))
    notes.go_back()
    assert notes.package == NOTES_PACKAGE
    with pytest.raises(PhoneActionError):
        notes.write_text("lost")
    notes.go_back()
    assert notes.package == LAUNCHER_PACKAGE


def test_the_app_keeps_its_notes_until_it_is_launched_afresh(notes: Phone) -> None:
    add_note(notes, "milk")
    notes.go_home()
    notes.launch_app(NOTES_PACKAGE)
    assert items(notes) == ["milk"]
    notes.launch_app(NOTES_PACKAGE, clear_existing=True)
    assert items(notes) == []


def test_launching_an_unknown_package_names_it(phone: Phone) -> None:
    with pytest.raises(PhoneActionError, match=r"com\.example\.absent"):
        phone.launch_app("com.example.absent")


@pytest.mark.parametrize(
    ("x", "y"), [(-1, 5), (5, -1), (1080, 5), (5, 2340), (float("nan"), 5), (5, float("inf"))]
)
def test_a_tap_beside_the_screen_is_refused(phone: Phone, x: float, y: float) -> None:
    with pytest.raises(PhoneActionError, match="not on the screen"):
        phone.tap(x, y)


def test_what_the_phone_holds_stays_bounded(notes: Phone) -> None:
    for _ in range(300):
        add_note(notes, "x" * 10_000)
    assert by_id(notes, "title")["text"] == "200 notes"
    assert {len(item) for item in items(notes)} == {by_id(notes, "note")["maxTextLength"]}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("tap", []),
        ("tap", [1]),
        ("tap", ["1", "2"]),
        ("tap", [True, False]),
        ("tap", [None, None]),
        ("writeText", []),
        ("writeText", [5]),
        ("launchApp", []),
        ("launchApp", [NOTES_PACKAGE, "yes"]),
        ("__init__", []),
    ],
)
def test_arguments_that_make_no_sense_are_refused(phone: Phone, name: str, arguments: list[object]) -> None:
    with pytest.raises(PhoneActionError):
        perform(phone, name, arguments)
