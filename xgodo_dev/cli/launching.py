"""What `run` and `launch` have in common: what a run is started with, where, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from xgodo_dev.cli import collector, output, run_arguments
from xgodo_dev.cli.app import worst
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.own_ids import own_ids
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.cli.view.device_cells import running
from xgodo_dev.cli.view.run_ends import RUN_ENDS
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import UsageError
from xgodo_dev.platform.automation import Device
from xgodo_dev.project import arguments, schemas
from xgodo_dev.project.arguments import Arguments, Pairs
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Notice, RunStatus
from xgodo_dev.runs.fleet_launch import Becoming, FleetLaunch, LaunchedFrom
from xgodo_dev.runs.programs import Program
from xgodo_dev.schema.reading import loads

# So many ends can't be counted at a glance.
_MANY = 3
# Bytes. Some files, such as devices, have no end.
_MOST_ARGUMENTS = 16 << 20
_LONGEST_TIMEOUT = 30 * 24 * 3600.0
_EXIT_CODES: dict[RunStatus, int] = {"success": 0, "failed": 1, "timeout": 1, "stopped": 1, "lost": 5}
_Function = TypeVar("_Function", bound=Callable[..., Any])


@dataclass(frozen=True)
class Given:
    """The options of a launch."""

    devices: tuple[str, ...]
    parameters: tuple[str, ...]
    variables: tuple[str, ...]
    arguments_file: Path | None
    no_follow: bool
    timeout: float | None
    exclusive: bool
    otlp: str | None

    def __post_init__(self) -> None:
        if self.timeout is not None and self.no_follow:
            raise UsageError(
                "--timeout stops a run that is followed, and --no-follow follows none.",
                hint="`stop` ends a run that was left alone.",
            )


def options(command: _Function) -> _Function:
    """The options of a launch, whose values make a ``Given``."""
    for option in reversed(
        (
            click.option(
                "-d",
                "--device",
                "devices",
                multiple=True,
                metavar="DEVICE",
                help="An id, a name, the beginning of either, @online or @all.",
            ),
            run_arguments.parameter_option,
            run_arguments.variable_option,
            click.option(
                "--args",
                "arguments_file",
                metavar="FILE",
                type=click.Path(path_type=Path),
                help="JSON with automationParameters and jobVariables.",
            ),
            click.option("--no-follow", is_flag=True, help="Launch, and don't wait for the end."),
            click.option(
                "--timeout",
                callback=duration(most=_LONGEST_TIMEOUT),
                metavar="TIME",
                help="Stop what still runs after so many seconds, or 90s, 5m, 1h.",
            ),
            click.option(
                "--exclusive",
                is_flag=True,
                help="First stop all that runs on the device, whosever it is.",
            ),
            collector.otlp_option,
        )
    ):
        command = option(command)
    return command


def arguments_of(project: Project, given: Given, emit: Callable[[Event], None]) -> Arguments:
    """What the options say, over what the settings say; what is odd about it is told.

    Raises:
        ArgumentsInvalid, UsageError: it can't be used.
    """
    from_file: object = {}
    file = given.arguments_file
    if file:
        try:
            with (invocation().start / file).open("rb") as opened:
                content = opened.read(_MOST_ARGUMENTS + 1)
            if len(content) > _MOST_ARGUMENTS:
                raise UsageError(f"{file} is larger than {_MOST_ARGUMENTS >> 20} MB: these are no arguments.")
            from_file = loads(content.decode("utf-8-sig"))
        except OSError as error:
            raise UsageError(f"{file} can't be read: {error.strerror}.") from error
        except ValueError as error:
            raise UsageError(f"{file} is not valid JSON: {error}.") from error
    in_file = arguments.of_document(from_file, str(file))
    found = arguments.resolve(
        project,
        schemas.load(project),
        [*in_file.parameters, Pairs("--param", given.parameters)],
        [*in_file.variables, Pairs("--var", given.variables)],
    )
    for doubt in found.doubts:
        emit(Notice(message=doubt))
    return found


async def launch_and_follow(
    opened: Workspace,
    devices: Sequence[Device],
    program: Program,
    started_with: Arguments,
    given: Given,
    terminal: RunTerminal,
) -> int:
    """Launch a program on devices, and follow it to the end there; returns the exit code.

    Raises:
        XgodoError: it could not be launched on the only device, or something is wrong for all of them.
    """
    project = opened.project
    launch = await launch_of(opened, devices, program, started_with, given)
    async with AsyncExitStack() as stack:
        # Of what is broken off it is told, below everything else, what became of it.
        stack.push(lambda broken_off, *_: tell_all(launch.becoming) if broken_off else None)
        if not given.no_follow:
            await stack.enter_async_context(terminal.line())
        emit = await stack.enter_async_context(collector.telemetry(given.otlp, project.name, terminal.show))
        await launch.run(emit)
    return tell_becoming(launch.becoming, terminal, followed=not given.no_follow)


async def launch_of(
    opened: Workspace,
    devices: Sequence[Device],
    program: Program,
    started_with: Arguments,
    given: Given,
) -> FleetLaunch:
    """The launch that the options mean."""
    project, server = opened.project, opened.server
    ours: Collection[str] = ()
    if given.exclusive:
        ours = await own_ids(project.root, server.remote, opened.project_id)
    return FleetLaunch(
        LaunchedFrom(project.root, opened.api, server),
        devices,
        program,
        started_with,
        project.secrets,
        follow=not given.no_follow,
        timeout=given.timeout,
        what_runs=(lambda device: running(device.record.get("automations"), ours))
        if given.exclusive
        else None,
    )


def tell_all(launched: Sequence[Becoming]) -> None:
    """Say in a line how many of many runs ended how, and which did not end well."""
    if len(launched) >= _MANY:
        output.note(summary([(each.device, _in_words(each)) for each in launched]))


def _in_words(launched: Becoming) -> str:
    if launched.status:
        return RUN_ENDS[launched.status].words.removeprefix("was ")
    return "perhaps still running" if launched.may_go_on else "not launched"


def summary(ends: Sequence[tuple[str, str]]) -> str:
    """How many runs ended how, in a sentence, of their devices' names and the words for their ends.

    Where not all ended the same way, it names those that did not end well.
    """
    well = RUN_ENDS["success"].words
    by_end: dict[str, list[str]] = {}
    # Sorting keeps the order of the others.
    for name, words in sorted(ends, key=lambda end: end[1] != well):
        by_end.setdefault(words, []).append(name)
    told = [
        f"{len(names)} {words}"
        if words == well or len(names) == len(ends)
        else f"{len(names)} {words} ({output.names(names, 8)})"
        for words, names in by_end.items()
    ]
    return f"{len(ends)} runs: {', '.join(told)}."


def tell_becoming(launched: Sequence[Becoming], terminal: RunTerminal, *, followed: bool) -> int:
    """Say what was not launched, and what to do about what nobody follows; returns the exit code.

    Raises:
        XgodoError: it was not launched on the only device.
    """
    errors = [each.error for each in launched if each.error]
    if errors and len(launched) == 1:
        raise errors[0]
    for each in launched:
        if each.error:
            terminal.show(Notice(message=f"Not launched on {each.device}: {each.error.with_hint()}"))
    terminal.tell_held()
    if followed:
        tell_all(launched)
    elif len(errors) < len(launched):
        output.note("Follow with `xgodo-dev logs -f`; `xgodo-dev stop` ends what was started.")
    most_important = worst(errors)
    codes = {most_important.exit_code} if most_important else set()
    codes |= {_EXIT_CODES[each.status] for each in launched if each.status and not each.error}
    return next((code for code in (4, 5, 3, 2, 1) if code in codes), 0)
