"""A token is in the keyring or in the file of tokens, and nowhere else: not in what is printed, kept or
logged, and not in what other processes are given.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import uuid
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.conftest import LISTED, Emulator, Home, new_home
from tests.e2e.scripted_project import Failing
from tests.e2e.watch_process import Watch
from tests.e2e.working_copies import new_copy
from tests.scripted_server import Answer, Request, json_answer
from xgodo_dev import places

MOBILERUN_KEY, ADMIN_TOKEN = "dr_sk_never-to-be-seen-4711", "admin-never-to-be-seen-0815"

# Loaded by every Python process here: notes what each process that it starts is given.
WITNESS = """
import json, os, sys

_STARTS = {"subprocess.Popen", "os.posix_spawn", "os.exec", "os.spawn", "os.system"}

def witness(event, arguments):
    if event in _STARTS:
        *given, environment = arguments
        # A daemon does its work in place of whoever starts it, and is given what they were.
        if "'--detached'" not in repr(given):
            given.append(dict(os.environ) if environment is None else environment)
        with open(%(notes)r, "a") as notes:
            notes.write(json.dumps(repr(given)) + "\\n")

sys.addaudithook(witness)
"""

# A library that breaks, and repeats what it was given.
BREAKS = """
def current_async_library():
    raise RuntimeError("Illegal header value b'Bearer %(token)s'")
AsyncLibraryNotFoundError = RuntimeError
"""


@dataclass
class Everything:
    """All that a test's processes leave behind, and what must not be found in it."""

    home: Home
    folder: Path
    tokens: tuple[str, ...]
    printed: list[str] = field(default_factory=list)

    @property
    def notes(self) -> Path:
        return self.folder / "started"

    def run(self, *arguments: str, exit_code: int = 0, **settings: Any) -> None:
        done = self.home.run(*arguments, **settings)
        self.printed += [done.stdout, done.stderr]
        assert done.returncode == exit_code, (done.stdout, done.stderr)

    def look_at_processes(self, ours: psutil.Process) -> None:
        """What anybody sees in a list of processes, and what ours have handed on."""
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                self.printed.append(" ".join(process.cmdline()))
        for child in ours.children(recursive=True):
            with suppress(psutil.Error):
                self.printed.append(repr(child.environ()))

    def require_secret(self, *, except_in: Path) -> None:
        kept = (file for file in self.home.folder.rglob("*") if file.is_file() and not file.is_symlink())
        found = {str(file): file.read_bytes() for file in kept if file != except_in}
        found |= {f"printed {number}": text.encode() for number, text in enumerate(self.printed)}
        found["started"] = self.notes.read_bytes()
        leaks = [
            f"{token} is in {place}"
            for token in self.tokens
            for form in (token, base64.b64encode(token.encode()).decode())
            for place, content in found.items()
            if form.encode() in content
        ]
        assert leaks == []


@pytest.fixture
def everything(tmp_path: Path, emulators: Callable[[str], Emulator]) -> Everything:
    """A home that holds all that is written: settings, caches, state, and temporary files."""
    home = new_home(tmp_path / "home")
    made = Everything(home, tmp_path, (emulators(LISTED).token, MOBILERUN_KEY, ADMIN_TOKEN))
    for name in ("site", "home/tmp", "home/cache/xgodo-dev", "breaks"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "site" / "sitecustomize.py").write_text(WITNESS % {"notes": str(made.notes)})
    (tmp_path / "breaks" / "sniffio.py").write_text(BREAKS % {"token": made.tokens[0]})
    cache = home.folder / "cache"
    (cache / "xgodo-dev" / "toolchain").symlink_to(places.cache_directory() / "toolchain")
    home.environment.update(
        TMPDIR=str(home.folder / "tmp"), XDG_CACHE_HOME=str(cache), PYTHONPATH=str(tmp_path / "site")
    )
    return made


def told_again(request: Request) -> Answer:
    """As a gateway does that is being debugged."""
    seen = " and ".join(request.headers.get(name, "nothing") for name in ("authorization", "x-admin-token"))
    return json_answer({"error": f"bad credentials: {seen}"}, 401)


def program(token: str) -> str:
    """Prints the token, which its text does not hold."""
    return f"""\
const token = "{token[::-1]}".split("").reverse().join("");
console.log("it is " + token);
console.error(encodeURIComponent(token), JSON.stringify({{ token }}));
throw new Error(token);
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links and signals")
def test_a_token_is_nowhere_but_where_it_is_kept(
    everything: Everything, emulators: Callable[[str], Emulator], failing: Failing
) -> None:
    home, emulator = everything.home, emulators(LISTED)
    collected: list[bytes] = []

    async def answer(request: Request) -> Answer:
        if request.path.startswith("/v1/"):
            packed = request.headers.get("content-encoding") == "gzip"
            collected.append(zlib.decompress(request.body, 31) if packed else request.body)
            return Answer(200, b"", {"Content-Type": "application/x-protobuf"})
        return told_again(request)

    failing.server.handler = answer
    copy = new_copy(
        home, emulator, str(uuid.uuid4()), home.folder / "ada", {"main.ts": program(emulator.token)}
    )
    subprocess.run(["git", "init", "-q", copy.root], check=True)
    for setting in ("name", "email"):
        subprocess.run(["git", "-C", copy.root, "config", f"user.{setting}", "ada@example.com"], check=True)
    secrets = {
        "XGODO_TOKEN": emulator.token,
        "MOBILERUN_API_KEY": MOBILERUN_KEY,
        "XGODO_ADMIN_TOKEN": ADMIN_TOKEN,
    }
    verbose = ("-vv", "--api-url", emulator.url)
    echo = ("-vv", "--api-url", failing.server.url)

    everything.run(*verbose, "login", "--token-stdin", input=emulator.token)
    everything.run(*verbose, "whoami", "--json")
    in_project = {"cwd": copy.root, "env": secrets}
    everything.run(*verbose, "doctor", **in_project)
    everything.run(*verbose, "commit", "-m", "All of it", "--git", "--json", **in_project)
    everything.run(*verbose, "run", "--otlp", failing.server.url, exit_code=1, **in_project)
    everything.run(*echo, "push", exit_code=4, **in_project)
    everything.run(*echo, "admin", "proxies", exit_code=4, **in_project)
    everything.run(*echo, "whoami", "--mobilerun", exit_code=4, **in_project)
    paths = f"{everything.folder / 'breaks'}:{everything.folder / 'site'}"
    broken = {**secrets, "PYTHONPATH": paths}
    everything.run(*verbose, "whoami", exit_code=1, env=broken)
    log = (home.folder / ".local/state/xgodo-dev/log/xgodo-dev.log").read_text()
    assert "RuntimeError: Illegal header value b'Bearer •••'" in log

    process = home.start(
        "--json", *verbose, "watch", "--run", "--otlp", failing.server.url, cwd=copy.root, env=secrets
    )
    watch = Watch(process)
    try:
        watch.until("log")
        everything.look_at_processes(psutil.Process(process.pid))
    finally:
        watch.end(signal.SIGTERM)
    everything.run(*verbose, "daemon", "start", "--run", "--otlp", failing.server.url, **in_project)
    everything.run("daemon", "stop", **in_project)
    everything.printed += [json.dumps(watch.seen), process.stderr.read() if process.stderr else ""]
    everything.printed += [each.decode("latin-1") for each in collected]
    assert any("it is •••" in each for each in everything.printed)
    assert collected
    started = everything.notes.read_text()
    assert [name for name in ("/tsc'", "/esbuild'", "/node'", "'git'") if name not in started] == []
    everything.require_secret(except_in=home.folder / ".config/xgodo-dev/tokens.json")
