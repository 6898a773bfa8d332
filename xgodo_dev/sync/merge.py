"""Merging two changed versions of a text, through git's own three-way merge."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from xgodo_dev.errors import ToolchainError

_DEADLINE_SECONDS = 20


class MergeFailed(ToolchainError):
    """git could not be run to its end."""

    code = "merge-failed"


async def merge(ours: bytes, base: bytes, theirs: bytes) -> bytes | None:
    """Both changes of ``base`` in one text; None when they touch the same lines, or there is no git.

    Content that is no text (it holds a zero byte) is never merged.

    Raises:
        MergeFailed: git hangs or dies.
    """
    program = shutil.which("git")
    if program is None or any(b"\0" in text for text in (ours, base, theirs)):
        return None
    try:
        status, merged, complaint = await _merge_file(program, ours, base, theirs)
    except OSError as error:
        raise MergeFailed(f"git merge-file can't be run: {error.strerror}.") from error
    if status == 0:
        return merged
    # Up to 127 it counts the conflicts; git-merge-file(1) says "the exit value … is negative on error".
    if status is not None and 0 < status <= 127:
        return None
    raise MergeFailed(f"git merge-file failed: {complaint.decode(errors='replace').strip()}")


async def _merge_file(
    program: str, ours: bytes, base: bytes, theirs: bytes
) -> tuple[int | None, bytes, bytes]:
    """Its exit status, and what it wrote on both of its streams."""
    with tempfile.TemporaryDirectory(prefix="xgodo-dev-merge-") as folder:
        for name, text in (("ours", ours), ("base", base), ("theirs", theirs)):
            Path(folder, name).write_bytes(text)
        process = await asyncio.create_subprocess_exec(
            program,
            "merge-file",
            "--stdout",
            "--quiet",
            "ours",
            "base",
            "theirs",
            cwd=folder,
            env=_environment(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            async with asyncio.timeout(_DEADLINE_SECONDS):
                merged, complaint = await process.communicate()
        except TimeoutError as error:
            raise MergeFailed(f"git merge-file took more than {_DEADLINE_SECONDS} s.") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    return process.returncode, merged, complaint


def _environment(folder: str) -> dict[str, str]:
    """Made from nothing: a person's own git settings, or those of a hook that runs us, change no merge."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
    return kept | {"HOME": folder, "LC_ALL": "C", "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
