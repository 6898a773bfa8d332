"""What is chosen of a list, key by key, and which part of the list is in sight."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from xgodo_dev.cli.view import cells

# A style of prompt_toolkit, and text in it.
Fragment = tuple[str, str]
GAP = 2
"""Columns between the texts of a line."""
_MOST_LINES = 12
# Of a screen, what the question and the line of keys take, and a line of what was there before.
_OTHER_LINES = 3

_Item = TypeVar("_Item")


class Choosing(ABC, Generic[_Item]):
    """A list with a current line, narrowed by typing."""

    NOTHING_FITS = "Nothing here is called that."

    def __init__(self, items: Sequence[_Item], begin: _Item | None = None) -> None:
        """The list begins at ``begin``, or else at the first that can be chosen."""
        self.items = items
        self.typed = ""
        """What narrows the list."""
        choosable = self.choosable()
        self.current = begin if begin in choosable else next(iter(choosable), None)

    @abstractmethod
    def text_of(self, item: _Item) -> str:
        """What typing is held against."""

    @abstractmethod
    def shown(self, items: Sequence[_Item], room: int) -> list[list[Fragment]]:
        """A line of so many columns for each of these."""

    def can_be_chosen(self, item: _Item) -> bool:  # noqa: ARG002
        """Whether it is more than something to see."""
        return True

    def mark(self) -> None:
        """Mark the current one of several, or no longer; nothing where only one is chosen."""
        return

    def mark_all(self) -> None:
        """Mark all, or none where all were; nothing where only one is chosen."""
        return

    def is_answer(self) -> bool:
        """Whether Enter takes something now."""
        return self.current is not None

    def narrow(self, typed: str) -> None:
        """Keep only what has that text in it; capitals and spaces don't matter."""
        self.typed = typed
        choosable = self.choosable()
        if self.current not in choosable:
            self.current = choosable[0] if choosable else None

    def move(self, steps: int) -> None:
        """Go down so many lines, or up; from the last line to the first with a single step."""
        choosable = self.choosable()
        if self.current not in choosable:
            return
        to, last = choosable.index(self.current) + steps, len(choosable) - 1
        self.current = choosable[to % len(choosable) if abs(steps) == 1 else min(max(to, 0), last)]

    def lines(self, columns: int, height: int) -> list[list[Fragment]]:
        """The list in so many columns and lines, and a line of what the keys do."""
        fitting, room = self._fitting(), columns - 1
        most = max(1, min(height - _OTHER_LINES, _MOST_LINES))
        at = fitting.index(self.current) if self.current in fitting else 0
        first = max(0, min(at - most // 2, len(fitting) - most))
        lines = self.shown(fitting[first : first + most], room)
        if not fitting:
            lines.append([("", cells.cut(f"  {self.NOTHING_FITS}", room))])
        hint = self.hint(len(fitting) if len(fitting) > most else None, room)
        return [*lines, [("dim", cells.cut(f"  {hint}", room))]]

    def hint(self, out_of_sight: int | None, room: int) -> str:  # noqa: ARG002
        """What the keys do; first how many there are, where not all are in sight."""
        counted = f"{out_of_sight} to choose from. " if out_of_sight else ""
        return f"{counted}Enter takes, Esc gives up; type to narrow"

    def choosable(self) -> list[_Item]:
        """What typing has left to choose from."""
        return [each for each in self._fitting() if self.can_be_chosen(each)]

    def _fitting(self) -> list[_Item]:
        asked = _folded(self.typed)
        return [each for each in self.items if asked in _folded(self.text_of(each))]


def _folded(text: str) -> str:
    # A space is the key that marks.
    return "".join(text.split()).casefold()
