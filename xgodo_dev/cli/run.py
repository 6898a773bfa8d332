"""`xgodo-dev run`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import check_report, checking, interrupts, launching, local_project, suggesting, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.launching import Given
from xgodo_dev.cli.run_program import checked_program
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError
from xgodo_dev.project import watch_lock
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection


@click.command(cls=Command, short_help="Run the project on devices and follow its logs.")
@click.argument("entry", metavar="[ENTRY]", required=False)
@launching.options
def run(entry: str | None, **options: Any) -> int:
    """Type-check and bundle the project, launch it, and follow its logs to the end.

    What this project still runs on a device is stopped there first. The exit code is 0 when every run
    ended well. Ctrl-C stops what was started.

    \b
    Examples:
      xgodo-dev run -d "Atomic Mammal"
      xgodo-dev run stages/login.ts --param maxRetries=5 --timeout 5m
      xgodo-dev run -d @online --no-follow --json
    """
    given = Given(**options)

    async def launched() -> int:
        # Before anything else: what can't be started with these is neither checked nor asked about.
        project = local_project.project()
        started_with = launching.arguments_of(project, given, event_view.view().show)
        if entry:
            project = replace(project, entry=_entry(project, entry))
        if watch_lock.is_watched(project.root):
            from xgodo_dev.cli.background import attached_run

            code = await attached_run.run(project, project.entry if entry else None, started_with, given)
            if code is not None:
                return code
        with local_project.open_local() as local:
            async with workspace.connected(replace(local, project=project)) as opened:
                return await _run(opened, started_with, given)

    return interrupts.run(launched())


async def _run(opened: Workspace, started_with: Arguments, given: Given) -> int:
    project = opened.project
    devices = await devices_to_run_on(opened, given.devices)
    terminal = RunTerminal(project, [each.name for each in devices])
    program = await checked_program(
        await checking.toolchain(project),
        project,
        terminal.show,
        lambda checked: check_report.annotate(checked, project.root),
    )
    if program is None:
        return 1
    return await launching.launch_and_follow(opened, devices, program, started_with, given, terminal)


def _entry(project: Project, entry: str) -> str:
    # As the shell completes it, or else as it is shown everywhere: from the project's root.
    # Unlike `Path.resolve`, it raises nothing where a link leads to itself.
    named = (Path(os.path.realpath(folder / entry)) for folder in (invocation().start, project.root))
    absolute = next((file for file in named if file.is_file()), None)
    if absolute is None or not absolute.is_relative_to(project.root):
        raise UsageError(f"There is no file {entry} in this project.", hint=_meant(project, entry))
    return absolute.relative_to(project.root).as_posix()


def _meant(project: Project, entry: str) -> str | None:
    if "=" in entry:
        return f"A parameter is given as `--param {entry}`."
    files = FileSelection(project.root, project.exclude, project.include).paths()
    meant = suggesting.near(entry, files)
    return f"Did you mean {meant}?" if meant else None
