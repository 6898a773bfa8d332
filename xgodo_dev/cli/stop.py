"""`xgodo-dev stop`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import click

from xgodo_dev.cli import interrupts, local_project, output, workspace
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import XgodoError
from xgodo_dev.platform.automation import Device
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.devices import choose
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.previous import PreviousRuns


@dataclass(frozen=True)
class _Stopped:
    device: Device
    run: str | None
    """None: whatever ran there."""


@click.command(cls=Command, short_help="Stop what this project runs, or everything on a device.")
@click.option(
    "-d",
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    help="Only there: an id, a name, the beginning of either, @online or @all.",
)
@click.option("--all", "everything", is_flag=True, help="Everything on the device, whoever started it.")
def stop(devices: tuple[str, ...], everything: bool) -> int:
    """Stop the runs of this project, on every device where they go on.

    These are the runs that were started from this folder, and the saved project where a device's record
    lists it. With --all, everything that runs on the device is stopped, also what others have started.
    """

    async def stopped() -> int:
        with local_project.open_local() as local:
            async with workspace.connected(local) as opened:
                if everything:
                    return await _stop_everything(opened, devices)
                return await _stop_ours(opened, devices)

    return interrupts.run(stopped())


async def _stop_ours(opened: Workspace, wanted: Sequence[str]) -> int:
    known = await opened.api.devices()
    meant = {device.id: device for device in (choose(known, wanted) if wanted else known)}
    previous = _previous(opened)
    ours = [run for run in previous.going_on() if run.device_id in meant]

    async def end_recorded(device: Device, run: str) -> _Stopped:
        await previous.end(next(each for each in ours if each.id == run))
        return _Stopped(device, run)

    async def end_saved(device: Device) -> _Stopped:
        await opened.api.stop_saved(device, opened.project_id)
        await previous.wait_until_gone(device, [opened.project_id])
        return _Stopped(device, None)

    recorded = {run.device_id for run in ours if run.is_saved}
    stops = [end_recorded(meant[run.device_id], run.id) for run in ours]
    stops += [
        end_saved(device)
        for device in meant.values()
        if device.id not in recorded and device.runs(opened.project_id)
    ]
    return _report(await asyncio.gather(*stops, return_exceptions=True), "Nothing of this project runs.")


async def _stop_everything(opened: Workspace, wanted: Sequence[str]) -> int:
    # Not remembered: where something was stopped need not be where the next thing runs.
    devices = choose(await opened.api.devices(), wanted) if wanted else await devices_to_run_on(opened, ())
    previous = _previous(opened)

    async def clear(device: Device) -> _Stopped:
        await previous.clear(device)
        # What is ours among it ends as recorded, too.
        await previous.make_room(device)
        return _Stopped(device, None)

    stops = (clear(device) for device in devices)
    return _report(await asyncio.gather(*stops, return_exceptions=True), "")


def _previous(opened: Workspace) -> PreviousRuns:
    records = DeviceRecords(opened.api, time.monotonic)
    return PreviousRuns(opened.project.root, opened.server.remote, opened.api, records, _tell)


def _tell(event: Event) -> None:
    if isinstance(event, Notice):
        output.note(event.message)


def _report(results: Sequence[_Stopped | BaseException], nothing: str) -> int:
    """Print what was stopped and what was not; returns the exit code.

    Raises:
        XgodoError: nothing could be stopped.
    """
    stopped = [each for each in results if isinstance(each, _Stopped)]
    errors = [each for each in results if isinstance(each, XgodoError)]
    for other in results:
        if isinstance(other, BaseException) and not isinstance(other, XgodoError):
            raise other
    error = worst(errors)
    if error and not stopped:
        raise error
    if invocation().json:
        output.json_document({"stopped": [_document(each) for each in stopped]})
    else:
        for each in stopped:
            what = f"run {each.run[:8]}" if each.run else "everything" if not nothing else "the saved project"
            output.result(f"Stopped {what} on {output.shown(each.device.name)}.")
        if not stopped:
            output.note(nothing)
    for each_error in errors:
        output.note(f"Not stopped: {each_error.with_hint()}")
    return error.exit_code if error else 0


def _document(stopped: _Stopped) -> dict[str, object]:
    """As JSON; ``run`` is null where it is not one that was started from here."""
    return {"run": stopped.run, "device": stopped.device.name, "device_id": stopped.device.id}
