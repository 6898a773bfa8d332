"""Webhooks that are told when tasks change their state. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Literal, NotRequired, TypeAlias, TypedDict

from xgodo_dev.platform.clients.calling import UNSET, Calls, Unset
from xgodo_dev.platform.clients.mobilerun import records


class HooksSubscribeResult(TypedDict):
    """Subscribed."""

    id: str
    subscribed: bool
    url: str
    events: NotRequired[list[HookEvent]]
    service: NotRequired[str]


HookEvent: TypeAlias = Literal["created", "running", "completed", "failed", "cancelled", "paused"]
"""A change of a task that webhooks can be told of."""


class HooksListResult(TypedDict):
    """One page of webhooks."""

    items: list[Hook]
    pagination: records.Pagination


class Hook(TypedDict):
    """A URL that is told when tasks change their state.

    Uncertain: As the official Python SDK (3.2) has it.
    """

    id: str
    url: str
    service: Literal["zapier", "n8n", "make", "internal", "other"]
    state: HookState
    events: list[HookEvent]
    userId: str
    createdAt: str
    """In ISO 8601."""
    updatedAt: str | None
    """In ISO 8601."""


HookState: TypeAlias = Literal["active", "disabled", "deleted"]
"""Whether a webhook is told of events.

Uncertain: As the official Python SDK (3.2) has it.
"""


class HooksEditResult(TypedDict):
    """Changed."""

    id: str
    state: HookState
    updated: bool
    url: str
    events: NotRequired[list[HookEvent]]


class HooksUnsubscribeResult(TypedDict):
    """Deleted."""

    id: str
    unsubscribed: bool


class Hooks:
    """Webhooks that are told when tasks change their state."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def subscribe(
        self,
        *,
        target_url: str,
        events: Sequence[HookEvent] | Unset | None = UNSET,
        service: Literal["zapier", "n8n", "make", "internal", "other"] | None = None,
    ) -> HooksSubscribeResult:
        """Have task events sent to a URL.

        Args:
            target_url: Where to send the events (http or https). A URL. At least 1 character.
            events: Which events to send. Uncertain: What is sent where it is left out; all of them, to the
                emulator.
            service: Who receives them. Uncertain: Which one it is where it is left out; other, to the
                emulator.

        Returns:
            Subscribed.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK (3.2) has it. Whether 200
        or 201.
        """
        result: HooksSubscribeResult = await self._calls.call(
            "hooks.subscribe", {"targetUrl": target_url, "events": events, "service": service}
        )
        return result

    async def list(self, *, page: int | None = None, page_size: int | None = None) -> HooksListResult:
        """List webhooks.

        Args:
            page: Which page, counted from 1. At least 1. Not given, it is 1.
            page_size: How many to a page. At least 1. Not given, it is 20.

        Returns:
            One page of webhooks.

        Source: Mobilerun's documentation.

        Uncertain: The documentation mentions no parameters; those of the official Python SDK (3.2).

        Uncertain: The documentation shows no answer; as the official Python SDK (3.2) has it.
        """
        result: HooksListResult = await self._calls.call("hooks.list", {"page": page, "pageSize": page_size})
        return result

    def iter_list(self, *, page_size: int | None = None) -> AsyncGenerator[Hook, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            page_size: How many to a page. At least 1. Not given, it is 20.
        """
        return self._calls.pages("hooks.list", {"pageSize": page_size})

    async def get(self, *, hook_id: str) -> Hook:
        """Get a webhook.

        Args:
            hook_id: The webhook's id.

        Returns:
            The webhook.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK (3.2) has it.
        """
        result: Hook = await self._calls.call("hooks.get", {"hook_id": hook_id})
        return result

    async def edit(
        self,
        *,
        hook_id: str,
        events: Sequence[HookEvent] | Unset | None = UNSET,
        state: Literal["active", "disabled", "deleted"] | Unset | None = UNSET,
    ) -> HooksEditResult:
        """Change which events a webhook gets, or switch it on or off.

        Args:
            hook_id: The webhook's id.
            events: Which events to send from now on; as they are if left out.
            state: Whether events are sent; as it is if left out. Uncertain: The documentation shows active;
                the others as the official Python SDK (3.2) has them.

        Returns:
            Changed.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK (3.2) has it.
        """
        result: HooksEditResult = await self._calls.call(
            "hooks.edit", {"hook_id": hook_id, "events": events, "state": state}
        )
        return result

    async def unsubscribe(self, *, hook_id: str) -> HooksUnsubscribeResult:
        """Delete a webhook.

        Args:
            hook_id: The webhook's id.

        Returns:
            Deleted.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK (3.2) has it.
        """
        result: HooksUnsubscribeResult = await self._calls.call("hooks.unsubscribe", {"hook_id": hook_id})
        return result
