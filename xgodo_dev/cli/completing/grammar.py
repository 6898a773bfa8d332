"""What may stand at the end of a begun command line, by the table of all commands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_FILE = Path(__file__).with_name("commands.json")
"""Made of the commands themselves: see `make generate`."""


@dataclass(frozen=True)
class Option:
    """An option of a command."""

    flags: tuple[str, ...]
    value: str | tuple[str, ...] | None
    """What its value is, or which there are; None: it takes none."""
    help: str
    repeats: bool


@dataclass(frozen=True)
class Wanted:
    """What the word at the end of a line can be."""

    incomplete: str
    """What of it is there, after ``before``."""
    before: str = ""
    """What it begins with that is no part of what is completed, such as ``--device=``."""
    value: str | tuple[str, ...] | None = None
    """What kind of value, or which there are."""
    words: Sequence[tuple[str, str]] = ()
    """Commands or options, and what they do."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """The values of options that are given already, by their first flags."""


def table() -> Mapping[str, Any]:
    """All commands with their options. Raises OSError, ValueError."""
    read: Mapping[str, Any] = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    return read


def wanted(commands: Mapping[str, Any], words: Sequence[str], incomplete: str) -> Wanted:
    """What is wanted at the end of the line with these complete words after the program's name."""
    line = _Line(commands)
    for word in words:
        line.read(word)
    return line.at_end(incomplete)


class _Line:
    def __init__(self, commands: Mapping[str, Any]) -> None:
        self._shared = [_option(each) for each in commands["options"]]
        self._top = self._node = commands
        self._given: set[str] = set()
        self._settings: dict[str, str] = {}
        self._awaits: Option | None = None
        self._only_words = False
        self._position = 0

    def read(self, word: str) -> None:
        """Take in one complete word."""
        if self._awaits:
            self._settings[self._awaits.flags[0]] = word
            self._awaits = None
        elif self._only_words or not word.startswith("-") or word == "-":
            self._read_plain(word)
        elif word == "--":
            self._only_words = True
        elif word.startswith("--"):
            flag, has_value, value = word.partition("=")
            self._read_flag(flag, value if has_value else None)
        else:
            self._read_letters(word[1:])

    def _read_plain(self, word: str) -> None:
        below = self._node.get("commands")
        if below is None:
            self._position += 1
            return
        # Below a command that there is not, nothing is known.
        self._node = below.get(word, {"options": [], "arguments": []})

    def _read_flag(self, flag: str, value: str | None) -> None:
        option = self._options().get(flag)
        if option is None:
            return
        self._given.update(option.flags)
        if option.value is None:
            return
        if value is None:
            self._awaits = option
        else:
            self._settings[option.flags[0]] = value

    def _read_letters(self, letters: str) -> None:
        for place, letter in enumerate(letters):
            option = self._options().get(f"-{letter}")
            if option is None:
                return
            if option.value is not None:
                self._read_flag(f"-{letter}", letters[place + 1 :] or None)
                return
            self._given.update(option.flags)

    def at_end(self, incomplete: str) -> Wanted:
        """What the last word can be, of which ``incomplete`` is there."""
        if self._awaits:
            return self._value(self._awaits.value, incomplete)
        if incomplete.startswith("-") and not self._only_words:
            flag, has_value, value = incomplete.partition("=")
            if incomplete.startswith("--") and has_value:
                option = self._options().get(flag)
                return self._value(option.value if option else None, value, before=f"{flag}=")
            option = self._options().get(incomplete[:2])
            if len(incomplete) > 2 and option and option.value is not None and incomplete[1] != "-":
                return self._value(option.value, incomplete[2:], before=incomplete[:2])
            return Wanted(incomplete, words=list(self._fresh_options()))
        below = self._node.get("commands")
        if below is not None:
            names = [(name, node["help"]) for name, node in below.items()]
            return Wanted(incomplete, words=names)
        arguments = self._node["arguments"]
        if not arguments:
            return Wanted(incomplete)
        last = arguments[-1]
        if self._position < len(arguments):
            return self._value(_value(arguments[self._position][0]), incomplete)
        return self._value(_value(last[0]) if last[1] else None, incomplete)

    def _value(self, value: str | tuple[str, ...] | None, incomplete: str, before: str = "") -> Wanted:
        return Wanted(incomplete, before, value, settings=self._settings)

    def _options(self) -> Mapping[str, Option]:
        own = (_option(each) for each in self._node["options"])
        return {flag: option for option in (*self._shared, *own) for flag in option.flags}

    def _fresh_options(self) -> Iterator[tuple[str, str]]:
        own = [_option(each) for each in self._node["options"]] if self._node is not self._top else []
        for option in (*own, *self._shared):
            if option.repeats or not self._given.intersection(option.flags):
                yield from ((flag, option.help) for flag in option.flags)


def _option(record: Mapping[str, Any]) -> Option:
    return Option(
        tuple(record["flags"]), _value(record.get("value")), record["help"], bool(record.get("repeats"))
    )


def _value(value: str | list[str] | None) -> str | tuple[str, ...] | None:
    return tuple(value) if isinstance(value, list) else value
