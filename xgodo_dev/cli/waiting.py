"""A word about a server that takes its time, so that nobody wonders what is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from xgodo_dev.cli import output
from xgodo_dev.platform.credentials import Server

# Most answers come within a second, and what stands still for longer looks broken.
_UNTOLD_S = 3.0


@contextmanager
def waiting_for(server: Server, untold: float = _UNTOLD_S) -> Iterator[None]:
    """Say what is waited for if what is within takes longer than ``untold`` seconds. Needs a running loop."""
    said = f"Waiting for {server.api_url} to answer."
    later = asyncio.get_running_loop().call_later(untold, output.note, said)
    try:
        yield
    finally:
        later.cancel()
