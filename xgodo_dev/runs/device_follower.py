"""Follows all runs of this process on one device, with one request for all of them."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from xgodo_dev.errors import ApiError, AuthenticationError, UnreachableError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import RouteMissing
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.events import Event
from xgodo_dev.runs.outages import Outages
from xgodo_dev.runs.pace import PollPace, RequestBudget
from xgodo_dev.runs.run import Run
from xgodo_dev.runs.tail import NOTHING, Gap, Page, Tail

# The platform forgets logs after ten minutes, as documented; an outage well within that loses nothing.
_LONGEST_OUTAGE = 120.0
_OUTAGE_PAUSE = 2.0
# The bundle reports its own end. The device's record is only the second witness, asked when it is quiet.
_QUIET_BEFORE_ASKING_DEVICE = 3.0
# Of a saved project, it is the only one.
_QUIET_BEFORE_ASKING_ABOUT_SAVED = 0.6
_BEFORE_FIRST_ASKING = 0.5
_LAST_READING_DEADLINE = 3.0
# Pages of earlier lines to pass over; a run that never stops printing would keep this going for ever.
_MOST_EARLIER_PAGES = 1000


@dataclass(frozen=True)
class Shared:
    """What all devices of a process have in common."""

    api: AutomationApi
    emit: Callable[[Event], None]
    records: DeviceRecords
    budget: RequestBudget
    outages: Outages


class DeviceFollower:
    """Reads the logs of one device for as long as a run goes on there."""

    def __init__(self, device: Device, shared: Shared) -> None:
        self._device = device
        self._shared = shared
        self._tail = Tail()
        self._runs: dict[str, Run] = {}
        # Reading twice at once would take the same answer for two.
        self._reading = asyncio.Lock()
        self._hurry = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._asked_about: set[str] = set()

    def follow(
        self,
        run: Run,
        tasks: asyncio.TaskGroup,
        read_until: float | None = None,
        seen: Sequence[str] = (),
    ) -> None:
        """Follow a run until it has ended."""
        if not self._tail.reads(run.automation_id):
            self._tail.add(run.automation_id, run.began if read_until is None else read_until, seen)
        self._runs[run.automation_id] = run
        self._hurry.set()
        if self._task is None or self._task.done():
            self._task = tasks.create_task(self._follow())

    async def pass_over(self, run: Run) -> None:
        """Leave out what the platform has already under the id of a run that is about to be launched."""
        self._tail.add(run.automation_id, time.time())
        for _ in range(_MOST_EARLIER_PAGES):
            page = await self._next_page()
            if not page.fresh:
                break
            run.after = page.fresh[-1].id

    def leave(self) -> None:
        """Follow nothing any more."""
        if self._task:
            self._task.cancel()

    async def read(self) -> Page:
        """Read one page, and let the runs report it."""
        async with self._reading:
            page = await self._next_page()
            for gap in page.gaps:
                self._tell(gap)
            for entry in page.fresh:
                if run := self._runs.get(entry.automation_id):
                    run.take(entry)
            return page

    async def _follow(self) -> None:
        now = time.monotonic()
        pace = PollPace(now)
        last_entry = now
        outage_began: float | None = None
        had_entries = False
        while self._forget_ended():
            await asyncio.sleep(self._shared.budget.wait(time.monotonic()))
            try:
                page = await self.read()
                now = time.monotonic()
                had_entries |= bool(page.fresh)
                if page.fresh:
                    last_entry = now
                    await self._end_reported()
                elif now - last_entry > self._quiet_before_asking():
                    last_entry = now
                    await self._ask_record(list(self._runs.values()))
                await self._ask_record(self._not_asked_about())
            except (AuthenticationError, RouteMissing):
                raise
            except UnreachableError as error:
                now = time.monotonic()
                if outage_began is None:
                    outage_began = now
                    self._shared.outages.began(self._device.name, error)
                if now - outage_began > _LONGEST_OUTAGE:
                    self._shared.outages.given_up(self._device.name)
                    self._lose(f"No logs could be read for {_LONGEST_OUTAGE:g} s: {error}")
                    return
                await asyncio.sleep(_OUTAGE_PAUSE)
                continue
            except XgodoError as error:
                # The server says no, and will say so again; what nobody follows does not go on either.
                await asyncio.gather(*(run.tell_to_stop() for run in self._runs.values()))
                self._lose(f"Its logs can't be read: {error}")
                return
            if outage_began is not None:
                outage_began = None
                self._shared.outages.ended(self._device.name)
            if page.may_be_cut or not self._runs:
                continue
            if self._hurry.is_set():
                self._hurry.clear()
                pace.hurry(now)
            pause = pace.next_pause(now, had_entries=had_entries)
            had_entries = False
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._hurry.wait()

    async def _next_page(self) -> Page:
        question = self._tail.question(time.time())
        if question is None:
            return NOTHING
        ids, api = list(question.automation_ids), self._shared.api
        try:
            entries = await api.logs(self._device, ids, question.behind)
        except RouteMissing:
            raise
        except ApiError:
            # What a server says of a cursor that it has forgotten is documented nowhere: ask without
            # one, where what was seen before is known by its id.
            if question.behind is None:
                raise
            self._tail.forget_cursor()
            question = replace(question, behind=None)
            entries = await api.logs(self._device, ids, None)
        return self._tail.take(question, entries)

    async def _end_reported(self) -> None:
        """End the runs that have said how they ended, behind what else they still had to say."""
        reported = [run for run in self._runs.values() if run.reported and not run.ended]
        if not reported:
            return
        # What is shown does not depend on where a page ends; a line may also come late.
        with contextlib.suppress(XgodoError, TimeoutError):
            async with asyncio.timeout(_LAST_READING_DEADLINE):
                await self.read()
        for run in reported:
            run.end_as_reported()

    def _quiet_before_asking(self) -> float:
        saved = any(run.program.mark is None for run in self._runs.values())
        return _QUIET_BEFORE_ASKING_ABOUT_SAVED if saved else _QUIET_BEFORE_ASKING_DEVICE

    def _not_asked_about(self) -> list[Run]:
        """Runs that go on long enough for a record to list them, where it is not known that it does."""
        if self._shared.api.runs_are_listed:
            return []
        # Whether a record tells of runs shows only while one goes on: a run that talks until it
        # is cut off would never be asked about.
        found = [
            run
            for run in self._runs.values()
            if run.id not in self._asked_about and run.age > _BEFORE_FIRST_ASKING and not run.ended
        ]
        self._asked_about.update(run.id for run in found)
        return found

    async def _ask_record(self, runs: Sequence[Run]) -> None:
        """Conclude from the device's record that runs are over, where the record tells."""
        going_on = [run for run in runs if not run.ended]
        if not going_on:
            return
        record = await self._shared.records.of(self._device, time.monotonic() - _BEFORE_FIRST_ASKING)
        if record is None or not record.online:
            return
        absent = []
        for run in going_on:
            if record.runs(run.automation_id):
                run.seen_running = True
                self._shared.api.note_runs_are_listed()
            elif run.seen_running or (
                self._shared.api.runs_are_listed and run.age > 2 * _BEFORE_FIRST_ASKING
            ):
                absent.append(run)
        if not absent:
            return
        # Logs may have arrived between the last poll and the record: read them before concluding.
        while (await self.read()).may_be_cut:
            pass
        await self._end_reported()
        for run in absent:
            if not run.ended:
                await self._end_absent(run)

    async def _end_absent(self, run: Run) -> None:
        # Should the record be wrong, then what nobody follows any more does not go on either.
        await run.tell_to_stop()
        if run.program.mark is None:
            run.end("stopped", "It is over; how it ended, a saved project does not report.")
        elif run.body_done:
            run.say(
                "The automation ended without stopCurrentAutomation; "
                "nothing else is documented to end a run on a real phone."
            )
            run.end("success")
        else:
            run.end("stopped", "It ended on the device without reporting how.")

    def _forget_ended(self) -> bool:
        """Follow what has ended no longer; whether something goes on."""
        for automation_id, run in list(self._runs.items()):
            if run.ended:
                del self._runs[automation_id]
                self._tail.remove(automation_id)
        return bool(self._runs)

    def _lose(self, error: str) -> None:
        for run in self._runs.values():
            run.end("lost", error)
        self._forget_ended()

    def _tell(self, gap: Gap) -> None:
        if run := self._runs.get(gap.automation_id):
            run.say(
                f"What {self._device.name} printed between {_clock(gap.since)} and {_clock(gap.until)} "
                f"may be missing ({_minutes(gap.until - gap.since)}): the platform keeps ten minutes."
            )


def _clock(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"
