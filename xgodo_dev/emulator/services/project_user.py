"""Whose token it is, as the project API tells: ``/user/me``."""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.services.endpoint import Call, Document, endpoint


async def me(emulator: Emulator, call: Call) -> Document:
    """The account; of a running automation, the one that it works for."""
    account = emulator.accounts.account(call.caller.account_id)
    return {"success": True, "user": {"name": account.name, "email": account.email}}


ENDPOINTS = (endpoint("user.me", me),)
