"""Taking over a project that the platform's own command-line client made, as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project import names
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.state import State

HASHES_FILE = "hashes.json"
_TAKEN_OVER = "hashes-taken-over"
_BLOB_HASH = re.compile(r"[0-9a-f]{40}")


def take_over(root: Path, state: State) -> int:
    """Make the client's last sync the base of every path it names, once; returns how many.

    Its ``hashes.json`` holds, after each sync, what the server held then and this disk held as
    well (read in its source). So a file that is unchanged since and differs on the server was
    changed there; without this it would count as a conflict. A path that already has a base keeps
    it.

    Raises:
        ConfigurationError: the file is there, but can't be read.
    """
    file = root / STATE_DIRECTORY / HASHES_FILE
    if state.fact(_TAKEN_OVER) is not None:
        return 0
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = {}
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{file} can't be read: {error}.",
            hint="Remove it: every file is then compared with the server afresh.",
        ) from error
    known = state.base()
    taken = 0
    for path, content_hash in document.items() if isinstance(document, dict) else ():
        if path in known or names.problem(path) or not isinstance(content_hash, str):
            continue
        if path.endswith(".js") and path[:-3] + ".ts" in document:
            # Compiled by the server: a file that is the server's is not missed when it is not here.
            continue
        if _BLOB_HASH.fullmatch(content_hash):
            state.record_base(path, content_hash, None)
            taken += 1
    state.learn(_TAKEN_OVER, str(taken))
    return taken
