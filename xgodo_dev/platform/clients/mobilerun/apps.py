"""Apps that can be installed on cloud phones. Made from the spec by `make generate`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal, NotRequired, TypedDict

from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.clients.mobilerun import records


class AppsListResult(TypedDict):
    """One page of apps."""

    items: list[App]
    pagination: records.Pagination
    count: NotRequired[AppsListResultCount]
    """How many apps there are of each source, whatever the filters."""


class App(TypedDict):
    """An app that can be installed on a device.

    Uncertain: As the official Python SDK (2.1) has it.
    """

    id: str
    packageName: str
    displayName: str
    iconURL: str
    source: Literal["uploaded", "store"]
    versionName: str
    versionCode: NotRequired[int | None]
    description: NotRequired[str | None]
    developerName: NotRequired[str | None]
    sizeBytes: NotRequired[int | None]
    createdAt: NotRequired[str | None]
    """In ISO 8601."""
    updatedAt: NotRequired[str | None]
    """In ISO 8601."""
    queuedAt: NotRequired[str | None]
    """Since when it is on its way; null if it is there. In ISO 8601."""
    bundleId: NotRequired[str]
    """The same as `packageName`.

    Uncertain: As the official Python SDK has it.
    """
    platform: NotRequired[Literal["android", "ios"]]
    """Uncertain: As the official Python SDK has it."""
    version: NotRequired[AppVersion]
    """The version that is installed.

    Uncertain: As the official Python SDK has it.
    """


class AppVersion(TypedDict):
    """The version that is installed.

    Uncertain: As the official Python SDK has it.
    """

    id: str
    appId: str
    country: str
    source: Literal["user", "system", "portal", "store"]
    status: Literal["queued", "available", "failed", "pruned"]
    versionCode: int
    versionName: str


class AppsListResultCount(TypedDict):
    """How many apps there are of each source, whatever the filters."""

    failedCount: NotRequired[int]
    """Uncertain: As the official Python SDK has it."""
    totalCount: int
    availableCount: int
    uploadCount: int
    storeCount: int
    queuedCount: int


class Apps:
    """Apps that can be installed on cloud phones."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def list(
        self,
        *,
        page: int | None = None,
        page_size: int | None = None,
        source: Literal["all", "uploaded", "store", "queued"] | None = None,
        query: str | None = None,
        sort_by: Literal["createdAt", "name"] | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> AppsListResult:
        """List apps that can be installed.

        Args:
            page: Which page, counted from 1. At least 1. Not given, it is 1.
            page_size: How many to a page. At least 1. Not given, it is 10.
            source: Where the apps come from; `queued` are still on their way. Not given, it is 'all'.
            query: Only apps whose name has this in it.
            sort_by: What to sort by. Not given, it is 'createdAt'.
            order: Which way to sort. Not given, it is 'desc'.

        Returns:
            One page of apps.

        Source: Mobilerun's documentation.

        Uncertain: The documentation shows no answer; as the official Python SDK (2.1) has it.
        """
        result: AppsListResult = await self._calls.call(
            "apps.list",
            {
                "page": page,
                "pageSize": page_size,
                "source": source,
                "query": query,
                "sortBy": sort_by,
                "order": order,
            },
        )
        return result

    def iter_list(
        self,
        *,
        page_size: int | None = None,
        source: Literal["all", "uploaded", "store", "queued"] | None = None,
        query: str | None = None,
        sort_by: Literal["createdAt", "name"] | None = None,
        order: Literal["asc", "desc"] | None = None,
    ) -> AsyncGenerator[App, None]:
        """Each of what `list` lists, asked for page by page as they are needed.

        Args:
            page_size: How many to a page. At least 1. Not given, it is 10.
            source: Where the apps come from; `queued` are still on their way. Not given, it is 'all'.
            query: Only apps whose name has this in it.
            sort_by: What to sort by. Not given, it is 'createdAt'.
            order: Which way to sort. Not given, it is 'desc'.
        """
        return self._calls.pages(
            "apps.list",
            {"pageSize": page_size, "source": source, "query": query, "sortBy": sort_by, "order": order},
        )
