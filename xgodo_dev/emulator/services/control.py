"""What only the emulator has: ``/_emulator/…`` ends it, tells its tokens, and moves its clock.

The owner alone may ask for it, neither the colleague nor a running automation. Where neither platform has
an endpoint for what happens on it, a service has one of this kind beside its own.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.services.endpoint import Call, Document, control

_LONGEST_STEP = 366 * 24 * 3600


async def stop(emulator: Emulator, _: Call) -> Document:
    """Ends the emulator once this is answered."""
    emulator.stopping.set()
    return {"success": True}


async def tokens(emulator: Emulator, _: Call) -> Document:
    """Who else there is, and their tokens."""
    known = emulator.accounts
    return {
        "account": {"id": known.owner.id, "token": known.owner.token},
        "colleague": {"id": known.colleague.id, "token": known.colleague.token},
        "admin": {"token": known.admin_token},
        "mobilerun": {"token": known.mobilerun_key},
    }


async def advance_clock(emulator: Emulator, call: Call) -> Document:
    """Moves the platform's time forward by ``seconds``: what expires does so without a wait."""
    seconds = call.body.values.get("seconds")
    if not isinstance(seconds, int | float) or isinstance(seconds, bool) or not 0 <= seconds <= _LONGEST_STEP:
        raise InvalidRequest(f"seconds must be a number from 0 to {_LONGEST_STEP}")
    emulator.clock.advance(seconds)
    return {"now": emulator.clock.now()}


ENDPOINTS = (
    control("POST", "/stop", stop),
    control("GET", "/tokens", tokens),
    control("POST", "/clock", advance_clock),
)
