"""`xgodo-dev run`."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from math import isnan
from pathlib import Path

import click

from xgodo_dev.cli import check_report, checking, event_view, interrupts, local_project, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError
from xgodo_dev.loop.events import Check
from xgodo_dev.project import arguments, schemas
from xgodo_dev.project.arguments import Pairs
from xgodo_dev.project.config import Project
from xgodo_dev.project.schema_reading import loads
from xgodo_dev.runs.events import Notice, RunStatus
from xgodo_dev.runs.recorder import RunRecorder
from xgodo_dev.runs.run import Run
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.check_remarks import awaiting, remarks
from xgodo_dev.toolchain.typescript import check

_LONGEST_TIMEOUT = 30 * 24 * 3600.0
_EXIT_CODES: dict[RunStatus, int] = {"success": 0, "failed": 1, "timeout": 1, "stopped": 1, "lost": 5}


@click.command(cls=Command, short_help="Run the project on devices and follow its logs.")
@click.argument("entry", metavar="[ENTRY]", required=False)
@click.option(
    "-d", "--device", "devices", multiple=True, metavar="DEVICE", help="An id, a name, @online or @all."
)
@click.option("--param", "parameters", multiple=True, metavar="K=V", help="An automation parameter.")
@click.option("--var", "variables", multiple=True, metavar="K=V", help="A job variable.")
@click.option(
    "--args",
    "arguments_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="JSON with automationParameters and jobVariables.",
)
@click.option("--no-follow", is_flag=True, help="Launch, and don't wait for the end.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, max=_LONGEST_TIMEOUT, min_open=True),
    metavar="S",
    help="Stop after S seconds.",
)
@click.option("--exclusive", is_flag=True, help="First stop everything that runs on the device.")
def run(
    entry: str | None,
    devices: tuple[str, ...],
    parameters: tuple[str, ...],
    variables: tuple[str, ...],
    arguments_file: Path | None,
    no_follow: bool,
    timeout: float | None,
    exclusive: bool,
) -> int:
    """Type-check and bundle the project, launch it, and follow its logs to the end.

    The exit code is 0 when every run ended well. Ctrl-C stops what was started.
    """

    if timeout is not None and isnan(timeout):
        raise UsageError("--timeout needs a number of seconds.")

    async def launched() -> int:
        # Before anything else: what can't be started with these is neither checked nor asked about.
        project = _with_arguments(local_project.project(), parameters, variables, arguments_file)
        if entry:
            project = replace(project, entry=_entry(project, entry))
        with local_project.open_local() as local:
            async with workspace.connected(replace(local, project=project)) as opened:
                return await _run(opened, devices, follow=not no_follow, timeout=timeout, exclusive=exclusive)

    return interrupts.run(launched())


async def _run(
    opened: Workspace, wanted: tuple[str, ...], *, follow: bool, timeout: float | None, exclusive: bool
) -> int:
    project = opened.project
    devices = await workspace.devices_to_run_on(opened.api, project, wanted)
    emit = event_view.emitter(several_devices=len(devices) > 1)
    toolchain = await checking.toolchain(project)
    checked = await check(toolchain, project.root)
    emit(Check.of(checked))
    for remark in (*remarks(checked, project.root, project.entry), *awaiting(checked)):
        emit(Notice(message=remark))
    check_report.annotate(checked, project.root)
    if not checked.ok:
        return 1
    made = await bundle(toolchain, project.root, project.entry)
    async with RunRecorder(project.root, opened.server.remote, emit) as recorder:
        runs = [Run(opened.api, device, made, emit, recorder) for device in devices]
        if exclusive:
            await asyncio.gather(*(opened.api.stop_all(device) for device in devices))
        try:
            await asyncio.gather(*(each.launch(project.parameters, project.variables) for each in runs))
            if not follow:
                return 0
            statuses = await asyncio.gather(*(each.follow(timeout) for each in runs))
        except BaseException:
            # Whatever ends the command early, nothing that it started stays running on a rented phone.
            await asyncio.shield(asyncio.gather(*(each.stop() for each in runs), return_exceptions=True))
            raise
        return _worst(statuses)


def _worst(statuses: Sequence[RunStatus]) -> int:
    codes = {_EXIT_CODES[status] for status in statuses}
    return next((code for code in (5, 1) if code in codes), 0)


def _with_arguments(
    project: Project, parameters: Sequence[str], variables: Sequence[str], arguments_file: Path | None
) -> Project:
    from_file: object = {}
    if arguments_file:
        try:
            from_file = loads((invocation().start / arguments_file).read_bytes().decode("utf-8-sig"))
        except OSError as error:
            raise UsageError(f"{arguments_file} can't be read: {error.strerror}.") from error
        except ValueError as error:
            raise UsageError(f"{arguments_file} is not valid JSON: {error}.") from error
    in_file = arguments.of_document(from_file, str(arguments_file))
    found = arguments.resolve(
        project,
        schemas.load(project),
        [*in_file.parameters, Pairs("--param", parameters)],
        [*in_file.variables, Pairs("--var", variables)],
    )
    emit = event_view.emitter(several_devices=False)
    for doubt in found.doubts:
        emit(Notice(message=doubt))
    return replace(project, parameters=found.parameters, variables=found.variables)


def _entry(project: Project, entry: str) -> str:
    # As the shell completes it, or else as it is shown everywhere: from the project's root.
    named = ((folder / entry).resolve() for folder in (invocation().start, project.root))
    absolute = next((file for file in named if file.is_file()), None)
    if absolute is None or not absolute.is_relative_to(project.root):
        raise UsageError(f"There is no file {entry} in this project.")
    return absolute.relative_to(project.root).as_posix()
