"""A bucket: what automations keep from one run to the next, as one JSON object."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from xgodo_dev.emulator.phone import kept_object
from xgodo_dev.emulator.phone.kept_object import CallRefused

Complaint = Callable[[Mapping[str, object]], Awaitable[str | None]]
"""Says what is wrong with a whole bucket, None when nothing is: the place of a bucket schema."""


class Shelf(Protocol):
    """Where a bucket's text is kept, perhaps for others to see."""

    def load(self) -> str | None:
        """The text, JSON of an object; None where nothing was kept yet."""

    def save(self, text: str) -> None:
        """Put the text in place of the one there was."""


class Memory:
    """A shelf that nobody else sees."""

    def __init__(self) -> None:
        self._text: str | None = None

    def load(self) -> str | None:
        """What was saved last."""
        return self._text

    def save(self, text: str) -> None:
        """Keep it for as long as this object is there."""
        self._text = text


class Bucket:
    """One bucket, empty to begin with. It outlives the runs that write to it."""

    def __init__(self, complaint: Complaint | None = None, *, shelf: Shelf | None = None) -> None:
        """Make one that `complaint`, if given, checks before anything is kept on `shelf`, or in memory."""
        self._shelf = shelf or Memory()
        self._complaint = complaint

    def read(self) -> dict[str, object]:
        """Return what it holds; changing that changes nothing here."""
        return kept_object.decode(self._shelf.load() or "{}")

    async def merge(self, data: object) -> dict[str, object]:
        """Put the top-level keys of `data` in place of those of the bucket, and return the whole.

        :raises CallRefused: `data` is no object, or the whole is too large or not what the schema wants.
            Then nothing has changed.
        """
        added = kept_object.decode(kept_object.encode(data, "A bucket's data"))
        while True:
            before = self._shelf.load()
            text = await self._checked(kept_object.decode(before or "{}") | added)
            # What another run has put there while this was checked is not to be lost.
            if self._shelf.load() == before:
                self._shelf.save(text)
                return kept_object.decode(text)

    async def replace(self, data: object) -> None:
        """Put `data` in place of the whole bucket.

        :raises CallRefused: as for `merge`.
        """
        self._shelf.save(await self._checked(data))

    async def _checked(self, whole: object) -> str:
        text = kept_object.encode(whole, "The bucket")
        complaint = None if self._complaint is None else await self._complaint(kept_object.decode(text))
        if complaint is not None:
            raise CallRefused(complaint)
        return text
