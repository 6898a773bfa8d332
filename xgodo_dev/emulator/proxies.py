"""Proxy connections: credentials that lead through a device, and the domains they block.

Where the documentation is silent: a domain is kept in small letters, and to unblock one that is not
blocked does nothing.
"""

from __future__ import annotations

import secrets
import string
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.refusals import InvalidRequest, Refusal
from xgodo_dev.emulator.timestamps import written_to_the_second

TABLES = """
CREATE TABLE IF NOT EXISTS proxy_connections (
    id TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    owner_id TEXT NOT NULL,
    name TEXT,
    created REAL NOT NULL,
    device_id TEXT
);
CREATE TABLE IF NOT EXISTS proxy_blacklist (
    connection_id TEXT NOT NULL,
    domain TEXT NOT NULL,
    PRIMARY KEY (connection_id, domain)
);
"""

_PASSWORD_LETTERS = string.ascii_letters + string.digits
_PASSWORD_LENGTH = 16


class ConnectionNotFound(Refusal):
    """There is no connection of that id."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Connection not found")


class ConnectionForbidden(Refusal):
    """The connection is somebody else's."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Forbidden: the connection is not owned by or routed through any of your devices")


class DeviceForbidden(Refusal):
    """The device is somebody else's, or nobody's."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Forbidden: the device is not owned by you")


class DeviceNotOwned(Refusal):
    """The device that a new connection shall go through is somebody else's, or nobody's."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Device not found")


@dataclass(frozen=True)
class Client:
    """Who asks, and the devices that are theirs."""

    account_id: str
    device_ids: Collection[str]


@dataclass(frozen=True)
class Connection:
    """A credential: ``id`` is also its user name. Without ``device_id`` nothing goes through it."""

    id: str
    password: str
    owner_id: str
    name: str | None
    created: float
    device_id: str | None

    def document(self) -> dict[str, object]:
        """The connection as its owner sees it."""
        return {
            "connectionId": self.id,
            "password": self.password,
            "ownerUserId": self.owner_id,
            "name": self.name,
            "createdAt": written_to_the_second(self.created),
            "deviceId": self.device_id,
        }


class Proxies:
    """The connections of all accounts."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Connection]:
        """Every connection, the oldest first."""
        rows = self._database.rows("SELECT * FROM proxy_connections ORDER BY created, rowid")
        return [Connection(**dict(row)) for row in rows]

    def visible(self, client: Client) -> list[Connection]:
        """Those that the client owns, or that go through one of their devices."""
        return [each for each in self.all() if _may_use(client, each)]

    def connection(self, connection_id: str) -> Connection:
        """The connection, whoever asks. Raises ConnectionNotFound."""
        row = self._database.row("SELECT * FROM proxy_connections WHERE id = ?", connection_id.lower())
        if row is None:
            raise ConnectionNotFound
        return Connection(**dict(row))

    def require(self, client: Client, connection_id: str) -> Connection:
        """The connection, for its client. Raises ConnectionNotFound, ConnectionForbidden."""
        connection = self.connection(connection_id)
        if not _may_use(client, connection):
            raise ConnectionForbidden
        return connection

    def create(self, client: Client, device_id: str, name: str | None, *, now: float) -> Connection:
        """A new connection through a device. Raises DeviceNotOwned."""
        if device_id not in client.device_ids:
            raise DeviceNotOwned
        made = Connection(str(uuid.uuid4()), _password(), client.account_id, name, now, device_id)
        self._database.change(
            "INSERT INTO proxy_connections (id, password, owner_id, name, created, device_id)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            made.id,
            made.password,
            made.owner_id,
            made.name,
            made.created,
            made.device_id,
        )
        return made

    def delete(self, connection: Connection) -> None:
        """Removes a connection, and what it blocks."""
        with self._database.transaction():
            self._database.change("DELETE FROM proxy_blacklist WHERE connection_id = ?", connection.id)
            self._database.change("DELETE FROM proxy_connections WHERE id = ?", connection.id)

    def rotate_password(self, connection: Connection) -> str:
        """Gives a connection a new password, and returns it."""
        password = _password()
        self._database.change(
            "UPDATE proxy_connections SET password = ? WHERE id = ?", password, connection.id
        )
        return password

    def associate(self, client: Client, connection: Connection, device_id: str) -> None:
        """Moves a connection to another device. Raises DeviceForbidden."""
        if device_id not in client.device_ids:
            raise DeviceForbidden
        self._move(connection, device_id)

    def dissociate(self, connection: Connection) -> None:
        """Takes a connection off its device."""
        self._move(connection, None)

    def blacklist(self, connection: Connection) -> list[str]:
        """The domains that a connection blocks, in the order in which they were added."""
        rows = self._database.rows(
            "SELECT domain FROM proxy_blacklist WHERE connection_id = ? ORDER BY rowid", connection.id
        )
        return [row["domain"] for row in rows]

    def block(self, connection: Connection, domains: Iterable[str]) -> None:
        """Adds domains to those that a connection blocks. Raises InvalidRequest for what is none."""
        with self._database.transaction():
            for domain in domains:
                self._database.change(
                    "INSERT OR IGNORE INTO proxy_blacklist (connection_id, domain) VALUES (?, ?)",
                    connection.id,
                    _domain(domain),
                )

    def unblock(self, connection: Connection, domains: Iterable[str]) -> None:
        """Removes domains from those that a connection blocks. Raises InvalidRequest for what is none."""
        with self._database.transaction():
            for domain in domains:
                self._database.change(
                    "DELETE FROM proxy_blacklist WHERE connection_id = ? AND domain = ?",
                    connection.id,
                    _domain(domain),
                )

    def _move(self, connection: Connection, device_id: str | None) -> None:
        self._database.change(
            "UPDATE proxy_connections SET device_id = ? WHERE id = ?", device_id, connection.id
        )


def _may_use(client: Client, connection: Connection) -> bool:
    return connection.owner_id == client.account_id or connection.device_id in client.device_ids


def _password() -> str:
    return "".join(secrets.choice(_PASSWORD_LETTERS) for _ in range(_PASSWORD_LENGTH))


def _domain(text: str) -> str:
    domain = text.strip().strip(".").lower()
    if not domain:
        raise InvalidRequest("domains must hold names of domains")
    return domain
