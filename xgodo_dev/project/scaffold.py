"""Makes a new project on disk."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import uuid4

from xgodo_dev import resources
from xgodo_dev.errors import RefusedError, UsageError
from xgodo_dev.project.config import DECLARATIONS_DIRECTORY, SETTINGS_FILE
from xgodo_dev.project.disk import write_atomically
from xgodo_dev.project.settings_schema import DIRECTIVE

_DESCRIPTION_FILE = "template.toml"
# What every project gets. It has no description of its own, which is what makes a folder a template.
_SHARED_DIRECTORY = "shared"
# A real .gitignore among the templates would hide files of theirs from git and from the builds.
_SHIPPED_NAMES = {"gitignore": ".gitignore"}
_LONGEST_NAME = 225  # the platform's limit on a project's name

_SETTINGS = """\
{directive}
[project]
name = {name}
# The project's id on Xgodo, from the address of its page. The emulator needs none.
id = {project_id}
{profile}entry = {entry}

[sync]
# Files that belong to the project besides .ts and .js, as patterns of .gitignore.
include = {include}

[run]
# device = "Atomic Mammal"

# What a run is started with, one value a line, such as: name = "value"
[run.parameters]

[run.variables]
"""
_ON_THE_EMULATOR = """\
# Commands go to the emulator of this machine: take this line out once there is an id.
profile = "emulator"
"""
_EMULATOR_SETTINGS = """
[profiles.emulator]
project = "{project_id}"
"""


@dataclass(frozen=True)
class Template:
    """A kind of project that ``scaffold`` can make."""

    name: str
    summary: str
    """One line for a person who chooses."""


@dataclass(frozen=True)
class Scaffolded:
    """What ``scaffold`` made."""

    root: Path
    template: str
    files: tuple[str, ...]
    """POSIX paths of the files written, sorted."""


def templates() -> tuple[Template, ...]:
    """The templates that ship with the toolkit, by name."""
    found = []
    for description in sorted(resources.directory("templates").glob(f"*/{_DESCRIPTION_FILE}")):
        summary = tomllib.loads(description.read_text(encoding="utf-8"))["summary"]
        found.append(Template(description.parent.name, summary))
    return tuple(found)


def scaffold(
    root: Path, *, template: str, name: str, project_id: str | None, force: bool, profile: str | None = None
) -> Scaffolded:
    """Make a project called ``name`` in the folder ``root``, which need not exist yet.

    With ``force`` the folder may hold files; those stay as they are, and only what is missing is
    written. Without a ``project_id`` the project gets one of its own for the emulator, and goes there
    unless a ``profile`` is given: the one whose server it is to use.

    Raises:
        UsageError: there is no such template, the name can't be a project's, or the id is empty.
        RefusedError: the folder holds something and ``force`` is not given, or a file is where a
            folder must be. Nothing was written.
    """
    require_template(template)
    if not 0 < len(name.strip()) <= _LONGEST_NAME:
        raise UsageError(
            f"{name!r} can't be the name of a project: it needs 1 to {_LONGEST_NAME} characters.",
            hint="Choose one with `--name`.",
        )
    if project_id is not None and not project_id.strip():
        raise UsageError("The project's id is empty.", hint="Leave `--project-id` out to begin without one.")

    files = _template_files(template)
    files[SETTINGS_FILE] = _settings(name, project_id, profile=profile).encode()
    _require_folders(root, files)
    if not force:
        require_room(root)

    written = []
    for path, content in sorted(files.items()):
        target = root / path
        if not os.path.lexists(target):
            write_atomically(target, content)
            written.append(path)
    return Scaffolded(root, template, tuple(written))


def complete(
    root: Path, *, name: str, project_id: str, profile: str | None, entry: str, include: Sequence[str]
) -> None:
    """Add to a cloned project what every project here has: settings and compiler options.

    ``include`` are the patterns of what counts besides ``.ts`` and ``.js``; ``profile`` is the one it
    was cloned with, if one was named.
    """
    settings = _settings(name, project_id, entry=entry, profile=profile, include=include)
    for path, content in {**_shared_files(), SETTINGS_FILE: settings.encode()}.items():
        write_atomically(root / path, content)


def add_compiler_settings(root: Path) -> None:
    """Give the project in ``root`` the compiler settings of a new one, where it has none."""
    name = "tsconfig.json"
    if not os.path.lexists(root / name):
        write_atomically(root / name, _shared_files()[name])


def require_template(name: str) -> None:
    """Refuse a template that there is not.

    Raises:
        UsageError: names the templates, and the closest of them.
    """
    import difflib

    known = [template.name for template in templates()]
    if name not in known:
        close = difflib.get_close_matches(name, known, n=1)
        raise UsageError(
            f"There is no template called {name!r}; there are {', '.join(known[:-1])} and {known[-1]}.",
            hint=f"Did you mean `{close[0]}`?" if close else None,
        )


def require_room(root: Path) -> None:
    """Refuse a folder that has something in it.

    Raises:
        RefusedError: names the folder.
    """
    if (root / SETTINGS_FILE).exists():
        raise RefusedError(
            f"{root} is a project already: it has {SETTINGS_FILE}.",
            hint="Name a new folder, or add `--force`: it adds what is missing and overwrites nothing.",
        )
    if root.is_dir() and any(root.iterdir()):
        raise RefusedError(
            f"{root} is not empty.",
            hint="Name a new folder, or add `--force`: it adds what is missing and overwrites nothing.",
        )


def _require_folders(root: Path, paths: Collection[str]) -> None:
    # What is made from this project's schemas goes there.
    for path in (*paths, f"{DECLARATIONS_DIRECTORY}/arguments.d.ts"):
        for folder in (root / parent for parent in PurePosixPath(path).parents):
            if os.path.lexists(folder) and not folder.is_dir():
                raise RefusedError(f"{folder} is a file, where the project needs a folder.")


def _template_files(template: str) -> dict[str, bytes]:
    """Content of a new project's files by POSIX path, but for the settings."""
    return _shared_files() | _files_of(resources.directory("templates") / template)


def _shared_files() -> dict[str, bytes]:
    return _files_of(resources.directory("templates") / _SHARED_DIRECTORY)


def _files_of(folder: Path) -> dict[str, bytes]:
    files = {}
    for source in folder.rglob("*"):
        if source.is_file() and source.name != _DESCRIPTION_FILE:
            target = source.with_name(_SHIPPED_NAMES.get(source.name, source.name))
            files[target.relative_to(folder).as_posix()] = source.read_bytes()
    return files


def _settings(
    name: str,
    project_id: str | None,
    *,
    entry: str = "main.ts",
    profile: str | None = None,
    include: Sequence[str] = (),
) -> str:
    import tomlkit

    def text(value: str) -> str:
        return tomlkit.string(value).as_string()

    patterns = "".join(f"  {text(pattern)},\n" for pattern in include)
    selecting = "" if project_id else _ON_THE_EMULATOR
    if profile is not None:
        selecting = f"profile = {text(profile)}\n"
    settings = _SETTINGS.format(
        directive=DIRECTIVE,
        name=text(name),
        project_id=text(project_id or ""),
        profile=selecting,
        entry=text(entry),
        include=f"[\n{patterns}]" if patterns else "[]",
    )
    if project_id is None:
        settings += _EMULATOR_SETTINGS.format(project_id=uuid4())
    return settings
