"""Copies of what a forced write replaced, kept in ``.xgodo/backup/``."""

from __future__ import annotations

import time
from pathlib import Path

from xgodo_dev.project.config import STATE_DIRECTORY


def keep(root: Path, path: str, content: str) -> Path:
    """Store ``content``, which is about to be replaced at ``path`` on the server; returns the copy's path."""
    seconds, nanoseconds = divmod(time.time_ns(), 10**9)
    stamp = time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
    folder = root / STATE_DIRECTORY / "backup" / f"{stamp}-{nanoseconds:09d}"
    copy = folder / path
    copy.parent.mkdir(parents=True, exist_ok=True)
    # Bytes, not text: line ends stay as the server had them.
    copy.write_bytes(encoded(content))
    return copy


def encoded(content: str) -> bytes:
    """``content`` as bytes, also where JSON brought half of a character, which UTF-8 proper refuses."""
    return content.encode("utf-8", "surrogatepass")
