"""One project's folder within another's."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev.errors import ConfigurationError, RefusedError
from xgodo_dev.project import config
from xgodo_dev.project.files import FileSelection


def require_apart(root: Path) -> None:
    """Refuse a new project where another one would send its files as its own.

    What is sent stays on the platform, whose API has no delete.

    Raises:
        RefusedError: names the project above, and how to have it leave out this folder.
    """
    above = _taking(root)
    if above is None:
        return
    within = root.relative_to(above).as_posix()
    raise RefusedError(
        f"{root} is inside the project at {above}, which would send its files as its own.",
        hint=f'Name a folder elsewhere, or first put "/{within}/" into `exclude` under [sync] in '
        f"{above / config.SETTINGS_FILE}.",
    )


def _taking(root: Path) -> Path | None:
    """The nearest project above whose files are also those in ``root``."""
    folder = root
    while folder != folder.parent:
        try:
            above = config.find_root(folder.parent)
        except config.NoProject:
            return None
        if _selection(above).counts((root / "main.ts").relative_to(above).as_posix()):
            return above
        folder = above
    return None


def _selection(root: Path) -> FileSelection:
    try:
        settings = config.load(root)
        return FileSelection(root, settings.exclude, settings.include)
    except ConfigurationError:
        # They are not to be used as they are; what they come to leave out can't be known.
        return FileSelection(root)
