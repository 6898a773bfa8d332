"""The messages between the engine and a runtime process: one JSON object a line.

Whatever the process says is hostile input: a program may have broken out of its realm. Only messages of
the shapes below get through, within bounds.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import cast

from xgodo_dev.emulator.phone import hardware
from xgodo_dev.emulator.phone.program import LogLevel, Outcome, Program
from xgodo_dev.emulator.phone.screen import Phone

LONGEST_LINE = 8 * 1024 * 1024
"""Bytes. The runtime cuts a log message at 64 Ki characters and a call's arguments at 1 Mi."""

_LEVELS = ("log", "warn", "error")
_LARGEST_NUMBER = 2**53
# A half of a surrogate pair as JSON writes it, or else the half of a whole pair.
_HALF_PAIR = re.compile(r"\\ud[89a-f]", re.IGNORECASE)


class WireError(Exception):
    """The process said something that is not a message."""


@dataclass(frozen=True)
class Ready:
    """Booted; a program may be handed over."""


@dataclass(frozen=True)
class Started:
    """The program is linked and its evaluation begins."""


@dataclass(frozen=True)
class Rejected:
    """A module does not parse. The process waits for another program."""

    path: str
    line: int
    message: str


@dataclass(frozen=True)
class Log:
    """One line for the run's log."""

    level: LogLevel
    message: str
    line: int


@dataclass(frozen=True)
class Call:
    """The program calls `name`, such as ``agent.actions.tap``; it waits for an answer with this `id`."""

    id: int
    name: str
    arguments: tuple[object, ...]


@dataclass(frozen=True)
class End:
    """The run is over and the process about to exit."""

    outcome: Outcome


Message = Ready | Started | Rejected | Log | Call | End


def decode(line: bytes) -> Message:
    """Read one line of the process's output.

    :raises WireError: it is none of the messages.
    """
    match _parse(line):
        case {"type": "log", "level": str(level), "message": str(message), "line": int(number)} if (
            level in _LEVELS
        ):
            return Log(cast(LogLevel, level), _well_formed(message), _bounded(number))
        case {"type": "call", "id": int(identifier), "name": str(name), "arguments": str(arguments)}:
            return Call(_bounded(identifier), name, _arguments(arguments))
        case {"type": "ready"}:
            return Ready()
        case {"type": "started"}:
            return Started()
        case {"type": "rejected", "path": str(path), "line": int(number), "message": str(message)}:
            return Rejected(_well_formed(path), _bounded(number), _well_formed(message))
        case {"type": "end", "outcome": "finished" | "stopped" | "crashed" as outcome}:
            return End(Outcome(outcome))
    raise WireError(f"not a message: {line[:200]!r}")


def encode_launch(program: Program, phone: Phone) -> bytes:
    """Write the message that hands `program` over. What the program gets to see goes as JSON in JSON."""
    given = {
        "automationParameters": dict(program.automation_parameters),
        "jobVariables": dict(program.job_variables),
    }
    automation: dict[str, object] = {
        "name": program.name,
        "description": "",
        "launchId": program.automation_id,
        "serverBaseUrl": "",
    }
    if program.job_task is not None:
        automation["agent"] = {
            "id": program.automation_id,
            "commitId": program.job_task.commit_id,
            "token": program.job_task.token,
            "jobTaskId": program.job_task.id,
        }
        automation["timeout"] = program.job_task.timeout
    device = {
        "id": program.device_id,
        "brand": hardware.BRAND,
        "model": hardware.MODEL,
        "sdkVersion": hardware.SDK_VERSION,
        "processor": hardware.PROCESSOR,
        "numberOfCores": hardware.CORES,
        "ramMb": hardware.RAM_MB,
        "country": phone.country,
        "isEmulator": True,
        "width": phone.width,
        "height": phone.height,
    }
    return _line(
        {
            "type": "launch",
            "modules": dict(program.modules),
            "entry": program.entry,
            "arguments": json.dumps(given),
            "automation": json.dumps(automation),
            "device": json.dumps(device),
        }
    )


def encode_success(call: Call, value: object) -> bytes:
    """Write the answer that a call was done, and what its promise resolves to."""
    return _line({"type": "answer", "id": call.id, "succeeded": True, "payload": json.dumps(value)})


def encode_failure(call: Call, message: str) -> bytes:
    """Write the answer that a call could not be done, which rejects the program's promise."""
    return _line({"type": "answer", "id": call.id, "succeeded": False, "payload": message})


def _line(message: dict[str, object]) -> bytes:
    return json.dumps(message).encode("ascii") + b"\n"


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is no number of JSON")
    return number


# Python reads and writes numbers that no other reader of JSON takes.
_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _parse(text: bytes | str) -> object:
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode())
    except (ValueError, RecursionError) as error:
        raise WireError(f"not JSON: {text[:200]!r}") from error


def _arguments(text: str) -> tuple[object, ...]:
    values = _parse(_well_formed(text))
    if not isinstance(values, list):
        raise WireError("a call's arguments are not a list")
    if _HALF_PAIR.search(text):
        try:
            values = json.loads(_well_formed(json.dumps(values, ensure_ascii=False)))
        except RecursionError as error:
            raise WireError("a call's arguments are nested too deeply") from error
    return tuple(values)


def _bounded(number: int) -> int:
    # `True` is an int to Python, and JSON's numbers have no bounds.
    if isinstance(number, bool) or not 0 <= number < _LARGEST_NUMBER:
        raise WireError("a number out of bounds")
    return number


def _well_formed(text: str) -> str:
    """Replace halves of surrogate pairs: JavaScript's strings may hold them, UTF-8 can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
