"""Takes the schemas that a server has into ``xgodo.schemas.json``, over nothing that a person wrote there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xgodo_dev.errors import RefusedError, ServerUnavailable
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.schemas import SCHEMAS_FILE
from xgodo_dev.project.state import State
from xgodo_dev.schema.reading import loads, read_schema
from xgodo_dev.sync.backup import Backups

_FACT = "fetched-schema:"


@dataclass(frozen=True)
class Taking:
    """What it means for ``xgodo.schemas.json`` to take what a server has."""

    fetched: Mapping[str, Any]
    """The schemas by the platform's names; None where there is none."""
    document: Mapping[str, Any]
    """What the file holds then: what a person added beside the schemas stays."""
    before: bytes | None
    """What it holds now; None: there is no file."""
    changed: tuple[str, ...]
    """The names of the schemas that are another one then."""
    edited: tuple[str, ...]
    """Those of them in which an edit would be lost."""

    @property
    def edit(self) -> str | None:
        """What would be lost, as a sentence."""
        if not self.edited:
            return None
        return f"{SCHEMAS_FILE} was edited here: {' and '.join(self.edited)} would be replaced."

    def require_no_edit(self) -> None:
        """Refuse to replace what a person wrote.

        Raises:
            RefusedError: names the schemas.
        """
        if self.edit:
            raise RefusedError(
                self.edit,
                hint="Move your edit to [schemas] in xgodo.toml, which wins, or take the server's with "
                "`--force`: the file is then kept in .xgodo/backup.",
            )

    def apply(self, copy: LocalCopy, state: State, backups: Backups) -> None:
        """Write the file where it changes, and keep it as it was first where that would lose an edit.

        Raises:
            RefusedError: the file was changed in the very moment.
            XgodoError: the disk refuses.
        """
        if self.changed:
            if self.before is not None and self.edited:
                backups.keep(SCHEMAS_FILE, self.before, "local")
            expected = None if self.before is None else blob_hash(self.before)
            copy.replace(SCHEMAS_FILE, _encoded(self.document), expected=expected)
        for key, value in self.fetched.items():
            state.learn(_FACT + key, _digest(value))


def take(fetched: Mapping[str, Any], copy: LocalCopy, state: State) -> Taking:
    """What it means to take the ``fetched`` schemas; nothing is written yet.

    A schema that the server does not tell stays as it is here.

    Raises:
        ServerUnavailable: no schema can be made of what the server told.
        FileUnreadable: the file is there, but can't be read.
    """
    try:
        json.dumps(fetched, allow_nan=False)
    except ValueError as error:
        raise ServerUnavailable("The server's schemas hold numbers that JSON does not have.") from error
    faults = [fault for key, value in fetched.items() for fault in read_schema(value, key).faults]
    if faults:
        raise ServerUnavailable(f"The server's schemas can't be used: {' '.join(faults[:3])}")
    before = copy.read(SCHEMAS_FILE)
    here = {} if before is None else _parsed(before)
    if here is None:
        # No JSON, or no object of it: whatever somebody meant by it is all there is to lose.
        return Taking(fetched, fetched, before, tuple(fetched), tuple(fetched))
    changed = [key for key, value in fetched.items() if _digest(here.get(key)) != _digest(value)]
    edited = [
        key for key in changed if _digest(here.get(key)) not in (_digest(None), state.fact(_FACT + key))
    ]
    return Taking(fetched, {**here, **fetched}, before, tuple(changed), tuple(edited))


def _parsed(content: bytes) -> dict[str, Any] | None:
    try:
        document = loads(content.decode("utf-8-sig"))
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _encoded(document: Mapping[str, Any]) -> bytes:
    try:
        return (json.dumps(document, indent=2, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:
        # Half of a character, as JSON can bring it, can only be written as JSON has it.
        return (json.dumps(document, indent=2) + "\n").encode()


def _digest(schema: object) -> str:
    """The same for what means the same: order and layout aside, and no field is no schema."""
    meaning = None if schema == {"fields": []} else schema
    return hashlib.sha1(json.dumps(meaning, sort_keys=True).encode(), usedforsecurity=False).hexdigest()
