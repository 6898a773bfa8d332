"""Typed clients of Xgodo and Mobilerun: every documented endpoint as a method.

::

    async with Xgodo.connect() as xgodo:
        job = await xgodo.jobs.details(job_id="68910c4a5e1c7092a1fdc03a")
        async for task in xgodo.jobs.iter_applicants(job_id=job["job_id"], status="pending"):
            print(task["job_proof"])

Asynchronous; `Blocking` gives the same clients to code that is not. Errors are those of `xgodo_dev.errors`.
"""

from __future__ import annotations

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from xgodo_dev import __version__
from xgodo_dev.platform import credentials
from xgodo_dev.platform.clients.blocking import Blocking
from xgodo_dev.platform.clients.calling import UNSET, Calls, Unset
from xgodo_dev.platform.clients.mobilerun import MobilerunSections
from xgodo_dev.platform.clients.xgodo import XgodoSections
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.request import Patience
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.transport import Transport

if TYPE_CHECKING:
    from xgodo_dev.platform.clients.following import FollowableTasks

__all__ = ["UNSET", "Blocking", "Mobilerun", "Unset", "Xgodo"]

USER_AGENT = f"xgodo-dev-python/{__version__}"
_PATIENCE = Patience()


class _Client:
    """What both clients are: connections that are closed at the end."""

    _server: Server
    _transport: Transport

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Break off what is under way, and close every connection."""
        await self._transport.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._server.api_url!r})"


class Xgodo(_Client, XgodoSections):
    """Xgodo's client API, its automation control API and its project API. Use as an async context manager."""

    def __init__(
        self,
        server: Server,
        *,
        admin_token: str | None = None,
        patience: Patience = _PATIENCE,
        user_agent: str = USER_AGENT,
    ) -> None:
        """A client of ``server``; ``admin_token`` is sent where an endpoint needs it, and nowhere else.

        Raises:
            AuthenticationError: ``server`` has no token, or one that can't be a token.
            ConfigurationError: the environment's proxies or certificates can't be used.
        """
        self._server = server
        self._transport = Transport(server, patience=patience, user_agent=user_agent)
        super().__init__(Calls(reading.xgodo(), self._transport, server.api_url, admin_token))

    @classmethod
    def connect(
        cls,
        *,
        profile: str | None = None,
        api_url: str | None = None,
        token: str | None = None,
        admin_token: str | None = None,
        user_agent: str = USER_AGENT,
    ) -> Self:
        """A client of the server that the arguments or the environment name, as the command line finds it.

        Args:
            profile: Name of a profile, such as `emulator`.
            api_url: The part of the address before `/api/v2`.
            token: The account's API token, or that of a running automation.
            admin_token: The platform's admin token; the emulator's own or XGODO_ADMIN_TOKEN where it is not
                given.
            user_agent: Who asks, as the server is told.

        Raises:
            AuthenticationError: nobody is signed in.
            UnreachableError: the emulator is named but none runs.
            UsageError, ConfigurationError: the address or the profile is not usable.
        """
        server = credentials.resolve(profile, api_url, token=token is None)
        if token is not None:
            server = credentials.with_token(server, token)
        return cls(server, admin_token=admin_token or credentials.admin_token(server), user_agent=user_agent)


class Mobilerun(_Client, MobilerunSections):
    """Mobilerun's platform API. Use as an async context manager."""

    def __init__(
        self, server: Server, *, patience: Patience = _PATIENCE, user_agent: str = USER_AGENT
    ) -> None:
        """A client of ``server``, whose address ends with the version: `https://api.mobilerun.ai/v1`.

        Raises:
            AuthenticationError: ``server`` has no key, or one that can't be a key.
            ConfigurationError: the environment's proxies or certificates can't be used.
        """
        self._server = server
        self._transport = Transport(server, patience=patience, user_agent=user_agent)
        super().__init__(Calls(reading.mobilerun(), self._transport, server.api_url))

    @cached_property
    def tasks(self) -> FollowableTasks:
        """Goals in plain words that an agent reaches on a phone."""
        from xgodo_dev.platform.clients.following import FollowableTasks

        return FollowableTasks(self.calls)

    @classmethod
    def connect(
        cls,
        *,
        profile: str | None = None,
        api_url: str | None = None,
        key: str | None = None,
        user_agent: str = USER_AGENT,
    ) -> Self:
        """A client of Mobilerun, or of the emulator's own where that is the profile.

        Args:
            profile: `emulator`, or nothing.
            api_url: The address with the version at its end; MOBILERUN_API_URL where it is not given.
            key: The API key; MOBILERUN_API_KEY where it is not given.
            user_agent: Who asks, as the server is told.

        Raises:
            AuthenticationError: there is no key.
            UnreachableError: the emulator is named but none runs.
            UsageError, ConfigurationError: the address is not usable.
        """
        server = credentials.resolve_mobilerun(profile, api_url, token=key is None)
        if key is not None:
            server = credentials.with_token(server, key)
        return cls(server, user_agent=user_agent)
