"""Names of devices and projects that a command was told by a server, for the shell to complete.

Kept in the user's cache, one file a server. They may be out of date, and no command relies on them.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.known_tokens import masked

if TYPE_CHECKING:
    # The shell's completion reads here, and has no time for it.
    from xgodo_dev.platform.automation import Device
    from xgodo_dev.platform.credentials import Server

Kind = Literal["devices", "projects"]
_MOST_SERVERS = 50
_MOST = 2000
_LONGEST = 250
_LARGEST_FILE = 2 << 20


def remember_devices(server: Server, devices: Iterable[Device]) -> None:
    """Keep the names of the devices that a server has just listed, all of them."""
    remember(server.remote, "devices", ((device.id, device.name) for device in devices))


def remember_project(server: Server, identifier: str, name: str) -> None:
    """Keep the name of one project of a server."""
    remember(server.remote, "projects", [(identifier, name)], also_others=True)


def remember_projects(server: Server, answer: object) -> None:
    """Keep the names of the projects in a server's answer that lists them all."""
    listed = answer.get("projects") if isinstance(answer, dict) else None
    named = [
        (identifier, name)
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict)
        and isinstance(identifier := each.get("id"), str)
        and isinstance(name := each.get("name"), str)
    ]
    remember(server.remote, "projects", named)


def remember(remote: str, kind: Kind, names: Iterable[tuple[str, str]], *, also_others: bool = False) -> None:
    """Keep the ids and names of what a server has just listed.

    That it can't be kept keeps no command from its work.

    Args:
        remote: names the server, as ``Server.remote`` does.
        also_others: whether those that were known before stay known.
    """
    # A server may call anything by a token that it was shown.
    listed = {
        identifier: masked(name)[:_LONGEST] for identifier, name in names if len(identifier) <= _LONGEST
    }
    # Without a home, where the cache can't be written, or the disk is full, only the shell's completion is
    # poorer for it.
    with contextlib.suppress(OSError, ConfigurationError):
        before = _read(remote)
        if also_others:
            listed |= {key: name for key, name in before.get(kind, {}).items() if key not in listed}
        after = {**before, kind: dict(list(listed.items())[:_MOST])}
        if after != before:
            _write(remote, after)


def known(remote: str, kind: Kind) -> Mapping[str, str]:
    """Names by their ids, as they were when they were listed last; empty where none were.

    Raises:
        ConfigurationError: there is no home to look in.
    """
    return _read(remote).get(kind, {})


def _read(remote: str) -> dict[str, dict[str, str]]:
    try:
        with _file(remote).open("rb") as file:
            read = json.loads(file.read(_LARGEST_FILE))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(read, dict):
        return {}
    return {
        kind: {key: name for key, name in names.items() if isinstance(name, str)}
        for kind, names in read.items()
        if isinstance(names, dict)
    }


def _write(remote: str, names: Mapping[str, Mapping[str, str]]) -> None:
    from xgodo_dev.project.disk import write_atomically

    file = _file(remote)
    is_new = not file.exists()
    write_atomically(file, json.dumps(names).encode(), mode=0o600)
    if is_new:
        _forget_oldest()


def _forget_oldest() -> None:
    files = sorted(_folder().glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[_MOST_SERVERS:]:
        file.unlink(missing_ok=True)


def _folder() -> Path:
    return places.cache_directory() / "known-names"


def _file(remote: str) -> Path:
    from hashlib import sha256

    return _folder() / f"{sha256(remote.encode()).hexdigest()[:32]}.json"
