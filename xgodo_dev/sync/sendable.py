"""A file of this disk as a push reads it, and what about it can't be sent whatever the server holds."""

from __future__ import annotations

from dataclasses import dataclass

from xgodo_dev.errors import FileUnreadable
from xgodo_dev.project import names
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.sync.plan import LEFT_OUT

# Documented as "max ~50MB"; the server counts the content, so this does too.
LARGEST_CONTENT = 50 * 1024 * 1024


@dataclass(frozen=True)
class Sendable:
    """A file as it was read, or why it can't be sent."""

    hash: str | None
    """Of the content; None when there is none, ``LEFT_OUT`` for what is here but no file of the project."""
    content: bytes | None
    problem: str | None = None


def read(copy: LocalCopy, path: str) -> Sendable:
    """Read what a push of ``path`` would send."""
    if not names.is_unicode(path):
        return Sendable(None, None, "its name is not Unicode text")
    try:
        if size(copy, path) > LARGEST_CONTENT:
            return Sendable(None, None, f"larger than the platform's {LARGEST_CONTENT // 1024**2} MB")
        content = copy.read(path)
    except FileUnreadable as error:
        return Sendable(None, None, f"can't be read here: {error}")
    if content is None:
        return Sendable(LEFT_OUT if copy.exists(path) else None, None)
    if not copy.selection.counts(path):
        return Sendable(LEFT_OUT, None)
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        problem = "not UTF-8 text, which is all the platform's file API can carry"
        return Sendable(blob_hash(content), None, problem)
    return Sendable(blob_hash(content), content)


def size(copy: LocalCopy, path: str) -> int:
    """The file's bytes on this disk; 0 when there is none."""
    try:
        return (copy.root / path).stat().st_size
    except (OSError, ValueError):
        # Gone, or said by the read that follows.
        return 0
