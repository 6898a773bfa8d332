"""Conflicts of a push or a pull: how they are told, and the ways out of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import click

from xgodo_dev.cli import output
from xgodo_dev.errors import ConflictError


@dataclass
class Conflicts:
    """The files that a command left as they are on both sides."""

    edited: list[str] = field(default_factory=list)
    deleted_here: list[str] = field(default_factory=list)
    burying: dict[str, str] = field(default_factory=dict)
    """New TypeScript, with the JavaScript on the platform that compiling it would replace."""

    @property
    def paths(self) -> list[str]:
        """All of them, sorted."""
        return sorted([*self.edited, *self.deleted_here, *self.burying])

    def add(self, path: str, *, deleted_here: bool = False, buries: str | None = None) -> None:
        """Note one, and say so."""
        if deleted_here:
            self.deleted_here.append(path)
            how = "deleted here, changed on the platform"
        elif buries:
            self.burying[path] = buries
            how = f"compiling it would replace {output.shown(buries)} on the platform"
        else:
            self.edited.append(path)
            how = "changed on both sides"
        output.note(f"{click.style('conflict', fg='red')} {output.shown(path)}: {how}")

    def error(self, opening: str, hint: str) -> ConflictError | None:
        """What the command ends with.

        Args:
            opening: what became of them, such as ``Not sent``.
            hint: the way out for those that were edited on both sides.
        """
        said: list[str] = []
        hints: list[str] = []
        if self.edited:
            said.append(f"{opening}, because changed on both sides: {output.names(self.edited)}.")
            hints.append(hint)
        if self.deleted_here:
            said.append(f"Deleted here, but changed on the platform: {output.names(self.deleted_here)}.")
            named = _one_or(self.deleted_here, "PATH")
            hints.append(f"`pull --theirs {named}` brings it back; `pull --ours {named}` leaves it deleted.")
        if self.burying:
            names = output.names(sorted(self.burying.values()))
            said.append(f"{opening}, because compiling would replace files on the platform: {names}.")
            named = _one_or(list(self.burying), "PATH")
            hints.append(f"Rename yours; or `push --force {named}` replaces theirs, and keeps it.")
        return ConflictError(" ".join(said), paths=self.paths, hint=" ".join(hints)) if said else None


def _one_or(paths: Sequence[str], placeholder: str) -> str:
    return output.shown(paths[0]) if len(paths) == 1 else placeholder
