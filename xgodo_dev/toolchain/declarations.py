"""Puts the declarations of the device API, and of a project's arguments, where the compiler reads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from xgodo_dev import resources
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import DECLARATIONS_DIRECTORY, require_plain_state
from xgodo_dev.project.disk import write_atomically
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.toolchain import argument_types

ARGUMENTS: Final = "arguments.d.ts"
"""Declares what a run is started with: shipped for any project, or made from the schemas of one."""

_SUFFIX = ".d.ts"
# The names that were written last, beside the declarations and not among them: one that ships no longer is
# told by it from a file that somebody put there.
_LIST = f"{DECLARATIONS_DIRECTORY}.json"


class DeclarationsUnwritable(XgodoError):
    """The toolkit's own folder can't be written to."""

    code = "declarations-unwritable"


def outdated(root: Path, schemas: Schemas) -> list[str]:
    """The declaration files below ``root`` that ``write`` would write or remove, as POSIX paths, sorted."""
    return sorted(f"{DECLARATIONS_DIRECTORY}/{name}" for name in _changes(root, _wanted(schemas)))


def write(root: Path, schemas: Schemas) -> list[str]:
    """Bring the declarations in ``.xgodo/types`` up to date; quick when nothing changed.

    Returns what was written or removed, as ``outdated`` does.

    Raises:
        DeclarationsUnwritable: the disk refuses.
        ConfigurationError: a link leads elsewhere.
    """
    require_plain_state(root)
    wanted, folder = _wanted(schemas), root / DECLARATIONS_DIRECTORY
    changed = _changes(root, wanted)
    try:
        for name in changed:
            if name in wanted:
                write_atomically(folder / name, wanted[name])
            else:
                (folder / name).unlink(missing_ok=True)
        if _listed(root) != wanted.keys():
            write_atomically(root / _LIST, json.dumps(sorted(wanted)).encode())
    except OSError as error:
        raise DeclarationsUnwritable(
            f"{folder} can't be written to: {error.strerror}.",
            hint="Mend its permissions or the space on the disk. It holds nothing but what is made there.",
        ) from error
    return sorted(f"{DECLARATIONS_DIRECTORY}/{name}" for name in changed)


def _changes(root: Path, wanted: dict[str, bytes]) -> list[str]:
    """Names of files that are not as they should be."""
    folder = root / DECLARATIONS_DIRECTORY
    changed = [name for name, content in wanted.items() if _content(folder / name) != content]
    return changed + [name for name in _listed(root) - wanted.keys() if (folder / name).is_file()]


def _wanted(schemas: Schemas) -> dict[str, bytes]:
    """The content of every declaration file, by its name."""
    shipped = resources.directory("typings").glob(f"*{_SUFFIX}")
    wanted = {file.name: file.read_bytes() for file in shipped}
    own = argument_types.declarations(schemas)
    if own is not None:
        wanted[ARGUMENTS] = own.encode()
    return wanted


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None


def _listed(root: Path) -> set[str]:
    try:
        names = json.loads((root / _LIST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return set()
    # The list came with the folder, from whoever made that: it is no leave to remove anything else.
    return {
        name
        for name in (names if isinstance(names, list) else ())
        if isinstance(name, str)
        and name.endswith(_SUFFIX)
        and name.isprintable()
        and not set(name) & set("/\\:")
    }
