"""`xgodo-dev emulator`."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click

from xgodo_dev import places
from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Group
from xgodo_dev.cli.emulator_job import job
from xgodo_dev.cli.emulator_process import EmulatorAddress, listens, started
from xgodo_dev.cli.emulator_request import ask
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.cli.own_process import OURSELVES, process_apart
from xgodo_dev.cli.terminal.questions import confirm
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.emulator.data_folder import LOG_FILE, released, require_own
from xgodo_dev.emulator.record import EmulatorRecord, running_record
from xgodo_dev.errors import UnreachableError, UsageError
from xgodo_dev.toolchain import tools

_DETACHED_START_DEADLINE = 30.0
_STOP_DEADLINE = 10.0


@click.group(cls=Group, short_help="Run the platform and a phone on this machine.")
def emulator() -> None:
    """Run the platform on this machine: its API, its compiler, and simulated phones.

    It listens on this machine only. `watch --emulator` and `--profile emulator` find it by
    themselves. Any project id that has the platform's form works: a project is made by the first
    file written to it, and kept over restarts.
    """


@emulator.command()
@click.option("--port", type=WholeNumber(0, 65535), metavar="N", help="Listen there (0: any free port).")
@click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Keep its projects there."
)
@click.option(
    "--devices",
    "device_count",
    type=WholeNumber(0),
    default=1,
    show_default=True,
    metavar="N",
    help="How many phones are online; one more is always offline.",
)
@click.option("--detach", is_flag=True, help="Run in the background.")
@click.option(
    "--no-project-api",
    is_flag=True,
    help="Answer the documented endpoints only, as servers without the project API do.",
)
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input ends.")
@click.option("--unlisted", is_flag=True, hidden=True, help="Leave no record for --profile emulator.")
def start(
    port: int | None,
    data: Path | None,
    device_count: int,
    detach: bool,
    no_project_api: bool,
    with_parent: bool,
    unlisted: bool,
) -> int:
    """Start the emulator; it runs until Ctrl-C, or `emulator stop`.

    \b
    Examples:
      xgodo-dev emulator start --detach
      xgodo-dev emulator start --port 8080 --data ./emulated
    """
    folder = _folder(data)
    other = running_record()
    # Two emulators may run, but a profile has one address: it stays with the one that has it.
    listed = not unlisted and (other is None or Path(other.data) == folder)
    if other and not listed and not unlisted:
        output.note(
            f"`--profile emulator` goes on meaning the one at {other.url}. "
            "Use this one with --api-url and XGODO_TOKEN."
        )
    if detach:
        address = _start_detached(folder, port, device_count, project_api=not no_project_api)
        _announce(address, listed=listed)
        return 0

    async def served() -> None:
        from xgodo_dev.emulator.server import serve

        async with _ending_with_standard_input() if with_parent else contextlib.nullcontext():
            await serve(
                folder,
                port=port,
                device_count=device_count,
                listed=listed,
                project_api=not no_project_api,
                on_ready=lambda record: _announce(
                    EmulatorAddress(record.url, record.token, record.data), listed=listed
                ),
                progress=output.note,
            )

    interrupts.run(served())
    return 0


@emulator.command()
def status() -> int:
    """Say whether an emulator runs, and where.

    \b
    Examples:
      xgodo-dev emulator status --json
    """
    record = running_record()
    if invocation().json:
        document: dict[str, Any] = {"running": record is not None}
        if record:
            document |= {"url": record.url, "pid": record.pid, "data": record.data}
        output.json_document(document)
    elif record:
        output.result(f"An emulator runs at {record.url} (process {record.pid}, data in {record.data}).")
    else:
        output.result("No emulator runs.")
    return 0 if record else 1


@emulator.command()
def stop() -> int:
    """Stop the emulator that runs, and everything on its phones.

    \b
    Examples:
      xgodo-dev emulator stop
    """
    record = running_record()
    if record:
        _ask_to_stop(record)
    if invocation().json:
        output.json_document({"stopped": record is not None})
    else:
        output.result(f"Stopped the emulator at {record.url}." if record else "No emulator runs.")
    return 0


emulator.add_command(job)


@emulator.command()
@click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="The emulator's folder."
)
@click.option("--yes", is_flag=True, help="Don't ask.")
def reset(data: Path | None, yes: bool) -> int:
    """Remove the emulator's projects and token; it begins anew.

    \b
    Examples:
      xgodo-dev emulator reset
    """
    from xgodo_dev.emulator import server

    folder = _folder(data)
    if not yes:
        if not interactive():
            raise UsageError(f"This removes every project in {folder}.", hint="Say --yes to do it.")
        if not confirm(f"Remove every project in {output.shown(str(folder))}?"):
            raise click.Abort
    server.reset(folder)
    if invocation().json:
        output.json_document({"reset": str(folder)})
    else:
        output.result(f"The emulator in {folder} begins anew.")
    return 0


def _folder(data: Path | None) -> Path:
    return (invocation().start / data).resolve() if data else places.emulator_data_directory().resolve()


def _announce(address: EmulatorAddress, *, listed: bool) -> None:
    if invocation().json:
        output.json_line({"url": address.url, "token": address.token, "data": address.data})
        return
    output.result(f"The emulator listens at {address.url}")
    # Its own, which it is there to tell.
    output.exact(f"Token: {address.token}")
    if listed:
        output.note("Use it with `xgodo-dev watch --run --emulator`, or `--profile emulator` on any command.")
    # A pipe's reader waits for these lines while we go on running.
    sys.stdout.flush()


def _start_detached(
    folder: Path, port: int | None, device_count: int, *, project_api: bool
) -> EmulatorAddress:
    require_own(folder)
    asyncio.run(tools.ensure(None, progress=output.note))
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = ["--data", str(folder), "--devices", str(device_count)]
    if port is not None:
        options += ["--port", str(port)]
    if not project_api:
        options.append("--no-project-api")
    # Appended: a start that fails must not wipe what the one that runs has said.
    with (folder / LOG_FILE).open("ab") as log:
        process = subprocess.Popen(
            [*OURSELVES, "--json", "emulator", "start", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            **process_apart(),
        )
    assert process.stdout is not None
    overdue = threading.Timer(_DETACHED_START_DEADLINE, process.kill)
    try:
        overdue.start()
        first = process.stdout.readline()
        if not listens(first):
            process.wait()
        return started(first, process.poll())
    except BaseException:
        process.kill()
        process.wait()
        raise
    finally:
        overdue.cancel()
        process.stdout.close()


def _ask_to_stop(record: EmulatorRecord) -> None:
    """Stop an emulator, and wait until it has let go of its folder.

    Raises:
        UnreachableError: it does not answer, or does not end.
        ApiError: it refuses.
    """
    ask(record, "/_emulator/stop")
    if not released(Path(record.data), deadline=_STOP_DEADLINE):
        raise UnreachableError(
            f"The emulator at {record.url} still runs after {_STOP_DEADLINE:g} s.",
            hint=f"Its process is {record.pid}.",
        )


@contextlib.asynccontextmanager
async def _ending_with_standard_input() -> AsyncIterator[None]:
    """Cancel the task when standard input ends: whoever started us holds its other end and has gone."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None

    def wait_for_end() -> None:
        # The bare descriptor: a thread inside sys.stdin's lock would abort the interpreter's exit.
        while os.read(0, 1024):
            pass
        with contextlib.suppress(RuntimeError):  # the loop has closed: we are ending anyway
            loop.call_soon_threadsafe(task.cancel)

    # A daemon thread: it may still wait for input when the emulator was ended otherwise.
    threading.Thread(target=wait_for_end, daemon=True, name="parent-watch").start()
    try:
        yield
    except asyncio.CancelledError:
        return
