"""Which paths a project may hold. A path comes from the network and is hostile until it passed here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from pathlib import Path, PurePosixPath

from xgodo_dev.emulator.refusals import PathRefused

_COMPONENT_BYTES = 255
_PATH_BYTES = 1024

# Names that a file system with short names (NTFS) takes for `.git`; git itself refuses to add them.
_SHORT_NAME_OF_GIT = re.compile(r"git~\d+")


def check_path(path: str) -> str:
    """Returns ``path`` when it is a plain relative POSIX path; raises PathRefused otherwise.

    Refused: empty, absolute, empty or dotted (``.``, ``..``) components, a backslash, a colon (a drive or
    a stream on Windows), control characters, a component that some file system reads as ``.git``,
    and names longer than file systems allow.
    """
    if not path:
        raise PathRefused("it is empty")
    if path.startswith("/"):
        raise PathRefused("it must be relative to the project")
    if "\\" in path or ":" in path:
        raise PathRefused("it must not contain a backslash or a colon")
    if any(unicodedata.category(character) in {"Cc", "Cs"} for character in path):
        raise PathRefused("it must not contain control characters")
    if len(path.encode()) > _PATH_BYTES:
        raise PathRefused(f"it is longer than {_PATH_BYTES} bytes")
    for component in path.split("/"):
        if component in {"", ".", ".."}:
            raise PathRefused("it must be normalised and stay inside the project")
        if len(component.encode()) > _COMPONENT_BYTES:
            raise PathRefused(f"a name in it is longer than {_COMPONENT_BYTES} bytes")
        if _means_git(component):
            raise PathRefused("it must not name git's own folder")
    return path


def _means_git(component: str) -> bool:
    # HFS+ ignores format characters in names, Windows drops dots and spaces at their end.
    visible = "".join(character for character in component if unicodedata.category(character) != "Cf")
    name = visible.rstrip(". ").casefold()
    return name == ".git" or _SHORT_NAME_OF_GIT.fullmatch(name) is not None


def compiled_path(path: str) -> str | None:
    """The ``.js`` that belongs to a ``.ts``; None for every other file, declarations included."""
    if path.endswith(".ts") and not path.endswith(".d.ts"):
        return path.removesuffix(".ts") + ".js"
    return None


def locate(root: Path, path: str) -> Path:
    """The file of a checked path below ``root``.

    Raises PathRefused where a symbolic link, a file in place of a folder, or a folder in place of the
    file is in the way. Only the emulator writes below ``root``, so a link found there was planted by
    something else; it is never followed.
    """
    *folders, name = path.split("/")
    current = root
    for folder in folders:
        current = current / folder
        if current.is_symlink() or (current.exists() and not current.is_dir()):
            raise PathRefused(f"{current.relative_to(root).as_posix()} is not a folder")
    target = current / name
    if target.is_symlink() or target.is_dir():
        raise PathRefused("it is not a file")
    return target


def locate_all(root: Path, paths: Collection[str]) -> dict[str, Path]:
    """The files of paths that are to be stored together, compiled JavaScript beside them.

    Raises PathRefused, naming the path, for one that ``check_path`` or ``locate`` refuses, whose
    JavaScript has no place, or that would need a folder where another of them is a file.
    """
    targets = {}
    files = set(paths) | {javascript for path in paths if (javascript := compiled_path(path)) is not None}
    for path in paths:
        try:
            targets[path] = locate(root, check_path(path))
            javascript = compiled_path(path)
            if javascript is not None:
                locate(root, javascript)
        except PathRefused as refused:
            raise PathRefused(refused.reason, path=path) from refused
        for folder in PurePosixPath(path).parents:
            if str(folder) in files:
                raise PathRefused(f"{folder} is not a folder", path=path)
    return targets
