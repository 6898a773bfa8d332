"""An uncaught error of a large project: its file and line in the TypeScript, whatever was saved since."""

from __future__ import annotations

import json
import re
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import LISTED, Emulator, Home
from tests.e2e.watch_process import DEADLINE, Watch
from tests.e2e.working_copies import Copy, new_copy

# With main.ts and released.ts, thirty files.
PARTS = 28
NOTES = "dev.xgodo.notes"
MAIN = """\
import { step } from "./parts/p00";
import { released } from "./released";

async function main(): Promise<void> {
  await agent.actions.goHome();
  console.log("waiting");
  await released();
  step("begin");
}

main();
"""
# The run waits for something that a test can do from outside: another automation on its phone.
RELEASED = f"""\
/** Resolves once the notes are in front. */
export async function released(): Promise<void> {{
  while ((await agent.actions.screenContent()).packageName !== "{NOTES}") {{
    await sleep(20);
  }}
}}
"""
RELEASE = f"agent.actions.launchApp('{NOTES}').finally(agent.control.stopCurrentAutomation);"
# What is saved while the old bundle runs: it moves the line, and does not type-check, so that nothing
# replaces the run.
SHIFT = 'const wrong: number = "three";\n' * 7


def part_name(number: int) -> str:
    folder = "parts" if number % 2 == 0 else "parts/deep"
    return f"{folder}/p{number:02}"


def import_of(number: int, importer: int) -> str:
    if (number % 2 == 0) == (importer % 2 == 0):
        return f"./p{number:02}"
    return f"../p{number:02}" if importer % 2 else f"./deep/p{number:02}"


def part(number: int) -> tuple[str, int]:
    """A module that imports one before and one behind it, and the line of its call or throw."""
    last = number == PARTS - 1
    earlier = (number + PARTS // 2) % PARTS
    lines = [f"// Line {each} of what makes this file unlike the others." for each in range(number * 5 % 13)]
    if not last:
        lines.append(f'import {{ step as following }} from "{import_of(number + 1, number)}";')
    lines.append(f'import {{ name as nameOfAnother }} from "{import_of(earlier, number)}";')
    lines += [
        "",
        f'export const name = (): string => "p{number:02}";',
        "",
        "export function step(way: string): never {",
    ]
    if last:
        lines += ["  const all = `${way} ${nameOfAnother()}`;", "  throw new Error(`lost after ${all}`);"]
    else:
        lines.append("  return following(`${way} ${nameOfAnother()}`);")
    return "\n".join([*lines, "}"]) + "\n", len(lines)


@dataclass(frozen=True)
class Throwing:
    """The folder of a project whose run throws in its 28th nested module, once it is released."""

    copy: Copy
    emulator: Emulator
    # Of the frames of the stack, from the throw on.
    frames: list[tuple[str, int]]

    @property
    def source(self) -> dict[str, Any]:
        file, line = self.frames[0]
        return {"file": file, "line": line}

    def shift(self) -> None:
        file = self.frames[0][0]
        self.copy.write(file, SHIFT + self.copy.read(file))

    def release(self) -> None:
        answer = httpx.post(
            f"{self.emulator.url}/api/v2/devices/launchDirectAutomation",
            headers={"Authorization": f"Bearer {self.emulator.token}"},
            json={
                "device_id": self.copy.json("devices", "--online")["devices"][0]["remote_device_id"],
                "launch_id": str(uuid.uuid4()),
                "command": "start",
                "code": RELEASE,
                "automationParameters": {},
                "jobVariables": {},
            },
            timeout=DEADLINE,
        )
        assert answer.status_code == 200, answer.text

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return self.copy.home.start("--json", *arguments, cwd=self.copy.root, env=self.copy.env)

    def logs(self, *arguments: str) -> list[dict[str, Any]]:
        done = self.copy.run("--json", "logs", *arguments)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def logs_until(self, accepts: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        deadline = time.monotonic() + DEADLINE
        while not accepts(lines := self.logs()):
            assert time.monotonic() < deadline, lines
        return lines

    def expect(self, stack: str) -> None:
        first, *frames = stack.split("\n")
        assert first.startswith("Error: lost after begin p14")
        places = [re.search(r"\(?([\w/.]+):(\d+):\d+\)?$", frame) for frame in frames]
        # An engine gives ten frames unless it is asked for more.
        assert len(frames) == 10
        assert [(place[1], int(place[2])) for place in places if place] == self.frames[:10]

    def expect_in_logs(self, run: str) -> None:
        thrown = self.logs("--run", run)[-1]
        assert (thrown["event"], thrown["run"], thrown["level"]) == ("log", run, "error")
        assert thrown["source"] == self.source
        self.expect(thrown["message"])


@pytest.fixture
def throwing(home: Home, emulators: Callable[[str], Emulator]) -> Throwing:
    emulator = emulators(LISTED)
    parts = {f"{part_name(number)}.ts": part(number) for number in range(PARTS)}
    files = {
        "main.ts": MAIN,
        "released.ts": RELEASED,
        **{file: text for file, (text, _line) in parts.items()},
    }
    assert len(files) == 30
    frames = [(file, line) for file, (_text, line) in reversed(parts.items())]
    return Throwing(new_copy(home, emulator, str(uuid.uuid4()), home.folder / "ada", files), emulator, frames)


@pytest.fixture
def started(throwing: Throwing) -> Iterator[Callable[..., Watch]]:
    """Starts a command in that folder, and reads its events."""
    processes: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> Watch:
        processes.append(throwing.start(*arguments))
        return Watch(processes[-1])

    yield start
    for process in processes:
        if process.poll() is None:
            process.terminate()
        process.wait(DEADLINE)


@pytest.mark.parametrize("command", [("run",), ("watch", "--run", "--no-push")], ids=["run", "watch"])
def test_a_throw_is_told_by_the_map_of_the_bundle_that_runs(
    throwing: Throwing, started: Callable[..., Watch], command: tuple[str, ...]
) -> None:
    following = started(*command)
    waiting = following.until("log", lambda event: event["message"] == "waiting")
    assert waiting["source"] == {"file": "main.ts", "line": 6}
    throwing.shift()
    if command[0] == "watch":
        following.until("check", lambda event: not event["ok"])
    throwing.release()
    end = following.until("exit")
    assert (end["run"], end["status"]) == (waiting["run"], "failed")
    throwing.expect(end["error"])
    throwing.expect_in_logs(waiting["run"])


def test_a_throw_that_nobody_followed_is_told_by_the_map_that_was_kept(throwing: Throwing) -> None:
    done = throwing.copy.run("--json", "run", "--no-follow")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout.splitlines()[-1])["run"]
    (waiting,) = throwing.logs_until(lambda lines: len(lines) > 0)
    assert (waiting["message"], waiting["source"]) == ("waiting", {"file": "main.ts", "line": 6})
    throwing.shift()
    throwing.copy.delete("main.ts")
    throwing.release()
    throwing.logs_until(lambda lines: len(lines) > 1)
    throwing.expect_in_logs(run)
    (recorded,) = throwing.copy.json("runs")["runs"]
    assert (recorded["run"], recorded["status"]) == (run, "failed")
    throwing.expect(recorded["error"])


def test_a_person_sees_the_place_of_a_throw_beside_its_stack(throwing: Throwing) -> None:
    throwing.copy.run("run", "--no-follow")
    throwing.logs_until(lambda lines: len(lines) > 0)
    throwing.release()
    throwing.logs_until(lambda lines: len(lines) > 1)
    shown = throwing.copy.run("logs")
    file, line = throwing.frames[0]
    assert re.search(rf" {re.escape(file)}:{line}  +error  Error: lost after begin", shown.stdout)
    assert "failed" in shown.stderr
    assert "lost" not in shown.stderr
