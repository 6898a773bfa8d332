"""The platform's type declarations. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class PlatformTypesNodeResult(TypedDict):
    """The declarations."""

    success: Literal[True]
    content: str
    """TypeScript declarations."""


class PlatformTypesBootstrapResult(TypedDict):
    """The declarations."""

    success: Literal[True]
    version: float
    """A number that differs when the declarations do."""
    content: str
    """TypeScript declarations."""


class PlatformTypes:
    """The platform's type declarations."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def node(self) -> PlatformTypesNodeResult:
        """Show the type declarations of the nodes of a screen.

        Returns:
            The declarations.

        Source: the platform's own command-line client; no document describes it.
        """
        result: PlatformTypesNodeResult = await self._calls.call("platform_types.node", {})
        return result

    async def bootstrap(self) -> PlatformTypesBootstrapResult:
        """Show the type declarations of the device API.

        Returns:
            The declarations.

        Source: the platform's own command-line client; no document describes it.

        Uncertain: May be missing; the platform's own client goes on without.
        """
        result: PlatformTypesBootstrapResult = await self._calls.call("platform_types.bootstrap", {})
        return result
