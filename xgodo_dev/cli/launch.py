"""`xgodo-dev launch`."""

from __future__ import annotations

from typing import Any

import click

from xgodo_dev.cli import interrupts, launching, local_project, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.launching import Given
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.project.arguments import Arguments
from xgodo_dev.runs.events import Notice
from xgodo_dev.runs.programs import Saved
from xgodo_dev.sync.survey import Survey, survey


@click.command(cls=Command, short_help="Start the project as the platform has it saved.")
@launching.options
def launch(**options: Any) -> int:
    """Start the project as it is saved on the platform, and follow its logs.

    In place of `run`, which sends the files here. A saved project does not report how it ends: where the
    device's record tells that it is over, it counts as stopped, and elsewhere it is followed until
    --timeout or Ctrl-C, which stop it. --no-follow starts it, and leaves it running.

    \b
    Examples:
      xgodo-dev launch -d "Atomic Mammal"
      xgodo-dev launch -d @online --args arguments.json
    """
    given = Given(**options)

    async def launched() -> int:
        # Before anything else: what can't be started with these is asked nobody about.
        started_with = launching.arguments_of(local_project.project(), given, event_view.view().show)
        async with workspace.open_workspace() as opened:
            return await _launch(opened, started_with, given)

    return interrupts.run(launched())


async def _launch(opened: Workspace, started_with: Arguments, given: Given) -> int:
    project = opened.project
    devices = await devices_to_run_on(opened, given.devices)
    terminal = RunTerminal(project, [each.name for each in devices])
    if differs := _differs(survey(opened.copy, opened.state)):
        terminal.show(Notice(message=differs))
    program = Saved(project.entry, opened.project_id)
    return await launching.launch_and_follow(opened, devices, program, started_with, given, terminal)


def _differs(found: Survey) -> str | None:
    """What to know of a project that the platform has otherwise."""
    unsent = found.to_push()
    if unsent and not found.base:
        return "The platform runs what it has, and nothing was sent from here yet: `push` sends it."
    if unsent:
        differ = "differs" if len(unsent) == 1 else "differ"
        return (
            f"The platform runs what it has: {output.names(unsent)} {differ} here. `push` sends what is new."
        )
    return None
