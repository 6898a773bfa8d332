"""The connection to a platform that a command works over."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.endpoints.platforms import Platform
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.platform import credentials
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import NoProject


def server_of(platform: Platform, *, token: bool = True) -> Server:
    """The platform's server that the command line, the environment or the project here selects.

    Raises:
        XgodoError: none is, or it can't be used.
    """
    if platform.name == "xgodo":
        return local_project.server(token=token)
    options, project_profile = invocation(), None
    with contextlib.suppress(NoProject):
        project_profile = local_project.project().profile
    return credentials.resolve_mobilerun(options.profile, options.api_url, project_profile, token=token)


@asynccontextmanager
async def opened(platform: Platform, *, has_progress: bool = False) -> AsyncIterator[Calls]:
    """The platform's operations on the server that the command line selects.

    Args:
        platform: whose operations.
        has_progress: whether a line of the terminal shows that something goes on; else a server that does
            not answer for long is told of.

    Raises:
        AuthenticationError: nobody is signed in there.
    """
    server = server_of(platform)
    on_silence = None if has_progress else output.waiting_for(server.api_url)
    async with Transport(server, on_silence=on_silence) as transport:
        yield Calls(platform.spec, transport, server.api_url, credentials.admin_token(server))
