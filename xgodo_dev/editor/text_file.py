"""Files and blocks of text that setup writes whole, and which are somebody's once they are changed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from xgodo_dev.editor.errors import Unreadable
from xgodo_dev.editor.file import Merged
from xgodo_dev.editor.mark import is_untouched, mark

_LINE_BREAK = re.compile(r"\r?\n\Z")
_EMPTY_LINE = re.compile(r"\n\r?\n\Z")


@dataclass(frozen=True)
class OwnFile:
    """A file that is all setup's. Its first line is a comment with the mark."""

    path: str
    text: str
    comment: tuple[str, str] = ("<!-- ", " -->")
    """What a comment stands between."""

    def with_setup(self, content: bytes | None) -> Merged:
        """See :class:`EditorFile`."""
        begin, end = self.comment
        wanted = f"{begin}{mark(self.text)}{end}\n{self.text}".encode()
        if content is None:
            return Merged(wanted)
        if not self._is_ours(content):
            return Merged(content, (self.path,))
        return Merged(wanted.replace(b"\n", b"\r\n") if b"\r\n" in content else wanted)

    def without_setup(self, content: bytes) -> Merged:
        """See :class:`EditorFile`."""
        return Merged(None) if self._is_ours(content) else Merged(content, (self.path,))

    def _is_ours(self, content: bytes) -> bool:
        # A checkout of git may have other line ends.
        first, _, text = content.decode("utf-8", "replace").replace("\r\n", "\n").partition("\n")
        begin, _ = self.comment
        return text == self.text or (
            first.startswith(begin) and is_untouched(text, first.removeprefix(begin))
        )


@dataclass(frozen=True)
class Block:
    """A block of lines in a file of somebody else's, between a comment with the mark and one at its end."""

    path: str
    name: str
    """Tells it from other such blocks."""
    text: str
    comment: str = "-- "
    """What a line that is a comment begins with."""

    def with_setup(self, content: bytes | None) -> Merged:
        """See :class:`EditorFile`."""
        before = self._text(content or b"")
        newline = "\r\n" if "\r\n" in before else "\n"
        found = self._find(before)
        if found is None:
            # Taking it out takes this line break away, too.
            after = before + (newline if before else "") + self._whole(newline)
        elif self._is_ours(found):
            after = before[: found.start()] + self._whole(newline) + before[found.end() :]
        else:
            return Merged(content, (self.name,))
        return Merged(after.encode())

    def without_setup(self, content: bytes) -> Merged:
        """See :class:`EditorFile`."""
        before = self._text(content)
        found = self._find(before)
        if found is None:
            return Merged(content)
        if not self._is_ours(found):
            return Merged(content, (self.name,))
        above, below = before[: found.start()], before[found.end() :]
        gap = _LINE_BREAK.search(above)
        # Only what is above nothing else, or below an empty line, may lose it.
        if gap and (not below or _EMPTY_LINE.search(above)):
            above = above[: gap.start()]
        return Merged((above + below).encode() or None)

    def _whole(self, newline: str) -> str:
        lines = [f"{self.comment}{self._begin} {mark(self.text)}", *self.text.splitlines(), self._end]
        return newline.join(lines) + newline

    @property
    def _begin(self) -> str:
        return f"[{self.name}]"

    @property
    def _end(self) -> str:
        return f"{self.comment}{self._begin} end"

    def _find(self, text: str) -> re.Match[str] | None:
        begin, end = re.escape(f"{self.comment}{self._begin} "), re.escape(self._end)
        return re.search(
            rf"^{begin}(?!end\r?$)(?P<mark>[^\r\n]*)\r?\n(?P<text>(?s:.*?))^{end}\r?(?:\n|\Z)", text, re.M
        )

    def _is_ours(self, found: re.Match[str]) -> bool:
        text = found["text"].replace("\r\n", "\n")
        return text == self.text or is_untouched(text, found["mark"])

    @staticmethod
    def _text(content: bytes) -> str:
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise Unreadable("is not UTF-8") from error
