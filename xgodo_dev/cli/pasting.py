"""Command lines to be pasted into the shell that this program was started from."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def program() -> str:
    """What to type to run this program: its name, or its whole path where it isn't on the PATH."""
    if shutil.which("xgodo-dev"):
        return "xgodo-dev"
    script = Path(sys.argv[0]).absolute()
    return f"{_quoted(sys.executable)} -m xgodo_dev" if script.suffix == ".py" else _quoted(str(script))


def going_to(folder: Path) -> list[str]:
    """What to type to be in ``folder``; nothing where the shell is there already."""
    if folder == Path.cwd():
        return []
    try:
        relative = os.path.relpath(folder)
    except ValueError:
        # On another drive.
        relative = str(folder)
    return [f"cd {_quoted(min(relative, str(folder), key=len))}"]


def _quoted(path: str) -> str:
    if os.name != "nt":
        return shlex.quote(path)
    return f'"{path}"' if " " in path else path
