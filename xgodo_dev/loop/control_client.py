"""Speaking to the daemon of a project; see ``loop.control`` for how."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from xgodo_dev import __version__
from xgodo_dev.errors import XgodoError
from xgodo_dev.loop import control_place
from xgodo_dev.loop.control import MOST_BYTES
from xgodo_dev.loop.control_place import Busy, NoDaemon
from xgodo_dev.project.watch_lock import Holder

# Bytes. Of a line that the daemon sends, such as a log of a run.
_LONGEST_LINE = 1 << 25
_ANSWER_DEADLINE = 5.0


class ToldError(XgodoError):
    """An error that another process had, with its kind and exit code."""

    def __init__(
        self, message: str, *, code: str, exit_code: int, hint: str | None, details: dict[str, list[str]]
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.exit_code = exit_code
        self._details = details

    def details(self) -> dict[str, list[str]]:
        return self._details


class RequestTooLong(XgodoError):
    """What is asked does not fit a request."""

    code = "request-too-long"


class Talk:
    """A conversation with a daemon. An asynchronous iterator of what it says, until its last word."""

    def __init__(self, streams: control_place.Streams) -> None:
        self._reader, self._writer = streams

    def ask(self, request: Mapping[str, Any]) -> None:
        """Send something more."""
        self._writer.write(json.dumps(request).encode() + b"\n")

    async def be_heard(self) -> None:
        """Wait until it says that it has heard what is asked: of a stopped process, the system takes it.

        Raises:
            NoDaemon: it does not, or ended without a word.
            ToldError: it refuses.
        """
        try:
            async with asyncio.timeout(_ANSWER_DEADLINE):
                await self._next()
        except TimeoutError:
            raise NoDaemon("The daemon does not answer.") from None

    async def __aiter__(self) -> AsyncIterator[Mapping[str, Any]]:
        """What it says: the last has ``done``.

        Raises:
            ToldError: it refuses, or something is wrong there.
            NoDaemon: it ended without a word.
        """
        while True:
            said = await self._next()
            yield said
            if "done" in said:
                return

    async def _next(self) -> Mapping[str, Any]:
        try:
            line = await self._reader.readline()
            said = json.loads(line)
        except (OSError, ValueError, RecursionError):
            said = None
        if not isinstance(said, dict):
            raise NoDaemon("The daemon ended without a word.")
        if "error" in said:
            raise error_of(said["error"])
        return said


@asynccontextmanager
async def talk(root: Path, holder: Holder, do: str, **request: Any) -> AsyncIterator[Talk]:
    """Ask the daemon that holds a project for something.

    Raises:
        NoDaemon: it does not answer in time; nothing is begun there then.
        ToldError: it refuses.
        RequestTooLong: that does not fit.
    """
    if holder.kind != "daemon" or not holder.socket:
        raise NoDaemon("The daemon does not answer yet.", hint="Try again in a moment.")
    asked = {"do": do, "version": __version__, **request}
    if secret := control_place.secret_of(root):
        asked["secret"] = secret
    if len(json.dumps(asked)) >= MOST_BYTES:
        raise RequestTooLong("That is more than the daemon takes at once.")
    streams = await control_place.connect(holder.socket, _LONGEST_LINE)
    begun = Talk(streams)
    try:
        begun.ask(asked)
        await begun.be_heard()
        yield begun
    finally:
        streams[1].close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(1):
                await streams[1].wait_closed()


async def ask(root: Path, holder: Holder, do: str, **request: Any) -> Mapping[str, Any]:
    """What the daemon answers.

    Raises:
        ToldError: it refuses.
        NoDaemon: it does not answer in time.
    """
    try:
        async with asyncio.timeout(_ANSWER_DEADLINE), talk(root, holder, do, **request) as asked:
            async for said in asked:
                if "done" in said and isinstance(said["done"], dict):
                    return said["done"]
    except TimeoutError:
        pass
    raise NoDaemon("The daemon does not answer.")


def error_of(document: Any) -> XgodoError:
    """The error that ``control.described`` has told."""
    if not isinstance(document, dict):
        return NoDaemon("The daemon said something that can't be understood.")
    hint, code, exit_code = (document.get(name) for name in ("hint", "code", "exit_code"))
    if code == Busy.code:
        return Busy(str(document.get("message")))
    details = document.get("details")
    return ToldError(
        str(document.get("message")),
        code=code if isinstance(code, str) else XgodoError.code,
        exit_code=exit_code if isinstance(exit_code, int) else XgodoError.exit_code,
        hint=hint if isinstance(hint, str) else None,
        details=details if isinstance(details, dict) else {},
    )


def shown_token(token: str | None) -> dict[str, str] | None:
    """What tells whether the daemon has the same token, and tells nobody the token. None: there is none."""
    if token is None:
        return None
    nonce = secrets.token_hex(16)
    return {"nonce": nonce, "digest": _digest(token, nonce)}


def is_token(shown: object, token: str | None) -> bool:
    """Whether ``shown_token`` was made of this one, or of none: then nobody asks for another account."""
    if shown is None:
        return True
    match shown:
        case {"nonce": str(nonce), "digest": str(digest)} if token is not None:
            return hmac.compare_digest(_digest(token, nonce).encode(), digest.encode("utf-8", "replace"))
    return False


def _digest(token: str, nonce: str) -> str:
    return hmac.new(
        token.encode("utf-8", "surrogatepass"), nonce.encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()
