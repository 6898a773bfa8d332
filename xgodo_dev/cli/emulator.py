"""`xgodo-dev emulator`."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from xgodo_dev import places
from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Group
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.emulator.record import EmulatorRecord, running_record
from xgodo_dev.errors import UnreachableError, XgodoError

_DETACHED_START_DEADLINE = 360.0
_STOP_DEADLINE = 10.0
_ANSWER_SECONDS = 5.0


@click.group(cls=Group, short_help="Run the platform and a phone on this machine.")
def emulator() -> None:
    """Run the platform on this machine: its API, its compiler, and simulated phones.

    It listens on this machine only. `watch --emulator` and `--profile emulator` find it by
    themselves. Any project id that has the platform's form works: a project is made by the first
    file written to it, and kept over restarts.
    """


@emulator.command()
@click.option("--port", type=click.IntRange(0, 65535), metavar="N", help="Listen there (0: any free port).")
@click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="Keep its projects there."
)
@click.option(
    "--devices",
    "device_count",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    metavar="N",
    help="How many phones are online; one more is always offline.",
)
@click.option("--detach", is_flag=True, help="Run in the background.")
@click.option("--with-parent", is_flag=True, hidden=True, help="End when standard input ends.")
@click.option("--unlisted", is_flag=True, hidden=True, help="Leave no record for --profile emulator.")
def start(
    port: int | None, data: Path | None, device_count: int, detach: bool, with_parent: bool, unlisted: bool
) -> int:
    """Start the emulator; it runs until Ctrl-C, or `emulator stop`."""
    folder = (invocation().start / data).resolve() if data else places.emulator_data_directory()
    if detach:
        _announce(_start_detached(folder, port, device_count))
        return 0

    async def served() -> None:
        from xgodo_dev.emulator.server import serve

        async with _ending_with_standard_input() if with_parent else contextlib.nullcontext():
            await serve(
                folder,
                port=port,
                device_count=device_count,
                listed=not unlisted,
                on_ready=_announce,
                progress=output.note,
            )

    try:
        interrupts.run(served())
    except KeyboardInterrupt:
        # Ctrl-C is the documented way to end it.
        output.note("The emulator has stopped.")
    return 0


@emulator.command()
def status() -> int:
    """Say whether an emulator runs, and where."""
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
    """Stop the emulator that runs, and everything on its phones."""
    record = running_record()
    if record:
        _ask_to_stop(record)
    if invocation().json:
        output.json_document({"stopped": record is not None})
    else:
        output.result(f"Stopped the emulator at {record.url}." if record else "No emulator runs.")
    return 0


@emulator.command()
@click.option(
    "--data", metavar="DIR", type=click.Path(path_type=Path, file_okay=False), help="The emulator's folder."
)
@click.confirmation_option("--yes", prompt="Remove every project of the emulator?")
def reset(data: Path | None) -> int:
    """Remove the emulator's projects and token; it begins anew."""
    from xgodo_dev.emulator import server

    folder = (invocation().start / data).resolve() if data else places.emulator_data_directory()
    server.reset(folder)
    if invocation().json:
        output.json_document({"reset": str(folder)})
    else:
        output.result(f"The emulator in {folder} begins anew.")
    return 0


def _announce(record: EmulatorRecord) -> None:
    if invocation().json:
        output.json_line(
            {
                "url": record.url,
                "token": record.token,
                "pid": record.pid,
                "instance": record.instance,
                "data": record.data,
            }
        )
        return
    output.result(f"The emulator listens at {record.url}")
    output.result(f"Token: {record.token}")
    output.note("Use it with `xgodo-dev watch --run --emulator`, or `--profile emulator` on any command.")
    # A pipe's reader waits for these lines while we go on running.
    sys.stdout.flush()


def _start_detached(folder: Path, port: int | None, device_count: int) -> EmulatorRecord:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = folder / "emulator.log"
    options = ["--data", str(folder), "--devices", str(device_count)]
    if port is not None:
        options += ["--port", str(port)]
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "xgodo_dev", "emulator", "start", *options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stream,
            start_new_session=True,
        )
    deadline = time.monotonic() + _DETACHED_START_DEADLINE
    while time.monotonic() < deadline:
        record = running_record()
        if record and record.pid == process.pid:
            return record
        if process.poll() is not None:
            reason = log.read_text("utf-8", "replace").strip().splitlines()
            raise XgodoError(
                f"The emulator did not start: {reason[0] if reason else 'it said nothing'}",
                hint=f"All it said is in {log}.",
            )
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise UnreachableError(
        f"The emulator did not start within {_DETACHED_START_DEADLINE:g} s.",
        hint=f"What it said is in {log}.",
    )


def _ask_to_stop(record: EmulatorRecord) -> None:
    address = urlsplit(record.url)
    assert address.hostname and address.port, "the record was verified"
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("POST", "/_emulator/stop", headers={"Authorization": f"Bearer {record.token}"})
        connection.getresponse().read()
    except OSError as error:
        raise UnreachableError(f"The emulator at {record.url} does not answer: {error}.") from error
    finally:
        connection.close()
    deadline = time.monotonic() + _STOP_DEADLINE
    while running_record() and time.monotonic() < deadline:
        time.sleep(0.05)


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
