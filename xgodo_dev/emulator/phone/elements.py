"""What a screen is made of, and the accessibility nodes a program sees of it.

A node's properties are those that real screen dumps carry on every node. ``clickable`` really is the
one property without ``is``, and ``inputType`` really is a string.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

_ACTION_FOCUS = 1
_ACTION_SELECT = 4
_ACTION_CLEAR_SELECTION = 8
ACTION_CLICK = 16
_ACTION_ACCESSIBILITY_FOCUS = 64
_ACTION_SET_SELECTION = 131072
ACTION_SET_TEXT = 2097152
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
    """A view on the screen. ``on_tap`` makes it clickable, ``on_set_text`` a field to write into."""

    class_name: str
    bounds: Bounds
    view_id: str | None = None
    text: str | None = None
    description: str | None = None
    hint: str | None = None
    max_text_length: int = -1
    focused: bool = False
    scrollable: bool = False
    heading: bool = False
    enabled: bool = True
    on_tap: Callable[[], None] | None = None
    on_set_text: Callable[[str], None] | None = None
    children: tuple[Element, ...] = ()

    @property
    def editable(self) -> bool:
        """Whether it is a field to write into."""
        return self.on_set_text is not None

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

    def is_described_by(self, fields: Mapping[str, object], package: str) -> bool:
        """Whether its node, as a program got it of an earlier screen, has these fields."""
        node = self.to_node(package)
        return all(node.get(name) == value for name, value in fields.items())

    def accepts(self, action: int) -> bool:
        """Whether Android would do that action on it now."""
        return self.enabled and action in self._actions()

    def _actions(self) -> list[int]:
        actions = [_ACTION_SELECT, _ACTION_CLEAR_SELECTION, _ACTION_ACCESSIBILITY_FOCUS]
        if self.on_tap is not None:
            actions = [_ACTION_FOCUS, *actions, ACTION_CLICK]
        if self.editable:
            actions += [_ACTION_SET_SELECTION, ACTION_SET_TEXT]
        return [*actions, _ACTION_SHOW_ON_SCREEN]
