"""Puts the JSON Schema of ``xgodo.toml`` where editors look for it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.disk import write_atomically

SCHEMA_FILE: Final = f"{STATE_DIRECTORY}/xgodo.schema.json"
DIRECTIVE: Final = f"#:schema ./{SCHEMA_FILE}"
"""The first line of settings by which Taplo, Even Better TOML and Tombi find their schema."""

_SHIPPED = Path(__file__).with_name("settings.schema.json")


def content() -> bytes:
    """The schema: draft 7 of JSON Schema, which all editors read."""
    return _SHIPPED.read_bytes()


def is_current(root: Path) -> bool:
    """Whether the project below ``root`` has the schema of this version."""
    try:
        return (root / SCHEMA_FILE).read_bytes() == content()
    except OSError:
        return False


def write(root: Path) -> None:
    """Bring the schema in ``.xgodo`` up to date; quick when nothing changed. Raises OSError."""
    if not is_current(root):
        write_atomically(root / SCHEMA_FILE, content())
