"""What a command is given in files. ``-`` is stdin; paths start where the command acts."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UsageError

# Some files, such as devices, have no end.
_MOST = 64 * 1024 * 1024


_STDIN = Path("/dev/stdin")


def path_of(given: str) -> Path:
    """The file of a path as it was given; stdin has one, too, where the system has such files.

    Raises:
        UsageError: there is none.
    """
    if given == "-" and _STDIN.exists():
        return _STDIN
    path = invocation().start / given
    if not path.is_file():
        raise UsageError(f"There is no file {given}.")
    return path


def bytes_of(given: str, most: int | None = None) -> bytes:
    """A file's content.

    Raises:
        UsageError: it can't be read, or has more than ``most`` bytes.
    """
    most = min(most or _MOST, _MOST)
    try:
        if given == "-":
            content = sys.stdin.buffer.read(most + 1)
        else:
            with (invocation().start / given).open("rb") as opened:
                content = opened.read(most + 1)
    except OSError as error:
        raise UsageError(f"{given} can't be read: {error.strerror}.") from error
    if len(content) > most:
        raise UsageError(f"{_called(given)} has more than {most:,} bytes, which are the most.")
    return content


def text_of(given: str, most: int | None = None) -> str:
    """A file's text.

    Raises:
        UsageError: it can't be read, is no UTF-8, or has more than ``most`` bytes.
    """
    try:
        return bytes_of(given, most).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{_called(given)} is no UTF-8 text.") from error


def json_of(given: str) -> Any:
    """A file's JSON.

    Raises:
        UsageError: it can't be read, or is none.
    """
    from xgodo_dev.schema.reading import loads

    try:
        return loads(text_of(given))
    except ValueError as error:
        raise UsageError(f"{_called(given)} is no JSON: {error}.") from error


def object_of(given: str) -> dict[str, Any]:
    """A file's JSON object.

    Raises:
        UsageError: it can't be read, or is none.
    """
    document = json_of(given)
    if not isinstance(document, dict):
        raise UsageError(f"{_called(given)} must be a JSON object.")
    return document


def base64_of(given: str, most: int | None = None) -> str:
    """A file's content in base64; for what is raised see :func:`bytes_of`."""
    return base64.b64encode(bytes_of(given, most)).decode("ascii")


def _called(given: str) -> str:
    return "What stands on stdin" if given == "-" else given
