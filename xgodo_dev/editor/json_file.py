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
        if content is None or not content.strip():
            content = f"{_HEADER}\n{json.dumps(self.base, indent=2)}\n".encode()
        document = self._read(content)
        is_ours = _is_ours(document)
        for key, value in self.base.items() if isinstance(self.base, Mapping) else ():
            if not document.has([key]):
                document.set([key], value, "" if is_ours else mark(value))
        kept = tuple(name for item in self.items if (name := self._put(document, item)))
        for path, value in self.members:
            above = [path[:depth] for depth in range(1, len(path))]
            if any(document.has(each) and document.get(each) is None for each in above):
                # Somebody has switched all of it off.
                continue
            for each in above:
                if not document.has(each):
                    document.set(each, {}, "" if is_ours else mark({}))
            if not document.has(path):
                document.set(path, value, "" if is_ours else mark(value))
        for path, word in self.words:
            if word not in document.get(path):
                document.append(path, word, "" if is_ours else mark(word))
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
            is_as_written = item.is_like(value) or is_untouched(value, document.comment(place))
            if is_as_written and not document.has_comments(place):
                _take_out(document, place)
                self._remove_empty(document, item.within)
            else:
                kept.append(str(value[item.named_by]))
        for path, value in self.members:
            if document.has(path) and document.get(path) == value and _was_put_in(document, path):
                _take_out(document, path)
                self._remove_empty(document, path[:-1])
        for path, word in self.words:
            listed = document.get(path)
            place = [*path, listed.index(word)] if isinstance(listed, list) and word in listed else None
            if place and _was_put_in(document, place):
                _take_out(document, place)
                self._remove_empty(document, path)
        for key, value in self.base.items() if isinstance(self.base, Mapping) else ():
            is_as_written = document.has([key]) and document.get([key]) == value
            if is_as_written and _has_mark(document, [key]) and not document.has_comments([key]):
                _take_out(document, [key])
        return Merged(None if self._is_nobodys(document) else document.content, tuple(kept))

    def _read(self, content: bytes) -> Document:
        document = Document(content)
        if type(document.value) is not type(self.base):
            raise Unreadable(f"is no JSON {'object' if isinstance(self.base, dict) else 'list'}")
        for path in {
            *(tuple(item.within[:1]) for item in self.items),
            *(tuple(path[:1]) for path, _ in self.words),
        }:
            if path and document.has(path) and not isinstance(document.get(path), list):
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
        if not is_untouched(value, comment) or document.has_comments(place):
            return None if item.is_like(value) else str(value[item.named_by])
        self._replace(document, place, item.value)
        return None

    @staticmethod
    def _replace(document: Document, place: Path, value: Mapping[str, Any]) -> None:
        document.replace(place, value)
        document.replace_comment(place, mark(value))

    def _remove_empty(self, document: Document, path: Path) -> None:
        """Take out what has nothing left in it, but for what every such file has."""
        while path and document.get(path) in ([], {}) and not document.has_comments(path):
            is_frame = isinstance(self.base, Mapping) and path[0] in self.base and len(path) == 1
            if is_frame or not _was_put_in(document, path):
                return
            _take_out(document, path)
            path = path[:-1]

    def _is_nobodys(self, document: Document) -> bool:
        """Whether setup made the file, and nobody has anything in it."""
        _, _, rest = document.content.partition(b"\n")
        return _is_ours(document) and document.value == self.base and not Document(rest).has_comments()


def _is_ours(document: Document) -> bool:
    """Whether setup made the file: then what it puts in needs no marks of its own."""
    return document.content.partition(b"\n")[0].strip() == _HEADER.encode()


def _has_mark(document: Document, path: Path) -> bool:
    return is_mark(document.comment(path) or "")


def _take_out(document: Document, path: Path) -> None:
    document.remove(path, with_comment=_has_mark(document, path))


def _was_put_in(document: Document, path: Path) -> bool:
    """Whether what is at ``path`` came by setup, and not by somebody who wants the same."""
    return _is_ours(document) or _has_mark(document, path)


def _without(value: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    return {name: each for name, each in value.items() if name not in names}
