"""The project and the server that a command works with, opened together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from xgodo_dev.cli import output
from xgodo_dev.cli.local_project import LocalProject, open_local, server
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.automation import AutomationApi
from xgodo_dev.platform.transport import Transport
from xgodo_dev.sync.remote import DocumentedProject, RemoteProject, find_remote

# Seconds. A loop is to begin, though a server may hang for minutes.
_FINDING_DEADLINE = 10.0


@dataclass(frozen=True)
class Workspace(LocalProject):
    """One project, and the server that it is synced with."""

    transport: Transport
    api: AutomationApi

    async def remote(self) -> RemoteProject:
        """The remote project. Asks the server how it can be reached, unless that is known.

        Raises:
            XgodoError: the server can't be reached, or refuses the token.
        """
        return await find_remote(self.transport, self.api, self.project_id, self.state, now=time.time())


@asynccontextmanager
async def open_workspace() -> AsyncIterator[Workspace]:
    """The selected project with its server; closed afterwards.

    Raises:
        ConfigurationError: no project here, or it isn't bound to a remote one.
        AuthenticationError: nobody is signed in.
    """
    with open_local() as local:
        async with connected(local) as opened:
            yield opened


@asynccontextmanager
async def connected(local: LocalProject) -> AsyncIterator[Workspace]:
    """An open project with its server; one that is connected already stays so.

    Raises:
        AuthenticationError: nobody is signed in.
    """
    if isinstance(local, Workspace):
        yield local
        return
    signed_in = server(local.project)
    async with Transport(signed_in, on_silence=output.waiting_for(signed_in.api_url)) as transport:
        api = AutomationApi(transport, local.state)
        if signed_in.is_emulator:
            # Of other servers it has to be seen first, which a short run gives no time for.
            api.note_runs_are_listed(at_once=True)
        yield Workspace(local.project, local.project_id, signed_in, local.state, local.copy, transport, api)


async def remote_or_documented(opened: Workspace) -> RemoteProject:
    """The remote project; while nobody answers, by the documented API, which every server has."""
    try:
        async with asyncio.timeout(_FINDING_DEADLINE):
            return await opened.remote()
    except (UnreachableError, TimeoutError):
        return DocumentedProject(opened.api, opened.project_id)
