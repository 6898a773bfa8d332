"""A JSON object in the user's configuration folder, which nobody else reads and several processes change."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError

# Seconds. A change takes milliseconds.
_DEADLINE = 10.0
_ELSEWHERE = "XDG_CONFIG_HOME names another folder for it."


class KeptFile:
    """The file of that ``name``. ``way_out`` says what to do where its content can't be used."""

    def __init__(self, name: str, *, way_out: str) -> None:
        self._name = name
        self._way_out = way_out

    @property
    def path(self) -> Path:
        """Where it is, or would be."""
        return places.config_directory() / self._name

    def read(self) -> dict[str, Any]:
        """What it holds; nothing where it is not there.

        A file that others may read is made its owner's alone.

        Raises:
            ConfigurationError: it can't be read, is no JSON object, or others may read it for good.
        """
        try:
            file = self.path
        except places.NoHome:
            # What is in the environment does without.
            return {}
        try:
            with file.open(encoding="utf-8") as stream:
                _require_private(stream.fileno(), file)
                content = json.load(stream)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise ConfigurationError(
                f"{file} can't be read: {error.strerror}.", hint=f"Mend its permissions. {_ELSEWHERE}"
            ) from error
        except (ValueError, RecursionError):
            # Said without a word of what it holds.
            self.damaged()
        if not isinstance(content, dict):
            self.damaged()
        return content

    @contextlib.contextmanager
    def changing(self) -> Iterator[dict[str, Any]]:
        """What it holds, to be changed; kept on leaving without an error. Other processes wait meanwhile.

        Raises:
            ConfigurationError: it can't be read or written, or another process holds it for too long.
        """
        import filelock

        file = self.path
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if sys.platform != "win32" and file.parent.stat().st_mode & 0o077:
                # The folder may be older than its first secret.
                file.parent.chmod(0o700)
            with filelock.FileLock(file.with_name(f".{file.name}.lock"), timeout=_DEADLINE, mode=0o600):
                content = self.read()
                before = json.dumps(content)
                yield content
                if json.dumps(content) != before:
                    _replace(file, content)
        except filelock.Timeout:
            raise ConfigurationError(
                f"Another process has held {file} for {_DEADLINE:g} s.", hint="Try again."
            ) from None
        except OSError as error:
            mend = "Make room on that disk." if error.errno == errno.ENOSPC else "Mend its permissions."
            raise ConfigurationError(
                f"{file} can't be written: {error.strerror}.", hint=f"{mend} {_ELSEWHERE}"
            ) from error

    def damaged(self) -> NoReturn:
        """Say that it holds something else than it should.

        Raises:
            ConfigurationError: always.
        """
        raise ConfigurationError(f"{self.path} is damaged, or not made by xgodo-dev.", hint=self._way_out)


def _require_private(opened: int, file: Path) -> None:
    if sys.platform == "win32" or not stat.S_IMODE(os.fstat(opened).st_mode) & 0o077:
        return
    try:
        os.fchmod(opened, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"Others may read {file}, and its permissions can't be changed: {error.strerror}.",
            hint="Make it yours alone (mode 0600), or use the environment variables for tokens.",
        ) from error


def _replace(file: Path, content: dict[str, Any]) -> None:
    """Write it so that it is whole at every moment, and never readable by others."""
    import tempfile

    # It may be a link, such as into a folder of settings that somebody keeps in git.
    file = file.resolve()
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(content, stream, indent=2)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
