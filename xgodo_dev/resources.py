"""The folders that ship with the toolkit: project templates and device API declarations."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_PACKAGE = Path(__file__).resolve().parent


def directory(name: Literal["templates", "typings"]) -> Path:
    """The shipped folder of that name.

    A wheel carries it inside the package; in a checkout (an editable install) it stands beside
    the package, because hatch's ``force-include`` has no effect there.
    """
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name
