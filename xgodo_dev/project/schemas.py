"""The schemas of the project on this disk: of ``xgodo.schemas.json``, and of [schemas] in ``xgodo.toml``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.config import SETTINGS_FILE, Project
from xgodo_dev.schema.input_schema import InputSchema, Schemas
from xgodo_dev.schema_keys import BUCKET, KEYS, PARAMETERS, VARIABLES

SCHEMAS_FILE = "xgodo.schemas.json"
"""Holds the schemas as the platform answers them; `types --remote` writes it, and a person may."""

SETTINGS = {"automation_parameters": PARAMETERS, "job_variables": VARIABLES, "bucket": BUCKET}
"""The names of the schemas in [schemas], which win over the file."""

_LONGEST_LIST = 20
_FORM = 'A schema looks like {"fields": [{"name": "count", "type": "number", "required": true, "min": 1}]}.'


def load(project: Project, *, document: Mapping[str, Any] | None = None) -> Schemas:
    """The project's schemas, read afresh; quick where there is none.

    A schema in ``xgodo.toml``, or in a file that it names, is somebody's work here: it must be right.
    ``xgodo.schemas.json`` may be what the server has: only what can't be used at all is an error
    there, and the rest is left to ``doubts``.

    Args:
        document: what ``xgodo.schemas.json`` holds, where it isn't written yet.

    Raises:
        ConfigurationError: a schema can't be used; names the file, the place, and all that is wrong.
    """
    file = project.root / SCHEMAS_FILE
    if document is None and not project.schemas and not file.is_file():
        return Schemas()
    from_file = _json_object(file) if document is None else document
    own = {SETTINGS[name]: setting for name, setting in project.schemas.items()}
    found: dict[str, InputSchema | None] = {}
    faults: list[tuple[Path, str]] = []
    doubts = _slips(from_file)
    for key in KEYS:
        if key in own:
            of, place, value = _own_schema(project, key, own[key])
        else:
            of, place, value = file, key, from_file.get(key)
        if value is None:
            continue
        # Here: every command reads settings, and few projects have schemas.
        from xgodo_dev.schema.reading import read_schema

        read = read_schema(value, place)
        found[key] = read.schema
        faults += [(of, fault) for fault in read.faults]
        if key in own:
            faults += [(of, doubt) for doubt in read.doubts]
        else:
            doubts += read.doubts
    if faults:
        _refuse([*faults, *((file, doubt) for doubt in doubts)])
    return Schemas.by_key(found, tuple(f"{file.name}: {doubt}" for doubt in doubts))


def documents(project: Project) -> dict[str, Any]:
    """The project's schemas by the platform's names of them, as a server takes them; None takes one away.

    Raises:
        ConfigurationError: one of them can't be used, as in :func:`load`.
    """
    load(project)
    from_file = read_document(project.root / SCHEMAS_FILE)
    own = {
        SETTINGS[name]: _own_schema(project, SETTINGS[name], each)[2]
        for name, each in project.schemas.items()
    }
    return {key: each for key, each in {**from_file, **own}.items() if key in KEYS}


def files(project: Project) -> frozenset[str]:
    """POSIX paths, relative to the root, of the files that ``load`` reads where they are there."""
    named = (path for path in project.schemas.values() if isinstance(path, str) and _is_plain(path))
    return frozenset((SCHEMAS_FILE, *(str(PurePosixPath(path)) for path in named)))


def read_document(file: Path) -> dict[str, Any]:
    """What ``xgodo.schemas.json`` holds; empty when it isn't there.

    Raises:
        ConfigurationError: it can't be read, or is no object.
    """
    return _json_object(file)


def _own_schema(project: Project, key: str, setting: object) -> tuple[Path, str, object]:
    """The file that a schema of the settings is in, what it is called there, and what it is."""
    file, place = project.root / SETTINGS_FILE, f"[schemas] {_setting(key)}"
    if isinstance(setting, str):
        return project.root / setting, "schema", _named(project, key, setting)
    if not isinstance(setting, Mapping):
        raise ConfigurationError(
            f"{file}: {place} must be a table with `fields`, or the path of a JSON file."
        )
    return file, place, setting


def _named(project: Project, key: str, path: str) -> object:
    """The content of a schema's own file."""
    file = project.root / path
    if not _is_plain(path) or not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(project.root)):
        raise ConfigurationError(
            f"{project.root / SETTINGS_FILE}: [schemas] {_setting(key)} must be the path of a .json file "
            f"inside the project, with `/` between its parts."
        )
    return _json(file, missing_is_none=False)


def _is_plain(path: str) -> bool:
    """Whether ``path`` is one below the root on every system."""
    return path.endswith(".json") and not set(path) & set("\\:\0") and not {"", ".."} & set(path.split("/"))


def _slips(document: Mapping[str, Any]) -> list[str]:
    """Names that nobody reads and look like one of ours. Others are somebody else's."""
    slips = []
    for name in document.keys() - set(KEYS):
        # Here, because a file without such names needs it not.
        import difflib

        near = difflib.get_close_matches(name, KEYS, n=1, cutoff=0.75)
        if near:
            slips.append(f"nothing reads {name}. Did you mean {near[0]}?")
    return sorted(slips)


def _refuse(faults: Sequence[tuple[Path, str]]) -> NoReturn:
    by_file: dict[Path, list[str]] = {}
    for file, fault in faults:
        by_file.setdefault(file, []).append(fault)
    lines: list[str] = []
    for file, each in by_file.items():
        if len(each) == 1:
            lines.append(f"{file}: {each[0]}")
            continue
        lines += (f"{file}: {len(each)} things are wrong:", *(f"  {fault}" for fault in each[:_LONGEST_LIST]))
        if len(each) > _LONGEST_LIST:
            lines.append(f"  … and {len(each) - _LONGEST_LIST} more")
    raise ConfigurationError("\n".join(lines), hint=_FORM)


def _json_object(file: Path) -> dict[str, Any]:
    document = _json(file, missing_is_none=True)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise ConfigurationError(f"{file} must hold an object with {', '.join(KEYS[:-1])} and {KEYS[-1]}.")
    return document


def _json(file: Path, *, missing_is_none: bool) -> Any:
    from xgodo_dev.schema.reading import loads

    try:
        # Some editors put a byte order mark first, which JSON does not know.
        return loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        if missing_is_none:
            return None
        raise ConfigurationError(f"There is no {file}, which [schemas] in {SETTINGS_FILE} names.") from error
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror}.") from error
    except ValueError as error:
        raise ConfigurationError(f"{file} is not valid JSON: {error}.") from error


def _setting(key: str) -> str:
    return next(name for name, each in SETTINGS.items() if each == key)
