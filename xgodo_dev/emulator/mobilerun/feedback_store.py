"""Feedback, as SQLite keeps it, and how much of it a day takes."""

from __future__ import annotations

from typing import Final

from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.mobilerun.refusals import TooMuchFeedback

MOST_A_DAY: Final = 15
_DAY_SECONDS = 86400.0

TABLES: Final = """
CREATE TABLE IF NOT EXISTS mobilerun_feedback (
  title TEXT NOT NULL,
  feedback TEXT NOT NULL,
  rating INTEGER NOT NULL,
  task_id TEXT,
  created_at REAL NOT NULL
)
"""


class FeedbackStore:
    """What was submitted. A day is any 24 hours."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def submit(self, title: str, feedback: str, rating: int, task_id: str | None) -> None:
        """Keeps one. Raises TooMuchFeedback."""
        now = self._clock.now()
        row = self._database.row(
            "SELECT count(*) AS total FROM mobilerun_feedback WHERE created_at > ?", now - _DAY_SECONDS
        )
        if row is not None and row["total"] >= MOST_A_DAY:
            raise TooMuchFeedback(MOST_A_DAY)
        self._database.change(
            "INSERT INTO mobilerun_feedback VALUES (?, ?, ?, ?, ?)", title, feedback, rating, task_id, now
        )
