"""What can be wrong with an editor's file."""

from __future__ import annotations

from xgodo_dev.errors import ConfigurationError


class Unreadable(ConfigurationError):
    """A file of an editor is not what it should be, and is left alone. Says where, but not in which file."""


class FileReadOnly(ConfigurationError):
    """A file of an editor may not be written, as somebody has set it."""

    code = "read-only"
