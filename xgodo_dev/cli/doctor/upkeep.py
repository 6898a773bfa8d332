"""What `xgodo-dev doctor` has to say of what goes on by itself: a loop in the background, hooks of git."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xgodo_dev import __version__
from xgodo_dev.cli.doctor.part import FIX, Part
from xgodo_dev.errors import XgodoError
from xgodo_dev.project import watch_lock
from xgodo_dev.project.watch_lock import Holder

if TYPE_CHECKING:
    from xgodo_dev.project.git.installed_hooks import Hook

_AS_THEY_SHOULD_BE = frozenset({"unchanged", "combined"})


@dataclass(frozen=True)
class Upkeep:
    """What was found in the project."""

    watches: Holder | None
    """The process that watches it now."""
    left: Holder | None
    """A daemon that ended without a word."""
    hooks: tuple[tuple[str, str], ...]
    """Those of ours that are installed, each with its state."""


def look(root: Path) -> Upkeep:
    """Look who watches the project, and at the hooks around it. It starts git."""
    watches = last = None
    # What can't be looked into, `folders` tells.
    with contextlib.suppress(OSError):
        watches = watch_lock.holder_of(root)
        last = None if watches else watch_lock.last_holder(root)
    try:
        hooks = [(hook.name, hook.state) for hook in _hooks()]
    except XgodoError:
        # No repository, or no git: no hooks.
        hooks = []
    installed = tuple(each for each in hooks if each[1] in {*_AS_THEY_SHOULD_BE, "outdated"})
    return Upkeep(watches, last if last and last.kind == "daemon" else None, installed)


def bring_hooks_up_to_date() -> None:
    """Do for the hooks what `hooks install` does.

    Raises:
        XgodoError: a hook can't be written.
    """
    from xgodo_dev.cli import hooks
    from xgodo_dev.project.git import installed_hooks

    list(installed_hooks.install(hooks.place(), hooks.called_program()))


def loop(found: Upkeep) -> Part | None:
    """Who watches the project."""
    holder = found.watches
    if holder is None:
        if found.left is None:
            return None
        hint = "To start it again: xgodo-dev daemon start"
        return Part("daemon", "note", "It ended without a word; nobody watches the project now.", hint=hint)
    message = f"The project is watched by a {holder.kind} (process {holder.pid})."
    if holder.kind == "daemon" and holder.version not in ("", __version__):
        hint = "To have it be this version: xgodo-dev daemon restart"
        return Part("daemon", "note", f"{message} It is version {holder.version}.", hint=hint)
    return Part("daemon", "ok", message)


def hooks(found: Upkeep) -> Part | None:
    """Whether the hooks that are installed call this program."""
    if not found.hooks:
        return None
    if outdated := outdated_hooks(found):
        message = f"{' and '.join(outdated)}: of another version, or of a program elsewhere."
        return Part("hooks", "note", message, hint=f"To bring them up to date: {FIX}")
    names = " and ".join(name for name, _ in found.hooks)
    return Part("hooks", "ok", f"{names} {'calls' if len(found.hooks) == 1 else 'call'} this program.")


def outdated_hooks(found: Upkeep) -> list[str]:
    """The names of hooks that are of another version, or call a program elsewhere."""
    return [name for name, state in found.hooks if state not in _AS_THEY_SHOULD_BE]


def _hooks() -> Sequence[Hook]:
    from xgodo_dev.cli import hooks
    from xgodo_dev.project.git import installed_hooks

    return list(installed_hooks.look(hooks.place(), hooks.called_program()))
