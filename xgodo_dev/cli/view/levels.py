"""Levels of log lines, by which some are shown and others not."""

from __future__ import annotations

LEVELS = ("log", "warn", "error")


def is_at_least(level: str, least: str) -> bool:
    """Whether a level is ``least`` or above; one that is not known here counts as the lowest."""
    return (LEVELS.index(level) if level in LEVELS else 0) >= LEVELS.index(least)
