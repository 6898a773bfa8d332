"""Which of the recorded runs the options of `logs` and `runs` mean."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from xgodo_dev.cli import output
from xgodo_dev.errors import UsageError
from xgodo_dev.runs.recorded_launch import launches
from xgodo_dev.runs.recorded_run import RecordedRun


def chosen(
    recorded: Sequence[RecordedRun],
    devices: Sequence[str],
    run_id: str | None,
    since: float | None,
    *,
    launch_as_listed: bool = False,
) -> list[RecordedRun]:
    """The runs that the options mean, of all that are recorded, newest first.

    Args:
        devices: ids or names; none: on whatever device.
        run_id: how the run's id begins.
        since: Unix seconds; a run that may go on is always meant.
        launch_as_listed: the beginning of an id that `runs` lists for a launch means all of its runs.

    Raises:
        UsageError: no device or run is meant, or it can't be told which.
    """
    meant = on(devices, recorded)
    if run_id is not None:
        run = _begins(run_id, recorded)
        if run not in meant:
            raise UsageError(f"Run {run.id[:8]} was on {output.shown(run.device)}, and no other device.")
        if launch_as_listed and run_id.lower() != run.id:
            listed = next((each for each in launches(recorded) if each.id == run.id), None)
            if listed:
                return [each for each in listed.runs if each in meant]
        return [run]
    recorded = meant
    if since is not None:
        return [run for run in recorded if run.may_be_open or (run.ended or run.started) >= since]
    # One launch on several devices is several runs.
    return list(launches(recorded)[0].runs) if recorded else []


def on(wanted: Sequence[str], recorded: Sequence[RecordedRun]) -> Sequence[RecordedRun]:
    """Those of the runs that were on the devices of these ids or names; all of them where none is named.

    Raises:
        UsageError: a name means no device that was run on, or several.
    """
    if not wanted:
        return recorded
    meant = device_ids(wanted, recorded)
    return [run for run in recorded if run.device_id in meant]


def device_ids(wanted: Sequence[str], recorded: Sequence[RecordedRun]) -> Collection[str]:
    """The ids of the devices of these ids or names that were run on; empty where none is named.

    Raises:
        UsageError: a name means no device that was run on, or several.
    """
    from xgodo_dev.platform.automation import Device
    from xgodo_dev.runs.devices import choose

    # A device goes by its newest name here, and need not be connected now.
    known = {run.device_id: run.device for run in reversed(recorded)}
    devices = [Device(device_id, name, online=True, record={}) for device_id, name in known.items()]
    return {device.id for device in choose(devices, wanted)} if wanted else set()


def _begins(run_id: str, recorded: Sequence[RecordedRun]) -> RecordedRun:
    fitting = [run for run in recorded if run.id.startswith(run_id.lower())] if run_id else []
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        some = ", ".join(run.id for run in fitting[:3]) + (" …" if len(fitting) > 3 else "")
        raise UsageError(f"{run_id!r} begins several runs: {some}.", hint="Give more of the id.")
    raise UsageError(f"No recorded run begins with {run_id!r}.", hint="See `xgodo-dev runs`.")
