"""The language models that tasks can use: ``/models``. Those that the documentation and the SDK name."""

from __future__ import annotations

from typing import Final

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.refusals import ErrorShape
from xgodo_dev.emulator.services.endpoint import Call, Document, mobilerun_endpoint

SHAPE = ErrorShape.DETAIL

MODELS: Final = (
    "google/gemini-3-flash",
    "google/gemini-2.5-flash",
    "google/gemini-3.1-flash-lite-preview",
    "mobilerun/mobile-agent-fast",
)
_CREATED = 1_767_225_600


async def list_models(_: Emulator, __: Call) -> Document:
    """All of them."""
    data = [
        {"id": model, "object": "model", "created": _CREATED, "owned_by": model.partition("/")[0]}
        for model in MODELS
    ]
    return {"data": data, "object": "list"}


ENDPOINTS = (mobilerun_endpoint("models.list", list_models),)
