"""The installed command, run as a person runs it, in a home of its own."""

from __future__ import annotations

import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.scripted_project import Failing, failing_project
from tests.e2e.working_copies import Copy, OnServer, Pushed, new_copy
from tests.scripted_server import TOKEN
from tests.sync.remote_project import PROJECT
from xgodo_dev import places, resources
from xgodo_dev.toolchain.tools import Toolchain

COMMAND = Path(sys.executable).with_name("xgodo-dev")
# The kinds of server: with the documented API only, and with the project API as well.
DOCUMENTED, LISTED = "documented", "listed"
# For a test whose server must be of one kind, or makes no difference: each test of both takes twice as long.
of_documented = pytest.mark.parametrize("server", [DOCUMENTED], indirect=True)
of_listed = pytest.mark.parametrize("server", [LISTED], indirect=True)
SMALL_PROJECT = {
    "main.ts": 'import { one } from "./util";\nimport "./side.js";\n\nconsole.log(one);\n',
    "util.ts": "export const one = 1;\n\n// between\n\nexport const two = 2;\n",
    "side.js": 'console.log("beside");\n',
}


@dataclass(frozen=True)
class Home:
    """A home folder with nothing in it, and the environment that makes it one's own."""

    folder: Path
    environment: dict[str, str]

    def run(
        self, *arguments: str | Path, cwd: Path | None = None, **settings: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run the command to its end, off a terminal."""
        environment = {**self.environment, **settings.pop("env", {})}
        return subprocess.run(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=100,
            stdin=subprocess.DEVNULL if "input" not in settings else None,
            **settings,
        )

    def json(self, *arguments: str | Path, exit_code: int = 0, **settings: Any) -> Any:
        """Run the command with --json, expect that exit code, and decode its one document."""
        done = self.run("--json", *arguments, **settings)
        assert done.returncode == exit_code, (done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)

    def start(
        self, *arguments: str | Path, cwd: Path | None = None, **settings: Any
    ) -> subprocess.Popen[str]:
        """Start the command with pipes; the caller ends it."""
        return subprocess.Popen(
            [COMMAND, *arguments],
            cwd=cwd or self.folder,
            env={**self.environment, **settings.pop("env", {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            **settings,
        )


@functools.cache
def runtime_folder() -> str:
    """Where daemons listen, and temporary files are: a path short enough for a socket, and gone in the end
    with what killed processes leave there.
    """
    folder = tempfile.mkdtemp(prefix="xgodo-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_home(folder: Path) -> Home:
    """A new home. Only the cache is the real one: the toolchain is not installed anew for each test."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "SYSTEMROOT") if name in os.environ}
    folder.mkdir()
    environment = {
        **kept,
        "HOME": str(folder),
        "XDG_RUNTIME_DIR": runtime_folder(),
        "TMPDIR": runtime_folder(),
        "XDG_CACHE_HOME": str(places.cache_directory().parent),
        "TERM": "xterm-256color",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "PYTHONUTF8": "1",
    }
    return Home(folder, environment)


@pytest.fixture
def home(tmp_path: Path, toolchain: Toolchain) -> Home:
    return new_home(tmp_path / "home")


@dataclass(frozen=True)
class Emulator:
    """A running emulator, and the environment that selects it."""

    url: str
    token: str
    data: Path

    @property
    def env(self) -> dict[str, str]:
        """Selects this emulator as any server is selected."""
        return {"XGODO_API_URL": self.url, "XGODO_TOKEN": self.token}

    def stop_runs(self) -> None:
        """Stop everything that runs on its devices."""
        headers = {"Authorization": f"Bearer {self.token}"}
        with httpx.Client(base_url=f"{self.url}/api/v2", headers=headers, verify=False, timeout=60) as client:
            for device in client.get("/devices").json():
                if device["automations"]:
                    body = {"device_id": device["remote_device_id"]}
                    client.post("/devices/stopAllAutomations", json=body).raise_for_status()


@pytest.fixture
def own_emulator(home: Home, tmp_path: Path) -> Iterator[Emulator]:
    """An emulator of the test's own, on a free port: in its home, the one that the profile means."""
    data = tmp_path / "emulator"
    with running_emulator(home, data) as started:
        yield started


@contextmanager
def running_emulator(home: Home, data: Path, *options: str) -> Iterator[Emulator]:
    process = home.start("--json", "emulator", "start", "--port", "0", "--data", data, *options)
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        assert first, process.stderr.read() if process.stderr else ""
        address = json.loads(first)
        yield Emulator(address["url"], address["token"], data)
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="session")
def emulators(
    tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain
) -> Iterator[Callable[[str], Emulator]]:
    """An emulator of each kind of server, started when first asked for, and shared by tests that have
    projects of their own on it.
    """
    folder = tmp_path_factory.mktemp("shared")
    home = new_home(folder / "home")
    started: dict[str, Emulator] = {}
    with ExitStack() as running:

        def of_kind(kind: str) -> Emulator:
            if kind not in started:
                options = () if kind == LISTED else ("--no-project-api",)
                started[kind] = running.enter_context(running_emulator(home, folder / kind, *options))
            return started[kind]

        yield of_kind


@pytest.fixture
def emulator(emulators: Callable[[str], Emulator]) -> Iterator[Emulator]:
    """The shared emulator that has the project API; what a test leaves running on it is stopped."""
    shared = emulators(LISTED)
    yield shared
    shared.stop_runs()


@pytest.fixture(params=[DOCUMENTED, LISTED])
def server(request: pytest.FixtureRequest, emulators: Callable[[str], Emulator]) -> Emulator:
    """A shared emulator; a test that uses it runs once for each kind of server."""
    return emulators(request.param)


@pytest.fixture
def remote(server: Emulator) -> OnServer:
    """A project that nobody has written to yet."""
    return OnServer(server, str(uuid.uuid4()))


@pytest.fixture(scope="session")
def pushed(
    tmp_path_factory: pytest.TempPathFactory, emulators: Callable[[str], Emulator]
) -> Callable[[Emulator], Pushed]:
    """The small project on each kind of server, pushed by the command when first asked for."""
    home = new_home(tmp_path_factory.mktemp("pushed") / "home")
    made: dict[str, Pushed] = {}

    def on(server: Emulator) -> Pushed:
        if server.url not in made:
            remote = OnServer(server, str(uuid.uuid4()))
            copy = new_copy(home, server, remote.id, home.folder / str(len(made)), SMALL_PROJECT)
            copy.json("push", "--no-check")
            made[server.url] = Pushed(copy, remote)
        return made[server.url]

    return on


@pytest.fixture
def copy(home: Home, server: Emulator, remote: OnServer, pushed: Callable[[Emulator], Pushed]) -> Copy:
    """Ada's folder of that project, pushed: ``main.ts``, which imports ``util.ts`` and ``side.js``."""
    return pushed(server).duplicate(home, remote, home.folder / "ada")


@pytest.fixture
def other(home: Home, copy: Copy) -> Copy:
    """Bob's folder of the same project, which is as Ada's and knows as much."""
    shutil.copytree(copy.root, home.folder / "bob")
    return Copy(home, home.folder / "bob", copy.env)


@pytest.fixture
def failing() -> Iterator[Failing]:
    """A project on a server whose answers the test decides."""
    with failing_project() as made:
        yield made


@pytest.fixture
def scripted(home: Home, failing: Failing) -> Copy:
    """An empty folder bound to that project."""
    copy = Copy(home, home.folder / "ada", {"XGODO_API_URL": failing.server.url, "XGODO_TOKEN": TOKEN})
    copy.settings(PROJECT)
    copy.write("tsconfig.json", (resources.directory("templates") / "shared/tsconfig.json").read_bytes())
    return copy


@pytest.fixture
def project_id() -> str:
    """Of a project that nobody has written to yet."""
    return str(uuid.uuid4())


@pytest.fixture(scope="session")
def with_stages(tmp_path_factory: pytest.TempPathFactory, toolchain: Toolchain) -> Copy:
    """A new project from the template with stages; nobody changes it."""
    home = new_home(tmp_path_factory.mktemp("made") / "home")
    root = home.folder / "my-automation"
    home.json("init", root, "--template", "stages", "--project-id", str(uuid.uuid4()))
    return Copy(home, root, {})


@pytest.fixture
def project(home: Home, project_id: str, with_stages: Copy) -> Path:
    """A new project from the template with stages, bound to a project of the platform."""
    root = home.folder / with_stages.root.name
    shutil.copytree(with_stages.root, root)
    Copy(home, root, {}).bind(project_id)
    return root
