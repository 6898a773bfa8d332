"""One part of what `xgodo-dev doctor` tells."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Status = Literal["ok", "note", "problem"]

FIX = "xgodo-dev doctor --fix"


@dataclass(frozen=True)
class Part:
    """One part of the installation: how it is, and what to do next."""

    name: str
    status: Status
    message: str
    version: str | None = None
    path: Path | None = None
    hint: str | None = None
