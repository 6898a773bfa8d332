"""How long something took, as a person reads it."""

from __future__ import annotations


def duration_text(ms: float) -> str:
    """``43 ms``, ``12.3 s``, ``3 min 22 s`` or ``2 h 5 min``, of milliseconds."""
    if round(ms) < 1000:
        return f"{ms:.0f} ms"
    if round(ms / 100) < 600:
        return f"{ms / 1000:.1f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 60:
        return f"{minutes} min {seconds} s"
    hours, minutes = divmod(round(ms / 60_000), 60)
    return f"{hours} h {minutes} min"


def clock_text(seconds: float) -> str:
    """``0:12``, ``3:22`` or ``2:05:00``, of something that goes on."""
    minutes, seconds = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
