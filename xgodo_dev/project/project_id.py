"""A remote project's id, as a person gives it."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from xgodo_dev.errors import UsageError

# The two forms of the platform's ids: a UUID, or 24 hex digits.
_ID = re.compile(
    r"(?<![0-9a-z])([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{24})(?![0-9a-z])", re.IGNORECASE
)
_HINT = "Give the id, or the address of the project's page as the browser shows it."


def named(text: str) -> str:
    """The id in ``text``: itself, or that in the address of the project's page.

    Raises:
        UsageError: there is none in it, or it can't be told which.
    """
    text = text.strip()
    if not text:
        raise UsageError("The project's id is empty.", hint=_HINT)
    if not any(each in text for each in "/\\?#") and not any(each.isspace() for each in text):
        return text
    parts = urlsplit(text)
    # What stands behind the path is about something within the project.
    found = list(dict.fromkeys(_ID.findall(unquote(parts.path)) or _ID.findall(unquote(text))))
    if len(found) != 1:
        which = "holds several ids" if found else "holds no project's id"
        raise UsageError(f"{text!r} {which}.", hint=_HINT)
    return str(found[0])


def has_known_form(project_id: str) -> bool:
    """Whether it looks like an id of the platform; one of another form may be a slip."""
    return _ID.fullmatch(project_id) is not None
