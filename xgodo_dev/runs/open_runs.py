"""Which recorded runs of a project may go on, read beside the loop."""

from __future__ import annotations

import asyncio
from pathlib import Path

from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

# Seconds for another program that has locked what is recorded: an interrupt waits for it, too.
_PATIENCE = 2.0


async def open_runs(root: Path, remote: str) -> list[RecordedRun]:
    """The runs of a project that may go on, newest first, on the server that ``remote`` names.

    Raises:
        ConfigurationError: what is recorded can't be read.
    """
    return await asyncio.to_thread(_read, root, remote)


def _read(root: Path, remote: str) -> list[RecordedRun]:
    store = RunStore.existing(root, patience=_PATIENCE)
    if store is None:
        return []
    with store:
        return store.open_runs(remote)
