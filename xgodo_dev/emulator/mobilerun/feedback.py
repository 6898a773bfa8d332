"""What Mobilerun should hear: ``/api/feedback``.

The documented path begins with ``/api`` beside a base that ends in ``/v1``; it is answered below both
``/mobilerun/v1`` and ``/mobilerun``. A day is any 24 hours.
"""

from __future__ import annotations

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import feedback_store
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import MOBILERUN_BASES, Answer, Call, mobilerun_endpoint

SHAPE = ErrorShape.DETAIL
TABLES = feedback_store.TABLES


async def submit(emulator: Emulator, call: Call) -> Answer:
    """Keeps feedback, up to a number a day."""
    asked = call.arguments
    emulator.mobilerun.feedback.submit(
        asked["title"], asked["feedback"], asked["rating"], asked.get("taskId")
    )
    return Answer({"success": True}, 201)


ENDPOINTS = (mobilerun_endpoint("feedback.submit", submit, (*MOBILERUN_BASES, "/mobilerun")),)
