"""What `xgodo-dev doctor` has to say of the editors that the project was set up for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xgodo_dev.cli.doctor.part import FIX, Part
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.config import Project


@dataclass(frozen=True)
class Editors:
    """Those that the project was set up for."""

    names: tuple[str, ...]
    outdated: tuple[str, ...] = ()
    """Of these, those whose files lack something that is put in now."""
    failure: XgodoError | None = None
    """Why a file of theirs can't be understood."""


def look(project: Project) -> Editors:
    """Look into the files of the editors that the project has some of."""
    from xgodo_dev.cli.editor import devices_of
    from xgodo_dev.editor import setup

    names, outdated = [], []
    try:
        for name in setup.traced(project.root):
            place = setup.place_of(name, project.root)
            states = {each.state for each in setup.plan(name, place, devices_of(project), only_look=True)}
            # Else it has files of that editor, and nobody wanted ours in them.
            if "unchanged" in states:
                names.append(name)
                if states != {"unchanged"}:
                    outdated.append(name)
    except XgodoError as error:
        return Editors(tuple(names), failure=error)
    return Editors(tuple(names), tuple(outdated))


def bring_up_to_date(project: Project, names: Sequence[str]) -> None:
    """Do for these editors what `editor setup` does.

    Raises:
        XgodoError, OSError: a file is in the way.
    """
    from xgodo_dev.cli.editor import devices_of
    from xgodo_dev.editor import setup

    place_of = setup.place_of
    planned = [
        each for name in names for each in setup.plan(name, place_of(name, project.root), devices_of(project))
    ]
    setup.carry_out(planned)


def part(editors: Editors) -> Part | None:
    """Whether what was put into their files is what this program puts there."""
    if editors.failure is not None:
        return Part("editor", "problem", str(editors.failure), hint=editors.failure.hint or "Mend that file.")
    if not editors.names:
        return None
    if editors.outdated:
        message = f"Set up by another xgodo-dev, or changed since: {', '.join(editors.outdated)}."
        return Part("editor", "note", message, hint=f"To set them up anew, keeping what is yours: {FIX}")
    return Part("editor", "ok", f"Set up: {', '.join(editors.names)}.")
