"""What a name that is not there may have been meant to be."""

from __future__ import annotations

from collections.abc import Sequence

_FEWEST_LETTERS = 2
# What other programs call what a command here does.
_CALLED_ELSEWHERE = {
    "help": "--help",
    "version": "--version",
    "new": "init",
    "create": "init",
    "start": "run",
    "sync": "watch",
    "deploy": "push",
    "upload": "push",
    "download": "pull",
    "fetch": "pull",
    "test": "check",
    "lint": "check",
    "compile": "build",
    "ls": "status",
    "ps": "runs",
    "kill": "stop",
    "tail": "logs",
    "auth": "login",
    "signin": "login",
    "signout": "logout",
}


def near(typed: str, known: Sequence[str]) -> str | None:
    """The one of ``known`` that begins with what was typed, or else looks most like it; None: none does."""
    if len(typed.lstrip("-")) >= _FEWEST_LETTERS:
        begun = next((name for name in known if name.startswith(typed)), None)
        if begun:
            return begun
    import difflib

    return next(iter(difflib.get_close_matches(typed, known, n=1)), None)


def command(typed: Sequence[str], known: Sequence[str]) -> str | None:
    """What to type instead of these words, of which the first is no command of the top level."""
    first, *rest = typed
    if first == "help" and rest and rest[0] in known:
        return f"{rest[0]} --help"
    return _CALLED_ELSEWHERE.get(first) or near(first, known)
