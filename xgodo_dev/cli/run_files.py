"""What is recorded of a run, as files that other programs read."""

from __future__ import annotations

import json
import os
from heapq import merge
from pathlib import Path

from xgodo_dev.errors import RefusedError
from xgodo_dev.runs.events import Exit, Launch
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

BUNDLE = "bundle.js"


def write(store: RunStore, run: RecordedRun, folder: Path) -> list[Path]:
    """Write a run's events, as JSON Lines, its bundle and the map of that to a new folder; returns the files.

    Raises:
        RefusedError: something is in that place.
    """
    events = [
        Launch(time=run.started, run=run.id, device=run.device, entry=run.entry),
        *merge(store.lines(run), store.notices(run), key=lambda event: event.time),
    ]
    if run.status and run.ended is not None:
        error, ms = run.error, run.ms or 0.0
        end = Exit(time=run.ended, run=run.id, device=run.device, status=run.status, ms=ms, error=error)
        events.append(end)
    texts = {
        "events.jsonl": "".join(json.dumps(each.to_json(), ensure_ascii=False) + "\n" for each in events),
        BUNDLE: store.code(run),
        f"{BUNDLE}.map": store.source_map(run),
    }
    try:
        folder.mkdir(parents=True)
    except FileExistsError as error:
        raise RefusedError(f"{folder} is there already.", hint="Name a folder that is not there.") from error
    written = []
    for name, text in texts.items():
        if text:
            # What a run printed is for its owner alone, as the recorded runs are.
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            written.append(folder / name)
    return written
