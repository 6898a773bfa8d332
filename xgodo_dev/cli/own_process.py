"""This program once more, as a process apart from the one that starts it."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

OURSELVES: Final = (sys.executable, "-P", "-m", "xgodo_dev")
"""How it is started; `-P`, since the folder where that happens may hold anything by a module's name."""


def process_apart() -> dict[str, Any]:
    """What keeps a child out of reach of the terminal's Ctrl-C and closing."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}
