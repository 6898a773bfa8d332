"""The account: ``/user/balance``. Nobody pays an emulator, so every amount is zero."""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.services.endpoint import Call, Document, Endpoint


async def balance(_: Emulator, __: Call) -> Document:
    """The three documented amounts."""
    return {"balance": 0, "active_balance": 0, "pending_earnings": 0}


ENDPOINTS = (Endpoint(("GET",), "/v2/user/balance", balance),)
