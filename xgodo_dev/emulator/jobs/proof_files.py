"""Files that come with a task: checked, kept, and named in its proof by where they can be had."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.jobs.json_text import parsed
from xgodo_dev.emulator.jobs.refusals import JobRefused

LARGEST: Final = 5 * 1024 * 1024
"""Bytes of one file."""

PATH: Final = "/uploads/tasks"


@dataclass(frozen=True)
class ProofFile:
    """A file, by the member of the proof that is to tell its address."""

    name: str
    extension: str
    """With its dot."""
    content: bytes


def decoded(name: str, extension: str, text: str, *, place: str) -> ProofFile:
    """A file of its base64; ``place`` is what it goes by in a refusal. Raises JobRefused."""
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise JobRefused(f"{place} is not base64") from error
    return checked(name, extension, content, place=place)


def checked(name: str, extension: str, content: bytes, *, place: str) -> ProofFile:
    """A file, if it is not too large. Raises JobRefused."""
    if len(content) > LARGEST:
        raise JobRefused(f"{place} is larger than {LARGEST // 1024**2} MB")
    # The documentation shows `.png`, automations also give `png`; and it becomes a part of an address.
    letters = "".join(letter for letter in extension if letter.isascii() and letter.isalnum())
    return ProofFile(name, f".{letters}" if letters else "", content)


def keep(
    database: Database, job_task_id: str, files: Sequence[ProofFile], *, server: str
) -> list[tuple[str, str]]:
    """Keep the files of a task that is kept already; each one's name, and where below ``server`` it is."""
    addresses = []
    for file in files:
        file_id = f"{secrets.token_hex(12)}{file.extension}"
        database.change(
            "INSERT INTO task_files VALUES (?, ?, ?, ?)", file_id, job_task_id, file.name, file.content
        )
        addresses.append((file.name, f"{server}{PATH}/{file_id}"))
    return addresses


def content(database: Database, file_id: str) -> bytes | None:
    """What a kept file holds."""
    row = database.row("SELECT content FROM task_files WHERE id = ?", file_id)
    return None if row is None else bytes(row["content"])


def require_json(proof: str, *, with_files: bool) -> None:
    """Raises JobRefused for a proof that is no JSON or, where files have to be named in it, no object."""
    try:
        value = parsed(proof)
    except ValueError as error:
        raise JobRefused("job_proof must be valid JSON") from error
    if with_files and not isinstance(value, dict):
        raise JobRefused("job_proof must be a JSON object where files are attached to it")


def embedded(proof: str, addresses: Sequence[tuple[str, str]]) -> str:
    """A proof, a JSON object, with the addresses of its files; as it is where there are none."""
    return json.dumps({**json.loads(proof), **dict(addresses)}, ensure_ascii=False) if addresses else proof
