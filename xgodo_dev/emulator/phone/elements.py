"""What a screen is made of, and the accessibility nodes a program sees of it.

A node's properties are those that real screen dumps carry on every node. ``clickable`` really is the
one property without ``is``, and ``inputType`` really is a string.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_ACTION_FOCUS = 1
_ACTION_SELECT = 4
_ACTION_CLEAR_SELECTION = 8
_ACTION_CLICK = 16
_ACTION_ACCESSIBILITY_FOCUS = 64
_ACTION_SET_SELECTION = 131072
_ACTION_SET_TEXT = 2097152
_ACTION_SHOW_ON_SCREEN = 16908342

_INPUT_TYPE_TEXT = 1


@dataclass(frozen=True)
class Bounds:
    """A rectangle in pixels from the screen's top left; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def contains(self, x: float, y: float) -> bool:
        """Whether the pixel at `x`, `y` is inside."""
        return self.left <= x < self.right and self.top <= y < self.bottom


@dataclass(frozen=True)
class Element:
    """A view on the screen. ``on_tap`` makes it clickable, ``editable`` and ``focused`` make it a field."""

    class_name: str
    bounds: Bounds
    view_id: str | None = None
    text: str | None = None
    description: str | None = None
    hint: str | None = None
    max_text_length: int = -1
    editable: bool = False
    focused: bool = False
    scrollable: bool = False
    heading: bool = False
    enabled: bool = True
    on_tap: Callable[[], None] | None = None
    children: tuple[Element, ...] = ()

    def tap_target(self, x: float, y: float) -> Element | None:
        """Find the innermost enabled element at `x`, `y` that does something when tapped."""
        if not self.bounds.contains(x, y):
            return None
        for child in reversed(self.children):
            target = child.tap_target(x, y)
            if target is not None:
                return target
        return self if self.on_tap is not None and self.enabled else None

    def walk(self) -> Iterator[Element]:
        """Yield this element and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()

    def to_node(self, package: str, index: int = 0) -> dict[str, object]:
        """Describe the element as the platform's ``AndroidNode``, as JSON has it (no ``parent``)."""
        shows_hint = self.hint is not None and not self.text
        clickable = self.on_tap is not None
        actions = self._actions()
        node: dict[str, object] = {
            "falseId": str(uuid.uuid4()),
            "className": self.class_name,
            "packageName": package,
            "boundsInScreen": {
                "left": self.bounds.left,
                "right": self.bounds.right,
                "top": self.bounds.top,
                "bottom": self.bounds.bottom,
            },
            "index": index,
            "hintText": self.hint,
            "maxTextLength": self.max_text_length,
            "inputType": str(_INPUT_TYPE_TEXT if self.editable else 0),
            "isShowingHintText": shows_hint,
            "isEnabled": self.enabled,
            "clickable": clickable,
            "isLongClickable": self.editable,
            "isContextClickable": False,
            "isFocusable": clickable,
            "isScrollable": self.scrollable,
            "isEditable": self.editable,
            "isPassword": False,
            "isMultiLine": False,
            "isDismissable": False,
            "isHeading": self.heading,
            "isSelected": False,
            "isTextEntryKey": False,
            "isTextSelectable": self.editable,
            "isVisibleToUser": True,
            "isImportantForAccessibility": True,
            "actions": actions,
            "actionLabels": [{"id": action} for action in actions],
            "children": [child.to_node(package, place) for place, child in enumerate(self.children)],
        }
        if clickable:
            node["isFocused"] = self.focused
        if self.view_id is not None:
            node["viewId"] = f"{package}:id/{self.view_id}"
        # An empty field reports its hint as its text, on the platform too.
        text = self.hint if shows_hint else self.text
        if text is not None:
            node["text"] = text
        if self.description is not None:
            node["description"] = self.description
        return node

    def _actions(self) -> list[int]:
        actions = [_ACTION_SELECT, _ACTION_CLEAR_SELECTION, _ACTION_ACCESSIBILITY_FOCUS]
        if self.on_tap is not None:
            actions = [_ACTION_FOCUS, *actions, _ACTION_CLICK]
        if self.editable:
            actions += [_ACTION_SET_SELECTION, _ACTION_SET_TEXT]
        return [*actions, _ACTION_SHOW_ON_SCREEN]
