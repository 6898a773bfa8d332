"""One `run` of the installed command on simulated devices: what it wrote and when, and what it cost."""

from __future__ import annotations

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from tests.benchmarks.command import COMMAND, PROJECT_ID, say
from tests.benchmarks.run_output import Judgement, Output, judge_events, judge_text
from tests.benchmarks.simulated_run import Schedule, device_name
from xgodo_dev.runs.store import RunStore

NO_PAGES = 1_000_000
"""More lines than any answer here has."""
_PROJECT = ("--template", "minimal", "--project-id", PROJECT_ID)
_READ_AT_ONCE = 1024 * 1024
_FIRST_LINE = b"line 1 of "
# Seconds beyond the schedule, for the check and the bundle before it and what is left to do behind it.
_PATIENCE = 120.0
_MEGABYTE = 1024**2


@dataclass(frozen=True)
class Sample:
    """The process at one moment."""

    since_first_line: float
    processor: float
    """Seconds that it has used since it was started."""
    memory: float
    """Megabytes."""


@dataclass
class Cost:
    """What the process took."""

    exit_code: int = 0
    processor: float = 0.0
    """Seconds, with those of the processes that it started."""
    samples: list[Sample] = field(default_factory=list)
    """From the first line on, one a second."""

    @property
    def processor_before(self) -> float:
        """Seconds up to the first line."""
        return self.samples[0].processor

    def memory_at(self, second: float) -> float:
        """Megabytes so many seconds after the first line."""
        place = bisect_left(self.samples, second - 0.5, key=lambda sample: sample.since_first_line)
        return self.samples[min(place, len(self.samples) - 1)].memory


@dataclass(frozen=True)
class Followed:
    """A run, to its end."""

    schedule: Schedule
    devices: int
    cost: Cost
    judgement: Judgement
    figures: dict[str, Any]
    """What the server counted."""
    last_word: float
    """When the last of its output came, in Unix seconds."""
    recorded: int
    """Lines that are among the project's recorded runs."""
    dropped: int
    """Lines that were there, until there was no room for them any more."""

    @property
    def lines(self) -> int:
        """How many were printed."""
        return self.devices * len(self.schedule.moments)


class FleetServer:
    """The server's process."""

    def __init__(self, schedule: Schedule, devices: int, page: int) -> None:
        options = [f"--devices={devices}", f"--rate={schedule.rate}", f"--seconds={schedule.seconds}"]
        options += [f"--page={page}", "--quiets", *map(str, schedule.quiets)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.fleet_server", *options], stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.url: str = json.loads(self._process.stdout.readline())["url"]

    def figures(self) -> dict[str, Any]:
        """What it counted."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc)
        connection.request("GET", "/figures")
        figures: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return figures

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@contextmanager
def _server(schedule: Schedule, devices: int, page: int) -> Iterator[FleetServer]:
    server = FleetServer(schedule, devices, page)
    try:
        yield server
    finally:
        server.close()


def follow(
    schedule: Schedule,
    devices: int,
    *,
    page: int = NO_PAGES,
    text: bool = False,
    command: Sequence[str | Path] = (COMMAND,),
) -> Followed:
    """Run a small project on that many devices, to the end.

    Args:
        page: how many lines an answer of the server has at most.
        text: written for a person, through a pipe; else as JSON Lines.
        command: what stands for the installed command.

    Raises:
        SystemExit: it wrote nothing of what was printed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder,
        _server(schedule, devices, page) as server,
    ):
        root, errors = Path(folder) / "project", Path(folder) / "errors"
        subprocess.run([COMMAND, "init", root, *_PROJECT], check=True, capture_output=True)
        output = Output(Path(folder) / "output")
        arguments: list[str | Path] = [*([] if text else ["--json"]), "-C", root, "run", "-d", "@online"]
        most_seconds = schedule.length + _PATIENCE
        cost = _run([*command, *arguments], server.url, output, errors, most_seconds)
        said = errors.read_text(encoding="utf-8")
        figures = server.figures()
        if not cost.samples:
            raise SystemExit(f"No line was shown: {output.file.read_text()[-2000:]}{said[-2000:]}")
        began = {device_name(index): 0.0 for index in range(devices)} | figures["began"]
        judged = judge_text(output, said, schedule, began) if text else judge_events(output, schedule, began)
        if cost.exit_code:
            judged.problems.append(f"the command ended with {cost.exit_code}: {said[-2000:]}")
        recorded, dropped = _recorded(root)
        last_word = output.moments[-1]
    followed = Followed(schedule, devices, cost, judged, figures, last_word, recorded, dropped)
    if recorded + dropped != followed.lines:
        judged.problems.append(
            f"of {followed.lines} lines {recorded} are recorded, and {dropped} were dropped for want of room"
        )
    return followed


def _run(command: Sequence[str | Path], url: str, output: Output, errors: Path, most_seconds: float) -> Cost:
    # A program that is installed has its bytecode; so has this one from its second start, if it may keep it.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with errors.open("wb") as stderr:
        process = subprocess.Popen(
            command,
            env={**inherited, "XGODO_API_URL": url, "XGODO_TOKEN": "any"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
        )
    cost, ended = Cost(), threading.Event()
    sampling = threading.Thread(target=_sample, args=(psutil.Process(process.pid), ended, cost.samples))
    too_late = threading.Timer(most_seconds, process.kill)
    too_late.start()
    try:
        _read(process, output, sampling)
    except BaseException:
        process.kill()
        raise
    finally:
        too_late.cancel()
        ended.set()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = cost.exit_code = os.waitstatus_to_exitcode(status)
        cost.processor = used.ru_utime + used.ru_stime
        if sampling.ident is not None:
            sampling.join()
    return cost


def _read(process: subprocess.Popen[bytes], output: Output, sampling: threading.Thread) -> None:
    """Keep what the process writes, to be looked at afterwards: its processor is not to be taken away."""
    assert process.stdout is not None
    end = b""
    with process.stdout as stdout, output.file.open("wb") as file:
        while written := os.read(stdout.fileno(), _READ_AT_ONCE):
            output.moments.append(time.time())
            if sampling.ident is None and _FIRST_LINE in end + written:
                sampling.start()
            end = written[-len(_FIRST_LINE) :]
            file.write(written)
            output.sizes.append(file.tell())


def _sample(observed: psutil.Process, ended: threading.Event, samples: list[Sample]) -> None:
    began = time.monotonic()
    while True:
        try:
            # User and system, of the process and of its children that have ended.
            processor = float(sum(observed.cpu_times()[:4]))
            memory = float(observed.memory_info().rss) / _MEGABYTE
        except psutil.Error:
            return
        # One that has just ended has none.
        if memory:
            samples.append(Sample(time.monotonic() - began, processor, memory))
        if ended.wait(max(0.0, began + len(samples) - time.monotonic())):
            return


def _recorded(root: Path) -> tuple[int, int]:
    with RunStore(root) as store:
        runs = store.runs()
        return sum(1 for run in runs for _ in store.lines(run)), sum(run.dropped for run in runs)


def say_latencies(rows: dict[str, tuple[Sequence[float], float | None]]) -> None:
    """Print how late lines were, and the bound; it is kept when 99 of 100 lines keep it."""
    say(f"  {'ms from printed to shown':<36}{'p50':>9}{'p99':>9}{'max':>9}{'n':>8}{'bound':>8}")
    for name, (values, bound) in rows.items():
        if not values:
            say(f"  {name:<36}  no line was shown")
            continue
        worst = sorted(values)[-(-len(values) * 99 // 100) - 1]
        row = f"  {name:<36}{statistics.median(values):9.1f}{worst:9.1f}{max(values):9.1f}{len(values):8}"
        if bound is not None:
            row += f"{bound:8.0f}  {'kept' if worst <= bound else 'MISSED'}"
        say(row)


def say_requests(followed: Followed) -> None:
    """Print what the server was asked, and what that cost it."""
    for route, number in sorted(followed.figures["requests"].items()):
        say(f"  {route:<44}{number:8} requests{number / followed.schedule.length:10.1f} a second")
    connections, processor = followed.figures["connections"], followed.figures["processor"]
    say(f"  {connections} connections; the server used {processor:.1f} s of a processor")


def say_verdict(followed: Followed) -> None:
    """Print what is wrong, or that nothing is.

    Raises:
        SystemExit: something is.
    """
    problems, warnings = followed.judgement.problems, followed.judgement.warnings
    for warning in warnings[:3]:
        say(f"  it warned: {warning}")
    if len(warnings) > 3:
        say(f"  … and {len(warnings) - 3} times more")
    for problem in problems[:10]:
        say(f"  WRONG: {problem}")
    if problems:
        raise SystemExit(f"{len(problems)} findings.")
    runs = "the run" if followed.devices == 1 else f"{followed.devices} runs"
    say(f"  all {followed.lines} lines came, once and in order, and {runs} ended well")
    say(f"  {followed.recorded} of them are recorded, {followed.dropped} dropped for want of room")
