"""A bucket: what automations keep from one run to the next, as one JSON object."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from xgodo_dev.emulator.phone import kept_object
from xgodo_dev.emulator.phone.kept_object import CallRefused

Complaint = Callable[[Mapping[str, object]], str | None]
"""Says what is wrong with a whole bucket, None when nothing is: the place of a bucket schema."""


class Bucket:
    """One bucket, empty to begin with. It outlives the runs that write to it."""

    def __init__(self, complaint: Complaint | None = None) -> None:
        """Make one that `complaint`, if given, checks before anything is kept."""
        self._text = "{}"
        self._complaint = complaint

    def read(self) -> dict[str, object]:
        """Return what it holds; changing that changes nothing here."""
        return kept_object.decode(self._text)

    def merge(self, data: object) -> dict[str, object]:
        """Put the top-level keys of `data` in place of those of the bucket, and return the whole.

        :raises CallRefused: `data` is no object, or the whole is too large or not what the schema wants.
            Then nothing has changed.
        """
        added = kept_object.decode(kept_object.encode(data, "A bucket's data"))
        whole = self.read() | added
        text = kept_object.encode(whole, "The bucket")
        complaint = None if self._complaint is None else self._complaint(whole)
        if complaint is not None:
            raise CallRefused(complaint)
        self._text = text
        return whole
