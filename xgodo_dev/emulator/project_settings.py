"""What is known of a project besides its files: name, description, schemas.

Kept as ``ID.json`` in a folder of their own, outside of every working folder. The platform's web IDE
gives names; here the file may be edited by hand, and holds as much as differs from what a new
project has.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xgodo_dev.emulator.input_schema import Schema, argument_types, check_schema
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.storage import replace_file
from xgodo_dev.errors import XgodoError
from xgodo_dev.schema_keys import KEYS

_ID_DIGITS = 8


@dataclass(frozen=True)
class Settings:
    """Of one project; ``schemas`` has each of ``KEYS``."""

    name: str
    description: str
    schemas: Mapping[str, Schema | None]


class ProjectSettings:
    """The settings below ``folder``, which exists; ``staging`` is on the same file system."""

    def __init__(self, folder: Path, *, staging: Path) -> None:
        self._folder = folder
        self._staging = staging

    def read(self, project_id: str) -> Settings:
        """A project's settings, made up where nothing is kept. Raises XgodoError for a broken file."""
        kept = self._kept(project_id)
        name = kept.get("name", f"Automation {project_id.lower()[:_ID_DIGITS]}")
        description = kept.get("description", "")
        if not isinstance(name, str) or not isinstance(description, str):
            raise XgodoError(f"{self.file(project_id)}: name and description must be strings.")
        try:
            schemas = {key: check_schema(kept.get(key), key) for key in KEYS}
        except InvalidRequest as error:
            raise XgodoError(f"{self.file(project_id)}: {error}.") from error
        return Settings(name, description, schemas)

    def keep_schemas(self, project_id: str, schemas: Mapping[str, Schema | None]) -> None:
        """Replaces the schemas that are given, None included. Raises XgodoError for a broken file."""
        document = {**self._kept(project_id), **schemas}
        text = json.dumps(document, indent=2, ensure_ascii=False)
        replace_file(self.file(project_id), text.encode(), staging=self._staging)

    def argument_types(self, project_id: str) -> str | None:
        """Declares the project's parameters and variables; None without schemas of its own."""
        return argument_types(self.read(project_id).schemas)

    def file(self, project_id: str) -> Path:
        """Where a project's settings are kept, if any are."""
        return self._folder / f"{project_id.lower()}.json"

    def _kept(self, project_id: str) -> dict[str, Any]:
        try:
            document = json.loads(self.file(project_id).read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise XgodoError(f"{self.file(project_id)} is not JSON: {error}.") from error
        if not isinstance(document, dict):
            raise XgodoError(f"{self.file(project_id)} holds no object.")
        return document
