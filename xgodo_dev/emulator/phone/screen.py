"""The built-in phone: a launcher and one app, as a state machine without I/O.

The app keeps notes. Its field takes focus when tapped, ``write_text`` types into the focused field,
and "Add" moves what was typed to the top of the list.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from xgodo_dev.emulator.phone import hardware
from xgodo_dev.emulator.phone.bucket import Bucket
from xgodo_dev.emulator.phone.elements import ACTION_CLICK, ACTION_SET_TEXT, Bounds, Element

LAUNCHER_PACKAGE = "com.android.launcher3"
NOTES_PACKAGE = "dev.xgodo.notes"

_WIDTH = 1080
_HEIGHT = 2340
_STATUS_BAR = 80
_ROW = 140
_MARGIN = 40

# A program can type and add in an endless loop: what the phone holds stays bounded.
_LONGEST_NOTE = 2_000
_MOST_NOTES = 200


class PhoneActionError(Exception):
    """The phone can't do this now; the program's promise rejects with the message."""


@dataclass
class _Notes:
    draft: str = ""
    field_focused: bool = False
    notes: list[str] = field(default_factory=list)

    def focus_field(self) -> None:
        self.field_focused = True

    def set_draft(self, text: str) -> None:
        self.draft = text[:_LONGEST_NOTE]

    def add(self) -> None:
        if self.draft:
            self.notes.insert(0, self.draft)
            del self.notes[_MOST_NOTES:]
            self.draft = ""

    def clear(self) -> None:
        self.notes.clear()


class Phone:
    """One phone, on its home screen to begin with. Coordinates are pixels, fractions allowed.

    ``bucket`` is what all automations keep on this device; ``verified_number`` is its phone number in the
    international form, None where none is verified; ``country`` is a code of two letters.
    """

    width = _WIDTH
    height = _HEIGHT

    def __init__(
        self,
        bucket: Bucket | None = None,
        *,
        verified_number: str | None = None,
        country: str = hardware.COUNTRY,
    ) -> None:
        self.bucket = bucket or Bucket()
        self.verified_number = verified_number
        self.country = country
        self._notes = _Notes()
        self._package = LAUNCHER_PACKAGE

    @property
    def package(self) -> str:
        """The package whose window is in front."""
        return self._package

    def go_home(self) -> None:
        """Show the launcher. The app keeps what it holds, but the keyboard goes away."""
        self._notes.field_focused = False
        self._package = LAUNCHER_PACKAGE

    def go_back(self) -> None:
        """Press back: puts the keyboard away when it is up, else leaves the app."""
        if self._package == NOTES_PACKAGE and self._notes.field_focused:
            self._notes.field_focused = False
        else:
            self.go_home()

    def launch_app(self, package: str, clear_existing: bool = False) -> None:
        """Bring `package` to the front; `clear_existing` starts it afresh, with nothing kept.

        :raises PhoneActionError: no such app is installed.
        """
        if package not in (LAUNCHER_PACKAGE, NOTES_PACKAGE):
            raise PhoneActionError(
                f"No app with package {package!r} is installed. This phone has {NOTES_PACKAGE!r}."
            )
        if clear_existing and package == NOTES_PACKAGE:
            self._notes = _Notes()
        self._package = package

    def tap(self, x: float, y: float) -> None:
        """Tap at `x`, `y`; nothing happens where nothing is clickable.

        :raises PhoneActionError: the point is not on the screen.
        """
        if not (math.isfinite(x) and math.isfinite(y) and 0 <= x < _WIDTH and 0 <= y < _HEIGHT):
            raise PhoneActionError(f"({x}, {y}) is not on the screen of {_WIDTH} x {_HEIGHT} pixels.")
        target = self._root().tap_target(x, y)
        if target is not None and target.on_tap is not None:
            target.on_tap()

    def write_text(self, text: str) -> None:
        """Type `text` at the end of the focused field; what its ``maxTextLength`` leaves no room for is lost.

        :raises PhoneActionError: nothing has focus, so there is no keyboard to type on.
        """
        if self._package != NOTES_PACKAGE or not self._notes.field_focused:
            raise PhoneActionError("Nothing to write into: no field has focus.")
        self._notes.set_draft(self._notes.draft + text)

    def node_action(self, fields: Mapping[str, object], action: int, arguments: Mapping[str, object]) -> bool:
        """Do an accessibility action on the first node in front that has `fields`.

        Returns False where Android refuses: the element is disabled, or has no such action.

        :raises PhoneActionError: there is no such node, or this phone can't do the action.
        """
        element = next(
            (each for each in self._root().walk() if each.is_described_by(fields, self._package)), None
        )
        if element is None:
            raise PhoneActionError("The node is not on the screen any more.")
        if not element.accepts(action):
            return False
        if action == ACTION_CLICK and element.on_tap is not None:
            element.on_tap()
        elif action == ACTION_SET_TEXT and element.on_set_text is not None:
            # Which of the two a device takes is not known; real automations write the first.
            text = arguments.get("text", arguments.get("ACTION_ARGUMENT_SET_TEXT_CHARSEQUENCE"))
            if not isinstance(text, str):
                raise PhoneActionError("ACTION_SET_TEXT needs a text, such as { text: 'hello' }.")
            element.on_set_text(text)
        else:
            raise PhoneActionError(f"The action {action} is not simulated yet.")
        return True

    def screen_content(self) -> dict[str, object]:
        """Describe the window in front as a tree of ``AndroidNode`` objects; each call gives new ids."""
        return self._root().to_node(self._package)

    def _root(self) -> Element:
        content = self._launcher() if self._package == LAUNCHER_PACKAGE else self._notes_app()
        return Element("android.widget.FrameLayout", Bounds(0, 0, _WIDTH, _HEIGHT), children=(content,))

    def _launcher(self) -> Element:
        icon = Element(
            "android.widget.TextView",
            Bounds(_MARGIN, 400, _MARGIN + 240, 680),
            view_id="icon",
            text="Notes",
            description="Notes",
            on_tap=lambda: self.launch_app(NOTES_PACKAGE),
        )
        return Element(
            "android.view.ViewGroup",
            Bounds(0, _STATUS_BAR, _WIDTH, _HEIGHT),
            view_id="workspace",
            children=(icon,),
        )

    def _notes_app(self) -> Element:
        state = self._notes
        top = _STATUS_BAR
        middle = _WIDTH - 260
        title = Element(
            "android.widget.TextView",
            Bounds(_MARGIN, top, middle, top + _ROW),
            view_id="title",
            text=_title(len(state.notes)),
            heading=True,
        )
        clear = Element(
            "android.widget.Button",
            Bounds(middle, top, _WIDTH - _MARGIN, top + _ROW),
            view_id="clear",
            text="Clear",
            enabled=bool(state.notes),
            on_tap=state.clear,
        )
        top += _ROW
        draft = Element(
            "android.widget.EditText",
            Bounds(_MARGIN, top, middle, top + _ROW),
            view_id="note",
            text=state.draft,
            hint="Write a note",
            max_text_length=_LONGEST_NOTE,
            focused=state.field_focused,
            on_tap=state.focus_field,
            on_set_text=state.set_draft,
        )
        add = Element(
            "android.widget.Button",
            Bounds(middle, top, _WIDTH - _MARGIN, top + _ROW),
            view_id="add",
            text="Add",
            enabled=bool(state.draft),
            on_tap=state.add,
        )
        return Element(
            "android.widget.LinearLayout",
            Bounds(0, _STATUS_BAR, _WIDTH, _HEIGHT),
            children=(title, clear, draft, add, _list(state.notes, top + _ROW)),
        )


def _title(count: int) -> str:
    return "1 note" if count == 1 else f"{count} notes"


def _list(notes: list[str], top: int) -> Element:
    # Like Android's recycled lists, only the rows that fit are in the tree.
    fitting = (_HEIGHT - top) // _ROW
    rows = tuple(
        Element(
            "android.widget.TextView",
            Bounds(_MARGIN, top + place * _ROW, _WIDTH - _MARGIN, top + (place + 1) * _ROW),
            view_id="item",
            text=note,
        )
        for place, note in enumerate(notes[:fitting])
    )
    return Element(
        "androidx.recyclerview.widget.RecyclerView",
        Bounds(0, top, _WIDTH, _HEIGHT),
        view_id="list",
        scrollable=len(notes) > fitting,
        children=rows,
    )
