"""Values that can be completed: what is known on this disk, and never anything from a network."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from xgodo_dev.errors import ConfigurationError

Values = Iterable[tuple[str, str]]
_MOST_RUNS = 50
_PATIENCE_WITH_GIT = 1.0


def values(kind: str, settings: Mapping[str, str], incomplete: str) -> Values:
    """Values of a kind and what they are, the likeliest first; none where the kind has none.

    Args:
        settings: the options that were given, by their first flags.
        incomplete: what of the value is there.

    Raises:
        XgodoError, OSError: what is known can't be read.
    """
    listed = _LISTED.get(kind)
    return listed(settings, incomplete) if listed else ()


def _devices(settings: Mapping[str, str], incomplete: str) -> Values:
    yield from _named_devices(_remote(settings), incomplete)
    yield "@online", "All devices that are connected."
    yield "@all", "All devices."


def _cloud_devices(settings: Mapping[str, str], incomplete: str) -> Values:
    from xgodo_dev.platform import credentials

    selected = credentials.resolve_mobilerun(*_server_settings(settings), token=False)
    return _named_devices(selected.remote, incomplete)


def _named_devices(remote: str, incomplete: str) -> Values:
    from xgodo_dev.cli import known_names

    known = known_names.known(remote, "devices")
    count = Counter(known.values())
    for identifier, name in known.items():
        if name and name.isprintable() and count[name] == 1:
            yield name, identifier
            if incomplete and identifier.startswith(incomplete):
                yield identifier, name
        else:
            yield identifier, name


def _projects(settings: Mapping[str, str], incomplete: str) -> Values:
    from xgodo_dev.cli import known_names

    known = known_names.known(_remote(settings), "projects")
    begun = incomplete.casefold()
    fitting = [(identifier, name) for identifier, name in known.items() if identifier.startswith(begun)]
    # A project goes by its id, which nobody knows by heart.
    called_so = [
        (identifier, name) for identifier, name in known.items() if name.casefold().startswith(begun)
    ]
    return called_so if not fitting and len(called_so) == 1 else fitting


def _profiles(_settings: Mapping[str, str], _incomplete: str) -> Values:
    from xgodo_dev.platform import profiles

    known = profiles.load()
    return [(name, known.addresses.get(name, "")) for name in known.names]


def _templates(_settings: Mapping[str, str], _incomplete: str) -> Values:
    from xgodo_dev.project import scaffold

    return [(template.name, template.summary) for template in scaffold.templates()]


def _runs(settings: Mapping[str, str], _incomplete: str) -> Values:
    from xgodo_dev.runs.recent_ids import recent_ids

    recent = recent_ids(_root(settings), _MOST_RUNS)
    return [(identifier, f"{entry} on {device}") for identifier, device, entry in recent]


def _backups(settings: Mapping[str, str], _incomplete: str) -> Values:
    from xgodo_dev.sync.backup import Backups

    return [(each.id, ", ".join(each.paths[:3])) for each in Backups(_root(settings)).all()]


def _revisions(settings: Mapping[str, str], _incomplete: str) -> Values:
    import subprocess

    command = ["git", "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"]
    try:
        told = subprocess.run(
            command,
            cwd=_start(settings),
            capture_output=True,
            timeout=_PATIENCE_WITH_GIT,
            text=True,
            errors="replace",
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [("HEAD", "The newest commit."), *((name, "") for name in told.stdout.splitlines())]


def _start(settings: Mapping[str, str]) -> Path:
    return Path(settings.get("-C", "."))


def _root(settings: Mapping[str, str]) -> Path:
    from xgodo_dev.project import config

    return config.find_root(_start(settings))


def _remote(settings: Mapping[str, str]) -> str:
    """What names the server that the line, the environment or the project selects."""
    from xgodo_dev.platform import credentials

    return credentials.resolve(*_server_settings(settings), token=False).remote


def _server_settings(settings: Mapping[str, str]) -> tuple[str | None, str | None, str | None]:
    from xgodo_dev.project import config

    profile = None
    # Where there is no project, or one that can't be read, the server is the one that is usual.
    with contextlib.suppress(ConfigurationError):
        profile = config.load(_start(settings)).profile
    return settings.get("--profile"), settings.get("--api-url"), profile


_LISTED: dict[str, Callable[[Mapping[str, str], str], Values]] = {
    "cloud-device": _cloud_devices,
    "device": _devices,
    "project": _projects,
    "profile": _profiles,
    "template": _templates,
    "run": _runs,
    "backup": _backups,
    "revision": _revisions,
}
KINDS = frozenset({*_LISTED, "file", "dir"})
"""Every kind of value that is completed: of files and folders, by the shell itself."""
