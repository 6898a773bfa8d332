"""Where a file that is fetched goes to: a new file here, a named one, or stdout."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import RefusedError, UsageError


@dataclass(frozen=True)
class Target:
    """The file that is written."""

    file: Path
    is_stdout: bool

    def hand_over(self) -> None:
        """Bring it to stdout, where it is meant for that."""
        if self.is_stdout:
            with self.file.open("rb") as written:
                shutil.copyfileobj(written, sys.stdout.buffer)
            sys.stdout.buffer.flush()


@contextmanager
def target(given: str | None, own_name: str, *, force: bool) -> Iterator[Target]:
    """The file to write for ``-o``, or else for the file's own name.

    Raises:
        RefusedError: a file is there already, and may not be replaced.
        UsageError: it can't be written.
    """
    if given == "-":
        if invocation().json:
            raise UsageError("--json and -o - exclude each other: stdout has one of both.")
        with tempfile.TemporaryDirectory(prefix="xgodo-dev-") as folder:
            yield Target(Path(folder) / "file", is_stdout=True)
        return
    if given is None and own_name in ("", ".", ".."):
        raise UsageError("The file has no name of its own.", hint="Say where to write it: -o FILE.")
    file = invocation().start / (given or own_name)
    if file.is_dir():
        file /= own_name
    if file.exists() and not force:
        raise RefusedError(f"{file} is there already.", hint="--force replaces it, -o FILE names another.")
    yield Target(file, is_stdout=False)
