"""Puts what editors need of a project into their files, looks whether it is there, or takes it out."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from xgodo_dev.editor import jetbrains, neovim, vscode, zed
from xgodo_dev.editor.errors import FileReadOnly, Unreadable
from xgodo_dev.editor.file import EditorFile
from xgodo_dev.editor.json_file import JsonFile
from xgodo_dev.editor.place import Place
from xgodo_dev.errors import FileUnreadable
from xgodo_dev.project.disk import read_beginning, write_atomically

# Bytes. What people write is far smaller, and every change reads it whole.
_LARGEST_FILE = 1 << 20

State = Literal["created", "updated", "unchanged", "removed", "missing", "outdated"]


@dataclass(frozen=True)
class _Editor:
    shown_as: str
    traces: tuple[str, ...]
    """What a folder has that is opened in it."""
    programs: tuple[str, ...]
    begin: str
    """Where in it that is found which was set up."""


EDITORS: Final = {
    "vscode": _Editor(
        "VS Code",
        (".vscode",),
        ("code", "codium", "code-insiders", "cursor", "windsurf"),
        "Terminal → Run Task has `xgodo: watch and run` and the others; F5 runs once.",
    ),
    "zed": _Editor("Zed", (".zed",), ("zed", "zeditor"), "`task: spawn` offers the tasks."),
    "jetbrains": _Editor(
        "JetBrains",
        (".idea", ".run"),
        ("webstorm", "idea", "pycharm", "phpstorm", "goland", "rustrover"),
        "the run configurations have `xgodo: watch and run` and the others.",
    ),
    "neovim": _Editor(
        "Neovim",
        (".nvim.lua",),
        ("nvim",),
        "`:XgodoWatch`, `:XgodoRun`, `:XgodoCheck`, where `vim.o.exrc = true` is set and the file trusted.",
    ),
}


@dataclass(frozen=True)
class Planned:
    """What is to become of one file."""

    editor: str
    path: Path
    state: State
    content: bytes | None
    """What it is to hold; None: it is to be gone, or there is none."""
    kept: tuple[str, ...]
    """What in it was changed by hand, and stays."""


def traced(root: Path) -> list[str]:
    """The editors that the project, or a folder above it in its repository, has files of."""
    return [name for name in EDITORS if _traced_in(name, root)]


def installed() -> list[str]:
    """The editors whose programs this machine has."""
    return [name for name, each in EDITORS.items() if any(map(shutil.which, each.programs))]


def place_of(editor: str, root: Path) -> Place:
    """The folder that is opened in that editor: the nearest that has its files, else the project's own."""
    return Place.of(_traced_in(editor, root) or root, root)


def plan(
    editor: str, place: Place, devices: Sequence[str], *, only_look: bool = False, remove: bool = False
) -> list[Planned]:
    """What setting up one editor does to each of its files. Nothing is written.

    Args:
        place: the folder that is opened in it.
        devices: the names to choose from where the project is run on a device.
        only_look: tell what is missing or outdated, wherever that was set up.
        remove: take out what was put in.

    Raises:
        Unreadable: a file is not what it should be; names it and the place.
        FileUnreadable: a file can't be read.
        FileReadOnly: a file would have to be changed, and somebody has it that nothing may.
    """
    planned = []
    for file in _files(editor, place, devices):
        path = place.folder / file.path
        if not _target(path).is_relative_to(place.folder.resolve()):
            # A project may come from anybody, and may not have other files of this disk changed.
            raise Unreadable(f"{path} is a link that leads out of {place.folder}.", hint="Remove the link.")
        if only_look and isinstance(file, JsonFile):
            file = replace(file, takes_new_machine=False)
        before = _read(path)
        try:
            if remove:
                merged = file.without_setup(before) if before is not None else None
            else:
                merged = file.with_setup(before)
        except Unreadable as error:
            raise Unreadable(
                f"{path} {error}.", hint="It was left as it is, and so was all else. Mend it, and try again."
            ) from error
        after, kept = (merged.content, merged.kept) if merged else (None, ())
        state: State = "unchanged"
        if after != before:
            state = "removed" if after is None else "created" if before is None else "updated"
            if only_look:
                state = "missing" if before is None else "outdated"
        if state in ("updated", "removed") and not path.stat().st_mode & stat.S_IWUSR:
            raise FileReadOnly(f"{path} is read-only.", hint="All was left as it is. Make it writable first.")
        planned.append(Planned(editor, path, state, after, kept))
    return planned


def carry_out(planned: Iterable[Planned]) -> None:
    """Write what was planned. Raises OSError."""
    for each in planned:
        if each.state == "removed":
            # As it was made: a link leads to nothing again.
            _target(each.path).unlink()
            _remove_folder(each.path.parent)
        elif each.state in ("created", "updated") and each.content is not None:
            # What a link leads to is the file, and it stays a link.
            file = _target(each.path)
            mode = stat.S_IMODE(file.stat().st_mode) if each.state == "updated" else None
            write_atomically(file, each.content, mode=0o666 if mode is None else mode)
            if mode is not None:
                file.chmod(mode)


def _files(editor: str, place: Place, devices: Sequence[str]) -> list[EditorFile]:
    if editor == "vscode":
        return vscode.files(place, devices)
    return {"zed": zed.files, "jetbrains": jetbrains.files, "neovim": neovim.files}[editor](place)


def _traced_in(editor: str, root: Path) -> Path | None:
    """The nearest folder that has files of that editor: the project's, or above it up to the repository's."""
    folders = [root]
    for folder in root.parents:
        if (folders[-1] / ".git").exists():
            break
        folders.append(folder)
    else:
        # In no repository, what lies above is somebody else's.
        folders = [root]
    for folder in folders:
        # In a home, which may be a repository, `.vscode` is where VS Code keeps its extensions.
        is_home = (folder / ".vscode/extensions").is_dir()
        if not is_home and any(os.path.lexists(folder / trace) for trace in EDITORS[editor].traces):
            return folder
    return None


def _target(path: Path) -> Path:
    """The file that a path leads to, which need not be there."""
    # Unlike `Path.resolve`, it raises nothing where a link leads to itself: reading tells that.
    return Path(os.path.realpath(path))


def _read(path: Path) -> bytes | None:
    try:
        content = read_beginning(path, _LARGEST_FILE + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadable(f"{path} can't be read: {error.strerror}.", hint="Mend that first.") from error
    if len(content) > _LARGEST_FILE:
        raise Unreadable(f"{path} is larger than {_LARGEST_FILE >> 20} MB.", hint="Make it smaller.")
    return content


def _remove_folder(folder: Path) -> None:
    """Remove a folder that has nothing left in it."""
    traces = {trace for each in EDITORS.values() for trace in each.traces}
    if folder.name in traces and not any(folder.iterdir()):
        folder.rmdir()
