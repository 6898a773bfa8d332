"""Serves the emulator on loopback until it is cancelled, told to stop, or asked to terminate."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import logging
import os
import shutil
import signal
import socket
import sys
import threading
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from xgodo_dev import places
from xgodo_dev.emulator import identity
from xgodo_dev.emulator.accounts import Accounts
from xgodo_dev.emulator.app import create_app, tables
from xgodo_dev.emulator.background import Background
from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.compiler import Compiler, platform_compile
from xgodo_dev.emulator.data_folder import HOLDER_FILE, data_lock, require_own
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.devices import DeviceFleet
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.identity import Identity
from xgodo_dev.emulator.jobs.dispatch import Dispatcher
from xgodo_dev.emulator.mobilerun.account import MobilerunAccount
from xgodo_dev.emulator.phone.engine import FOLDER_PREFIX, Engine
from xgodo_dev.emulator.project_owners import ProjectOwners
from xgodo_dev.emulator.project_settings import ProjectSettings
from xgodo_dev.emulator.projects import Projects
from xgodo_dev.emulator.record import (
    LOOPBACK,
    EmulatorRecord,
    remove_record,
    write_record,
)
from xgodo_dev.emulator.repository import find_git
from xgodo_dev.emulator.uploads import Uploads
from xgodo_dev.errors import UsageError
from xgodo_dev.toolchain import tools
from xgodo_dev.toolchain.bundle import strip_types
from xgodo_dev.toolchain.node import find_node
from xgodo_dev.toolchain.tools import Toolchain

DEFAULT_PORT = 7878
"""Taken when no port is asked for and nobody else has it."""

_PROJECTS_FOLDER = "projects"
_STAGING_FOLDER = "staging"
_SETTINGS_FOLDER = "settings"
_UPLOADS_FOLDER = "uploads"
_DATABASE_FILE = "platform.db"
_FOLDERS = (_PROJECTS_FOLDER, _STAGING_FOLDER, _SETTINGS_FOLDER, _UPLOADS_FOLDER)
_OPEN_REQUEST_SECONDS = 1
_START_SECONDS = 10
# Longer than a person pauses between two saves: a kept connection saves the next one its handshake.
_KEEP_ALIVE_SECONDS = 75


class PortTaken(UsageError):
    """The port that was asked for is not free."""

    code = "port-taken"
    default_hint = "Choose another with --port, or leave --port away to get a free one."


async def serve(
    data: Path,
    *,
    port: int | None,
    device_count: int = 1,
    listed: bool = True,
    project_api: bool = True,
    around: Callable[[ASGIApp], ASGIApp] = lambda app: app,
    on_ready: Callable[[EmulatorRecord], None],
    progress: Callable[[str], None] = lambda _: None,
) -> None:
    """Runs an emulator on the data folder, which is made if need be.

    ``port`` None means the default port, or a free one if that is taken; 0 means a free one.
    ``listed`` puts the record where ``running_record`` finds it. Without ``project_api`` only the
    documented endpoints are answered. ``around`` may put something between the server and the
    application. ``on_ready`` is called once requests are answered; ``progress``
    before slow steps of preparation. Returns after ``POST /_emulator/stop``, SIGTERM or SIGHUP;
    cancelling ends it too. Either way every run has ended and nothing is left open.

    Raises RefusedError for a folder that is not an emulator's,
    EmulatorRunning, PortTaken, UsageError for a device count out of range, and
    ToolchainError when Node.js, the compiler or git is missing.
    """
    data = data.resolve()
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    require_own(data)
    with data_lock(data), _bind(port) as listener:
        find_git()
        toolchain = await tools.ensure(None, progress=progress)
        node = await asyncio.to_thread(find_node)
        # First of all that is kept: it marks the folder as an emulator's.
        known = identity.load_or_create(data)
        url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        async with _opened(data, known, toolchain, node, device_count, url) as (emulator, compiler):
            record = EmulatorRecord(
                url=url,
                token=known.token,
                pid=os.getpid(),
                instance=str(known.instance),
                data=str(data),
                admin_token=emulator.accounts.admin_token,
                colleague_token=emulator.accounts.colleague.token,
                mobilerun_key=emulator.accounts.mobilerun_key,
            )
            app = around(create_app(emulator, project_api=project_api))
            async with _listening(app, emulator, listener):
                try:
                    with _recorded(record, data, listed=listed), _stopped_by_signals(emulator.stopping):
                        on_ready(record)
                        await emulator.stopping.wait()
                finally:
                    # Whoever waits for a compilation is answered before the connections close.
                    await compiler.stop()


@contextlib.asynccontextmanager
async def _opened(
    data: Path, known: Identity, toolchain: Toolchain, node: Path, device_count: int, url: str
) -> AsyncIterator[tuple[Emulator, Compiler]]:
    folders = _make_folders(data)
    settings = ProjectSettings(folders[_SETTINGS_FOLDER], staging=folders[_STAGING_FOLDER])

    def argument_types(root: Path) -> str | None:
        return settings.argument_types(root.name)

    with contextlib.closing(Database(data / _DATABASE_FILE, tables())) as database:
        accounts = Accounts(known, database)
        async with (
            Compiler(platform_compile(toolchain, argument_types)) as compiler,
            Engine(node, temporary=folders[_STAGING_FOLDER]) as engine,
            DeviceFleet(
                known.instance,
                engine,
                accounts,
                database,
                strip_types=functools.partial(strip_types, toolchain),
                device_count=device_count,
            ) as fleet,
            Background() as background,
        ):
            projects = Projects(
                folders[_PROJECTS_FOLDER],
                staging=folders[_STAGING_FOLDER],
                compiler=compiler,
                owners=ProjectOwners(database, otherwise=accounts.owner.id),
            )
            clock = Clock()
            mobilerun = MobilerunAccount(known, accounts.owner.id, database, clock, background)
            mobilerun.carry_on()
            uploads = Uploads(database, folders[_UPLOADS_FOLDER], clock.now)
            uploads.remove_expired()
            async with Dispatcher(
                database,
                fleet=fleet,
                projects=projects,
                settings=settings,
                accounts=accounts,
                clock=clock,
                background=background,
                server=url,
            ) as dispatcher:
                emulator = Emulator(
                    known,
                    projects,
                    settings,
                    fleet,
                    database,
                    accounts,
                    clock,
                    background,
                    mobilerun,
                    uploads,
                    dispatcher,
                )
                yield emulator, compiler


def reset(data: Path) -> None:
    """Removes projects, token and instance, so that the next start begins anew; devices get new ids with it.

    Raises EmulatorRunning while an emulator works on the folder, RefusedError when it is none of its own.
    """
    data = data.resolve()
    if not data.is_dir():
        return
    require_own(data)
    with data_lock(data):
        for name in _FOLDERS:
            if (data / name).is_dir():
                shutil.rmtree(data / name)
        for leftover in data.glob(f"{_DATABASE_FILE}*"):
            leftover.unlink()
        identity.forget(data)


def _make_folders(data: Path) -> dict[str, Path]:
    folders = {name: data / name for name in _FOLDERS}
    for folder in folders.values():
        folder.mkdir(exist_ok=True)
    # A write that a crash cut short; the lock says that nobody writes now.
    for leftover in folders[_STAGING_FOLDER].glob(".*.part"):
        leftover.unlink()
    for leftover in folders[_STAGING_FOLDER].glob(f"{FOLDER_PREFIX}*"):
        leftover.rmdir()
    return folders


def _bind(port: int | None) -> socket.socket:
    if port is not None:
        try:
            return _bound(port)
        except (OSError, OverflowError) as error:
            raise PortTaken(f"Port {port} on {LOOPBACK} can't be used: {_why(error)}.") from error
    try:
        return _bound(DEFAULT_PORT)
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        return _bound(0)


def _why(error: OSError | OverflowError) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return "another program uses it"
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _bound(port: int) -> socket.socket:
    # The protocol is named because asyncio sets TCP_NODELAY only where it is; without it an answer in two
    # parts waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            # Lets a restart have the port of connections that are still closing; elsewhere it would steal it.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        # Claims the port for real: on Linux two sockets may bind one as long as neither listens.
        listener.listen()
    except BaseException:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """A server that leaves signals to whoever runs the event loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


@contextlib.asynccontextmanager
async def _listening(app: ASGIApp, emulator: Emulator, listener: socket.socket) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(
            app,
            loop="none",
            ws="none",
            lifespan="off",
            access_log=False,
            log_config=None,
            # The application logs its own failures; what is left are requests cut off by a stop.
            log_level=logging.CRITICAL,
            server_header=False,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_OPEN_REQUEST_SECONDS,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    serving.add_done_callback(lambda _: emulator.stopping.set())
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not server.started:
                if serving.done():
                    await serving
                await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await serving
        for connection in list(server.server_state.connections):
            # Open still after the grace: a client that never ends its request.
            connection.transport.abort()


@contextlib.contextmanager
def _recorded(record: EmulatorRecord, data: Path, *, listed: bool) -> Iterator[None]:
    files = [data / HOLDER_FILE, *([places.emulator_record_file()] if listed else [])]
    for file in files:
        write_record(file, record)
    try:
        yield
    finally:
        for file in files:
            remove_record(file, record)


@contextlib.contextmanager
def _stopped_by_signals(stopping: asyncio.Event) -> Iterator[None]:
    # SIGINT is left alone: asyncio.run turns it into a cancellation.
    loop = asyncio.get_running_loop()
    in_main_thread = threading.current_thread() is threading.main_thread()
    signals: list[signal.Signals] = []
    # An event loop of Windows handles no signals.
    if sys.platform != "win32" and in_main_thread:
        signals = [signal.SIGTERM, signal.SIGHUP]
    # `nohup` ignores one on purpose.
    signals = [number for number in signals if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.getsignal(number) for number in signals}
    for number in signals:
        loop.add_signal_handler(number, stopping.set)
    try:
        yield
    finally:
        for number in signals:
            loop.remove_signal_handler(number)
            signal.signal(number, before[number] or signal.SIG_DFL)
