"""What a run's log entries say: lines of its console, and what its bundle reports about its own end."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xgodo_dev.platform.automation import LogEntry
from xgodo_dev.runs.events import Log, RunStatus
from xgodo_dev.runs.line_ids import is_made_up, made_up
from xgodo_dev.runs.secrets import NO_SECRETS, Secrets
from xgodo_dev.toolchain import run_report
from xgodo_dev.toolchain.run_report import BodyDone, EndReport
from xgodo_dev.toolchain.source_map import SourceMap, map_stack

# A frame as `map_stack` writes it: "    at name (file.ts:line:column)" or "    at file.ts:line:column".
_MAPPED_FRAME = re.compile(r"    at(?P<upto> .{1,1000}):(?P<line>\d{1,9}):\d{1,9}\)?")


@dataclass(frozen=True)
class End:
    """The bundle reported its end."""

    status: RunStatus
    error: str | None
    failure: Log | None
    """Of a failed run: its error as a line that stands where it was thrown."""


class LineReader:
    """Reads the entries of one run.

    Args:
        mark: what the run's own reports begin with; None: it makes none.
        source_map: of the bundle that runs; None: it is not known what runs.
        secrets: are taken out of all that is read.
    """

    def __init__(
        self,
        run: str,
        device: str,
        mark: str | None,
        source_map: SourceMap | None,
        secrets: Secrets = NO_SECRETS,
    ) -> None:
        self._run = run
        self._device = device
        self._mark = mark
        self._map = source_map
        self._secrets = secrets

    def read(self, entry: LogEntry) -> Log | BodyDone | End:
        """What an entry says; places in the bundle are mapped back to the sources."""
        if self._mark is not None:
            report = run_report.parse(entry.message, self._mark)
            if isinstance(report, BodyDone):
                return report
            if isinstance(report, EndReport):
                return self._end(report, entry)
        message = entry.message
        if self._map is None:
            return self._log(entry, entry.level, message, None)
        if "\n    at " in message:
            message = map_stack(message, self._map)
        location = self._map.locate(entry.line)
        source = {"file": location.file, "line": location.line} if location else None
        return self._log(entry, entry.level, message, source)

    def _end(self, report: EndReport, entry: LogEntry) -> End:
        if report.status == "success":
            return End("success", None, None)
        error = report.error or "It failed without a message."
        source = None
        if report.stack and self._map:
            stack = map_stack(report.stack, self._map)
            source = _first_place(stack, self._map.sources)
            # In most engines the stack begins with the error, which would then be shown twice.
            error = stack if (report.error or "") in stack else f"{error}\n{stack}"
        # Not before it is taken apart: a report is JSON, in which a secret may look otherwise.
        failure = self._log(entry, "error", error, source)
        return End("failed", failure.message, failure)

    def _log(self, entry: LogEntry, level: str, message: str, source: Mapping[str, Any] | None) -> Log:
        return Log(
            run=self._run,
            device=self._device,
            id=self._shown_id(entry.id),
            level=self._secrets.masked(level),
            message=self._secrets.masked(message),
            source=source,
            timestamp=entry.timestamp,
        )

    def _shown_id(self, log_id: str) -> str:
        # Masked, it would no longer be another one than that of a like line.
        hides = not is_made_up(log_id) and self._secrets.masked(log_id) != log_id
        return made_up(self._run, log_id) if hides else log_id


def _first_place(stack: str, sources: tuple[str, ...]) -> dict[str, Any] | None:
    """The file and line of a mapped stack's first frame."""
    for text in stack.splitlines():
        frame = _MAPPED_FRAME.fullmatch(text)
        if frame is None:
            continue
        # A file's name may contain spaces and parentheses, so it is looked for among the names in the map.
        fitting = [each for each in sources if frame["upto"].endswith((f" {each}", f"({each}"))]
        if fitting:
            return {"file": max(fitting, key=len), "line": int(frame["line"])}
    return None
