"""Changes single values of JSON with comments, as editors keep it; every other byte stays as it is.

TypeScript's grammar reads such a file as an expression, with the place of each value. What JSON with comments
and trailing commas doesn't have is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from xgodo_dev.editor.errors import Unreadable

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

Path = Sequence[str | int]
"""The keys and indexes that lead to a value."""

_SCALARS = ("string", "number", "true", "false", "null", "unary_expression")
_BRACKETS = {"object": (b"{", b"}"), "array": (b"[", b"]")}
_REST_OF_LINE = re.compile(rb"[ \t]*(?=[^\s])")
_INDENTED = re.compile(rb"\n([ \t]+)(?=[^\s/*])")


@dataclass
class _Value:
    """A value and where it stands; of a container, its parts by key or index."""

    start: int
    end: int
    value: Any = None
    parts: dict[str | int, _Part] = field(default_factory=dict)


@dataclass
class _Part:
    start: int
    """Of its key, where it has one."""
    end: int
    value: _Value
    comma: int | None = None
    """Where the comma behind it ends."""


class Document:
    """A text of JSON with comments that is changed in place."""

    def __init__(self, content: bytes) -> None:
        """Read ``content``; a byte order mark stays.

        Raises:
            Unreadable: it is no JSON with comments; says where.
        """
        self._take(content)

    @property
    def content(self) -> bytes:
        """The text as it is now."""
        return self._content

    @property
    def value(self) -> Any:
        """What the text says."""
        return self._root.value

    def get(self, path: Path) -> Any:
        """The value at ``path``; None where there is none."""
        found = self._find(path)
        return found and found.value

    def has(self, path: Path) -> bool:
        """Whether anything, even null, is at ``path``."""
        return self._find(path) is not None

    def set(self, path: Path, value: Any, comment: str = "") -> None:
        """Make ``value`` that of the member at ``path``; its object must be there, the member need not be.

        A new one comes below a line of ``comment``.
        """
        *above, key = path
        container = self._container(above)
        part = container.parts.get(key)
        if part is None:
            self._insert(container, f"{json.dumps(key, ensure_ascii=False)}: ".encode(), value, comment)
        elif part.value.value != value:
            self.replace(path, value)

    def replace(self, path: Path, value: Any) -> None:
        """Put ``value`` in the place of the one at ``path``."""
        *above, key = path
        part = self._container(above).parts[key]
        self._splice(part.value.start, part.value.end, self._written(value, self._indent_at(part.start)))

    def append(self, path: Path, value: Any, comment: str = "") -> None:
        """Add an item to the list at ``path``, below a line of ``comment``."""
        self._insert(self._container(path), b"", value, comment)

    def replace_comment(self, path: Path, comment: str) -> None:
        """Change the comment that :meth:`comment` gives."""
        span = self._comment_span(path)
        assert span is not None
        self._splice(*span, f"// {comment}".encode())

    def comment(self, path: Path) -> str | None:
        """The text of the comment on the line above the value at ``path``, where it is alone there."""
        span = self._comment_span(path)
        return self._content[span[0] + 2 : span[1]].decode().strip() if span else None

    def remove(self, path: Path, *, with_comment: bool = False) -> None:
        """Take the member or item at ``path`` out, with its comma, and all lines that it had for itself."""
        span = self._comment_span(path) if with_comment else None
        *above, key = path
        container = self._container(above)
        part = container.parts[key]
        before = [each for each in container.parts.values() if each.end < part.start]
        start, end = span[0] if span else part.start, part.comma or part.end
        rest = _REST_OF_LINE.match(self._content, end)
        if rest is None:
            start = self._line_break_before(start)
        elif self._begins_line(start):
            # What follows there, such as somebody's remark, keeps its line.
            end = rest.end()
        else:
            start = len(self._content[:start].rstrip(b" \t"))
        content = self._content[:start] + self._content[end:]
        if before and part.comma is None and before[-1].comma is not None:
            # It was the last one, and the one before is now.
            content = content[: before[-1].comma - 1] + content[before[-1].comma :]
        elif not before and len(container.parts) == 1:
            inside = content[container.start + 1 : start + (container.end - end) - 1]
            if not inside.strip():
                content = content[: container.start + 1] + content[container.start + 1 + len(inside) :]
        elif not before:
            # The next one on the same line moves up to the bracket.
            follows = _REST_OF_LINE.match(content, start)
            if follows and content[start - 1 : start] in (b"{", b"["):
                content = content[:start] + content[follows.end() :]
        self._take(content)
        if span:
            self._rejoin(above)

    def _rejoin(self, path: Path) -> None:
        """Put the bracket back behind the parts that are all on its first line: the comment had moved it."""
        container = self._container(path)
        if not container.parts:
            return
        last = list(container.parts.values())[-1]
        at, end = last.comma or last.end, container.end - 1
        between = self._content[at:end]
        if b"\n" in self._content[container.start : at] or between.strip() or between.count(b"\n") != 1:
            return
        room = b" " if self._content[container.start + 1 : container.start + 2] == b" " else b""
        self._splice(at, end, room)

    def has_comments(self, path: Path = ()) -> bool:
        """Whether anybody has written a comment, within the value at ``path``."""
        found = self._find(path) if path else None
        return any(found is None or found.start < start < found.end for start, _ in self._comments)

    def _take(self, content: bytes) -> None:
        self._content = content
        self._root, self._comments = _read(content)
        self._newline = b"\r\n" if re.search(rb"\A[^\n]*\r\n", content) else b"\n"
        indented = _INDENTED.search(content)
        self._unit = b"  "
        if indented:
            self._unit = b"\t" if indented[1].startswith(b"\t") else indented[1]

    def _find(self, path: Path) -> _Value | None:
        found = self._root
        for key in path:
            part = found.parts.get(key)
            if part is None:
                return None
            found = part.value
        return found

    def _container(self, path: Path) -> _Value:
        found = self._find(path)
        if found is None or not isinstance(found.value, (dict, list)):
            raise Unreadable(f"`{'.'.join(map(str, path))}` is not what it should be")
        return found

    def _splice(self, start: int, end: int, text: bytes) -> None:
        self._take(self._content[:start] + text + self._content[end:])

    def _insert(self, container: _Value, key: bytes, value: Any, comment: str) -> None:
        """Put a new part behind the last one."""
        content = self._content
        inside = content[container.start : container.end]
        parts = list(container.parts.values())
        last = parts[-1] if parts else None
        if last and b"\n" not in inside and not comment:
            text = b", " + key + json.dumps(value, ensure_ascii=False).encode()
            end = last.comma or last.end
            if last.comma:
                text = text[1:] + b","
            self._splice(end, end, text)
            return
        outer = self._indent_at(container.start)
        indent = outer + self._unit
        if last and self._begins_line(last.start):
            indent = self._indent_at(last.start)
        text = self._newline + indent
        if comment:
            text += f"// {comment}".encode() + self._newline + indent
        text += key + self._written(value, indent)
        at = last.comma or last.end if last else container.start + 1
        at = self._behind_comments(at, container.end - 1)
        if last and last.comma:
            text += b","
        if b"\n" not in content[at : container.end]:
            text += self._newline + outer
            # What stood there was room before the bracket.
            content = content[:at] + content[container.end - 1 :]
        content = content[:at] + text + content[at:]
        if last and not last.comma:
            content = content[: last.end] + b"," + content[last.end :]
        self._take(content)

    def _behind_comments(self, at: int, end: int) -> int:
        """Behind the comments that stand on the line of ``at``; in an empty container, behind all."""
        is_empty = self._content[at - 1 : at] in (b"{", b"[")
        for start, stop in self._comments:
            if at <= start < end:
                between = self._content[at:start]
                if between.strip() or (b"\n" in between and not is_empty):
                    break
                at = stop
        return at

    def _written(self, value: Any, indent: bytes) -> bytes:
        unit = self._unit.decode()
        text = json.dumps(value, ensure_ascii=False, indent=unit).encode()
        return text.replace(b"\n", self._newline + indent)

    def _indent_at(self, at: int) -> bytes:
        line = self._content.rfind(b"\n", 0, at) + 1
        found = re.compile(rb"[ \t]*").match(self._content, line)
        assert found is not None
        return found[0]

    def _begins_line(self, at: int) -> bool:
        line = self._content.rfind(b"\n", 0, at) + 1
        return line > 0 and not self._content[line:at].strip()

    def _line_break_before(self, at: int) -> int:
        """Where the line break before ``at`` begins, or the spaces where it is within a line."""
        before = self._content[:at].rstrip(b" \t")
        for ending in (b"\r\n", b"\n"):
            if before.endswith(ending):
                return len(before) - len(ending)
        return len(before)

    def _comment_span(self, path: Path) -> tuple[int, int] | None:
        *above, key = path
        part = self._container(above).parts[key]
        for start, stop in self._comments:
            between = self._content[stop : part.start]
            if stop <= part.start and not between.strip() and between.count(b"\n") == 1:
                is_line = self._content[start : start + 2] == b"//" and self._begins_line(start)
                return (start, stop) if is_line else None
        return None


@cache
def _parser() -> Parser:
    import tree_sitter_typescript
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_typescript.language_typescript()))


def _read(content: bytes) -> tuple[_Value, list[tuple[int, int]]]:
    """The value of a text, and where its comments stand."""
    try:
        content.decode()
    except UnicodeDecodeError as error:
        raise Unreadable("is not UTF-8") from error
    mark = len(b"\xef\xbb\xbf") if content.startswith(b"\xef\xbb\xbf") else 0
    # In brackets a `{` begins an object; what shifts by the first is one byte.
    text = b" " * mark + content[mark:]
    root = _parser().parse(b"(" + text + b"\n)").root_node
    if root.has_error:
        raise _fault(content, _first_error(root) - 1)
    outside, inner = _without_comments(root)
    if len(inner) != 1 or inner[0].type != "expression_statement":
        raise _fault(content, 0)
    (expression,) = inner[0].children[:1]
    more, parts = _without_comments(expression)
    if expression.type != "parenthesized_expression" or len(parts) != 3:
        raise _fault(content, 0)
    reading = _Reading(content, [*outside, *more])
    try:
        value = reading.value(parts[1])
    except RecursionError as error:
        raise Unreadable("is nested too deep") from error
    spans = sorted((each.start_byte - 1, each.end_byte - 1) for each in reading.comments)
    return value, [(start, len(content[start:stop].rstrip(b"\r")) + start) for start, stop in spans]


class _Reading:
    """Takes the grammar's nodes for what they are in JSON."""

    def __init__(self, content: bytes, comments: list[Node]) -> None:
        self._content = content
        self.comments = comments

    def value(self, node: Node) -> _Value:
        start, end = node.start_byte - 1, node.end_byte - 1
        if node.type in _SCALARS:
            return _Value(start, end, self._scalar(start, end))
        if node.type not in _BRACKETS:
            raise _fault(self._content, start)
        comments, children = _without_comments(node)
        self.comments += comments
        found = _Value(start, end, {} if node.type == "object" else [])
        part = _Part(0, 0, found)
        key: str | int
        for number, child in enumerate(children[1:-1]):
            if (child.type == ",") != bool(number % 2):
                raise _fault(self._content, child.start_byte - 1)
            if child.type == ",":
                part.comma = child.end_byte - 1
                continue
            if node.type == "object":
                key, part = self._member(child)
                if key in found.parts:
                    raise Unreadable(f"has `{key}` twice")
                found.value[key] = part.value.value
            else:
                key, part = len(found.value), _Part(0, 0, self.value(child))
                part.start, part.end = part.value.start, part.value.end
                found.value.append(part.value.value)
            found.parts[key] = part
        return found

    def _member(self, node: Node) -> tuple[str, _Part]:
        comments, children = _without_comments(node)
        self.comments += comments
        start = node.start_byte - 1
        if node.type != "pair" or len(children) != 3 or children[0].type != "string":
            raise _fault(self._content, start)
        key = self._scalar(start, children[0].end_byte - 1)
        return key, _Part(start, node.end_byte - 1, self.value(children[2]))

    def _scalar(self, start: int, end: int) -> Any:
        try:
            return json.loads(self._content[start:end])
        except (ValueError, RecursionError) as error:
            raise _fault(self._content, start) from error


def _without_comments(node: Node) -> tuple[list[Node], list[Node]]:
    comments = [child for child in node.children if child.type == "comment"]
    return comments, [child for child in node.children if child.type != "comment"]


def _first_error(node: Node) -> int:
    """Where the grammar's first complaint is: of what is never closed, at the end."""
    while inner := next((child for child in node.children if child.has_error), None):
        node = inner
    return node.start_byte if node.start_byte > 1 or node.is_missing else node.end_byte


def _fault(content: bytes, at: int) -> Unreadable:
    at = max(0, min(at, len(content)))
    line = content.count(b"\n", 0, at) + 1
    column = len(content[content.rfind(b"\n", 0, at) + 1 : at].decode("utf-8", "replace")) + 1
    return Unreadable(f"can't be understood at line {line}, column {column}")
