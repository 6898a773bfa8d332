"""How much memory this process has."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def in_use() -> int | None:
    """Bytes of memory in use; None where the system tells nobody without ado."""
    if sys.platform != "linux":
        return None
    try:
        # Pages: of the program's size, then of what of it is in memory (proc(5)).
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
            "SC_PAGESIZE"
        )
    except (OSError, ValueError, IndexError):
        return None
