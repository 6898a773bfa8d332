"""Folders as people write them."""

from __future__ import annotations

from pathlib import Path


def from_home(folder: str) -> str:
    """``folder``, from ``~`` on where it is below the home."""
    try:
        return str(Path("~") / Path(folder).relative_to(Path.home()))
    except (ValueError, RuntimeError):
        # It lies elsewhere, or nobody knows where the home is.
        return folder
