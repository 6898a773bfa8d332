"""`xgodo-dev run`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from xgodo_dev.cli import check_report, checking, interrupts, launching, local_project, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.launching import Given
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError
from xgodo_dev.loop.events import Check
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Notice
from xgodo_dev.runs.programs import Direct
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.check_remarks import awaiting, remarks
from xgodo_dev.toolchain.typescript import check


@click.command(cls=Command, short_help="Run the project on devices and follow its logs.")
@click.argument("entry", metavar="[ENTRY]", required=False)
@launching.options
def run(entry: str | None, **options: Any) -> int:
    """Type-check and bundle the project, launch it, and follow its logs to the end.

    What this project still runs on a device is stopped there first. The exit code is 0 when every run
    ended well. Ctrl-C stops what was started.
    """
    given = Given(**options)

    async def launched() -> int:
        # Before anything else: what can't be started with these is neither checked nor asked about.
        project = local_project.project()
        started_with = launching.arguments_of(project, given, event_view.view().show)
        if entry:
            project = replace(project, entry=_entry(project, entry))
        with local_project.open_local() as local:
            async with workspace.connected(replace(local, project=project)) as opened:
                return await _run(opened, started_with, given)

    return interrupts.run(launched())


async def _run(opened: Workspace, started_with: Arguments, given: Given) -> int:
    project = opened.project
    devices = await devices_to_run_on(opened, given.devices)
    terminal = RunTerminal(project, devices)
    toolchain = await checking.toolchain(project)
    checked = await check(toolchain, project.root)
    terminal.show(Check.of(checked))
    for remark in (*remarks(checked, project.root, project.entry), *awaiting(checked)):
        terminal.show(Notice(message=remark))
    check_report.annotate(checked, project.root)
    if not checked.ok:
        return 1
    program = Direct.of(await bundle(toolchain, project.root, project.entry))
    return await launching.launch_and_follow(opened, devices, program, started_with, given, terminal)


def _entry(project: Project, entry: str) -> str:
    # As the shell completes it, or else as it is shown everywhere: from the project's root.
    named = ((folder / entry).resolve() for folder in (invocation().start, project.root))
    absolute = next((file for file in named if file.is_file()), None)
    if absolute is None or not absolute.is_relative_to(project.root):
        parameter = f"A parameter is given as `--param {entry}`." if "=" in entry else None
        raise UsageError(f"There is no file {entry} in this project.", hint=parameter)
    return absolute.relative_to(project.root).as_posix()
