"""A JSON file of an editor, into which single members and items are put."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from xgodo_dev.editor.errors import Unreadable
from xgodo_dev.editor.file import Merged
from xgodo_dev.editor.jsonc import Document, Path
from xgodo_dev.editor.mark import is_mark, is_untouched, mark

_HEADER = "// Made by `xgodo-dev editor setup`."


@dataclass(frozen=True)
class Item:
    """An object in a list, known by its name there. A mark above it tells whether somebody changed it."""

    within: Path
    named_by: str
    """The member that is its name, such as ``label``."""
    value: Mapping[str, Any]
    of_machine: tuple[str, ...] = ()
    """Members that are others on another machine, and right as they are."""

    def is_like(self, other: Mapping[str, Any]) -> bool:
        """Whether another object is this one, as far as that can be the same everywhere."""
        return _without(self.value, self.of_machine) == _without(other, self.of_machine)


@dataclass(frozen=True)
class JsonFile:
    """A file of JSON with comments."""

    path: str
    base: Mapping[str, Any] | Sequence[Any]
    """What a new one holds. An existing one gets the members that it misses."""
    items: tuple[Item, ...] = ()
    members: tuple[tuple[Path, Any], ...] = ()
    """Settings by their place: set where they are missing, and never changed."""
    words: tuple[tuple[Path, str], ...] = ()
    """Texts in lists of texts, by the list's place."""
    takes_new_machine: bool = field(default=True, kw_only=True)
    """Whether items become those of this machine."""

    def with_setup(self, content: bytes | None) -> Merged:
        """See :class:`EditorFile`."""
        if content is None:
            content = f"{_HEADER}\n{json.dumps(self.base, indent=2)}\n".encode()
        elif not content.strip():
            content = f"{json.dumps(self.base, indent=2)}\n".encode()
        document = self._read(content)
        for key, value in self.base.items() if isinstance(self.base, Mapping) else ():
            if document.get([key]) is None:
                document.set([key], value)
        kept = tuple(name for item in self.items if (name := self._put(document, item)))
        for path, value in self.members:
            for depth in range(1, len(path)):
                if document.get(path[:depth]) is None:
                    document.set(path[:depth], {})
            if document.get(path) is None:
                document.set(path, value)
        for path, word in self.words:
            if word not in document.get(path):
                document.append(path, word)
        return Merged(document.content, kept)

    def without_setup(self, content: bytes) -> Merged:
        """See :class:`EditorFile`."""
        if not content.strip():
            return Merged(content)
        document = self._read(content)
        kept = []
        for item in self.items:
            place = self._place(document, item)
            if place is None:
                continue
            value = document.get(place)
            if item.is_like(value) or is_untouched(value, document.comment(place)):
                document.remove(place, with_comment=is_mark(document.comment(place) or ""))
                self._remove_empty(document, item.within)
            else:
                kept.append(str(value[item.named_by]))
        for path, value in self.members:
            if document.get(path) == value:
                document.remove(path)
                self._remove_empty(document, path[:-1])
        for path, word in self.words:
            listed = document.get(path)
            if isinstance(listed, list) and word in listed:
                document.remove([*path, listed.index(word)])
                self._remove_empty(document, path)
        return Merged(None if self._is_nobodys(document) else document.content, tuple(kept))

    def _read(self, content: bytes) -> Document:
        document = Document(content)
        if type(document.value) is not type(self.base):
            raise Unreadable(f"is no JSON {'object' if isinstance(self.base, dict) else 'list'}")
        for path in {
            *(tuple(item.within[:1]) for item in self.items),
            *(tuple(path[:1]) for path, _ in self.words),
        }:
            if path and not isinstance(document.get(path), (list, type(None))):
                raise Unreadable(f"has no list as `{path[0]}`")
        return document

    def _place(self, document: Document, item: Item) -> Path | None:
        for number, each in enumerate(document.get(item.within) or ()):
            if isinstance(each, dict) and each.get(item.named_by) == item.value[item.named_by]:
                return [*item.within, number]
        return None

    def _put(self, document: Document, item: Item) -> str | None:
        """Put an item in, or bring it up to date; its name where somebody has changed it."""
        place = self._place(document, item)
        if place is None:
            document.append(item.within, item.value, mark(item.value))
            return None
        value, comment = document.get(place), document.comment(place)
        if value == item.value or (item.is_like(value) and not self.takes_new_machine):
            return None
        if not is_untouched(value, comment):
            return None if item.is_like(value) else str(value[item.named_by])
        self._replace(document, place, item.value)
        return None

    @staticmethod
    def _replace(document: Document, place: Path, value: Mapping[str, Any]) -> None:
        document.replace(place, value)
        document.replace_comment(place, mark(value))

    def _remove_empty(self, document: Document, path: Path) -> None:
        """Take out what has nothing left in it, but for what every such file has."""
        while path and document.get(path) in ([], {}):
            if isinstance(self.base, Mapping) and path[0] in self.base and len(path) == 1:
                return
            document.remove(path)
            path = path[:-1]

    def _is_nobodys(self, document: Document) -> bool:
        """Whether setup made the file, and nobody has anything in it."""
        first, _, rest = document.content.partition(b"\n")
        return (
            first.strip() == _HEADER.encode()
            and document.value == self.base
            and not Document(rest).has_comments()
        )


def _without(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name not in names}
