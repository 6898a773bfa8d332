"""The account: ``/user/balance``."""

from __future__ import annotations

from xgodo_dev.emulator import balances
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint


async def balance(emulator: Emulator, call: Call) -> Document:
    """The three documented amounts."""
    found = balances.balance(emulator.database, call.caller.account_id, now=emulator.clock.now())
    return {
        "balance": found.total,
        "active_balance": found.active,
        "pending_earnings": found.pending_earnings,
    }


ENDPOINTS = (endpoint("user.balance", balance),)
