"""A file of an editor, as setup changes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Merged:
    """What becomes of a file."""

    content: bytes | None
    """None: there is no such file."""
    kept: tuple[str, ...] = ()
    """What in it was changed by hand, and stays as it is."""


class EditorFile(Protocol):
    """One file that setup has something to put into. Neither method touches the disk."""

    @property
    def path(self) -> str:
        """Where it is, from the folder that is opened in the editor, with `/` between its parts."""

    def with_setup(self, content: bytes | None) -> Merged:
        """The file with all that belongs into it. Raises Unreadable."""

    def without_setup(self, content: bytes) -> Merged:
        """The file without what setup put in, but with what somebody has changed since. Raises Unreadable."""
