"""Judges what runs on simulated devices wrote: whether each line is there, once, in order, and how late."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.benchmarks.simulated_run import LINE, Schedule, message


@dataclass
class Output:
    """What a process wrote, and how much of that had come when."""

    file: Path
    sizes: list[int] = field(default_factory=list)
    """Bytes, after each part of it."""
    moments: list[float] = field(default_factory=list)
    """When that part came, in Unix seconds."""

    def lines(self) -> Iterator[tuple[float, bytes]]:
        """Each line, and when the last of it came."""
        size, part = 0, 0
        with self.file.open("rb") as opened:
            for line in opened:
                size += len(line)
                while self.sizes[part] < size:
                    part += 1
                yield self.moments[part], line


@dataclass
class Judgement:
    """What is to be said about an output."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    """What the command itself thought worth a warning."""
    latencies: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By a line's number in its run: milliseconds from when it was printed to when it was shown."""


def judge_events(output: Output, schedule: Schedule, began: Mapping[str, float]) -> Judgement:
    """Judge JSON Lines; ``began`` has the moment of each device's launch, in Unix seconds."""
    judged = Judgement()
    numbers: dict[str, list[int]] = {device: [] for device in began}
    exits: dict[str, list[str]] = defaultdict(list)
    for moment, line in output.lines():
        event: dict[str, Any] = json.loads(line)
        match event["event"]:
            case "log":
                said_of = event["device"]
                if exits[said_of]:
                    judged.problems.append(f"{said_of} printed after its end: {event['message']!r}")
                shown = _recognised(event["message"], numbers)
                if shown is None or shown[0] != said_of:
                    judged.problems.append(f"{said_of} did not print {event['message']!r}")
                else:
                    _count(shown, moment, schedule, began, numbers, judged)
            case "exit":
                exits[event["device"]].append(event["status"])
            case "warning":
                judged.warnings.append(event["message"])
    judged.problems += _wrong(numbers, len(schedule.moments))
    judged.problems += [
        f"{device} ended with {exits[device]}" for device in numbers if exits[device] != ["success"]
    ]
    return judged


def judge_text(output: Output, errors: str, schedule: Schedule, began: Mapping[str, float]) -> Judgement:
    """Judge what a person reads, ``errors`` being what went to stderr; ``began`` as for events."""
    judged = Judgement()
    numbers: dict[str, list[int]] = {device: [] for device in began}
    for moment, line in output.lines():
        shown = _recognised(line.decode(), numbers)
        if shown is None:
            judged.problems.append(f"nobody printed {line!r}")
        else:
            _count(shown, moment, schedule, began, numbers, judged)
    judged.problems += _wrong(numbers, len(schedule.moments))
    # Ends of one moment are told in one line.
    told = re.findall(r"run on .* ended well|runs on (\d+) devices ended well", errors)
    ended_well = sum(int(several or 1) for several in told)
    if ended_well != len(numbers):
        judged.problems.append(f"{ended_well} of {len(numbers)} runs ended well")
    judged.warnings += [line for line in errors.splitlines() if line[9:10] == "!"]
    return judged


def _recognised(text: str, numbers: Mapping[str, Sequence[int]]) -> tuple[str, int] | None:
    """Whose line this is, and its number; None: nobody printed that."""
    found = LINE.search(text)
    if found is None or found[2] not in numbers or message(int(found[1]), found[2]) != found[0]:
        return None
    return found[2], int(found[1])


def _count(
    shown: tuple[str, int],
    moment: float,
    schedule: Schedule,
    began: Mapping[str, float],
    numbers: Mapping[str, list[int]],
    judged: Judgement,
) -> None:
    device, number = shown
    numbers[device].append(number)
    if number <= len(schedule.moments):
        judged.latencies[number].append((moment - began[device] - schedule.moments[number - 1]) * 1000)


def _wrong(numbers: Mapping[str, Sequence[int]], expected: int) -> Iterator[str]:
    """What is wrong with the numbers of the devices' lines."""
    all_of_them = list(range(1, expected + 1))
    for device, printed in numbers.items():
        if printed == all_of_them:
            continue
        different = set(printed)
        if missing := set(all_of_them) - different:
            yield f"{device}: {len(missing)} lines are missing, from line {min(missing)} on"
        if len(printed) > len(different):
            yield f"{device}: {len(printed) - len(different)} lines came again"
        if different - set(all_of_them):
            yield f"{device}: {len(different - set(all_of_them))} lines were never printed"
        if list(printed) != sorted(printed):
            yield f"{device}: its lines are not in order"
