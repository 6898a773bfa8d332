"""Runs and lines to record, and a bundle whose map is known."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.events import Exit, Log, RunStatus
from xgodo_dev.runs.programs import Direct
from xgodo_dev.runs.recorded_run import BegunRun, RecordedRun
from xgodo_dev.runs.store import RunStore
from xgodo_dev.toolchain.bundle import Bundle
from xgodo_dev.toolchain.run_report import PLAIN_MARK
from xgodo_dev.toolchain.source_map import SourceMap

PHONE = Device(id="phone-1", name="Silent Otter", online=True, record={})
SERVER = "https://example.com"
# Line n of the bundle is line n of main.ts, up to line 4.
MAP = json.dumps({"version": 3, "sources": ["main.ts"], "names": [], "mappings": "AAAA;AACA;AACA;AACA"})
BUNDLE = Bundle(
    code="bundled code", source_map=SourceMap.from_json(MAP), entry="main.ts", mark=PLAIN_MARK, ms=1
)
PROGRAM = Direct.of(BUNDLE)


def begun(run_id: str | None = None, **members: Any) -> BegunRun:
    known = {
        "id": run_id or str(uuid.uuid4()),
        "remote": SERVER,
        "device_id": PHONE.id,
        "device": PHONE.name,
        "entry": "main.ts",
        "mark": f"mark of {run_id}",
        "source_map": MAP,
        "started": time.time(),
    }
    return BegunRun(**{**known, **members})


def line(run: str, log_id: str, message: str = "hello", **members: Any) -> Log:
    known = {"level": "log", "source": {"file": "main.ts", "line": 3}, "timestamp": 1755811585870}
    return Log(run=run, device=PHONE.name, id=log_id, message=message, **{**known, **members})


def ended(run: str, status: RunStatus = "success", error: str | None = None) -> Exit:
    return Exit(run=run, device=PHONE.name, status=status, ms=1234.5, error=error)


def recorded(store: RunStore, run_id: str) -> RecordedRun:
    return next(run for run in store.runs() if run.id == run_id)


def messages(store: RunStore, run_id: str) -> list[str]:
    return [each.message for each in store.lines(recorded(store, run_id))]
