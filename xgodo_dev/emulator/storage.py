"""Files replaced as a whole: a reader sees the old bytes or the new ones, never a part."""

from __future__ import annotations

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
            file.write(content)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
