"""Tokens kept on this machine: in the system's keyring, else in a file that only its owner reads.

The file names all of them, so that a keyring is started (136 ms, and it may ask its owner to unlock it) only
for a token that is in there.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, TypeVar

from xgodo_dev.errors import AuthenticationError, XgodoError
from xgodo_dev.platform.kept_file import KeptFile

Place = Literal["keyring", "file"]
_T = TypeVar("_T")
_KEYRING_SERVICE = "xgodo-dev"
# Seconds: somebody may have to type a password to unlock it. Where nobody can, some never come back.
_KEYRING_DEADLINE = 20.0
_file = KeptFile("tokens.json", way_out="Move it away, and sign in again.")


class KeyringUnusable(XgodoError):
    """The system's keyring does not do what is asked of it; the message says why, as part of a sentence."""

    code = "keyring"


@dataclass(frozen=True)
class Stored:
    """Where a token went."""

    place: Place
    obstacle: str | None = None
    """Why it is not in the keyring."""


@dataclass(frozen=True)
class Kept:
    """A token, and where it is."""

    token: str = field(repr=False)
    place: Place


def store(key: str, token: str) -> Stored:
    """Keep ``token`` under ``key``.

    Raises:
        ConfigurationError: there is no place for it.
    """
    try:
        _asked(lambda keyring: keyring.set_password(_KEYRING_SERVICE, key, token))
        if _asked(lambda keyring: keyring.get_password(_KEYRING_SERVICE, key)) != token:
            raise KeyringUnusable("it keeps nothing")
        stored = Stored("keyring")
    except KeyringUnusable as error:
        stored = Stored("file", str(error))
    with _file.changing() as tokens:
        tokens[key] = token if stored.place == "file" else None
    return stored


def find(key: str) -> Kept | None:
    """The token kept under ``key``.

    Raises:
        AuthenticationError: it is in the keyring, which can't be used now.
        ConfigurationError: the file can't be read.
    """
    tokens = _tokens()
    token = tokens.get(key)
    if token is not None:
        return Kept(token, "file")
    if key not in tokens:
        return None
    try:
        token = _asked(lambda keyring: keyring.get_password(_KEYRING_SERVICE, key))
    except KeyringUnusable as error:
        raise AuthenticationError(
            f"The token is in the system's keyring, which can't be used: {error}.",
            hint="Unlock it, sign in again with `xgodo-dev login`, or set the token in the environment.",
        ) from error
    return Kept(token, "keyring") if isinstance(token, str) else None


def forget(key: str) -> bool:
    """Remove the token kept under ``key`` wherever it is; whether there was one.

    Raises:
        XgodoError: it is in the keyring, which can't be used now.
        ConfigurationError: the file can't be read or written.
    """
    tokens = _tokens()
    if key not in tokens:
        return False
    try:
        _asked(lambda keyring: _delete(keyring, key))
    except KeyringUnusable as error:
        # Of one in the file, an older one may be in there only if it worked at some time.
        if tokens[key] is None:
            raise XgodoError(
                f"The token stays in the system's keyring, which can't be used: {error}.",
                hint="Unlock it, then try again.",
            ) from error
    with _file.changing() as changed:
        changed.pop(key, None)
    return True


def forget_all() -> list[str]:
    """Remove all tokens, also where one can't be; returns what they were kept under.

    Raises:
        XgodoError: of the first that stays, as ``forget``.
    """
    kept = list(_tokens())
    staying = []
    for key in kept:
        try:
            forget(key)
        except XgodoError as error:
            staying.append(error)
    if staying:
        raise staying[0]
    return kept


def places() -> dict[str, Place]:
    """Where tokens are kept, by their keys; no keyring is asked.

    Raises:
        ConfigurationError: the file can't be read.
    """
    return {key: "keyring" if token is None else "file" for key, token in _tokens().items()}


def token_file() -> Path:
    """Where tokens are kept when no keyring works."""
    return _file.path


def _tokens() -> dict[str, str | None]:
    tokens = _file.read()
    if not all(token is None or isinstance(token, str) for token in tokens.values()):
        _file.damaged()
    return tokens


def _delete(keyring: ModuleType, key: str) -> None:
    # Asked first: some backends delete what isn't there without a word, others complain.
    if keyring.get_password(_KEYRING_SERVICE, key) is not None:
        keyring.delete_password(_KEYRING_SERVICE, key)


def _asked(act: Callable[[Any], _T]) -> _T:
    """What the keyring answers.

    Raises:
        KeyringUnusable: it fails in whatever way, or does not answer in time.
    """
    answers: queue.SimpleQueue[tuple[_T | None, str | None]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            import keyring

            answers.put((act(keyring), None))
        except BaseException as error:  # noqa: BLE001 - backends raise what their system's libraries raise
            answers.put((None, _reason(error)))

    # A thread that is left behind if need be: no backend can be broken off.
    threading.Thread(target=ask, name="keyring", daemon=True).start()
    try:
        answer, failure = answers.get(timeout=_KEYRING_DEADLINE)
    except queue.Empty:
        raise KeyringUnusable(f"it did not answer within {_KEYRING_DEADLINE:g} s") from None
    if failure is not None:
        raise KeyringUnusable(failure)
    return answer  # type: ignore[return-value]


def _reason(error: BaseException) -> str:
    """Why, without the words of the error: they may be those of a request with the token in it."""
    known = {"KeyringLocked": "it is locked", "NoKeyringError": "there is none"}
    name = type(error).__name__
    return known.get(name, f"it failed ({name})")
