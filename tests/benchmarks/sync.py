"""Measures what a sync promises, with the installed command against a server that is 50 ms away."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.benchmarks import sample_project
from tests.benchmarks.command import COMMAND, Table, say
from tests.benchmarks.slow_server import WRITTEN

LATENCY_MS = 50
AT_ONCE = 16
MANY, VERY_MANY = 1000, 10_000
LARGE_FILE = 40 * 1024 * 1024
# Linux counts a process's memory in kilobytes here, macOS in bytes.
_PEAK_UNIT = 1 if sys.platform == "darwin" else 1024
# A process counts the memory of the one that started it as its own peak, so a small one starts it.
_STARTER = """
import os, sys
process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(process, 0)
print(used.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@dataclass(frozen=True)
class Kind:
    """A kind of server, by the API it has."""

    name: str
    options: tuple[str, ...]


DOCUMENTED = Kind("single files", ())
PROJECT_API = Kind("project API", ("--project-api",))


class SlowServer:
    """The server's process."""

    def __init__(self, kind: Kind, latency_ms: float) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.benchmarks.slow_server",
                "--latency",
                str(latency_ms),
                *kind.options,
            ],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        self.url: str = json.loads(self._process.stdout.readline())["url"]

    def counts(self, *, written: int) -> dict[str, int]:
        """How often each route was asked since this was last called.

        A figure of a push that sent something else than meant is none: ends here, unless the requests
        wrote as many files as that.
        """
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc)
        connection.request("GET", "/counts")
        answer = json.loads(connection.getresponse().read())
        connection.close()
        del answer["success"]
        found = answer.pop(WRITTEN, 0)
        if found != written:
            raise SystemExit(
                f"The pushes were to write {written} files, but wrote {found}, and asked for {answer}."
            )
        return dict(answer)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def slow_server(kind: Kind, latency_ms: float = LATENCY_MS) -> Iterator[SlowServer]:
    """A server of its own, empty."""
    server = SlowServer(kind, latency_ms)
    try:
        yield server
    finally:
        server.close()


@contextmanager
def project(files: int) -> Iterator[tuple[Path, list[str]]]:
    """A project with that many files, and the paths of those to change."""
    with tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder:
        root = Path(folder) / "project"
        yield root, sample_project.make(root, files)


def run(root: Path, server: SlowServer, *arguments: str) -> float:
    """Milliseconds that the command takes as a whole process."""
    began = time.perf_counter()
    finished = subprocess.run(
        [COMMAND, "-C", root, *arguments], env=_environment(server), capture_output=True, text=True
    )
    ms = (time.perf_counter() - began) * 1000
    if finished.returncode != 0:
        raise SystemExit(f"{arguments} ended with {finished.returncode}: {finished.stderr[-2000:]}")
    return ms


def peak(root: Path, server: SlowServer, *arguments: str) -> float:
    """Megabytes that the command has in memory at most."""
    finished = subprocess.run(
        [sys.executable, "-I", "-S", "-c", _STARTER, COMMAND, "-C", root, "--quiet", *arguments],
        env=_environment(server),
        capture_output=True,
        text=True,
    )
    if finished.returncode != 0:
        raise SystemExit(f"{arguments} ended with {finished.returncode}: {finished.stderr[-2000:]}")
    return int(finished.stderr.splitlines()[-1]) * _PEAK_UNIT / 1024**2


def _environment(server: SlowServer) -> dict[str, str]:
    # A program that is installed has its bytecode; so has this one from its second start, if it may keep it.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "XGODO_API_URL": server.url, "XGODO_TOKEN": "any"}


def measure_pushes(runs: int) -> None:
    """Pushes of nothing and of one change, in a project of a thousand files."""
    table = Table(f"push, {MANY} files, {LATENCY_MS} ms away", "ms")
    for kind in (PROJECT_API, DOCUMENTED):
        with project(MANY) as (root, paths), slow_server(kind) as server:
            run(root, server, "push")
            server.counts(written=MANY)
            run(root, server, "push")
            nothing = [run(root, server, "push") for _ in range(runs)]
            calls = _calls(server.counts(written=0), runs)
            table.add(f"{kind.name}: nothing changed", nothing, LATENCY_MS + 150, calls)
            for title, options in (("", []), (", --no-check", ["--no-check"])):
                figures = []
                for number in range(runs):
                    sample_project.change(root / paths[number * 7 % len(paths)])
                    figures.append(run(root, server, "push", *options))
                table.add(
                    f"{kind.name}: one change{title}",
                    figures,
                    3 * LATENCY_MS + 200,
                    _calls(server.counts(written=runs), runs),
                )
    with project(MANY) as (root, _), slow_server(DOCUMENTED) as server:
        run(root, server, "check")
        table.add("the type check alone", [run(root, server, "check") for _ in range(runs)])


def measure_first_pushes(runs: int) -> None:
    """Pushes of everything, to a server that has nothing, from a project that remembers nothing."""
    table = Table(f"first push of {MANY} files, {LATENCY_MS} ms away, {AT_ONCE} at once", "ms")
    with project(MANY) as (root, _):
        for kind in (PROJECT_API, DOCUMENTED):
            for title, options in (("", []), (", --no-check", ["--no-check"])):
                figures = []
                for _ in range(runs):
                    for file in (root / ".xgodo").glob("state.db*"):
                        file.unlink()
                    with slow_server(kind) as server:
                        figures.append(run(root, server, "push", *options))
                        counts = server.counts(written=MANY)
                calls = min(2, max(1, round(sum(counts.values()) / MANY)))
                single = 1.25 * calls * MANY / AT_ONCE * LATENCY_MS + 500
                bound = single if kind is DOCUMENTED else 2000
                table.add(f"{kind.name}{title}", figures, bound, _calls(counts, 1))


def measure_status(runs: int) -> None:
    """`status` beside `git status`, in turns."""
    table = Table(f"status, {VERY_MANY} files, nothing changed", "ms")
    with project(VERY_MANY) as (root, _), slow_server(PROJECT_API, latency_ms=0) as server:
        run(root, server, "push", "--no-check")
        server.counts(written=VERY_MANY)
        git = ["git", "-C", str(root), "-c", "user.name=x", "-c", "user.email=x@example.com"]
        for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "All"]):
            subprocess.run([*git, *arguments], check=True, capture_output=True)
        ours, gits = [], []
        for warm in range(-2, runs):
            began = time.perf_counter()
            clean = subprocess.run([*git, "status"], check=True, capture_output=True, text=True).stdout
            git_ms = (time.perf_counter() - began) * 1000
            if "nothing to commit" not in clean:
                raise SystemExit(f"git status: {clean}")
            our_ms = run(root, server, "status")
            if warm >= 0:
                gits.append(git_ms)
                ours.append(our_ms)
        table.add("git status", gits)
        table.add("status", ours, 3 * statistics.median(gits) + 120)


def measure_memory(runs: int) -> None:
    """The peak of a first push. It is to grow with the largest file, not with the project."""
    table = Table("peak memory of a first push, --no-check", "MB")
    for kind in (PROJECT_API, DOCUMENTED):
        for files in (MANY, VERY_MANY):
            with project(files) as (root, _):
                table.add(f"{kind.name}: {files} small files", _peaks(root, kind, files, runs))
        megabytes = LARGE_FILE // 1024**2
        with project(MANY) as (root, paths):
            for path in paths:
                _lengthen(root / path, LARGE_FILE // MANY)
            table.add(f"{kind.name}: {MANY} files, {megabytes} MB together", _peaks(root, kind, MANY, runs))
        with project(10) as (root, paths):
            _lengthen(root / paths[0], LARGE_FILE)
            table.add(f"{kind.name}: one file of {megabytes} MB", _peaks(root, kind, 10, runs))


def _lengthen(file: Path, size: int) -> None:
    line = "// " + "x" * 96 + "\n"
    with file.open("a", encoding="utf-8") as open_file:
        open_file.writelines(line for _ in range(size // len(line)))


def _peaks(root: Path, kind: Kind, files: int, runs: int) -> list[float]:
    figures = []
    for _ in range(runs):
        for file in (root / ".xgodo").glob("state.db*"):
            file.unlink()
        with slow_server(kind, latency_ms=0) as server:
            figures.append(peak(root, server, "push", "--no-check"))
            server.counts(written=files)
    return figures


def _calls(counts: dict[str, int], runs: int) -> str:
    return (
        "no request"
        if not counts
        else ", ".join(f"{count / runs:g} x {name}" for name, count in sorted(counts.items()))
    )


def measure(runs: int) -> None:
    """Everything; ``runs`` for what is quick, fewer of what is not."""
    if shutil.which("git") is None:
        raise SystemExit("git is not on the PATH, and is what `status` is measured against.")
    say("\nEach figure is of whole processes of the installed command; a bound is held against the median.")
    if hasattr(os, "getloadavg"):
        say(f"{os.cpu_count()} processors; load before: {os.getloadavg()[0]:.1f}")
    measure_pushes(runs)
    measure_status(runs)
    measure_first_pushes(max(3, runs // 5))
    measure_memory(max(1, runs // 10))
