"""What goes into a run and what comes out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from xgodo_dev.emulator.phone.job_task import JobTask

LogLevel = Literal["log", "warn", "error"]


@dataclass(frozen=True)
class Program:
    """JavaScript to run on a simulated device, with the arguments its launch carried.

    ``modules`` maps POSIX paths to JavaScript text; ``entry`` is one of its keys. A direct launch is
    one module. ``automation_id`` is what logs are asked for by: the project's id, or the launch id.
    ``job_task`` is the task that the run works on, None for every run outside a job.
    """

    modules: Mapping[str, str]
    entry: str
    automation_id: str
    automation_parameters: Mapping[str, object] = field(default_factory=dict)
    job_variables: Mapping[str, object] = field(default_factory=dict)
    name: str = ""
    device_id: str = ""
    job_task: JobTask | None = None


@dataclass(frozen=True)
class LogLine:
    """One ``console`` call, or the error that ended the run.

    ``line_number`` is the 1-based line of the module that called, 0 when no module's code was on the
    stack (``promise.then(console.log)``); ``timestamp`` is in ms since the epoch.
    """

    message: str
    line_number: int
    level: LogLevel
    timestamp: int


class Outcome(enum.Enum):
    """How a run ended by itself."""

    FINISHED = "finished"
    """Nothing was left to do: no timer, no action under way."""
    STOPPED = "stopped"
    """The program called ``stopCurrentAutomation``."""
    CRASHED = "crashed"
    """Uncaught error or rejection, out of memory, or the process died; a log line says which."""


class SyntaxRejected(Exception):
    """A module is not JavaScript; nothing of the program has run.

    ``str(error)`` reads ``path:line: message``. Where Node.js does not tell the line (in modules with
    ``import`` or ``export``), ``line`` is 0 and is left out.
    """

    def __init__(self, path: str, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}" if line else f"{path}: {message}")
        self.path = path
        self.line = line
