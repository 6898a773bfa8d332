"""Regular expressions of JavaScript, which nobody here has written: any of them may take for ever."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

Question = tuple[str, str]
"""A pattern, and the text that it is to match somewhere."""

# The engine backtracks without a limit, deaf to signals, and as all of this process. So a process of its
# own does it: 20 ms where there is a pattern. Its watchdog is a thread that needs nothing from the engine,
# and ends it even when nobody is left who waits.
_MATCHING = """
import faulthandler, json, sys
asked = json.load(sys.stdin)
sys.path.append(asked["modules"])
import regress
faulthandler.dump_traceback_later(asked["seconds"], exit=True)
for pattern, text in asked["questions"]:
    print(int(regress.Regex(pattern).find(text) is not None), flush=True)
"""
_SECONDS = 0.5
# To start an interpreter, on a machine that has much else to do.
_SECONDS_TO_START = 5.0
# Beyond about 10,000 characters the engine's own recursion ends the process.
_LONGEST = 4000


@functools.lru_cache(maxsize=256)
def is_pattern(pattern: str) -> bool:
    """Whether JavaScript takes it for a regular expression, of a length that can be dealt with."""
    # Here, because most projects have no pattern.
    import regress

    if len(pattern) > _LONGEST:
        return False
    try:
        regress.Regex(pattern)
    except (regress.RegressError, UnicodeEncodeError):
        return False
    return True


def matches(questions: Collection[Question]) -> Mapping[Question, bool | None]:
    """Whether each pattern, one that ``is_pattern`` takes, matches its text; None: not known in time.

    Takes half a second at most once the process that does it has started, and nothing for what was
    asked before. It blocks: a loop of events leaves it to a thread.
    """
    if not questions:
        return {}
    asked = tuple(dict.fromkeys(questions))
    return dict(zip(asked, _answers(asked), strict=True))


@functools.lru_cache(maxsize=64)
def _answers(questions: tuple[Question, ...]) -> tuple[bool | None, ...]:
    import regress

    assert regress.__file__ is not None, "it lies in a folder"
    asked = {
        "modules": str(Path(regress.__file__).parent.parent),
        "seconds": _SECONDS,
        "questions": questions,
    }
    try:
        said = subprocess.run(
            [sys.executable, "-I", "-S", "-c", _MATCHING],
            input=json.dumps(asked).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS_TO_START + _SECONDS,
            check=False,
        ).stdout
    except subprocess.TimeoutExpired as error:
        said = error.stdout or b""
    except OSError:
        said = b""
    answers: list[bool | None] = [line == b"1" for line in said.split()]
    return tuple(answers + [None] * (len(questions) - len(answers)))
