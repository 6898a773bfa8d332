"""The newest recorded runs, read without all that the store can do: while somebody types."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

_PATIENCE = 0.05


def recent_ids(root: Path, most: int) -> list[tuple[str, str, str]]:
    """Id, device and entry of the newest runs of the project in ``root``; none where they can't be read.

    Args:
        most: how many at most.
    """
    import sqlite3

    from xgodo_dev.runs.store_file import run_store_file

    file = run_store_file(root)
    try:
        address = f"{file.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, uri=True, timeout=_PATIENCE)) as database:
            return database.execute(
                "SELECT id, device, entry FROM run ORDER BY number DESC LIMIT ?", (most,)
            ).fetchall()
    except sqlite3.Error:
        return []
