"""What needs the platform's admin token. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import TypedDict

from xgodo_dev.platform.clients.calling import Calls


class AdminProxiesResult(TypedDict):
    """The connections."""

    total: int
    proxies: list[Proxy]


class Proxy(TypedDict):
    """A proxy connection of any account, as the platform's administrators see it."""

    connection_id: str
    """A UUID."""
    name: str | None
    password: str
    created_at: str
    """In ISO 8601."""
    bytes_last_24h: int
    bytes_lifetime: int
    device: ProxyDevice | None
    """Null where the connection goes through no device."""


class ProxyDevice(TypedDict):
    """The device that a proxy connection goes through."""

    remote_device_id: str
    user_id: str
    name: str
    brand: str
    model: str
    country: str
    online: bool
    is_rented: bool
    is_onMarket: bool


class Admin:
    """What needs the platform's admin token."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def proxies(self) -> AdminProxiesResult:
        """List the proxy connections of all accounts.

        With the device that each goes through, and the bytes it moved in 24 hours and altogether.

        Returns:
            The connections.

        Raises:
            AuthenticationError: The admin token is missing or wrong.
            ServerUnavailable: (502) The platform can't reach its proxies. (503) The platform has no proxies
                set up.

        Source: the platform's client API documentation.
        """
        result: AdminProxiesResult = await self._calls.call("admin.proxies", {})
        return result
