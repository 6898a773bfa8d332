"""Asks the platform what it still has of recorded runs of which not all is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from xgodo_dev.cli import interrupts, local_project, output
from xgodo_dev.cli.run_wording import named
from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.credentials import EMULATOR_PROFILE, Server
from xgodo_dev.project.config import Project
from xgodo_dev.runs.recorded_run import RecordedRun
from xgodo_dev.runs.store import RunStore

_DEADLINE = 10.0


@dataclass(frozen=True)
class CaughtUp:
    """Runs as they are recorded after the platform was asked."""

    runs: list[RecordedRun]
    going_on: Collection[str] = ()
    """The ids of those that go on, for all that the platform knows."""
    unasked: Sequence[str] = ()
    """Of which of them the platform was not asked, and why."""
    gaps: Sequence[str] = ()
    """Which lines may be missing."""


def catch_up(project: Project, store: RunStore, runs: Sequence[RecordedRun]) -> CaughtUp:
    """Record what the platform still has of those of the runs of which not all is recorded."""
    unfinished = [run for run in runs if run.may_have_more]
    if not unfinished:
        return CaughtUp(list(runs))
    if not store.writable:
        why = (
            f"This is what was recorded of {named(unfinished)}. The platform was not asked for more, "
            "since the file of recorded runs can't be written."
        )
        return CaughtUp(list(runs), unasked=[why])
    try:
        answer = interrupts.run(ask(local_project.server(project), store, unfinished))
    except XgodoError as error:
        answer = CaughtUp([], unasked=[_not_asked(unfinished, error)])
    refreshed = [store.refreshed(run) for run in runs]
    going_on = {run.id for run in refreshed if run.id in answer.going_on and not run.status}
    return replace(answer, runs=refreshed, going_on=going_on)


async def ask(server: Server, store: RunStore, runs: Sequence[RecordedRun]) -> CaughtUp:
    """Record what the platform has of these; they go on unless they have told their end now.

    What fails for some of them keeps no other from being asked about.
    """
    from xgodo_dev.platform.automation import AutomationApi, Device
    from xgodo_dev.platform.request import Patience
    from xgodo_dev.platform.transport import Transport
    from xgodo_dev.runs.catch_up import catch_up_each

    unasked = []
    for remote in sorted({run.remote for run in runs} - {server.remote}):
        elsewhere = [run for run in runs if run.remote == remote]
        was = "was" if len(elsewhere) == 1 else "were"
        unasked.append(f"{named(elsewhere).capitalize()} {was} launched on {_elsewhere(remote, server)}")
    asked = [run for run in runs if run.remote == server.remote]
    if not asked:
        return CaughtUp([], unasked=unasked)
    # Somebody who only wants to look back should not wait long for a server that does not answer.
    patience = Patience(connect=3, silence=6, answer=8, retry_pauses=(0.3,), budget=1)
    on_silence = output.waiting_for(server.api_url)
    async with Transport(server, patience=patience, on_silence=on_silence) as transport:
        api = AutomationApi(transport)
        result = await catch_up_each(api, store, asked, _DEADLINE)
        failures = dict(result.failures)
        devices: dict[str, Device] = {}
        if failures.keys() < {run.id for run in asked}:
            try:
                devices = {device.id: device for device in await api.devices()}
            except XgodoError as error:
                failures = {run.id: error for run in asked} | failures
    gaps = [
        f"What {named([run])} printed {gap.told()} may be missing: the platform keeps ten minutes."
        for run, gap in result.gaps
    ]
    # Most often all fail for one reason.
    for failure in {str(each): each for each in failures.values()}.values():
        failed = [run for run in asked if str(failures.get(run.id)) == str(failure)]
        unasked.append(_not_asked(failed, failure))
    forgotten = {run.id for run, _ in result.gaps}

    def goes_on(run: RecordedRun) -> bool:
        device = devices.get(run.device_id)
        if device and device.runs(run.automation_id):
            return True
        # Elsewhere than on the emulator a record need not list what runs; but what reports its end has not.
        return not (server.is_emulator or run.is_saved or run.id in forgotten)

    going_on = {run.id for run in asked if run.id not in failures and goes_on(run)}
    return CaughtUp([], going_on, unasked, gaps)


def _elsewhere(remote: str, server: Server) -> str:
    """Where a run was launched that is not asked about, and how to ask there."""
    if not remote.startswith("emulator:"):
        return f"{output.shown(remote)}, which was not asked: add --api-url {output.shown(remote)}."
    if server.profile == EMULATOR_PROFILE:
        return "another emulator than the one that runs now, which knows nothing of it."
    return "the emulator, which was not asked: add --profile emulator."


def _not_asked(runs: Sequence[RecordedRun], error: XgodoError) -> str:
    which = f"This is what was recorded of {named(runs)}"
    return f"{which}; the platform could not be asked for more. {error.with_hint()}"
