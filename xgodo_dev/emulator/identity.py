"""Who this emulator is: its token and its instance id, the same again after a restart."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from xgodo_dev.emulator.storage import replace_file

_TOKEN_FILE = "token"  # noqa: S105 - a file name
_INSTANCE_FILE = "instance"


@dataclass(frozen=True)
class Identity:
    """``instance`` (a UUID) tells one emulator's data from another's; ``token`` opens its API."""

    instance: uuid.UUID
    token: str = field(repr=False)


def load_or_create(data: Path) -> Identity:
    """Reads the identity kept in the data folder; makes what is missing."""
    # The instance comes first: it is what marks the folder as an emulator's.
    try:
        instance = uuid.UUID(_read(data / _INSTANCE_FILE))
    except ValueError:
        instance = uuid.uuid4()
        _write(data / _INSTANCE_FILE, str(instance))
    token = _read(data / _TOKEN_FILE)
    if token:
        (data / _TOKEN_FILE).chmod(0o600)
    else:
        token = secrets.token_urlsafe(24)
        _write(data / _TOKEN_FILE, token)
    return Identity(instance, token)


def is_known(data: Path) -> bool:
    """Whether an emulator has worked on the folder before."""
    try:
        uuid.UUID(_read(data / _INSTANCE_FILE))
    except ValueError:
        return False
    return True


def forget(data: Path) -> None:
    """Removes what the data folder keeps of an identity."""
    for name in (_TOKEN_FILE, _INSTANCE_FILE):
        (data / name).unlink(missing_ok=True)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return ""


def _write(file: Path, text: str) -> None:
    replace_file(file, f"{text}\n".encode("ascii"), staging=file.parent, mode=0o600)
