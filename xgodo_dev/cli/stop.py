"""`xgodo-dev stop`."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import click

from xgodo_dev.cli import interrupts, known_names, local_project, output, workspace
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.output import error_document
from xgodo_dev.cli.own_ids import own_ids
from xgodo_dev.cli.view.device_cells import running
from xgodo_dev.errors import ConfigurationError, XgodoError
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs.device_records import DeviceRecords
from xgodo_dev.runs.devices import choose, in_order
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.runs.previous import PreviousRuns
from xgodo_dev.runs.recorded_run import RecordedRun


@dataclass(frozen=True)
class _Stopped:
    device: Device
    run: str | None
    """None: not one that was started from here."""
    what: str
    besides: str = ""
    """What is said of it at the end."""
    of_everything: Mapping[str, object] = field(default_factory=dict)
    """What it was, where everything on the device was stopped."""


@click.command(cls=Command, short_help="Stop what this project runs, or everything on a device.")
@click.option(
    "-d",
    "--device",
    "devices",
    multiple=True,
    metavar="DEVICE",
    help="Only there: an id, a name, the beginning of either, @online or @all.",
)
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Everything on the device that `run` would take, or on those of -d, whoever started it.",
)
def stop(devices: tuple[str, ...], everything: bool) -> int:
    """Stop the runs of this project, on every device where they go on.

    These are the runs that were started from this folder, and the saved project where a device's record
    lists it. With --all, everything that runs on a device is stopped, also what others have started: on
    those that -d names, else on the one that `run` would take.

    \b
    Examples:
      xgodo-dev stop
      xgodo-dev stop -d "Atomic Mammal" --all
    """

    async def stopped() -> int:
        project = local_project.project()
        server = local_project.server(project)
        project_id = project.id_for(server.profile)
        async with Transport(server, on_silence=output.waiting_for(server.api_url)) as transport:
            # Without what the project remembers: a disk that is full is no reason to let a phone go on.
            api = AutomationApi(transport)
            if server.is_emulator:
                api.note_runs_are_listed(at_once=True)
            records = DeviceRecords(api)
            previous = PreviousRuns(project.root, server.remote, api, records, _tell)
            if not everything:
                known = await api.devices()
                known_names.remember_devices(server, known)
                meant = choose(known, devices) if devices else in_order(known)
                return await _stop_ours(api, previous, project_id, meant)
            chosen = choose(await api.devices(), devices) if devices else await _usual_devices()
            ours = await own_ids(project.root, server.remote, project_id)
            code = await _stop_everything(api, previous, chosen, ours)
            if not devices:
                output.note("Only there; `-d @online` means all devices that are online.")
            return code

    return interrupts.run(stopped())


async def _usual_devices() -> list[Device]:
    try:
        # Where something was stopped need not be where the next thing runs: it is not remembered.
        async with workspace.open_workspace() as opened:
            return await devices_to_run_on(opened, (), remembering=False)
    except ConfigurationError as error:
        _add_way_out(error, "`-d DEVICE` or `-d @online` says where, whatever is remembered here.")
        raise


async def _stop_ours(
    api: AutomationApi, previous: PreviousRuns, project_id: str, meant: Sequence[Device]
) -> int:
    by_id = {device.id: device for device in meant}
    unreadable: XgodoError | None = None
    ours: list[RecordedRun] = []
    try:
        going_on = await previous.going_on()
        # In the order in which devices are listed.
        ours = [run for device in meant for run in going_on if run.device_id == device.id]
    except XgodoError as error:
        # The saved project can be stopped all the same.
        unreadable = error
        _add_way_out(error, "`stop --all -d DEVICE` stops all that runs on a device, whatever is recorded.")

    async def end(run: RecordedRun) -> _Stopped | None:
        recorded = await previous.end_in_turn(run)
        # It may have come to its own end before.
        was_stopped = recorded.status == "stopped"
        return _Stopped(by_id[run.device_id], run.id, f"run {run.id[:8]}") if was_stopped else None

    async def end_saved(device: Device) -> _Stopped:
        await api.stop_saved(device, project_id)
        await previous.wait_until_gone(device, [project_id])
        return _Stopped(device, None, "the saved project")

    recorded = {run.device_id for run in ours if run.is_saved}
    unrecorded = [device for device in meant if device.id not in recorded and device.runs(project_id)]
    stops = [*map(end, ours), *map(end_saved, unrecorded)]
    results = await asyncio.gather(*stops, return_exceptions=True)
    devices = [*(by_id[run.device_id] for run in ours), *unrecorded]
    return _report(devices, results, besides=unreadable)


async def _stop_everything(
    api: AutomationApi, previous: PreviousRuns, devices: Sequence[Device], own_ids: Collection[str]
) -> int:
    async def clear(device: Device) -> _Stopped:
        await api.stop_all(device)
        # What is ours among it ends as recorded, too.
        ended = await previous.make_room(device)
        await previous.wait_until_gone(device, None)
        listed = device.record.get("automations") or []
        ran = running(listed, own_ids)
        what = {"runs": [run.id for run in ended if run.status == "stopped"], "automations": listed}
        return _Stopped(device, None, "everything", f": {ran or 'nothing was listed there'}", what)

    results = await asyncio.gather(*map(clear, devices), return_exceptions=True)
    return _report(devices, results)


def _add_way_out(error: XgodoError, way_out: str) -> None:
    error.hint = f"{error.hint} {way_out}" if error.hint else way_out


def _tell(event: Event) -> None:
    if isinstance(event, Notice):
        output.note(event.message)


def _report(
    devices: Sequence[Device],
    results: Sequence[_Stopped | BaseException | None],
    *,
    besides: XgodoError | None = None,
) -> int:
    """Print what was stopped on these devices and what was not; returns the exit code.

    Args:
        besides: keeps it unknown whether there was more to stop.

    Raises:
        XgodoError: nothing could be stopped.
    """
    stopped = [each for each in results if isinstance(each, _Stopped)]
    failed = [
        (device, each) for device, each in zip(devices, results, strict=True) if isinstance(each, XgodoError)
    ]
    for other in results:
        if isinstance(other, BaseException) and not isinstance(other, XgodoError):
            raise other
    error = worst([*(each for _, each in failed), *filter(None, [besides])])
    if error and not stopped:
        raise error
    if invocation().json:
        document: dict[str, object] = {"stopped": [_document(each) for each in stopped]}
        failures: list[dict[str, object]] = [
            {"device": device.name, "device_id": device.id} | error_document(each) for device, each in failed
        ]
        if besides:
            failures.append({"device": None, "device_id": None} | error_document(besides))
        if failures:
            document["failed"] = failures
        output.json_document(document)
        return error.exit_code if error else 0
    for each in stopped:
        where = f"{each.device.name}{each.besides}"
        output.result(f"Stopped {each.what} on {output.shown(where)}.")
    for device, each_error in failed:
        output.note(f"Not stopped on {output.shown(device.name)}: {each_error.with_hint()}")
    if besides:
        output.note(besides.with_hint())
    if not stopped:
        output.note("Nothing of this project runs.")
    return error.exit_code if error else 0


def _document(stopped: _Stopped) -> dict[str, object]:
    """As JSON; ``run`` is null where it is not one that was started from here.

    Of everything on a device: ``runs`` are the ids of this project's among it, and ``automations`` what was
    listed there, as the platform has it.
    """
    device = stopped.device
    return {"run": stopped.run, "device": device.name, "device_id": device.id, **stopped.of_everything}
