"""Templates of automation projects. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Literal, TypedDict

from xgodo_dev.platform.clients.calling import Calls


class TemplatesListResult(TypedDict):
    """The templates."""

    success: Literal[True]
    templates: list[Template]


class Template(TypedDict):
    """Files that a project can be filled from."""

    id: str
    name: str
    description: str
    is_own: bool
    is_public: bool
    owner_username: str


class Templates:
    """Templates of automation projects."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(self) -> TemplatesListResult:
        """List the templates that projects can be filled from.

        Returns:
            The templates.

        Source: the platform's own command-line client; no document describes it.
        """
        result: TemplatesListResult = await self._calls.call("templates.list", {})
        return result
