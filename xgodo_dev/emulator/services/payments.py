"""Withdrawals: ``/payments``."""

from __future__ import annotations

from xgodo_dev.emulator import balances
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.paging import DEFAULT_SIZE, Page
from xgodo_dev.emulator.refusals import ErrorShape, Refusal
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint

SHAPE = ErrorShape.ERROR
TABLES = balances.TABLES

# Not documented.
_MOST_ON_A_PAGE = 100


class NoTransactions(Refusal):
    """The account has withdrawn nothing yet."""

    status = 404

    def __init__(self) -> None:
        super().__init__("No transactions found")


async def withdraw(emulator: Emulator, call: Call) -> Document:
    """Takes money from the account; it is on its way for a while."""
    balances.withdraw(
        emulator.database,
        call.caller.account_id,
        call.arguments["amount"],
        call.arguments["wallet_address"],
        now=emulator.clock.now(),
    )
    return {"msg": "withdraw done"}


async def withdrawals(emulator: Emulator, call: Call) -> Document:
    """A page of the account's withdrawals. One beyond the last is empty."""
    asked = call.arguments
    page = Page(asked.get("page", 1), min(asked.get("limit", DEFAULT_SIZE), _MOST_ON_A_PAGE))
    account_id, now = call.caller.account_id, emulator.clock.now()
    found = balances.withdrawals(emulator.database, account_id, page, now=now)
    if not found.count:
        raise NoTransactions
    return {
        "total_count": found.count,
        "transactions": found.documents,
        "page": page.number,
        "balance": balances.balance(emulator.database, account_id, now=now).total,
        "total_withdraw": -found.amount,
        "total_deposit": 0,
    }


ENDPOINTS = (
    endpoint("payments.withdraw", withdraw),
    endpoint("payments.withdrawals", withdrawals),
)
