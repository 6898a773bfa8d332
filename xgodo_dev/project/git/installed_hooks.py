"""Installing and removing git hooks on this disk, without taking anybody's hook away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.project.git import hooks
from xgodo_dev.project.git.hooks import Manager

INSTALLED, UPDATED, UNCHANGED = "installed", "updated", "unchanged"
COMBINED = "combined"
"""A hook that is not ours calls our command."""
MANAGED = "managed"
"""Another program looks after this hook, and a person has to tell it to call ours."""
MISSING, OUTDATED = "missing", "outdated"
REMOVED, ABSENT = "removed", "absent"

_LARGEST_HOOK = 1024 * 1024


class HookUnwritable(XgodoError):
    """A hook can't be read, written or removed."""

    code = "hook-unwritable"
    default_hint = "Mend the permissions of that folder, then run the command again."


@dataclass(frozen=True)
class Place:
    """Where a repository's hooks are."""

    top: Path
    """The top of the working tree."""
    folder: Path
    """Where git looks for them."""
    usual: bool
    """Whether that is git's own folder, so that files in it are nobody else's business."""


@dataclass(frozen=True)
class Hook:
    """One hook, and what is the case or was done."""

    name: str
    path: Path
    state: str
    kept: Path | None = None
    """A hook that was there before, which ours calls."""
    manager: Manager | None = None
    to: Path | None = None
    """The file of that manager which needs the addition, or has it."""

    @property
    def is_settled(self) -> bool:
        """Whether git calls our command, or would need no change to be rid of it."""
        return self.state not in {MANAGED, MISSING, OUTDATED}

    def to_json(self) -> dict[str, str]:
        """For a program: what to add where, too."""
        document = {"name": self.name, "path": str(self.path), "state": self.state}
        if self.kept:
            document["kept"] = str(self.kept)
        if self.manager and self.to:
            document |= {"manager": self.manager.name, "file": str(self.to)}
            if self.state == MANAGED:
                document["add"] = self.manager.addition(self.name)
        return document


def look(place: Place, program: str) -> Iterator[Hook]:
    """What is the case of each hook, changing nothing.

    Raises:
        HookUnwritable: one can't be read.
    """
    for name in hooks.NAMES:
        path, content = place.folder / name, _read(place.folder / name)
        managed = _managed(place, name, content)
        if managed:
            yield managed
        elif content is not None and not hooks.is_ours(content) and hooks.calls_ours(content, name):
            yield Hook(name, path, COMBINED)
        elif content is None or not hooks.is_ours(content):
            yield Hook(name, path, MISSING)
        else:
            current = content == hooks.text(name, program) and os.access(path, os.X_OK)
            yield Hook(name, path, UNCHANGED if current else OUTDATED, kept=_kept(path))


def install(place: Place, program: str) -> Iterator[Hook]:
    """Put each hook in place that isn't there, with ``program`` as what it calls where PATH has none.

    Raises:
        HookUnwritable: one can't be written, or a hook that is there could not be kept.
    """
    for hook in list(look(place, program)):
        if hook.state not in {MISSING, OUTDATED}:
            yield hook
            continue
        kept = _aside(hook.path)
        with _as_errors():
            if hook.state == MISSING and os.path.lexists(hook.path):
                if os.path.lexists(kept):
                    raise HookUnwritable(
                        f"{hook.path} is somebody else's hook, and {kept.name} beside it an older one.",
                        hint="Make one of the two, remove the other, and install again.",
                    )
                hook.path.rename(kept)
            _write(hook.path, hooks.text(hook.name, program))
        done = INSTALLED if hook.state == MISSING else UPDATED
        yield Hook(hook.name, hook.path, done, kept=_kept(hook.path))


def uninstall(place: Place) -> Iterator[Hook]:
    """Take out each hook of ours, and put the one back that was there before.

    Raises:
        HookUnwritable: the disk refuses.
    """
    for name in hooks.NAMES:
        path = place.folder / name
        content = _read(path)
        if content is None or not hooks.is_ours(content):
            managed = _managed(place, name, content)
            yield managed if managed and managed.state == COMBINED else Hook(name, path, ABSENT)
            continue
        kept = _aside(path)
        with _as_errors():
            if os.path.lexists(kept):
                kept.replace(path)
            else:
                path.unlink()
        yield Hook(name, path, REMOVED)


def _managed(place: Place, name: str, content: str | None) -> Hook | None:
    """The hook as another program has it, if one looks after it."""
    path = place.folder / name
    if not place.usual:
        if ".husky" in place.folder.parts:
            manager = hooks.HUSKY
            # Its own scripts are in `_`, those of people beside that folder.
            file = (place.folder.parent if place.folder.name == "_" else place.folder) / name
        else:
            manager, file = hooks.SHARED_FOLDER, path
        files = [file]
    else:
        found = hooks.manager_of(content) if content and not hooks.is_ours(content) else None
        if found is None:
            return None
        manager = found
        files = [place.top / each.format(hook=name) for each in manager.files]
    there = [each for each in files if each.is_file()]
    for file in there:
        if hooks.calls_ours(_read(file) or "", name):
            return Hook(name, path, COMBINED, manager=manager, to=file)
    return Hook(name, path, MANAGED, manager=manager, to=(there or files)[0])


def _aside(path: Path) -> Path:
    return path.with_name(path.name + hooks.KEPT_SUFFIX)


def _kept(path: Path) -> Path | None:
    return _aside(path) if os.path.lexists(_aside(path)) else None


def _read(path: Path) -> str | None:
    """The beginning of a file, whatever it holds; None when there is none."""
    with _as_errors():
        try:
            with path.open("rb") as file:
                return file.read(_LARGEST_HOOK).decode("utf-8", "replace")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        # A hook is a shell script, on Windows too.
        new.write_bytes(content.encode())
        new.chmod(0o755)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _as_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise HookUnwritable(f"{error.filename}: {error.strerror}.") from error
