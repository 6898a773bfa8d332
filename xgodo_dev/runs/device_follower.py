"""Follows all runs of this process on one device, with one request for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from xgodo_dev.errors import ApiError, AuthenticationError, ServerUnavailable, UnreachableError, XgodoError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.platform.automation import AutomationApi, Device, LogEntry
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.log_reader import LogReader
from xgodo_dev.runs.outages import Outages
from xgodo_dev.runs.pace import PollPace, RequestBudget
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.second_witness import SecondWitness
from xgodo_dev.runs.tail import NOTHING, Gap, Page

# The platform forgets logs after ten minutes, as documented; an outage well within that loses nothing.
_LONGEST_OUTAGE = 120.0
# An answer that takes longer may never come.
_LONGEST_USUAL_ANSWER = 1.0
_OUTAGE_PAUSES = (0.25, 0.5, 1.0, 2.0)
_LONGEST_ASKED_PAUSE = 60.0
# The bundle reports its own end; the device's record is asked when it is quiet. Of a saved project, that is
# the only witness.
_QUIET_BEFORE_ASKING_DEVICE = 3.0
_QUIET_BEFORE_ASKING_ABOUT_SAVED = 0.6
_BEFORE_ASKING_AGAIN = 1.0
# Lines.
_REPORTED_AT_ONCE = 5000
_LAST_READING_DEADLINE = 2.0
_PASSING_OVER_DEADLINE = 5.0
# Of an answer that is not about the question itself: it may be another one in a moment.
_PASSING_REFUSALS = frozenset({408, 409, 423, 425})


@dataclass(frozen=True)
class Shared:
    """What all devices of a process have in common."""

    api: AutomationApi
    records: DeviceRecords
    budget: RequestBudget
    outages: Outages


class DeviceFollower:
    """Reads the logs of one device for as long as a run goes on there."""

    def __init__(self, device: Device, shared: Shared) -> None:
        self._device = device
        self._shared = shared
        self._logs = LogReader(shared.api, device)
        self._witness = SecondWitness(shared.api, device, shared.records)
        self._runs: dict[str, Run] = {}
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._outage_began: float | None = None
        # Since when no answer has come to what was asked; None: nothing is asked.
        self._unread_since: float | None = None
        self._failures = 0
        self._was_read = False
        # What was read and not reported yet.
        self._read_in: deque[Gap | LogEntry] = deque()

    def follow(
        self,
        run: Run,
        tasks: asyncio.TaskGroup,
        read_until: float | None = None,
        seen: Sequence[str] = (),
    ) -> None:
        """Follow a run until it has ended."""
        if self._outage_began is not None and all(each.ended for each in self._runs.values()):
            # Those before ended in an outage, which is none of this one's.
            self._shared.outages.given_up(self._device)
            self._outage_began, self._failures = None, 0
        self._logs.add(run.automation_id, run.began if read_until is None else read_until, seen)
        self._runs[run.automation_id] = run
        self._hurry.set()
        if self._task is None or self._task.done():
            self._unread_since = None
            self._task = tasks.create_task(self._follow(tasks))

    async def pass_over(self, run: Run) -> None:
        """Leave out what the platform has already under the id of a run that is about to be launched."""
        self._logs.add(run.automation_id, time.time())
        # Somebody else's run of the same project may never stop talking.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PASSING_OVER_DEADLINE):
                async for page in self._logs.to_the_end():
                    if page.fresh:
                        run.after = page.fresh[-1].id

    def unread_for(self) -> float | None:
        """Seconds for which nothing could be read; None: logs are read as usual."""
        if self._unread_since is None:
            return None
        unread = time.monotonic() - self._unread_since
        return unread if self._outage_began is not None or unread > _LONGEST_USUAL_ANSWER else None

    def leave(self) -> None:
        """Follow nothing any more."""
        for task in (self._task, self._asking):
            if task:
                task.cancel()

    async def read_last_words(self) -> bool:
        """Let the runs report all that the platform has of them now; not for long, and not at any price.

        Returns whether that was all.
        """
        try:
            async with asyncio.timeout(_LAST_READING_DEADLINE):
                async for page in self._logs.to_the_end():
                    await self._deliver(page)
        except (XgodoError, TimeoutError):
            # What was read is not asked for again.
            await self._deliver(NOTHING)
            return False
        return True

    async def read_last_words_of(self, run: Run) -> None:
        """As ``read_last_words``, of a run that was stopped: where its lines remain cut, that is told."""
        # Until the contrary is known: this may be interrupted.
        run.is_cut = True
        run.is_cut = not await self.read_last_words() and not run.reported
        if run.is_cut:
            self._shared.outages.cut(self._device)

    async def _deliver(self, page: Page) -> None:
        """Let the runs report a page, behind all that was read before, and no faster than it is recorded."""
        self._read_in.extend(page.gaps)
        self._read_in.extend(page.fresh)
        reported = 0
        while self._read_in:
            piece = self._read_in.popleft()
            if isinstance(piece, Gap):
                self._tell(piece)
            elif run := self._runs.get(piece.automation_id):
                run.take(piece)
                reported += 1
                if reported % _REPORTED_AT_ONCE == 0:
                    # Whoever else delivers meanwhile goes on with the same.
                    await asyncio.sleep(0)
                    await run.keep_up()

    async def _follow(self, tasks: asyncio.TaskGroup) -> None:
        pace = PollPace(time.monotonic())
        last_entry = time.monotonic()
        had_entries = False
        while self._forget_ended():
            await asyncio.sleep(self._shared.budget.wait(time.monotonic()))
            page = await self._read()
            if page is None:
                continue
            now = time.monotonic()
            to_ask_about = self._witness.not_asked_about(list(self._runs.values()))
            if page.fresh:
                last_entry, had_entries = now, True
                await self._end_reported()
            elif now - last_entry > self._quiet_before_asking():
                last_entry = now
                to_ask_about = list(self._runs.values())
            if to_ask_about and (self._asking is None or self._asking.done()):
                # Beside the logs: a record that takes its time holds up no line.
                self._asking = tasks.create_task(self._ask_witness(to_ask_about))
            if page.may_be_cut and not page.is_small:
                continue
            had_entries = had_entries or page.may_be_cut
            if self._hurry.is_set():
                self._hurry.clear()
                pace.hurry(now)
            pause = pace.next_pause(now, had_entries=had_entries)
            had_entries = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hurry.wait()

    async def _read(self) -> Page | None:
        """A page, which the runs have reported; None: there is none now, or never will be.

        Raises:
            AuthenticationError, RouteMissing: nor of any other device.
        """
        runs = list(self._runs.values())
        self._unread_since = self._unread_since or time.monotonic()
        try:
            page = await self._logs.page()
        except AuthenticationError:
            raise
        except XgodoError as error:
            if isinstance(error, RouteMissing) and not self._was_read:
                raise
            if _may_pass(error):
                await self._wait_out(error, runs)
            else:
                await self._give_up(runs, f"Its logs can't be read: {error}")
            return None
        if self._outage_began is not None:
            self._shared.outages.ended(self._device)
            self._outage_began = None
        self._failures, self._was_read, self._unread_since = 0, True, None
        await self._deliver(page)
        return page

    async def _wait_out(self, error: XgodoError, runs: Sequence[Run]) -> None:
        now = time.monotonic()
        if self._outage_began is None:
            self._outage_began = now
            self._shared.outages.began(self._device, error)
        if now - self._outage_began > _LONGEST_OUTAGE:
            self._shared.outages.given_up(self._device)
            self._outage_began = None
            await self._give_up(runs, f"No logs could be read for {_LONGEST_OUTAGE:g} s: {error}")
            return
        pause = _OUTAGE_PAUSES[min(self._failures, len(_OUTAGE_PAUSES) - 1)]
        self._failures += 1
        if isinstance(error, ServerUnavailable):
            pause = max(pause, min(error.retry_after, _LONGEST_ASKED_PAUSE))
        await asyncio.sleep(pause)

    async def _give_up(self, runs: Sequence[Run], why: str) -> None:
        async def end(run: Run) -> None:
            if run.is_ours:
                # What this process has started and can't follow does not go on either.
                await run.tell_to_stop()
            run.end("lost", why)

        # Each by itself: of one that was told, the end is told too, whatever interrupts the others.
        await asyncio.gather(*map(end, runs))

    async def _end_reported(self) -> None:
        """End the runs that have said how they ended, behind what else they still had to say."""
        reported = [run for run in self._runs.values() if run.reported and not run.ended]
        if reported:
            # What is shown does not depend on where a page ends; a line may also come late.
            await self.read_last_words()
            for run in reported:
                run.end_as_reported()

    async def _ask_witness(self, runs: Sequence[Run]) -> None:
        """End those of the runs that are over by the device's record."""
        absent = await self._witness.absent(runs)
        # Logs may have arrived between the last poll and the record: read them before concluding.
        if not absent or not await self.read_last_words():
            return
        await self._end_reported()
        for run in absent:
            if run.ended or run.stopping:
                continue
            if run.is_ours:
                # Should the record be wrong, then what nobody follows any more does not go on either.
                await run.tell_to_stop()
            run.end_as_recorded()

    def _quiet_before_asking(self) -> float:
        if self._witness.is_unsure:
            return _BEFORE_ASKING_AGAIN
        saved = any(not run.program.reports_its_end for run in self._runs.values())
        return _QUIET_BEFORE_ASKING_ABOUT_SAVED if saved else _QUIET_BEFORE_ASKING_DEVICE

    def _forget_ended(self) -> bool:
        """Follow what has ended no longer; whether something goes on."""
        for automation_id, run in list(self._runs.items()):
            if run.ended:
                del self._runs[automation_id]
                self._logs.remove(automation_id)
        return bool(self._runs)

    def _tell(self, gap: Gap) -> None:
        if run := self._runs.get(gap.automation_id):
            printed = f"What {self._device.name} printed {gap.told()}"
            run.say(f"{printed} may be missing: the platform keeps ten minutes.")


def _may_pass(error: XgodoError) -> bool:
    """Whether the same question may be answered in a moment; else the server says no, and will again."""
    if isinstance(error, ApiError) and not isinstance(error, RouteMissing):
        return error.status in _PASSING_REFUSALS
    # Also a route that was there a moment ago: something else answers in its place.
    return isinstance(error, UnreachableError | RouteMissing)
