"""SOCKS5 and HTTP proxies through one's own devices. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.xgodo import records


class ProxiesListResult(TypedDict):
    """The connections."""

    success: Literal[True]
    connections: list[Connection]


class Connection(TypedDict):
    """A credential for SOCKS5 and HTTP proxies, and the device that it goes through."""

    connectionId: str
    """Also the user name for SOCKS5. A UUID."""
    password: str
    """16 characters."""
    ownerUserId: str
    name: str | None
    createdAt: str
    """In ISO 8601."""
    deviceId: str | None
    """Null where it goes through no device."""


class ProxiesCreateResult(TypedDict):
    """The new connection, with its password."""

    success: Literal[True]
    connection: Connection


class ProxiesRotatePasswordResult(TypedDict):
    """The new password, of 16 characters."""

    success: Literal[True]
    password: str


class ProxiesBlacklistResult(TypedDict):
    """The domains."""

    success: Literal[True]
    domains: list[str]


class ProxiesLogsResult(TypedDict):
    """A page of entries."""

    success: Literal[True]
    total: int
    """Entries on all pages."""
    entries: list[ProxyLogEntry]


class ProxyLogEntry(TypedDict):
    """One attempt to connect through a proxy connection."""

    timestamp: str
    """In ISO 8601."""
    connectionId: str
    deviceId: str
    serverNode: str
    target: str
    """`host:port`."""
    targetType: str
    port: int
    resolvedIp: str
    action: Literal["allowed", "blocked"]
    blockReason: str | None
    bytesIn: int
    bytesOut: int


class ProxiesBandwidthResult(TypedDict):
    """The rows."""

    success: Literal[True]
    rows: list[BandwidthRow]


class BandwidthRow(TypedDict):
    """What one connection moved through one device."""

    deviceId: str
    connectionId: str
    bytesIn: int
    bytesOut: int
    bucket: NotRequired[str]
    """Begin of the hour or day. In ISO 8601.

    Uncertain: Presumably left out where rows are grouped by neither.
    """


class Proxies:
    """SOCKS5 and HTTP proxies through one's own devices."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(self) -> ProxiesListResult:
        """List your proxy connections, with their passwords.

        All connections that you own, or that go through devices you own.

        Returns:
            The connections.

        Source: the platform's client API documentation.
        """
        result: ProxiesListResult = await self._calls.call("proxies.list", {})
        return result

    async def create(self, *, device_id: str, name: str | None = None) -> ProxiesCreateResult:
        """Make a proxy connection through a device.

        Gives it an id and a password of 16 characters. Note the password: the proxy keeps only a hash of
        it.

        Args:
            device_id: Id of one of your own devices (its `remote_device_id`). A UUID.
            name: A label for you, which nothing else depends on. At most 100 characters.

        Returns:
            The new connection, with its password.

        Raises:
            ApiError: `device_id` is missing, or a member is invalid.
            NotFound: The device is not yours.

        Source: the platform's client API documentation.
        """
        result: ProxiesCreateResult = await self._calls.call(
            "proxies.create", {"device_id": device_id, "name": name}
        )
        return result

    async def delete(self, *, connection_id: str) -> records.Success:
        """Delete a proxy connection.

        Ends the sessions that use it.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.

        Returns:
            The connection is gone.

        Raises:
            PermissionDenied: The connection is not yours, nor goes through a device of yours.
            NotFound: Connection not found.

        Source: the platform's client API documentation.

        Uncertain: The body is not documented; taken to be like that of its neighbours.
        """
        result: records.Success = await self._calls.call("proxies.delete", {"connection_id": connection_id})
        return result

    async def rotate_password(self, *, connection_id: str) -> ProxiesRotatePasswordResult:
        """Give a proxy connection a new password.

        The id stays. Sessions go on with the old password until they close.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.

        Returns:
            The new password, of 16 characters.

        Raises:
            PermissionDenied: The connection is not yours.

        Source: the platform's client API documentation.
        """
        result: ProxiesRotatePasswordResult = await self._calls.call(
            "proxies.rotate_password", {"connection_id": connection_id}
        )
        return result

    async def associate(self, *, connection_id: str, device_id: str) -> records.Success:
        """Move a proxy connection to another device (rotates its IP).

        New sessions leave through the new device within about 100 ms. Those under way stay on the old one
        until they close.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.
            device_id: Id of the device to move to, which has to be yours as well. A UUID.

        Returns:
            The connection has moved.

        Raises:
            PermissionDenied: The connection or the device is not yours.

        Source: the platform's client API documentation.

        Uncertain: The body is not documented; taken to be like that of its neighbours.
        """
        result: records.Success = await self._calls.call(
            "proxies.associate", {"connection_id": connection_id, "device_id": device_id}
        )
        return result

    async def dissociate(self, *, connection_id: str) -> records.Success:
        """Take a proxy connection off its device.

        Ends its sessions. The connection stays, and can't be used until it is put on a device again.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.

        Returns:
            The connection is on no device.

        Raises:
            PermissionDenied: The connection is not yours.

        Source: the platform's client API documentation.

        Uncertain: The body is not documented; taken to be like that of its neighbours.
        """
        result: records.Success = await self._calls.call(
            "proxies.dissociate", {"connection_id": connection_id}
        )
        return result

    async def blacklist(self, *, connection_id: str) -> ProxiesBlacklistResult:
        """List the domains that a proxy connection blocks.

        Besides those blocked for everybody and for the device. A domain stands for those below it, too.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.

        Returns:
            The domains.

        Raises:
            PermissionDenied: The connection is not yours.

        Source: the platform's client API documentation.
        """
        result: ProxiesBlacklistResult = await self._calls.call(
            "proxies.blacklist", {"connection_id": connection_id}
        )
        return result

    async def block(self, *, connection_id: str, domains: Sequence[str]) -> records.Success:
        """Block domains on a proxy connection.

        A domain stands for those below it, too: `example.com` also blocks `sub.example.com`.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.
            domains: Domains to block. At least 1 item.

        Returns:
            The domains are blocked.

        Raises:
            PermissionDenied: The connection is not yours.

        Source: the platform's client API documentation.

        Uncertain: The body is not documented; taken to be like that of its neighbours.
        """
        result: records.Success = await self._calls.call(
            "proxies.block", {"connection_id": connection_id, "domains": domains}
        )
        return result

    async def unblock(self, *, connection_id: str, domains: Sequence[str]) -> records.Success:
        """Unblock domains on a proxy connection.

        Args:
            connection_id: Id of the connection, which is also its user name for SOCKS5. A UUID.
            domains: Domains to unblock. At least 1 item.

        Returns:
            The domains are not blocked any more.

        Raises:
            PermissionDenied: The connection is not yours.

        Source: the platform's client API documentation.

        Uncertain: The body is not documented; taken to be like that of its neighbours.
        """
        result: records.Success = await self._calls.call(
            "proxies.unblock", {"connection_id": connection_id, "domains": domains}
        )
        return result

    async def logs(
        self,
        *,
        from_: str,
        to: str,
        connection_id: str | None = None,
        device_id: str | None = None,
        target: str | None = None,
        action: Literal["allowed", "blocked"] | None = None,
        limit: int | None = None,
        offset: int | None = None,
    ) -> ProxiesLogsResult:
        """List what proxy connections were used for.

        One entry for each attempt to connect, of devices that you own.

        Args:
            from_: Only attempts at or after this time. In ISO 8601.
            to: Only attempts at or before this time. In ISO 8601.
            connection_id: Only attempts of this connection. A UUID.
            device_id: Only attempts through this device, which has to be yours. A UUID.
            target: Only attempts whose target (`host:port`) has this in it.
            action: Only attempts that ended like this.
            limit: Entries on a page. From 1 to 10000. Not given, it is 100.
            offset: Number of entries to leave out, from the first on.

        Returns:
            A page of entries.

        Raises:
            ApiError: `from` or `to` is missing or invalid, or `limit` is out of range.

        Source: the platform's client API documentation.

        Uncertain: The order of the entries is not documented, nor what the id of somebody else's device
        gives.
        """
        result: ProxiesLogsResult = await self._calls.call(
            "proxies.logs",
            {
                "from": from_,
                "to": to,
                "connectionId": connection_id,
                "deviceId": device_id,
                "target": target,
                "action": action,
                "limit": limit,
                "offset": offset,
            },
        )
        return result

    def iter_logs(
        self,
        *,
        from_: str,
        to: str,
        connection_id: str | None = None,
        device_id: str | None = None,
        target: str | None = None,
        action: Literal["allowed", "blocked"] | None = None,
        limit: int | None = None,
    ) -> AsyncGenerator[ProxyLogEntry, None]:
        """Each of what `logs` lists, asked for page by page as they are needed.

        Args:
            from_: Only attempts at or after this time. In ISO 8601.
            to: Only attempts at or before this time. In ISO 8601.
            connection_id: Only attempts of this connection. A UUID.
            device_id: Only attempts through this device, which has to be yours. A UUID.
            target: Only attempts whose target (`host:port`) has this in it.
            action: Only attempts that ended like this.
            limit: Entries on a page. From 1 to 10000. Not given, it is 100.
        """
        return self._calls.pages(
            "proxies.logs",
            {
                "from": from_,
                "to": to,
                "connectionId": connection_id,
                "deviceId": device_id,
                "target": target,
                "action": action,
                "limit": limit,
            },
        )

    async def bandwidth(
        self,
        *,
        device_id: str | None = None,
        connection_id: str | None = None,
        from_: str | None = None,
        to: str | None = None,
        group_by: Literal["hour", "day"] | None = None,
    ) -> ProxiesBandwidthResult:
        """Add up the bytes that proxy connections moved.

        One row for each device and connection, of devices that you own.

        Args:
            device_id: Only this device, which has to be yours; without it, all that are. A UUID.
            connection_id: Only this connection. A UUID.
            from_: Only traffic at or after this time. In ISO 8601.
            to: Only traffic at or before this time. In ISO 8601.
            group_by: One row for each of these, rather than one for the whole time.

        Returns:
            The rows.

        Source: the platform's client API documentation.

        Uncertain: What the id of somebody else's device gives is not documented.
        """
        result: ProxiesBandwidthResult = await self._calls.call(
            "proxies.bandwidth",
            {
                "deviceId": device_id,
                "connectionId": connection_id,
                "from": from_,
                "to": to,
                "groupBy": group_by,
            },
        )
        return result
