"""What others change on the server while a loop runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from xgodo_dev.errors import AuthenticationError, XgodoError
from xgodo_dev.loop.events import Conflict, RemoteChange
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.remote import RemoteProject
from xgodo_dev.sync.survey import learn, remote_hashes, survey

_NEWS = {
    Verdict.CHANGED_THERE,
    Verdict.CHANGED_ON_BOTH,
    Verdict.DELETED_THERE,
    Verdict.DELETED_HERE_CHANGED_THERE,
}


@dataclass(frozen=True)
class Sides:
    """Both sides of a project, and what is known of them."""

    copy: LocalCopy
    remote: RemoteProject
    state: State


class Drift:
    """Looks at the server now and then, and tells each change of another's once."""

    def __init__(self, sides: Sides, emit: Callable[[Event], None]) -> None:
        self._sides = sides
        self._emit = emit
        self._told: dict[str, tuple[type[Event], str | None]] = {}
        self._blind = False

    async def poll(self, seconds: float) -> None:
        """Look every so many seconds, until cancelled. A look that fails is told once, and tried again.

        Raises:
            XgodoError: what no later look mends, such as a refused token.
        """
        while True:
            try:
                await self.look()
                self._blind = False
            except (AuthenticationError, RouteMissing):
                raise
            except XgodoError as error:
                if not self._blind:
                    self._emit(Notice(message=f"The platform's side can't be seen: {error.with_hint()}"))
                self._blind = True
            await asyncio.sleep(seconds)

    async def look(self) -> None:
        """Look once.

        Raises:
            XgodoError: what the requests raise.
        """
        copy, state = self._sides.copy, self._sides.state
        before = state.base()
        hashes = await remote_hashes(self._sides.remote, copy, state)
        after = state.base()
        # A push was under way: of what it wrote, the answer may be older than what is known by now.
        moved = {path for path in {*before, *after} if before.get(path) != after.get(path)}
        hashes = {path: held for path, held in hashes.items() if path not in moved}
        hashes |= {path: after[path] for path in moved if path in after}
        found = survey(copy, state, hashes)
        learn(copy, state, found)
        news = {path: verdict for path, verdict in found.verdicts.items() if verdict in _NEWS}
        for path, verdict in sorted(news.items()):
            event = _event(path, verdict)
            seen = type(event), found.remote.get(path)
            if self._told.get(path) != seen:
                self._told[path] = seen
                self._emit(event)
        self._told = {path: seen for path, seen in self._told.items() if path in news or path in moved}

    def heard(self, event: Event) -> None:
        """Somebody else told this, such as a push that found the change first: it is no news any more."""
        if isinstance(event, Conflict | RemoteChange):
            self._told[event.path] = type(event), self._sides.state.known(event.path).remote


def _event(path: str, verdict: Verdict) -> Event:
    if verdict is Verdict.DELETED_THERE:
        return Notice(message=f"{path} was deleted on the platform: `pull` removes it here.")
    if verdict is Verdict.DELETED_HERE_CHANGED_THERE:
        return Conflict(path=path, deleted_here=True)
    return Conflict(path=path) if verdict.is_conflict else RemoteChange(path=path)
