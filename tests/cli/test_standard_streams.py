"""Streams that were closed, or whose disk is full, when the program was started."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import os, sys
from xgodo_dev.cli import standard_streams
standard_streams.prepare()
assert None not in (sys.stdin, sys.stdout, sys.stderr)
record = os.open(os.devnull, os.O_RDONLY)
assert record > 2, record
print("a note", file=sys.stderr, flush=True)
try:
    print("a result", flush=True)
except OSError as error:
    print(f"{error.filename}: {error.strerror}", file=sys.stderr, flush=True)
    os._exit(1)
"""


@pytest.mark.parametrize(
    ("redirection", "shown"),
    [
        ("2>&-", ("a result\n", "")),
        ("2>/dev/full", ("a result\n", "")),
        (">&-", ("", "a note\n")),
        ("<&- >&- 2>&-", ("", "")),
        (">/dev/full", ("", "a note\nstdout: No space left on device\n")),
    ],
)
def test_what_can_be_written_is_written_wherever_the_rest_leads(
    redirection: str, shown: tuple[str, str]
) -> None:
    done = subprocess.run(
        ["bash", "-c", f'"$0" -c "$1" {redirection}', sys.executable, PROGRAM],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (done.stdout, done.stderr) == shown
    assert done.returncode == (redirection == ">/dev/full")
