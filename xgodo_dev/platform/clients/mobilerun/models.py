"""The language models that tasks can use. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class ModelsListResult(TypedDict):
    """The models there are now."""

    data: list[Model]
    object: Literal["list"]


class Model(TypedDict):
    """A language model.

    Uncertain: As the official Python SDK has it.
    """

    id: str
    """What `llmModel` of a task says."""
    object: Literal["model"]
    created: int
    """Unix seconds."""
    owned_by: str


class Models:
    """The language models that tasks can use."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(self) -> ModelsListResult:
        """List the models that tasks can use.

        Returns:
            The models there are now.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK has it.
        """
        result: ModelsListResult = await self._calls.call("models.list", {})
        return result
