"""What `xgodo-dev doctor` has to say of this machine: PATH, folders, disks, limits, keyring."""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import xgodo_dev
from xgodo_dev import __version__, places
from xgodo_dev.cli.doctor.part import FIX, Part, Status
from xgodo_dev.platform import token_store
from xgodo_dev.project.config import STATE_DIRECTORY

_MEBIBYTE = 1024 * 1024
# What the toolchain takes, twice; what a day of work takes.
_TOO_LITTLE_SPACE, _LITTLE_SPACE = 100 * _MEBIBYTE, 500 * _MEBIBYTE
_NOT_WATCHED = frozenset({"node_modules", ".git", ".xgodo"})
_LONGEST_COUNT_S = 1.0
_WATCHES_FILE = Path("/proc/sys/fs/inotify/max_user_watches")
# Other programs of the same person, such as editors, need watches too.
_SHARE_OF_WATCHES = 0.5
_ENOUGH_WATCHES = 524_288
_SETTINGS = "settings and tokens"


@dataclass(frozen=True)
class Machine:
    """What was found on it."""

    program: Path
    """The command of this installation."""
    checkout: Path | None
    """The sources that this installation runs from; None for one that has its own copy."""
    on_path: Path | None
    """What the shell runs by its name."""
    unwritable: tuple[tuple[str, str], ...]
    """What can't be kept, and why: ends of sentences."""
    free: tuple[tuple[Path, int], ...]
    """Bytes that are free on the disks that are written to."""
    folders: int | None
    """How many of the project a loop watches; None outside of a project."""
    most_watches: int | None
    """Of folders, by all programs of this person; None where there is no such limit."""
    keyring: str | None
    """What keeps tokens; None where nothing works."""
    token_file: Path
    token_file_mode: int | None
    """Its permissions; None where there is none, or no such thing as permissions."""


def look(root: Path | None) -> Machine:
    """Look at the machine, and at the project in ``root``. Nothing is written."""
    token_file = token_store.token_file()
    return Machine(
        program=_program(),
        checkout=_checkout(),
        on_path=Path(found) if (found := shutil.which("xgodo-dev")) else None,
        unwritable=tuple(_unwritable(root)),
        free=tuple(_free(root)),
        folders=_folders(root) if root else None,
        most_watches=_most_watches(),
        keyring=_keyring(),
        token_file=token_file,
        token_file_mode=_mode(token_file),
    )


def command(machine: Machine, toolkit: Path) -> Part:
    """This program, and whether the shell finds it."""
    hint = None
    if machine.on_path is None:
        message = "This program. It is not on your PATH."
        hint = f"Put {machine.program.parent} on your PATH"
        hint += f", or install it for good: pipx install {machine.checkout}" if machine.checkout else "."
    elif not _same(machine.on_path, machine.program):
        message = f"This program. Your PATH has another one first: {machine.on_path}."
        hint = f"To use this one, put {machine.program.parent} before it on your PATH."
    else:
        message = "This program."
    return Part("xgodo-dev", "note" if hint else "ok", message, __version__, toolkit, hint)


def folders(machine: Machine) -> Part:
    """Whether what is kept outside of projects can be written."""
    if not machine.unwritable:
        return Part("folders", "ok", "Settings, the cache and the emulator's data can be written.")
    told = "; ".join(f"{what}: {why}" for what, why in machine.unwritable)
    hint = "Mend their permissions, or set XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_DATA_HOME, XDG_STATE_HOME."
    if sys.platform != "linux":
        hint = "Mend their permissions."
    return Part("folders", "note", f"Can't be written: {told}.", hint=hint)


def disk(machine: Machine) -> Part | None:
    """Whether there is room."""
    if not machine.free:
        return None
    place, free = min(machine.free, key=lambda each: each[1])
    if free >= _LITTLE_SPACE:
        return Part("disk", "ok", f"{_told(free)} are free on the fullest of the disks in use.", path=place)
    status: Status = "problem" if free < _TOO_LITTLE_SPACE else "note"
    hint = "Make room: `xgodo-dev runs` and .xgodo/backup hold what is kept of a project's runs and files."
    return Part("disk", status, f"Only {_told(free)} are free.", path=place, hint=hint)


def watching(machine: Machine) -> Part | None:
    """Whether Linux lets all folders of the project be watched."""
    if machine.folders is None or machine.most_watches is None:
        return None
    if machine.folders <= machine.most_watches * _SHARE_OF_WATCHES:
        return Part("watching", "ok", f"{machine.folders} of {machine.most_watches} watches are needed here.")
    message = (
        f"{machine.folders} folders are to be watched, of {machine.most_watches} that all programs may watch "
        "together. Where that does not do, `watch` looks at the files instead, which takes longer."
    )
    hint = f"sudo sysctl fs.inotify.max_user_watches={max(_ENOUGH_WATCHES, 4 * machine.folders)}"
    return Part("watching", "note", message, hint=hint)


def tokens(machine: Machine) -> Part:
    """Where tokens are kept, and whether others can read them there."""
    if is_readable_by_others(machine):
        message = "The file that holds tokens could be read by others on this machine."
        hint = (
            f"Make new tokens: others may have these. {FIX} closes the file to them, as each command does "
            "that reads it."
        )
        return Part("tokens", "problem", message, path=machine.token_file, hint=hint)
    if machine.keyring is not None:
        return Part("tokens", "ok", f"`login` keeps them in {machine.keyring}.")
    if machine.token_file_mode is None and any(what == _SETTINGS for what, _why in machine.unwritable):
        message = "No keyring works here, and their file can't be written: `login` can keep none."
        hint = "XGODO_TOKEN holds one for a shell. A keyring may need to be unlocked."
        return Part("tokens", "note", message, path=machine.token_file, hint=hint)
    message = "No keyring works here: `login` keeps them in a file that only you can read."
    return Part("tokens", "ok", message, path=machine.token_file)


def is_readable_by_others(machine: Machine) -> bool:
    """Whether the file of tokens is."""
    mode = machine.token_file_mode
    return mode is not None and bool(mode & (stat.S_IRWXG | stat.S_IRWXO))


def _program() -> Path:
    name = "xgodo-dev.exe" if os.name == "nt" else "xgodo-dev"
    beside = Path(sys.executable).parent / name
    started = Path(sys.argv[0]).absolute()
    return beside if beside.exists() else started


def _checkout() -> Path | None:
    folder = Path(xgodo_dev.__file__).resolve().parent.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def _same(one: Path, other: Path) -> bool:
    # A link, such as pipx makes, is as good.
    return one.resolve() == other.resolve()


def _unwritable(root: Path | None) -> Iterator[tuple[str, str]]:
    for what, folder in (
        (_SETTINGS, places.config_directory()),
        ("the cache", places.cache_directory()),
        ("the emulator's data", places.emulator_data_directory()),
        ("the emulator's address", places.emulator_record_file().parent),
        *([("what is kept of this project", root / STATE_DIRECTORY)] if root else []),
    ):
        existing = _existing(folder)
        if not existing.is_dir():
            yield what, f"{existing} is not a folder"
        elif not os.access(existing, os.W_OK | os.X_OK):
            yield what, str(existing)


def _existing(folder: Path) -> Path:
    while not os.path.lexists(folder) and folder.parent != folder:
        folder = folder.parent
    return folder


def _free(root: Path | None) -> Iterator[tuple[Path, int]]:
    for folder in (root, places.cache_directory(), places.emulator_data_directory()):
        if folder is None:
            continue
        existing = _existing(folder)
        # Of a place where nothing is written, `folders` tells why.
        with contextlib.suppress(OSError):
            if os.access(existing, os.W_OK):
                yield existing, shutil.disk_usage(existing).free


def _folders(root: Path) -> int:
    """How many folders a loop watches; counted for a moment only: a wrong root may hold a whole disk."""
    end, count = time.monotonic() + _LONGEST_COUNT_S, 0
    for _, names, _ in os.walk(root):
        count += 1
        names[:] = [name for name in names if name not in _NOT_WATCHED]
        if time.monotonic() > end:
            break
    return count


def _most_watches() -> int | None:
    try:
        return int(_WATCHES_FILE.read_text())
    except (OSError, ValueError):
        return None


def _keyring() -> str | None:
    import keyring
    import keyring.errors

    try:
        backend = keyring.get_keyring()
        # A backend that is none has no priority worth a try. Asking for a token could open a question.
        return str(backend.name) if backend.priority > 0 else None
    except Exception:  # noqa: BLE001 - backends of any origin are tried out here
        return None


def _mode(file: Path) -> int | None:
    if os.name == "nt":
        return None
    try:
        return stat.S_IMODE(file.stat().st_mode)
    except OSError:
        return None


def _told(size: int) -> str:
    return f"{size / 1024 / _MEBIBYTE:.1f} GiB" if size >= 1024 * _MEBIBYTE else f"{size // _MEBIBYTE} MiB"
