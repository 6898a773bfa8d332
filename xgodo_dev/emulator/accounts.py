"""Whose a request is: two accounts, the platform's operator, and running automations.

The tokens of the colleague, of the operator and of Mobilerun follow from the emulator's own, so that they
are the same after a restart and new after a reset. Those of running automations are minted when one
starts work on a task of a job, and are kept in the database until it ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass, field

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.identity import Identity

TABLES = """
CREATE TABLE IF NOT EXISTS agent_tokens (
    token TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    device_id TEXT NOT NULL,
    job_task_id TEXT NOT NULL
);
"""


@dataclass(frozen=True)
class Account:
    """Somebody with a token. ``id`` has the form of the platform's object ids: 24 hexadecimal digits."""

    id: str
    name: str
    email: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class Caller:
    """Whose token a request carries."""

    account_id: str
    """Whose account it is; for a running automation, whose job it works for. Empty: the operator's."""
    device_id: str | None = None
    """The device that the automation runs on."""
    job_task_id: str | None = None
    """The task of a job that the automation works on."""

    @property
    def is_agent(self) -> bool:
        """Whether it is a running automation."""
        return self.job_task_id is not None


class Accounts:
    """Everybody whose token is accepted."""

    def __init__(self, identity: Identity, database: Database) -> None:
        self._identity = identity
        self._database = database
        self.owner = Account(
            self._account_id("owner"), "Emulator", "emulator@localhost", token=identity.token
        )
        self.colleague = Account(
            self._account_id("colleague"),
            "Colleague",
            "colleague@localhost",
            token=self._derived("colleague"),
        )
        """Somebody else, with whom jobs can be shared."""
        self.admin_token = self._derived("admin")
        self.mobilerun_key = f"dr_sk_{self._derived('mobilerun')}"

    def account(self, account_id: str) -> Account:
        """The account of that id, which has to be one of a caller."""
        return self.colleague if account_id == self.colleague.id else self.owner

    def bearer(self, token: str) -> Caller | None:
        """Whose token of the platform it is; None: nobody's."""
        for account in (self.owner, self.colleague):
            if _same(token, account.token):
                return Caller(account.id)
        row = self._database.row(
            "SELECT account_id, device_id, job_task_id FROM agent_tokens WHERE token = ?", token
        )
        return Caller(row["account_id"], row["device_id"], row["job_task_id"]) if row else None

    def admin(self, token: str) -> Caller | None:
        """The operator, if it is the admin token."""
        return Caller("") if _same(token, self.admin_token) else None

    def mobilerun(self, key: str) -> Caller | None:
        """The owner, if it is the key of Mobilerun."""
        return Caller(self.owner.id) if _same(key, self.mobilerun_key) else None

    def mint_agent(self, account_id: str, device_id: str, job_task_id: str) -> str:
        """A new token for an automation that works on a task."""
        token = secrets.token_urlsafe(24)
        self._database.change(
            "INSERT INTO agent_tokens VALUES (?, ?, ?, ?)", token, account_id, device_id, job_task_id
        )
        return token

    def revoke(self, token: str) -> None:
        """Accept a running automation's token no more."""
        self._database.change("DELETE FROM agent_tokens WHERE token = ?", token)

    def revoke_all_agents(self) -> None:
        """Accept no running automation's token any more: none runs."""
        self._database.change("DELETE FROM agent_tokens")

    def _derived(self, purpose: str) -> str:
        return hmac.new(self._identity.token.encode(), purpose.encode(), hashlib.sha256).hexdigest()[:40]

    def _account_id(self, name: str) -> str:
        return uuid.uuid5(self._identity.instance, f"account {name}").hex[:24]


def _same(given: str, known: str) -> bool:
    # As bytes, since a token that is not ASCII is wrong and must not be an error of its own.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), known.encode())
