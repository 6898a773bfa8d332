"""A command line as bash reads it while it is typed, and words as bash has to be given them.

Bash replaces less than a word: what follows the last of its break characters, or an open quote. So what it
is given has to begin there, quoted as that place needs it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

# What needs no quoting; every other letter of ASCII may mean something to a shell.
_NEEDS_QUOTING = re.compile(r"[^\w@%+=:,./-]", re.ASCII)
_IN_DOUBLE_QUOTES = re.compile(r'[$`"\\!]')
_SPECIAL_PREFIXES = "$@"


@dataclass
class _Word:
    """One word: what it means, and how much of that came before each place where bash may break it."""

    text: str = ""
    quote: str = ""
    """Open at the end: ``'``, ``"``, or none."""
    breaks: int = 0
    """How much of the text bash leaves as it is."""
    breaks_before_quote: int = 0


@dataclass
class BashLine:
    """The words of a line up to the cursor; the last one is that in which the cursor is."""

    words: list[str] = field(default_factory=list)
    _last: _Word = field(default_factory=_Word)

    @property
    def incomplete(self) -> str:
        """What is there of the last word."""
        return self._last.text

    def replacement(self, word: str) -> str | None:
        """What to give bash so that the last word becomes ``word``; None where that can't be done."""
        kept = self._last.text[: self._last.breaks]
        if not word.startswith(kept):
            return None
        return _QUOTED[self._last.quote](word[len(kept) :])


def read(line: str, word_breaks: str) -> BashLine:
    """Read a line up to the cursor.

    Args:
        word_breaks: bash's ``COMP_WORDBREAKS``.
    """
    words: list[str] = []
    word: _Word | None = None
    place = 0
    while place < len(line):
        letter = line[place]
        place += 1
        if word and word.quote:
            if letter == word.quote:
                word.quote, word.breaks = "", word.breaks_before_quote
            elif letter == "\\" and word.quote == '"' and line[place : place + 1] in ("$", "`", '"', "\\"):
                word.text += line[place : place + 1]
                place += 1
            else:
                word.text += letter
            continue
        if letter in " \t\n":
            if word:
                words.append(word.text)
            word = None
            continue
        word = word or _Word()
        if letter in "'\"":
            word.quote = letter
            word.breaks_before_quote, word.breaks = word.breaks, len(word.text)
        elif letter == "\\":
            word.text += line[place : place + 1]
            place += 1
        else:
            word.text += letter
            if letter in word_breaks:
                # One of readline's special prefixes belongs to what follows it.
                word.breaks = len(word.text) - (letter in _SPECIAL_PREFIXES)
    return BashLine(words, word or _Word())


def _plain(text: str) -> str:
    quoted = _NEEDS_QUOTING.sub(lambda found: found[0] if ord(found[0]) > 0x7F else f"\\{found[0]}", text)
    return f"\\{quoted}" if quoted.startswith("~") else quoted


def _in_single_quotes(text: str) -> str:
    return _closed(text.replace("'", "'\\''"), "'")


def _in_double_quotes(text: str) -> str:
    # A `!` can't be quoted within: the quotes are closed for it, or bash puts an old command in its place.
    quoted = _IN_DOUBLE_QUOTES.sub(lambda found: "\"'!'\"" if found[0] == "!" else f"\\{found[0]}", text)
    return _closed(quoted, '"')


def _closed(quoted: str, quote: str) -> str:
    """Readline closes the quote, but not after what looks as if that were done."""
    return quoted + quote if quoted.endswith(quote) else quoted


_QUOTED: dict[str, Callable[[str], str]] = {"": _plain, "'": _in_single_quotes, '"': _in_double_quotes}
