"""Reads the logs of a device's runs, page by page, or to their end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace

from xgodo_dev.errors import ApiError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.runs.tail import NOTHING, Page, Tail

# A run that never stops printing would keep that going for ever.
_MOST_PAGES = 1000
# An earlier answer may come once more; a server that takes no notice of cursors always gives the same.
_MOST_WITHOUT_NEWS = 3
# What has one more line for every question is not asked a thousand times at once. Pages, and seconds.
_SMALL_AT_ONCE = 20
_BETWEEN_SMALL = 1 / 30


class LogReader:
    """One reader of a device's logs; which runs it reads is what is added to it."""

    def __init__(self, api: AutomationApi, device: Device) -> None:
        self._api = api
        self._device = device
        self._tail = Tail()
        # Reading twice at once would take the same answer for two.
        self._turn = asyncio.Lock()

    def add(self, automation_id: str, read_until: float, seen: Sequence[str] = ()) -> None:
        """Read the logs of this run too, unless they are read already.

        Args:
            read_until: everything up to that moment is known (Unix seconds).
            seen: ids of lines that are known already, the newest last.
        """
        if not self._tail.reads(automation_id):
            self._tail.add(automation_id, read_until, seen)

    def remove(self, automation_id: str) -> None:
        """Read the logs of this run no longer."""
        self._tail.remove(automation_id)

    async def page(self) -> Page:
        """The next page of lines that were not read before.

        Raises:
            XgodoError: the platform can't be asked.
        """
        async with self._turn:
            question = self._tail.question(time.time())
            if question is None:
                return NOTHING
            ids = list(question.automation_ids)
            try:
                entries = await self._api.logs(self._device, ids, question.behind)
            except RouteMissing:
                raise
            except ApiError:
                # What a server says of a cursor that it has forgotten is documented nowhere: ask without
                # one, where what was seen before is known by its id.
                if question.behind is None:
                    raise
                self._tail.forget_cursor()
                question = replace(question, behind=None)
                entries = await self._api.logs(self._device, ids, None)
            return self._tail.take(question, entries)

    async def to_the_end(self) -> AsyncIterator[Page]:
        """The pages of all that the platform has now.

        Raises:
            XgodoError: the platform can't be asked.
        """
        without_news = small = 0
        for _ in range(_MOST_PAGES):
            page = await self.page()
            yield page
            small += page.is_small
            without_news = 0 if page.fresh else without_news + 1
            if page.is_whole or (without_news >= _MOST_WITHOUT_NEWS and not page.may_be_cut):
                return
            if small > _SMALL_AT_ONCE:
                await asyncio.sleep(_BETWEEN_SMALL)
