"""Where the toolkit keeps things on this machine, outside any project."""

from __future__ import annotations

from pathlib import Path

_APPLICATION = "xgodo-dev"


def config_directory() -> Path:
    """Profiles and, where no keyring works, tokens."""
    import platformdirs

    return platformdirs.user_config_path(_APPLICATION, appauthor=False)


def cache_directory() -> Path:
    """What can be made again: the installed toolchain."""
    import platformdirs

    return platformdirs.user_cache_path(_APPLICATION, appauthor=False)


def emulator_data_directory() -> Path:
    """The default emulator's projects, devices and token."""
    import platformdirs

    return platformdirs.user_data_path(_APPLICATION, appauthor=False) / "emulator"


def emulator_record_file() -> Path:
    """Says where the running emulator listens, and its token; absent when none runs."""
    import platformdirs

    return platformdirs.user_state_path(_APPLICATION, appauthor=False) / "emulator.json"


def submissions_directory() -> Path:
    """What is known of submissions of planned tasks, so that none is sent twice."""
    import platformdirs

    return platformdirs.user_state_path(_APPLICATION, appauthor=False) / "submissions"


def log_file() -> Path:
    """Where ``-vv`` writes what happened."""
    import platformdirs

    return platformdirs.user_log_path(_APPLICATION, appauthor=False) / "xgodo-dev.log"
