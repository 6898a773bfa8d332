"""What the device's record tells of a run: a second witness beside the run's own report."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.run import Run

# Seconds after the launch.
_FIRST_ASKING = 0.5
# Nothing waits for it.
_DEADLINE = 30.0
_AFTER_SILENCE = 5.0
# How soon a record lists what was launched, no document says. Where it was never seen to list a run, its
# absence means something only after that; the emulator lists a run at once.
_SURELY_LISTED_AFTER, _LISTED_AT_ONCE = 15.0, 1.0


class SecondWitness:
    """Asks the record of one device, where records are known or may turn out to list runs."""

    def __init__(self, api: AutomationApi, device: Device, records: DeviceRecords) -> None:
        self._api = api
        self._device = device
        self._records = records
        self._asked_about: set[str] = set()
        self._seen_running: set[str] = set()
        # Runs that the last record did not list.
        self._missed: set[str] = set()
        self._silent_until = float("-inf")

    @property
    def is_unsure(self) -> bool:
        """Whether it has to be asked once more: a phone that connects anew lists nothing for a moment."""
        return bool(self._missed)

    def not_asked_about(self, runs: Sequence[Run]) -> list[Run]:
        """Those that go on long enough for a record to list them, where it is not known that it does.

        Whether records tell of runs shows only while one goes on: of a run that talks until it is cut off,
        it would never be asked.
        """
        if self._api.runs_are_listed or time.monotonic() < self._silent_until:
            return []
        return [run for run in runs if run.id not in self._asked_about and run.age > _FIRST_ASKING]

    async def absent(self, runs: Sequence[Run]) -> list[Run]:
        """Those of the runs that are over by the record; none where it can't be had, or does not tell."""
        asked = [run for run in runs if not run.ended and not run.stopping]
        if not asked:
            return []
        try:
            async with asyncio.timeout(_DEADLINE):
                record = await self._records.of(self._device, time.monotonic() - _FIRST_ASKING)
        except (XgodoError, TimeoutError):
            # Whatever is wrong with it, while it is silent, nothing is concluded: the logs are the first.
            self._silent_until = time.monotonic() + _AFTER_SILENCE
            return []
        self._asked_about.update(run.id for run in asked)
        if record is None or not record.online:
            return []
        missed, self._missed = self._missed, set()
        absent = []
        for run in asked:
            if record.runs(run.automation_id):
                self._seen_running.add(run.id)
                self._api.note_runs_are_listed()
            elif run.id in self._seen_running or (self._api.runs_are_listed and run.age > self._patience):
                if run.id in missed or self._api.runs_are_listed_at_once:
                    run.has_finished = record.has_finished(run.automation_id)
                    absent.append(run)
                else:
                    self._missed.add(run.id)
        return absent

    @property
    def _patience(self) -> float:
        return _LISTED_AT_ONCE if self._api.runs_are_listed_at_once else _SURELY_LISTED_AFTER
