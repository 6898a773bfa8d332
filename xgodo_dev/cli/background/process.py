"""The daemon as a process: started apart from everything here, and ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from xgodo_dev import known_tokens
from xgodo_dev.cli import local_project, output, watch_options, watching
from xgodo_dev.cli.app import reported
from xgodo_dev.cli.background.service import Service
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.own_process import OURSELVES, process_apart
from xgodo_dev.cli.view import event_view
from xgodo_dev.cli.watching import Wanted
from xgodo_dev.errors import UnreachableError, XgodoError
from xgodo_dev.loop import control, control_client
from xgodo_dev.loop.control import described
from xgodo_dev.loop.control_client import ToldError
from xgodo_dev.loop.control_place import NoDaemon
from xgodo_dev.project.watch_lock import Holder, holder_of, wait_until_free, watch_lock

# Seconds. An emulator may have to start first, and servers may take their time.
_START_DEADLINE = 90.0
# What runs on phones is told to stop, and what it still says is read.
_END_DEADLINE = 15.0
_KILLED_DEADLINE = 5.0


async def serve(wanted: Wanted, *, detached: bool) -> None:
    """Be the daemon of the selected project, until it is told to end.

    Args:
        detached: whether ``start`` waits for its first word, and nobody looks afterwards.

    Raises:
        AlreadyWatched: there is another loop.
        XgodoError, ExceptionGroup: as `watch` does.
    """
    project = local_project.project()
    with watch_lock(project.root, "daemon", watch_options.described(wanted)) as held:
        service = Service(
            project,
            held.holder.since,
            view=None if detached else event_view.view(root=project.root),
            on_ready=_tell_ready if detached else lambda: None,
        )
        async with control.listening(project.root, service.answer) as place:
            held.listens_at(place)
            try:
                async with watching.server_of(wanted):
                    await watching.watch_project(wanted, held, service.face)
            except asyncio.CancelledError as error:
                service.close(error)
                task = asyncio.current_task()
                if not service.is_told_to_stop or task is None:
                    raise
                task.uncancel()
            except BaseException as error:
                service.close(error)
                raise
            else:
                service.close(None)


def serve_detached(run: Callable[[], None]) -> int:
    """Run the daemon as ``start`` has begun it: its first word, or its error, is what ``start`` waits for."""
    try:
        run()
    except click.exceptions.Exit:
        raise
    except Exception as error:  # noqa: BLE001 - told to whoever started it
        told = reported(error, invocation())
        if not _has_told:
            _tell({"error": described(told)})
        return told.exit_code
    return 0


_has_told: list[bool] = []


def _tell_ready() -> None:
    if not _has_told:
        _tell({"ready": os.getpid()})


def _tell(document: Mapping[str, Any]) -> None:
    _has_told.append(True)
    # Nobody may wait for it any more, and nobody reads anything that comes later.
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(document).encode() + b"\n")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)


def start(root: Path, told: Mapping[str, Any]) -> Holder:
    """Start a daemon for a project and wait until it watches; no process is left where it does not.

    Args:
        told: what to start it with, as ``watch_options.described`` has it.

    Raises:
        XgodoError: why it does not, with the exit code that `watch` would have had.
    """
    command = [*OURSELVES, "-C", str(root), *["-v"] * invocation().verbosity, "daemon", "start"]
    process = subprocess.Popen(
        [*command, "--foreground", "--detached", *watch_options.as_arguments(told)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # A folder that it stood in could not be removed, or its disk taken out.
        cwd=root.anchor,
        env=known_tokens.environment_for_ourselves(),
        **process_apart(),
    )
    assert process.stdout is not None
    overdue = threading.Timer(_START_DEADLINE, process.kill)
    try:
        overdue.start()
        _await_ready(process, overdue.finished.is_set)
    except BaseException:
        process.terminate()
        try:
            process.wait(_END_DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        raise
    finally:
        overdue.cancel()
        process.stdout.close()
    return holder_of(root) or Holder(pid=process.pid, kind="daemon", since=time.time())


def _await_ready(process: subprocess.Popen[bytes], is_overdue: Callable[[], bool]) -> None:
    """Wait for the first word of a daemon; what else it says meanwhile is passed on.

    Raises:
        XgodoError: it does not start.
    """
    assert process.stdout is not None
    last = ""
    for line in process.stdout:
        if line.startswith(b'{"ready"'):
            return
        if line.startswith(b'{"error"'):
            raise control_client.error_of(json.loads(line)["error"])
        last = line.decode(errors="replace").rstrip()
        output.note(last)
    process.wait()
    if is_overdue():
        raise UnreachableError(
            f"The daemon did not start within {_START_DEADLINE:g} s.",
            hint="`xgodo-dev watch`, with the same options, shows what it waits for.",
        )
    raise XgodoError(f"The daemon ended before it watched the project{': ' + last if last else ''}.")


def stop(root: Path, holder: Holder) -> str | None:
    """End a daemon and wait until it is gone; returns what to know besides.

    Raises:
        XgodoError: it can't be ended.
    """
    with contextlib.suppress(NoDaemon, ToldError):
        asyncio.run(control_client.ask(root, holder, "stop"))
        if wait_until_free(root, _END_DEADLINE):
            return None
    # It does not answer, or does not come to its end.
    is_told = _signal(root, holder, signal.SIGTERM)
    if sys.platform != "win32":
        # One that was stopped, as by a debugger, hears of it when it goes on.
        _signal(root, holder, signal.SIGCONT)
    if is_told and wait_until_free(root, _END_DEADLINE):
        return None
    if sys.platform != "win32":
        _signal(root, holder, signal.SIGKILL)
    if not wait_until_free(root, _KILLED_DEADLINE):
        raise XgodoError(
            f"The daemon still runs (process {holder.pid or 'unknown'}).", hint="Only its user can end it."
        )
    return (
        f"It did not end within {_END_DEADLINE:g} s and was killed. What it runs on phones may go on: "
        "`xgodo-dev stop` ends that."
    )


def _signal(root: Path, holder: Holder, number: int) -> bool:
    """Send the daemon a signal, as long as it holds the project; whether that was possible."""
    now = holder_of(root)
    if now is None:
        return True
    if not holder.pid or now.pid != holder.pid:
        return False
    try:
        os.kill(holder.pid, number)
    except OSError:
        return False
    return True
