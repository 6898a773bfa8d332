"""Measures what the loop makes of a tree that is rewritten at once, with the installed command."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue
from typing import Any

import psutil

from tests.benchmarks.command import COMMAND, PROJECT_ID, say
from tests.benchmarks.loop import emulator, save

DEADLINE = 120.0
FILES_IN_A_FOLDER = 100
SAVED = "main.ts"


class Watch:
    """A `watch --json` process, and what it said."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self._events: Queue[tuple[float, dict[str, Any]]] = Queue()
        self.said: Counter[str] = Counter()
        self.process = psutil.Popen(
            [COMMAND, "-C", root, "--json", "watch"],
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            env=environment,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self._events.put((time.time(), json.loads(line)))

    def next(self) -> tuple[float, dict[str, Any]]:
        try:
            arrived, event = self._events.get(timeout=DEADLINE)
        except Empty:
            raise SystemExit(f"Nothing more was said within {DEADLINE:g} s; said: {self.said}") from None
        if "error" in event and "event" not in event:
            raise SystemExit(f"The loop ended: {event}")
        self.said[event["event"]] += 1
        if event["event"] in ("sync-failed", "conflict"):
            say(f"    {json.dumps(event)[:300]}")
        return arrived, event

    def quiet(self, seconds: float) -> None:
        """Wait until it has said nothing for so long."""
        while True:
            try:
                _, event = self._events.get(timeout=seconds)
            except Empty:
                return
            self.said[event.get("event", "error")] += 1

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def measure(files: int) -> None:
    """A checkout that rewrites every file, and one that moves two of five besides."""
    with tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder, ExitStack() as stack:
        root = Path(folder) / "project"
        _command(COMMAND, "init", root, "--template", "stages", "--project-id", PROJECT_ID)
        (root / ".gitignore").write_text(".xgodo/\nnode_modules/\n", encoding="utf-8")
        _git(root, "init", "--quiet", "--initial-branch=written")
        _branch(root, "written", "", files)
        _branch(root, "rewritten", "// rewritten\n", files)
        _branch(root, "elsewhere", "// elsewhere\n", files, moved=files * 2 // 5)
        _git(root, "checkout", "--quiet", "written")
        address = stack.enter_context(emulator(Path(folder) / "emulator"))
        environment = {**os.environ, "XGODO_TOKEN": address["token"], "XGODO_API_URL": address["url"]}
        _command(COMMAND, "-C", root, "push", "--no-check", env=environment)
        watch = Watch(root, environment)
        stack.callback(watch.close)
        watch.quiet(2.0)
        say(f"\na checkout of {files} files while the loop watches")
        for branch in ("rewritten", "written", "elsewhere"):
            _measure_one(root, watch, branch)


def _measure_one(root: Path, watch: Watch, branch: str) -> None:
    missing = _differing(root, branch)
    watch.said.clear()
    spent = watch.process.cpu_times()
    began = time.time()
    _git(root, "checkout", "--quiet", branch)
    ended = time.time()
    saved = save(root / SAVED, f"{(root / SAVED).read_text(encoding='utf-8')}// {time.time_ns()}\n")
    answered = last = ended
    missing.add(SAVED)
    while missing:
        arrived, event = watch.next()
        if event["event"] == "synced":
            last = arrived
            missing.discard(event["path"])
            if event["path"] == SAVED:
                answered = arrived
    watch.quiet(2.0)
    used = watch.process.cpu_times()
    memory = watch.process.memory_info().rss / 2**20
    _git(root, "checkout", "--quiet", "--", SAVED)
    watch.quiet(2.0)
    processor = used.user + used.system - spent.user - spent.system
    say(
        f"  {branch:<10} git {ended - began:5.2f} s; all synced {last - ended:6.2f} s after it; "
        f"a save at its end {answered - saved:5.2f} s; {watch.said['check']} checks, "
        f"{watch.said['change']} changes; processor {processor:.2f} s, memory {memory:.0f} MiB"
    )


def _differing(root: Path, branch: str) -> set[str]:
    shown = _git(root, "diff", "--name-only", "--diff-filter=d", "HEAD", branch)
    return set(shown.splitlines())


def _branch(root: Path, name: str, end: str, files: int, moved: int = 0) -> None:
    """A branch of that many files, the first so many in a folder of their own."""
    _git(root, "checkout", "--quiet", "-B", name)
    for number in range(files):
        names = [root / top / f"{number // FILES_IN_A_FOLDER:03}" / f"{number}.js" for top in ("old", "new")]
        names[number >= moved].unlink(missing_ok=True)
        file = names[number < moved]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"exports.number = {number};\n{end}", encoding="utf-8")
    _git(root, "add", ".")
    _git(root, "commit", "--quiet", "-m", name)


def _git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "gc.auto=0")
    return _command("git", *identity, "-C", root, *arguments)


def _command(*command: str | Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(list(command), capture_output=True, text=True, env=env)
    if done.returncode:
        raise SystemExit(f"{command} ended with {done.returncode}: {done.stderr or done.stdout}")
    return done.stdout
