"""Where the toolkit keeps things on this machine, outside any project."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from xgodo_dev.errors import ConfigurationError

_APPLICATION = "xgodo-dev"


class NoHome(ConfigurationError):
    """Whoever runs this has no folder of their own, as in a container whose user has no name."""

    code = "no-home"
    default_hint = "Set HOME to a folder that can be written to."


def config_directory() -> Path:
    """Profiles and, where no keyring works, tokens."""
    return _folder("config")


def cache_directory() -> Path:
    """What can be made again: the installed toolchain."""
    return _folder("cache")


def emulator_data_directory() -> Path:
    """The default emulator's projects, devices and token."""
    return _folder("data") / "emulator"


def emulator_record_file() -> Path:
    """Says where the running emulator listens, and its token; absent when none runs."""
    return _folder("state") / "emulator.json"


def runtime_directory() -> Path | None:
    """Sockets; gone when the user has left, and perhaps the folder above it is not there at all.

    None: somebody else has made that one, as anybody can in a folder for all.
    """
    import warnings

    import platformdirs

    with warnings.catch_warnings():
        # Of a user whom no session manager has given one.
        warnings.simplefilter("ignore")
        try:
            return platformdirs.user_runtime_path(_APPLICATION, appauthor=False)
        except OSError:
            return None


def submissions_directory() -> Path:
    """What is known of submissions of planned tasks, so that none is sent twice."""
    return _folder("state") / "submissions"


def log_file() -> Path:
    """Where ``-vv`` writes what happened."""
    return _folder("log") / "xgodo-dev.log"


def platform_client_login_file() -> Path:
    """Where the platform's own client keeps its token, on every system (its ``src/lib/config.ts``)."""
    try:
        return Path.home() / ".config" / "xgodo" / "config.json"
    except RuntimeError:
        raise NoHome("There is no home folder to keep anything in.") from None


def _folder(kind: Literal["config", "cache", "data", "state", "log"]) -> Path:
    import platformdirs

    try:
        folder: Path = getattr(platformdirs.PlatformDirs(_APPLICATION, appauthor=False), f"user_{kind}_path")
    except RuntimeError:
        raise NoHome("There is no home folder to keep anything in.") from None
    # Some versions leave a `~` that stands for nothing as it is: a folder of that name would be made here.
    if not folder.is_absolute():
        raise NoHome("There is no home folder to keep anything in.")
    return folder
