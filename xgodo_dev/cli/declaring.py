"""Puts a project's declarations where its compiler and editor look for them, and tells what is odd."""

from __future__ import annotations

from pathlib import Path

import click

from xgodo_dev.cli import output
from xgodo_dev.errors import XgodoError
from xgodo_dev.project import config, schemas, settings_schema
from xgodo_dev.project.config import Project
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.toolchain import declarations


def declare(project: Project) -> Schemas:
    """Put the declarations of the device API and of the project's own arguments in place.

    Without them nothing type-checks. Returns the schemas that the arguments were made from.

    Raises:
        ConfigurationError: a schema of the project can't be used; nothing was written.
    """
    loaded = schemas.load(project)
    declarations.write(project.root, loaded)
    _describe_settings(project.root)
    note_doubts(loaded)
    return loaded


def declare_new(root: Path) -> None:
    """As ``declare``, for a project that was just made or brought here.

    Settings or schemas that it came with and that can't be used are pointed out, and left as they are.
    """
    try:
        loaded = schemas.load(config.load(root))
    except XgodoError as error:
        warn(error)
        loaded = Schemas()
    declarations.write(root, loaded)
    _describe_settings(root)


def _describe_settings(root: Path) -> None:
    """Put the schema of the settings where editors look for it."""
    try:
        settings_schema.write(root)
    except OSError as error:
        # Nothing but an editor's help depends on it.
        output.note(
            f"{_warning()} {output.shown(str(root / settings_schema.SCHEMA_FILE))} can't be written: "
            f"{error.strerror}. Editors need it to help with xgodo.toml."
        )


def note_doubts(loaded: Schemas) -> None:
    """Tell the person what is odd in the schemas."""
    for doubt in loaded.doubts:
        output.note(f"{_warning()} {output.shown(doubt)}")


def warn(error: XgodoError) -> None:
    """Tell of an error that ends nothing."""
    output.note(f"{_warning()} {output.plain(error.with_hint())}")


def _warning() -> str:
    return click.style("warning:", fg="yellow")
