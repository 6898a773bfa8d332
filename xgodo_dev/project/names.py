"""Which paths of the remote project can be files here. They come from the network: hostile input."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from xgodo_dev.project.config import SETTINGS_FILE

_LONGEST_PART = 255
"""Bytes: the limit of ext4, APFS and others on one name."""

# Windows' devices, which are there in every folder and with any suffix:
# https://learn.microsoft.com/windows/win32/fileio/naming-a-file
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
# Names that mean more than a file: a root of another project, and what no walk ever enters.
_TAKEN = frozenset({SETTINGS_FILE, "node_modules"})
# What Windows calls .git, .xgodo, xgodo.toml and node_modules where it keeps short names.
_SHORT_NAME = re.compile(r"(git|xgodo|node_m)~[0-9]+(\..*)?")
_BIDI_CONTROLS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Leaves room for the project's own place, and for a backup's, within the 4,096 bytes of most systems.
_LONGEST_PATH = 1024


def problem(path: str) -> str | None:
    """Why ``path``, as the server names it, can't be a file of a project here; None when it can.

    The answer speaks of the path as "it", and is the same on every system, so that a project can
    move between them.
    """
    if not path:
        return "it is empty"
    if path.startswith("/"):
        return "it is not relative to the project"
    if "\\" in path or ":" in path:
        return "it has a backslash or a colon"
    # Also what separates lines: it would tear apart what is printed about the path.
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in path):
        return "it has control characters"
    # They show a name as another one than it is.
    if not _BIDI_CONTROLS.isdisjoint(path):
        return "it has characters that turn the direction of writing"
    if len(path.encode()) > _LONGEST_PATH:
        return f"it is longer than {_LONGEST_PATH} bytes"
    for part in path.split("/"):
        if found := _problem_of_part(part):
            return found
    return None


def is_unicode(path: str) -> bool:
    """Whether the name is text. On Linux it is bytes: those that are no UTF-8 arrive as lone surrogates."""
    return not any("\ud800" <= character <= "\udfff" for character in path)


def collisions(paths: Iterable[str], here: Collection[str] = ()) -> dict[str, str]:
    """Paths that are the same file as another one where case or Unicode normalisation is ignored.

    Of those that fall together one stays: it is the value of the others, and not in the result. That
    is the first in sorted order of those among ``here``, or of all when none of them is.
    """
    first: dict[str, str] = {}
    taken: dict[str, str] = {}
    settled = set(here)
    for path in (*sorted(settled), *sorted(set(paths) - settled)):
        winner = first.setdefault(_folded(path), path)
        if winner != path:
            taken[path] = winner
    return taken


def _problem_of_part(part: str) -> str | None:
    if part in {"", ".", ".."}:
        return "it is not a plain path inside the project"
    # HFS+ passes over format characters in a name: a zero width joiner in `.git` leaves it `.git`.
    visible = "".join(character for character in part if unicodedata.category(character) != "Cf")
    name = visible.casefold()
    if not name:
        return "a name in it is invisible"
    if name.startswith("."):
        return "a name in it starts with a dot"
    if part.endswith((".", " ")) or name.endswith((".", " ")):
        return "a name in it ends with a dot or a space"
    if len(part.encode()) > _LONGEST_PART:
        return f"a name in it is longer than {_LONGEST_PART} bytes"
    if _DEVICE.fullmatch(name):
        return "a name in it is one that Windows keeps for a device"
    if name in _TAKEN or _SHORT_NAME.fullmatch(name):
        return f"a name in it means something else here: {part}"
    return None


def _folded(path: str) -> str:
    if path.isascii():
        return path.lower()
    # Folding can undo a normalisation, and the other way round: Unicode, section 3.13, D145.
    decomposed = unicodedata.normalize("NFD", path)
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", decomposed.casefold()).casefold())
