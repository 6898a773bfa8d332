"""What a bundle says about its own end, and how that is read back from the logs.

Nothing on the platform tells when a run is over. So a bundle is wrapped in a few lines of JavaScript
(``run_report.js``) that log how it ended; the reader takes these lines out of the stream.
"""

from __future__ import annotations

import functools
import json
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PLAIN_MARK = "@@xgodo-dev:"
"""What every mark starts with; by itself it is the mark of a script made by `build`."""

BUNDLE_FILE = "xgodo-bundle.js"
"""The file name that reported stacks carry in frames of the bundle, whatever the engine calls the script."""


BEGINNING = "(function (mark, bundleFile, body) {"
"""What every bundle begins with."""


@dataclass(frozen=True)
class EndReport:
    """The run is over. ``error`` and ``stack`` (in lines of the bundle) belong to a failure."""

    status: Literal["success", "failed"]
    error: str | None
    stack: str | None


@dataclass(frozen=True)
class BodyDone:
    """The top level of the entry has finished; timers and promises may keep the run going."""


def new_mark() -> str:
    """A mark that only this bundle knows: what an automation logs is not taken for its report."""
    return f"{PLAIN_MARK}{secrets.token_hex(8)}:"


def prologue(mark: str) -> str:
    """JavaScript to put before a bundle; the bundle becomes the body of an async function."""
    return f'{_reporter()}({json.dumps(mark)}, {json.dumps(BUNDLE_FILE)}, async function () {{\n"use strict";'


@functools.cache
def _reporter() -> str:
    text = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
    return re.sub(r"^ *//.*\n", "", text, flags=re.MULTILINE).strip()


def epilogue() -> str:
    """JavaScript to put after the bundle."""
    return "});"


def parse(message: str, mark: str) -> EndReport | BodyDone | None:
    """Read one log message of a run with that mark back; None for an ordinary one."""
    if not message.startswith(mark):
        return None
    try:
        report = json.loads(message[len(mark) :])
    except (ValueError, RecursionError):
        return None
    if not isinstance(report, dict):
        return None
    match report.get("event"), report.get("status"):
        case "body-done", _:
            return BodyDone()
        case "end", "success":
            return EndReport("success", None, None)
        case "end", "failed":
            return EndReport("failed", _text(report.get("error")), _text(report.get("stack")))
    return None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
