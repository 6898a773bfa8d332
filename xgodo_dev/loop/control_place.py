"""Where a daemon is spoken to: a place that only its own user can reach.

A Unix socket in a folder of the user's. Windows has none that Python can use: there it is a port of this
machine alone, and whoever speaks first shows a secret that lies in a file for the user's eyes only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import os
import secrets
import socket
import stat
import struct
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError, UnreachableError
from xgodo_dev.project.config import STATE_DIRECTORY

# Bytes, of which macOS has the fewest (sun_path of sys/un.h), with the zero at its end.
_LONGEST_SOCKET_PATH = 103
_SHOWN_FILE = "daemon.secret"
_CONNECTING_DEADLINE = 2.0

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class NoDaemon(UnreachableError):
    """Nobody answers where a daemon should."""

    code = "no-daemon"
    default_hint = "`xgodo-dev daemon restart` starts it anew."


class Busy(NoDaemon):
    """Too many speak to it already."""

    code = "daemon-busy"
    default_hint = "End some of what shows what it does, such as `watch`."


@dataclass(frozen=True)
class Listening:
    """A server, and where it listens."""

    server: asyncio.Server
    place: str
    _file: Path
    _identity: tuple[int, int]

    def close(self) -> None:
        """Let nobody speak to it any more, and leave nothing where it was."""
        with contextlib.suppress(FileNotFoundError):
            # Before it is closed: its number is nobody else's until then. Another daemon may have come to the
            # project, where the files that keep it out were removed.
            if _identity(self._file) == self._identity:
                self._file.unlink()
        self.server.close()


async def listen(root: Path, serve: _Serve, most_bytes: int) -> Listening:
    """Listen for whoever speaks to the project's daemon.

    Whoever calls it holds the project's ``watch_lock``: what a daemon that was killed left is replaced.

    Args:
        most_bytes: of a line that is read.

    Raises:
        ConfigurationError: there is no place for it.
    """
    server, place, file = await _listen(root, serve, most_bytes)
    return Listening(server, place, file, _identity(file))


def is_left(root: Path, place: str | None) -> bool:
    """Whether a daemon of this user's has listened there, and was killed: no project can bring that along."""
    return place is not None and place == _own_place(root) and Path(place).exists()


async def connect(place: str, most_bytes: int) -> Streams:
    """Speak to the daemon that says it listens there.

    Raises:
        NoDaemon: nobody answers, or somebody who is not this user.
    """
    try:
        async with asyncio.timeout(_CONNECTING_DEADLINE):
            if sys.platform == "win32":
                host, _, port = place.rpartition(":")
                if host != "127.0.0.1":
                    raise NoDaemon(f"{place} is no place of this machine.")
                return await asyncio.open_connection(host, int(port), limit=most_bytes)
            reader, writer = await asyncio.open_unix_connection(place, limit=most_bytes)
    except (OSError, ValueError) as error:
        raise NoDaemon("The daemon does not answer.") from error
    if not is_own_user(writer):
        writer.transport.abort()
        raise NoDaemon(f"What listens at {place} belongs to another user.")
    return reader, writer


def secret_of(root: Path) -> str | None:
    """What has to be shown first; None: nothing, since nobody else can get there."""
    if sys.platform != "win32":
        return None
    try:
        return (root / STATE_DIRECTORY / _SHOWN_FILE).read_text(encoding="ascii")
    except (OSError, ValueError):
        return None


def shows_secret(root: Path, shown: object) -> bool:
    """Whether somebody has shown what has to be."""
    if sys.platform != "win32":
        return True
    secret = secret_of(root)
    return (
        secret is not None and isinstance(shown, str) and hmac.compare_digest(shown.encode(), secret.encode())
    )


def is_own_user(writer: asyncio.StreamWriter) -> bool:
    """Whether it is this user, or root, at the other end; also where the system does not tell."""
    if sys.platform != "linux":
        # The folder's mode alone keeps others out.
        return True
    connection: socket.socket = writer.get_extra_info("socket")
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _pid, uid, _gid = struct.unpack("3i", credentials)
    return uid in (os.getuid(), 0)


def _identity(file: Path) -> tuple[int, int]:
    status = file.lstat()
    return status.st_dev, status.st_ino


if sys.platform == "win32":

    def _own_place(_root: Path) -> str | None:
        return None

    async def _listen(root: Path, serve: _Serve, most_bytes: int) -> tuple[asyncio.Server, str, Path]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0, limit=most_bytes)
        file = root / STATE_DIRECTORY / _SHOWN_FILE
        file.unlink(missing_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(32))
        return server, "{}:{}".format(*server.sockets[0].getsockname()), file

else:

    def _own_place(root: Path) -> str | None:
        return str(_socket_path(root))

    async def _listen(root: Path, serve: _Serve, most_bytes: int) -> tuple[asyncio.Server, str, Path]:
        place = _socket_path(root)
        place.unlink(missing_ok=True)
        try:
            server = await asyncio.start_unix_server(serve, place, limit=most_bytes)
            place.chmod(0o600)
        except OSError as error:
            raise ConfigurationError(
                f"No socket can be made at {place}: {error.strerror or error}."
            ) from error
        return server, str(place), place

    def _socket_path(root: Path) -> Path:
        name = hashlib.blake2b(os.fsencode(root), digest_size=8).hexdigest() + ".sock"
        own = f"xgodo-dev-{os.getuid()}"
        # A path that is too long for a socket is no fault of anybody's who can mend it.
        folders = (places.runtime_directory(), Path(tempfile.gettempdir()) / own, Path("/tmp") / own)  # noqa: S108
        short = [each for each in folders if each and len(os.fsencode(each / name)) <= _LONGEST_SOCKET_PATH]
        for number, folder in enumerate(short):
            try:
                return _private(folder) / name
            except OSError as error:
                if number + 1 == len(short):
                    raise ConfigurationError(
                        f"No folder for the daemon's socket: {folder}: {error.strerror}.",
                        hint="Set XDG_RUNTIME_DIR to a folder that is yours alone.",
                    ) from error
        raise AssertionError("the last one is short")

    def _private(folder: Path) -> Path:
        """The folder, which nobody else can enter; made if it is not there."""
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
        # In a folder for all, somebody else may have been there first.
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            raise PermissionError(0, "it belongs to somebody else")
        if stat.S_IMODE(status.st_mode) & 0o077:
            folder.chmod(0o700)
        return folder
