"""What a person sees of the loop's events, and what a program reads of them."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from tests.cli.terminal.pseudo_terminal import FRAME, terminal
from xgodo_dev.cli.view.event_view import EventView
from xgodo_dev.cli.view.run_ends import RUN_ENDS
from xgodo_dev.loop.events import Check, Conflict, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice

WIDTH = 80
CLOCK = re.compile(r"(\w{3} \d\d )?\d\d:\d\d:\d\d")
# What runs on two phones say, in an order that stdout and stderr have to keep between them.
TWO_PHONES = """
from pathlib import Path
from xgodo_dev.cli.view import event_view
from xgodo_dev.runs.events import Exit, Launch, Log
PHONES = ("Atomic Mammal", "Fox")
def log(message, device, level="log"):
    source = {"file": "main.ts", "line": 6}
    return Log(run=device, device=device, id="1", level=level, message=message, source=source, timestamp=0)
async def main():
    show = event_view.view(devices=PHONES, root=Path("/project")).show
    for phone in PHONES:
        show(Launch(run=phone, device=phone, entry="main.ts"))
    for number in range(5):
        for phone in PHONES:
            show(log(f"line {number}", phone))
    show(Exit(run="Fox", device="Fox", status="success", ms=20))
    show(log("\\x1b]8;;file:///etc/passwd\\x1b\\\\forged", PHONES[0], "error"))
    show(Exit(run=PHONES[0], device=PHONES[0], status="failed", ms=202_000, error="no"))
"""
SHOWN = """\
▶ running main.ts on Atomic Mammal
▶ running main.ts on Fox
  Atomic Mammal  main.ts:6     line 0
  Fox            main.ts:6     line 0
  Atomic Mammal  main.ts:6     line 1
  Fox            main.ts:6     line 1
  Atomic Mammal  main.ts:6     line 2
  Fox            main.ts:6     line 2
  Atomic Mammal  main.ts:6     line 3
  Fox            main.ts:6     line 3
  Atomic Mammal  main.ts:6     line 4
  Fox            main.ts:6     line 4
✓ the run on Fox ended well  20 ms
  Atomic Mammal  main.ts:6     error  \\x1b]8;;file:///etc/passwd\\x1b\\forged
✗ the run on Atomic Mammal failed  3 min 22 s
  no"""


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    return []


def unstyled(lines: list[str]) -> list[str]:
    return [re.sub(r"\x1b\[\d+m", "", line) for line in lines]


@pytest.mark.parametrize(
    "event",
    [
        Notice(message="util.ts is gone here but stays on the platform, whose API has no delete. " * 3),
        Conflict(path="screens/some/where/deep/the-screen-of-the-shop.ts"),
        Conflict(path="screens/some/where/deep/the-screen-of-the-shop.ts", deleted_here=True),
        Conflict(path="screens/shop.ts", buries="screens/shop.js"),
    ],
)
def test_lines_that_are_too_long_for_the_terminal_break_between_words(shown: list[str], event: Event) -> None:
    EventView(note=shown.append).show(event)
    lines = unstyled(shown)
    assert len(lines) > 1
    assert max(map(len, lines)) <= WIDTH
    assert all(line.startswith(" " * 11) for line in lines[1:])
    whole: list[str] = []
    wide = EventView(note=whole.append)
    with pytest.MonkeyPatch.context() as wider:
        wider.setenv("COLUMNS", "1000")
        wide.show(event)
    assert " ".join(lines).split() == " ".join(unstyled(whole)).split()


def test_a_long_error_of_the_compiler_goes_on_below_its_beginning(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = ("Type 'string' is not assignable to type 'number'. " * 4).strip()
    error = {"file": "main.ts", "line": 1, "column": 2, "code": "TS2322", "message": message}
    check = Check(ok=False, errors=[error], ms=1)
    told = f"main.ts(1,2): error TS2322: {message}"
    EventView(note=shown.append).show(check)
    lines = unstyled(shown)[1:]
    assert len(lines) > 2
    assert [line[:11].strip() for line in lines] == [""] * len(lines)
    assert " ".join(line.strip() for line in lines) == told
    # What programs read stays one line.
    monkeypatch.setattr(sys.stderr, "isatty", lambda: False)
    EventView(note=shown.append).show(check)
    assert unstyled(shown)[-1].strip() == told


def log(message: str, level: str = "log", run: str = "1", *, line: int | None = 7) -> Log:
    source = None if line is None else {"file": "main.ts", "line": line}
    return Log(run=run, device="Fox", id="1", level=level, message=message, source=source, timestamp=0)


def launches(number: int, entry: str = "main.ts") -> list[Launch]:
    # All of one moment, however long it takes to make them.
    now = time.time()
    return [Launch(run=str(each), device=f"Phone {each:02}", entry=entry, time=now) for each in range(number)]


def without_time(lines: list[str]) -> list[str]:
    return [CLOCK.sub("", line).strip() for line in unstyled(lines)]


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_in_a_terminal_logs_and_other_events_stand_in_their_order(unbuffered: str) -> None:
    with terminal(TWO_PHONES, columns=120, environment={"PYTHONUNBUFFERED": unbuffered}) as seen:
        assert seen.end() == 0
        assert without_time(seen.shown) == [line.strip() for line in SHOWN.split("\n")]
        assert [line[8:12] for line in seen.shown if " line " in line] == ["   A", "   F"] * 5
        # Of the message's own link nothing is left but its letters.
        links = set(re.findall(r"\x1b\]8;;([^\x1b]*)\x1b\\", seen.output))
        assert {link.removeprefix("file://").partition("/")[2] for link in links} == {"", "project/main.ts#6"}
        assert "\x1b[31m" in seen.output


@pytest.mark.parametrize(
    ("shell", "environment", "styled", "linked"),
    [
        (None, {}, True, True),
        (None, {"NO_COLOR": "1"}, False, True),
        (None, {"TERM": "dumb"}, False, False),
        (None, {"TERM": "linux"}, True, False),
        (None, {"FORCE_HYPERLINK": "0"}, True, False),
        ('"$PYTHON" -c "$PROGRAM" 2>&1 | cat', {}, False, False),
    ],
)
def test_styles_and_links_are_for_terminals_that_have_them(
    shell: str | None, environment: dict[str, str], styled: bool, linked: bool
) -> None:
    with terminal(TWO_PHONES, columns=120, shell=shell, environment=environment) as seen:
        assert seen.end() == 0
        assert ("\x1b[" in seen.output) == styled
        assert ("\x1b]8;;" in seen.output) == linked
        if shell is None:
            assert without_time(seen.shown) == [line.strip() for line in SHOWN.split("\n")]


def test_links_name_no_host_where_the_terminal_would_look_for_a_share_of_that_name() -> None:
    with terminal(TWO_PHONES, environment={"TERM_PROGRAM": "vscode"}) as seen:
        assert seen.end() == 0
        assert "\x1b]8;;file:///project/main.ts#6\x1b\\" in seen.output


def test_every_event_is_a_line_of_json_at_once() -> None:
    program = FRAME.replace("Invocation()", "Invocation(json=True)").format(program=TWO_PHONES)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    events = [json.loads(line) for line in told.stdout.splitlines()]
    assert [event["event"] for event in events] == ["launch"] * 2 + ["log"] * 10 + ["exit", "log", "exit"]
    assert list(events[2]) == [
        *("event", "time", "run", "device", "id", "level", "message", "source", "timestamp"),
    ]
    # What is optional is left out, and null stays null.
    assert "error" not in events[-3]
    assert events[-1]["error"] == "no"
    assert log("said", line=None).to_json()["source"] is None
    assert "errors" not in SyncFailed(path="a.ts", reason="no").to_json()
    assert told.stderr == ""


def test_a_few_launches_have_a_line_each(shown: list[str]) -> None:
    view = EventView(several_devices=True, note=shown.append)
    for launch in launches(3):
        view.show(launch)
    view.tell_held()
    assert without_time(shown) == [f"▶ running main.ts on Phone 0{number}" for number in range(3)]


def test_thirty_launches_are_one_line(shown: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    names = [launch.device for launch in launches(30)]
    view = EventView(devices=names, note=shown.append)
    for launch in launches(30)[:-1]:
        view.show(launch)
    assert shown == []
    view.show(launches(30)[-1])
    named = ", ".join(names[:5])
    assert without_time(shown) == [f"▶ running main.ts on 30 devices: {named} and 25 more"]


def test_equal_ends_of_one_moment_are_one_line_and_others_are_not_held_back(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    begun = launches(30)
    view = EventView(devices=[launch.device for launch in begun], note=shown.append)
    for launch in begun:
        view.show(launch)
    shown.clear()
    for launch in begun:
        failed = launch.run in ("3", "8")
        error = {"status": "failed", "error": "no"} if failed else {"status": "stopped"}
        ended = Exit(run=launch.run, device=launch.device, ms=int(launch.run), time=launch.time, **error)  # type: ignore[arg-type]
        view.show(ended)
        assert not shown or launch is begun[-1]
    assert without_time(shown) == [
        "! the runs on 28 devices were stopped: Phone 00, Phone 01, Phone 02, Phone 04, Phone 05 and 23 more"
        "  at most 29 ms",
        "✗ the run on Phone 03 failed  3 ms",
        "no",
        "✗ the run on Phone 08 failed  8 ms",
        "no",
    ]


def test_equal_ends_of_runs_that_nobody_saw_begin_are_one_line_too(shown: list[str]) -> None:
    view = EventView(several_devices=True, note=shown.append)
    for launch in launches(30):
        view.show(Exit(run=launch.run, device=launch.device, status="success", ms=1, time=launch.time))
    view.tell_held()
    assert without_time(shown)[0].startswith("✓ the runs on 30 devices ended well: Phone 00, ")


def test_on_other_devices_the_view_goes_on_with_what_it_holds_and_knows(
    shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    view = EventView(devices=["Fox"], note=shown.append)
    view.show(log("alone"))
    view.show(log("no", "error"))
    begun = launches(4)
    view.use_devices(["Fox", *(launch.device for launch in begun)])
    view.show(Exit(run="1", device="Fox", status="failed", ms=1, error="no"))
    view.tell_held()
    # What the run has logged itself is not told again.
    assert without_time(shown) == ["✗ the run on Fox failed  1 ms"]
    for launch in begun:
        view.show(launch)
    view.use_devices([launch.device for launch in begun])
    assert len(shown) == 1
    view.show(log("one of several"))
    assert without_time(shown)[1].startswith("▶ running main.ts on 4 devices: Phone 00, ")
    alone, error, one_of_several = without_time(capsys.readouterr().out.splitlines())
    assert (alone, error) == ("main.ts:7     alone", "main.ts:7     error  no")
    assert one_of_several.split() == ["Fox", "main.ts:7", "one", "of", "several"]


def test_an_end_that_is_held_is_told_before_what_is_of_a_later_moment(
    shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    view = EventView(several_devices=True, note=shown.append)
    for launch in launches(2):
        view.show(replace(launch, time=10.0))
    view.show(Exit(run="0", device="Phone 00", status="success", ms=1, time=20.0))
    view.show(replace(log("at once"), time=20.1))
    assert len(shown) == 2
    view.show(replace(log("later"), time=20.5))
    assert len(shown) == 3


def test_a_name_of_whatever_length_and_characters_is_a_few_words_on_one_line(
    shown: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    name = "Fox\n\x1b[31m" + "x" * 20_000
    view = EventView(note=shown.append)
    view.show(Launch(run="1", device=name, entry="main.ts"))
    view.show(Exit(run="1", device=name, status="success", ms=1))
    assert len(shown) == 2
    assert all(len(line) < 120 for line in shown)
    assert "Fox\\x0a\\x1b[31mx" in shown[0]


def test_launches_are_told_before_anything_else_is(shown: list[str]) -> None:
    view = EventView(several_devices=True, note=shown.append)
    for launch in [*launches(5), *reversed(launches(2, "other.ts"))]:
        view.show(launch)
    view.show(Notice(message="said"))
    view.tell_held()
    assert [line.partition(":")[0] for line in without_time(shown)] == [
        "▶ running main.ts on 5 devices",
        "03, Phone 04",
        "▶ running other.ts on Phone 00",
        "▶ running other.ts on Phone 01",
        "! said",
    ]


async def test_launches_are_told_soon_though_nothing_else_happens(shown: list[str]) -> None:
    room_made: list[int] = []
    told = asyncio.Event()

    @contextmanager
    def around() -> Iterator[None]:
        room_made.append(len(shown))
        yield

    def note(line: str) -> None:
        shown.append(line)
        told.set()

    view = EventView(several_devices=True, note=note, around=around)
    for launch in launches(4):
        view.show(launch)
    async with asyncio.timeout(60):
        await told.wait()
    assert without_time(shown)[0].startswith("▶ running main.ts on 4 devices: ")
    assert room_made == [0]
    view.tell_held()
    assert len(shown) == len(set(shown))


def test_a_launch_that_nothing_follows_is_told_when_the_command_ends() -> None:
    program = """
from xgodo_dev.cli.view import event_view
from xgodo_dev.runs.events import Launch
async def main():
    show = event_view.view(several_devices=True).show
    show(Launch(run="1", device="Fox", entry="main.ts"))
"""
    with terminal(program) as seen:
        assert seen.end() == 0
        assert without_time(seen.shown) == ["▶ running main.ts on Fox"]


def test_an_error_that_the_run_has_logged_itself_is_not_told_twice(
    shown: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    view = EventView(note=shown.append)

    def end(run: str) -> int:
        view.show(Exit(run=run, device="Fox", status="failed", ms=1, error="no\nway"))
        told = len(shown)
        shown.clear()
        return told

    view.show(log("no\nway", "error", run="1"))
    view.show(log("said", run="2"))
    assert end("1") == 1
    view.show(log("no\nway", "error", run="2"))
    view.show(log("said", run="2"))
    assert end("2") == 3
    assert end("3") == 3
    assert capsys.readouterr().out.count("error  no\n") == 2


@pytest.mark.parametrize("live", [True, False])
def test_an_uncaught_error_looks_the_same_while_it_happens_and_afterwards(
    shown: list[str], capsys: pytest.CaptureFixture[str], live: bool
) -> None:
    view = EventView(note=shown.append)
    for message, line in (("Error: no\n    at main (main.ts:7:1)", 7), ('{"code":4}', None)):
        failure = log(message, "error", line=line)
        if not live:
            # So it is recorded.
            view.show(failure)
        end = Exit(run="1", device="Fox", status="failed", ms=1, error=message, failure=failure)
        assert "failure" not in end.to_json()
        view.show(end if live else replace(end, failure=None))
    assert without_time(capsys.readouterr().out.splitlines()) == [
        "main.ts:7     error  Error: no",
        "at main (main.ts:7:1)",
        'error  {"code":4}',
    ]
    assert without_time(shown) == [
        "✗ the run on Fox failed  1 ms",
        "✗ the run on Fox failed  1 ms",
        "What was thrown is no Error with a stack: nothing tells where.",
    ]


def test_events_of_another_day_have_its_date(shown: list[str]) -> None:
    view = EventView(note=shown.append)
    moment = time.time() - 3 * 86_400
    view.show(Notice(message="then", time=moment))
    view.show(Notice(message="now\nand here"))
    then = time.strftime("%b %d %H:%M:%S", time.localtime(moment))
    assert unstyled(shown)[0] == f"{then} ! then"
    assert unstyled(shown)[2] == " " * 18 + "and here"


@pytest.mark.parametrize("status", RUN_ENDS)
def test_how_a_run_ended_is_told_in_the_words_that_all_commands_have(shown: list[str], status: str) -> None:
    EventView(note=shown.append).show(Exit(run="1", device="Fox", status=status, ms=61_000))  # type: ignore[arg-type]
    assert without_time(shown)[0][2:] == f"the run on Fox {RUN_ENDS[status].words}  1 min 1 s"  # type: ignore[index]
