"""What accounts have, earn and withdraw: whole millionths of a US dollar in the database, dollars outside.

An account begins with ``STARTING_BALANCE``. A withdrawal takes its money at once from what is active, and
is paid ``PAYOUT_SECONDS`` later; until then the balance still counts it. Both amounts, the delay and the
minimum payout are this emulator's choice.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.paging import Page
from xgodo_dev.emulator.refusals import Refusal
from xgodo_dev.emulator.timestamps import written

STARTING_BALANCE = 1000.0
MINIMUM_PAYOUT = 5.0
PAYOUT_SECONDS = 60.0

TABLES = """
CREATE TABLE IF NOT EXISTS balances (
    account_id TEXT PRIMARY KEY,
    active INTEGER NOT NULL  -- what can be spent, in millionths of a dollar, as all amounts
);
CREATE TABLE IF NOT EXISTS pending_earnings (
    job_task_id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    amount INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS withdrawals (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL,
    amount INTEGER NOT NULL,
    wallet_address TEXT NOT NULL,
    reference_id TEXT NOT NULL,
    proof TEXT NOT NULL,
    created REAL NOT NULL
);
"""

_MILLIONTHS = 6


class InsufficientBalance(Refusal):
    """The account has less than that."""

    def __init__(self) -> None:
        super().__init__("Insufficient balance")


class BelowMinimumPayout(Refusal):
    """So little is not paid out."""

    def __init__(self) -> None:
        super().__init__(f"Minimum payout is {MINIMUM_PAYOUT:g} USD")


@dataclass(frozen=True)
class Balance:
    """Dollars: ``active`` can be spent, ``total`` also holds the withdrawals that are not paid yet."""

    total: float
    active: float
    pending_earnings: float


def balance(database: Database, account_id: str, *, now: float) -> Balance:
    """What an account has at that time."""
    active = _active(database, account_id)
    leaving = database.row(
        "SELECT COALESCE(SUM(amount), 0) AS amount FROM withdrawals WHERE account_id = ? AND created > ?",
        account_id,
        now - PAYOUT_SECONDS,
    )
    pending = database.row(
        "SELECT COALESCE(SUM(amount), 0) AS amount FROM pending_earnings WHERE account_id = ?", account_id
    )
    assert leaving is not None
    assert pending is not None
    return Balance(_dollars(active + leaving["amount"]), _dollars(active), _dollars(pending["amount"]))


def charge(database: Database, account_id: str, amount: float, *, times: int = 1) -> None:
    """Take ``amount`` dollars ``times`` over. Raises InsufficientBalance; nothing is taken then."""
    # Reckoned in whole numbers: as floats the largest amounts would be infinite together.
    taken = times * _millionths(amount)
    with database.transaction():
        if taken > _active(database, account_id):
            raise InsufficientBalance
        _add(database, account_id, -taken)


def promise(database: Database, account_id: str, job_task_id: str, amount: float) -> None:
    """Note that an account earns ``amount`` dollars when a task is confirmed; one promise a task."""
    database.change(
        "INSERT OR REPLACE INTO pending_earnings (job_task_id, account_id, amount) VALUES (?, ?, ?)",
        job_task_id,
        account_id,
        _millionths(amount),
    )


def keep_promise(database: Database, job_task_id: str) -> None:
    """Pay what a task was promised, if anything was."""
    with database.transaction():
        promised = database.row("SELECT * FROM pending_earnings WHERE job_task_id = ?", job_task_id)
        if promised is not None:
            _add(database, promised["account_id"], promised["amount"])
            drop_promise(database, job_task_id)


def drop_promise(database: Database, job_task_id: str) -> None:
    """Forget what a task was promised: it was declined, or is gone."""
    database.change("DELETE FROM pending_earnings WHERE job_task_id = ?", job_task_id)


def withdraw(database: Database, account_id: str, amount: float, wallet_address: str, *, now: float) -> None:
    """Begin a withdrawal. Raises BelowMinimumPayout, InsufficientBalance."""
    if amount < MINIMUM_PAYOUT:
        raise BelowMinimumPayout
    with database.transaction():
        charge(database, account_id, amount)
        database.change(
            "INSERT INTO withdrawals (id, account_id, amount, wallet_address, reference_id, proof, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            secrets.token_hex(12),
            account_id,
            _millionths(amount),
            wallet_address,
            str(10_000_000 + secrets.randbelow(90_000_000)),
            secrets.token_hex(8),
            now,
        )


@dataclass(frozen=True)
class Withdrawals:
    """One page of an account's withdrawals, newest first; ``amount`` is that of all pages, in dollars."""

    documents: Sequence[dict[str, object]]
    count: int
    amount: float


def withdrawals(database: Database, account_id: str, page: Page, *, now: float) -> Withdrawals:
    """A page of an account's withdrawals."""
    total = database.row(
        "SELECT COUNT(*) AS count, COALESCE(SUM(amount), 0) AS amount FROM withdrawals WHERE account_id = ?",
        account_id,
    )
    assert total is not None
    rows = database.rows(
        "SELECT * FROM withdrawals WHERE account_id = ? ORDER BY created DESC, rowid DESC LIMIT ? OFFSET ?",
        account_id,
        *page.bounds,
    )
    return Withdrawals([_document(row, now) for row in rows], total["count"], _dollars(total["amount"]))


def _document(row: sqlite3.Row, now: float) -> dict[str, object]:
    paid_at = row["created"] + PAYOUT_SECONDS
    paid = paid_at <= now
    return {
        "_id": row["id"],
        "reference_id": row["reference_id"],
        "user_id": row["account_id"],
        "recipient_id": None,
        "crypto_uuid": None,
        "payment_type": "Withdrawal",
        "payment_method": "cryptomus",
        "payment_details": "",
        "transaction_fee": "0",
        "currency": "USD",
        "amount": f"{-_dollars(row['amount']):.{_MILLIONTHS}f}".rstrip("0").rstrip("."),
        "wallet_address": row["wallet_address"],
        "status": "paid" if paid else "pending",
        "reason": None,
        "created": written(row["created"]),
        "updated": written(paid_at if paid else row["created"]),
        "process_date": written(paid_at) if paid else None,
        "transaction_id": row["id"],
        "transaction_proof": row["proof"] if paid else None,
        "__v": 0,
    }


def _active(database: Database, account_id: str) -> int:
    row = database.row("SELECT active FROM balances WHERE account_id = ?", account_id)
    return _millionths(STARTING_BALANCE) if row is None else int(row["active"])


def _add(database: Database, account_id: str, amount: int) -> None:
    database.change(
        "INSERT INTO balances (account_id, active) VALUES (?, ?)"
        " ON CONFLICT (account_id) DO UPDATE SET active = excluded.active",
        account_id,
        _active(database, account_id) + amount,
    )


def _millionths(dollars: float) -> int:
    # By way of its decimal digits: 0.06 is 60 000 then, and 1e300 no overflow.
    return int(Decimal(str(dollars)).scaleb(_MILLIONTHS).to_integral_value())


def _dollars(millionths: int) -> float:
    return millionths / 1_000_000
