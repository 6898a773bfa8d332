"""What a source of file events tells, and which folders none of them looks into."""

from __future__ import annotations

from typing import Protocol

UNINTERESTING = frozenset({".git", ".xgodo", "node_modules"})
"""Names of folders that hold nothing of a project, whatever they are in; watching them costs most."""


class Hearing(Protocol):
    """Who is told of events. Called in the event loop's own thread only; paths are absolute."""

    def finished(self, path: str) -> None:
        """A file was written to its end, moved or removed."""

    def unfinished(self, path: str) -> None:
        """A file appeared or was written to; somebody may still be writing."""

    def rescan(self) -> None:
        """Events were lost, or whole folders came or went."""

    def deaf(self, reason: OSError) -> None:
        """From now on not everything is told any more."""


class Source(Protocol):
    """Tells what happens to the files below a folder, from the end of ``start`` to ``stop``."""

    async def start(self) -> None:
        """Begin. Raises OSError where the system refuses; nothing is left behind then."""

    async def stop(self) -> None:
        """Tell nothing any more."""
