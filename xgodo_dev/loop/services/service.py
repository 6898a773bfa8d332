"""What a service is, whatever starts it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from xgodo_dev.errors import UsageError, XgodoError

# Nobody who is asked in vain every half minute minds; a save is never waited for that long.
RESTART_PAUSE = 30
"""Seconds between the end of a daemon that failed and its next start."""
FINAL_EXIT_CODES = (2, 3, 4)
"""Of what no further start mends: the settings, a refusal, a token that is missing or refused."""
INTERRUPTED = 130
"""The exit code of a daemon that was told to end."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class ServiceRefused(XgodoError):
    """The system's services can't be used, or refused what they were asked."""

    code = "service-refused"


@dataclass(frozen=True)
class Service:
    """One project's daemon, as a service."""

    name: str
    """Tells it from every other service of the user."""
    description: str
    """One line, for people."""
    command: Sequence[str]
    """An absolute path and its arguments, as they are."""
    environment: Mapping[str, str] = field(default_factory=dict)


def name_of(root: Path, project: str, chosen: str | None = None) -> str:
    """The name of a project's service: by its own name and its folder, or the one that was chosen.

    Raises:
        UsageError: the chosen name can't be one.
    """
    if chosen is not None:
        if not _NAME.fullmatch(chosen):
            raise UsageError(
                f"{chosen!r} can't be the name of a service.",
                hint="Letters, digits, `-`, `_` and `.` can be in it, 64 at most.",
            )
        return f"xgodo-dev-{chosen}"
    slug = re.sub(r"[^A-Za-z0-9]+", "-", project).strip("-").lower()[:32].strip("-")
    # Two projects may have one name, and one may be cloned twice.
    own = hashlib.sha256(str(root).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return "-".join(filter(None, ("xgodo-dev", slug, own)))


def in_one_line(text: str) -> str:
    """A text of somebody's without what could begin another line or setting."""
    return "".join(each if each.isprintable() else " " for each in text)
