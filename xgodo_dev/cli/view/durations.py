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
