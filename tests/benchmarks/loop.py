"""Measures what the loop promises, with the installed command against the emulator's normal settings."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import httpx
from watchdog.events import FileCreatedEvent, FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from tests.benchmarks.command import COMMAND, PROJECT_ID, say

ENTRY = "main.ts"
ANCHOR = "async function main(): Promise<void> {\n"
EVENT_DEADLINE = 30.0
# People pause between two saves; what the last one set in motion has settled by the next.
PAUSE_BETWEEN_SAVES = 0.7


class Watch:
    """A `watch --run --json` process, whose events are read with the moment each line arrived."""

    def __init__(self, root: Path, address: dict[str, str]) -> None:
        environment = {**os.environ, "XGODO_TOKEN": address["token"], "XGODO_API_URL": address["url"]}
        self._events: Queue[tuple[float, dict[str, Any]]] = Queue()
        self._process = subprocess.Popen(
            [COMMAND, "-C", root, "--json", "watch", "--run"],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._events.put((time.time(), json.loads(line)))

    def wait_for(self, name: str, **members: Any) -> float:
        """When the next such event arrived; others before it are dropped."""
        deadline = time.monotonic() + EVENT_DEADLINE
        while True:
            try:
                arrived, event = self._events.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise SystemExit(f"No event {name} {members} within {EVENT_DEADLINE:g} s.") from None
            if event["event"] == name and all(event.get(key) == value for key, value in members.items()):
                return arrived

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


class ServerFile(FileSystemEventHandler):
    """When the server's copy of a file was last replaced."""

    def __init__(self, file: Path) -> None:
        self._name = file.name
        self._moments: Queue[float] = Queue()
        self._observer = Observer()
        self._observer.schedule(self, str(file.parent), event_filter=[FileCreatedEvent])
        self._observer.start()

    def on_any_event(self, event: FileSystemEvent) -> None:
        # The store renames a finished file into this folder: what counts is that it has appeared.
        if Path(os.fsdecode(event.src_path)).name == self._name:
            self._moments.put(time.time())

    def forget(self) -> None:
        while not self._moments.empty():
            self._moments.get()

    def next(self) -> float:
        return self._moments.get(timeout=EVENT_DEADLINE)

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()


@contextmanager
def emulator(data: Path) -> Iterator[dict[str, str]]:
    """An emulator of its own, at its normal settings."""
    process = subprocess.Popen(
        [COMMAND, "--json", "emulator", "start", "--port", "0", "--unlisted", "--data", data],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)


def save(file: Path, text: str) -> float:
    """Replace the file as most editors do; returns the moment of the save, in Unix seconds."""
    written = file.with_name(file.name + "~")
    written.write_text(text, encoding="utf-8")
    moment = time.time()
    written.replace(file)
    return moment


def measure_loop(saves: int) -> dict[str, list[float]]:
    """Milliseconds from each save to the server's bytes, to the check's result, and to the first log line."""
    figures: dict[str, list[float]] = {"server has the bytes": [], "first log line": []}
    with tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder, ExitStack() as stack:
        root, data = Path(folder) / "project", Path(folder) / "emulator"
        subprocess.run(
            [COMMAND, "init", root, "--template", "stages", "--project-id", PROJECT_ID],
            check=True,
            capture_output=True,
        )
        address = stack.enter_context(emulator(data))
        watch = Watch(root, address)
        stack.callback(watch.close)
        watch.wait_for("exit", status="success")
        stored = next(data.glob(f"projects/**/{ENTRY}"))
        server_file = ServerFile(stored)
        stack.callback(server_file.close)
        original = (root / ENTRY).read_text(encoding="utf-8")
        for number in range(saves):
            time.sleep(PAUSE_BETWEEN_SAVES)
            server_file.forget()
            line = f"  console.log('save {number}');\n"
            moment = save(root / ENTRY, original.replace(ANCHOR, ANCHOR + line))
            figures["server has the bytes"].append((server_file.next() - moment) * 1000)
            figures["first log line"].append(
                (watch.wait_for("log", message=f"save {number}") - moment) * 1000
            )
            watch.wait_for("exit", status="success")
    return figures


def measure_round_trips(count: int) -> dict[str, list[float]]:
    """Milliseconds of a small read over one kept connection: what the network and server cost at least."""
    figures: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder,
        emulator(Path(folder)) as address,
        httpx.Client(headers={"Authorization": f"Bearer {address['token']}"}) as client,
    ):
        for _ in range(count):
            began = time.perf_counter()
            client.get(address["url"] + "/api/v2/user/balance")
            figures.append((time.perf_counter() - began) * 1000)
    return {"one request": figures}


def measure_help(count: int) -> dict[str, list[float]]:
    """Milliseconds of `--help`, beside that of an empty click group in the same environment."""
    empty = "import click\n@click.group()\ndef cli(): pass\ncli()"
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(count):
        theirs.append(_run_ms([sys.executable, "-c", empty, "--help"]))
        ours.append(_run_ms([str(COMMAND), "--help"]))
    return {"help": ours, "help of an empty click group": theirs}


def measure_completion(count: int) -> dict[str, list[float]]:
    """Milliseconds from Tab to the shell's having the names of as many devices as are kept."""
    server = "https://phones.example"
    remember = (
        "from xgodo_dev.cli import known_names\n"
        f"known_names.remember({server!r}, 'devices', [(f'id-{{n}}', f'Phone {{n}}') for n in range(2000)])"
    )
    with tempfile.TemporaryDirectory(prefix="xgodo-bench-") as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache, "XGODO_API_URL": server}
        subprocess.run([sys.executable, "-c", remember], env=environment, check=True)
        environment["_XGODO_DEV_COMPLETE"] = "zsh"
        return {"Tab": [_run_ms([str(COMMAND), "run", "-d", ""], environment) for _ in range(count)]}


def _run_ms(command: list[str], environment: Mapping[str, str] | None = None) -> float:
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=environment)
    return (time.perf_counter() - began) * 1000


def report(title: str, figures: dict[str, list[float]]) -> None:
    """Print the quartiles and extremes of each figure."""
    say(f"\n{title}")
    say(f"  {'ms':<30}{'min':>8}{'p50':>8}{'p90':>8}{'max':>8}{'n':>6}")
    for name, values in figures.items():
        deciles = statistics.quantiles(values, n=10)
        row = (min(values), statistics.median(values), deciles[8], max(values))
        say(f"  {name:<30}" + "".join(f"{value:8.1f}" for value in row) + f"{len(values):6}")


def measure(saves: int) -> None:
    """The loop, the least that a request costs, and the start of a process."""
    report("save to …", measure_loop(saves))
    report("over one kept connection", measure_round_trips(200))
    helps = measure_help(15)
    report("whole process", {**helps, **measure_completion(15)})
    ratio = statistics.median(helps["help"]) / statistics.median(helps["help of an empty click group"])
    say(f"  help costs {ratio:.2f} times that of an empty click group")
