"""Lines of logs, as a pipe and as terminals show them."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.cli.view.cells import width
from xgodo_dev.cli.view.device_colors import DeviceColors
from xgodo_dev.cli.view.event_clock import EventClock
from xgodo_dev.cli.view.log_view import LogView
from xgodo_dev.cli.view.screen import Screen
from xgodo_dev.cli.view.source_links import SourceLinks
from xgodo_dev.runs.events import Log

NOON = time.mktime((2024, 5, 14, 12, 0, 0, 0, 0, -1))
PIPE = Screen()
STYLE = re.compile(r"\x1b\[[0-9;]*m")
LINK = re.compile(r"\x1b\]8;;([^\x1b]*)\x1b\\")
EVIL = "\x1b]8;;file://h/etc/passwd#1\x1b\\click\x1b]8;;\x1b\\\x1b[31m\x9b31m\r\x07\u202e\u2028\x00"


def terminal(columns: int = 80, *, styled: bool = False, linked: bool = False) -> Screen:
    return Screen(columns=lambda: columns, styled=styled, rich=True, linked=linked)


def view(
    screen: Screen,
    root: Path | None = None,
    *,
    now: float = NOON,
    several: bool = False,
    devices: tuple[str, ...] = (),
) -> LogView:
    return LogView(
        screen,
        clock=EventClock(lambda: now),
        colors=DeviceColors(devices, rich=screen.rich),
        links=SourceLinks(root, "my machine") if root else None,
        several_devices=several,
        devices=devices,
    )


def log(
    message: str,
    level: str = "log",
    *,
    file: str | None = "main.ts",
    line: int = 6,
    device: str = "Atomic Mammal",
    moment: float = NOON,
) -> Log:
    return Log(
        time=moment,
        run="3f2a",
        device=device,
        id="1",
        level=level,
        message=message,
        source={"file": file, "line": line} if file else None,
        timestamp=0,
    )


def lines(shown: LogView, *events: Log) -> list[str]:
    text = "".join(map(shown.text, events))
    assert text.endswith("\n")
    return text[:-1].split("\n")


def test_a_line_has_the_time_the_place_and_the_message_in_columns() -> None:
    assert lines(
        view(PIPE), log("one"), log("two", file=None), log("three", file="a/longer.ts", line=100)
    ) == [
        "12:00:00   main.ts:6     one",
        "12:00:00                 two",
        "12:00:00   a/longer.ts:100  three",
    ]


def test_warnings_and_errors_are_told_by_a_word_and_other_levels_too() -> None:
    levels = ("log", "warn", "error", "debug")
    assert lines(view(PIPE), *(log("said", level) for level in levels)) == [
        "12:00:00   main.ts:6     said",
        "12:00:00   main.ts:6     warn  said",
        "12:00:00   main.ts:6     error  said",
        "12:00:00   main.ts:6     debug  said",
    ]


def test_where_lines_are_not_of_today_they_and_those_behind_them_have_a_date() -> None:
    day = 86_400.0
    assert lines(view(PIPE, now=NOON), log("one", moment=NOON - 2 * day), log("two\nlines")) == [
        "May 12 12:00:00   main.ts:6     one",
        "May 14 12:00:00   main.ts:6     two",
        "                                lines",
    ]
    # Somebody who watches past midnight reads the present all the time.
    assert lines(view(PIPE, now=NOON + day), log("three", moment=NOON + day)) == [
        "12:00:00   main.ts:6     three"
    ]


def test_each_device_has_a_colour_of_its_own_in_a_column_as_wide_as_the_longest_name() -> None:
    names = ("Brave Tiger", "Fox", "Atomic Mammal")
    told = lines(
        view(terminal(styled=True), several=True, devices=names),
        *(log("said", device=name) for name in names),
    )
    assert [STYLE.sub("", line) for line in told] == [
        "12:00:00   Brave Tiger    main.ts:6     said",
        "12:00:00   Fox            main.ts:6     said",
        "12:00:00   Atomic Mammal  main.ts:6     said",
    ]
    colors = [re.search(r"(\x1b\[38;5;\d+m)" + name, line) for name, line in zip(names, told, strict=True)]
    assert len({found and found[1] for found in colors}) == 3
    # The same, whatever the order in which they are named, and in another command.
    again = lines(
        view(terminal(styled=True), several=True, devices=names[::-1]),
        *(log("said", device=name) for name in names),
    )
    assert again == told


def test_the_column_of_devices_grows_where_their_names_are_not_known() -> None:
    devices = ("Fox", "Brave Tiger", "Fox")
    assert lines(view(PIPE, several=True), *(log("said", device=device) for device in devices)) == [
        "12:00:00   Fox     main.ts:6     said",
        "12:00:00   Brave Tiger  main.ts:6     said",
        "12:00:00   Fox          main.ts:6     said",
    ]


def test_on_a_narrow_terminal_the_message_keeps_its_room() -> None:
    phones = ("Samsung Galaxy S21 Ultra (1)", "Samsung Galaxy S21 Ultra (2)")
    shown = view(terminal(80), several=True, devices=phones)
    told = lines(
        shown, *(log("said", file="screens/of/the/shop/list.ts", line=120, device=name) for name in phones)
    )
    assert told == [
        "12:00:00   Samsung Ga…a (1)  …/shop/list.ts:120    said",
        "12:00:00   Samsung Ga…a (2)  …/shop/list.ts:120    said",
    ]
    assert phones[0] in view(PIPE, several=True).text(log("said", device=phones[0]))


def test_names_are_measured_as_a_terminal_shows_them() -> None:
    told = lines(
        view(PIPE, several=True, devices=("手机", "Phone 2")),
        log("said", device="手机"),
        log("said", device="Phone 2"),
    )
    assert width(told[0]) == width(told[1])


def test_long_lines_are_wrapped_below_the_message_on_a_terminal_only() -> None:
    message = "the list is empty, and nobody knows why it should be so; it is asked for again in a while"
    assert lines(view(terminal(60)), log(message, "warn")) == [
        "12:00:00   main.ts:6     warn  the list is empty, and nobody",
        "                         knows why it should be so; it is",
        "                         asked for again in a while",
    ]
    assert lines(view(PIPE), log(message * 100)) == [f"12:00:00   main.ts:6     {message * 100}"]


def test_an_object_is_indented_on_a_terminal_only() -> None:
    message = '{"id":1,"name":"a shop","street":"long enough for three lines","items":[1,2,3]}'
    assert lines(view(terminal(60)), log(message)) == [
        "12:00:00   main.ts:6     {",
        '                           "id": 1,',
        '                           "name": "a shop",',
        '                           "street": "long enough for three',
        '                           lines",',
        '                           "items": [1, 2, 3]',
        "                         }",
    ]
    assert lines(view(terminal(120)), log(message)) == [f"12:00:00   main.ts:6     {message}"]
    assert lines(view(PIPE), log(message * 9)) == [f"12:00:00   main.ts:6     {message * 9}"]


def test_a_message_that_would_fill_the_screen_ends_and_says_where_the_rest_is() -> None:
    told = lines(view(terminal(100)), log("x" * 100_000))
    assert len(told) == 41
    assert told[-1].strip() == "… (97,000 more characters; `logs --json` has all)"
    assert len(lines(view(PIPE), log("\n".join("x" * 1000)))) == 1000


def test_the_width_of_the_terminal_is_followed() -> None:
    columns = 60
    shown = view(Screen(columns=lambda: columns))
    message = "x" * 50
    assert len(lines(shown, log(message))) == 2
    columns = 100
    assert len(lines(shown, log(message, moment=NOON + 1))) == 1


def test_no_line_of_a_message_ends_in_blanks() -> None:
    assert lines(view(PIPE), log("one\n\ntwo"))[1] == ""
    assert lines(view(terminal()), log("one\n\ntwo"))[1] == ""


def test_a_place_is_a_link_to_the_line_of_the_real_file(tmp_path: Path) -> None:
    root = tmp_path / "mine & yours #1"
    told = view(terminal(linked=True), root).text(log("said", file="ä b/100%.ts", line=12))
    start, end = LINK.findall(told)
    path = f"{tmp_path}/mine & yours #1/ä b/100%.ts"
    escaped = path.replace("%", "%25").replace(" ", "%20").replace("#", "%23").replace("ä", "%C3%A4")
    assert start == f"file://my%20machine{escaped.replace('&', '%26')}#12"
    assert end == ""
    assert LINK.sub("|", told) == "12:00:00   |ä b/100%.ts:12|  said\n"


def test_without_a_terminal_that_knows_links_there_are_none(tmp_path: Path) -> None:
    message = "Error\n    at tap (util.ts:3:1)"
    (tmp_path / "util.ts").touch()
    assert "\x1b" not in view(PIPE, tmp_path).text(log(message))
    assert "\x1b" not in view(terminal(linked=False), tmp_path).text(log(message))


def test_frames_of_a_stack_are_links_where_they_name_a_file_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    (root / "a (b)").mkdir(parents=True)
    for file in (root / "util.ts", root / "a (b)" / "c.ts", tmp_path / "outside.ts"):
        file.touch()
    stack = [
        "Error: no",
        "    at tap (util.ts:3:1)",
        "    at util.ts:4:1",
        "    at async main (x) (a (b)/c.ts:5:1)",
        "    at tap (gone.ts:3:1)",
        "    at tap (../outside.ts:3:1)",
        f"    at tap ({root}/util.ts:3:1)",
        "    at tap (util.ts:3:1) and more",
    ]
    told = lines(view(terminal(200, linked=True), root), log("\n".join(stack), "error", file=None))
    links = [LINK.findall(line) for line in told]
    assert [each[0].rpartition("/project/")[2] if each else None for each in links] == [
        None,
        "util.ts#3",
        "util.ts#4",
        "a%20%28b%29/c.ts#5",
        *[None] * 4,
    ]
    assert [LINK.sub("", line).strip() for line in told[1:]] == [frame.strip() for frame in stack[1:]]
    assert LINK.sub("|", told[1]).endswith("    at tap (|util.ts:3:1|)")


def test_without_colour_there_are_links_still_and_nothing_else(tmp_path: Path) -> None:
    told = view(terminal(linked=True), tmp_path, several=True).text(log("said", "error"))
    assert LINK.search(told)
    assert "\x1b" not in LINK.sub("", told)


def test_the_message_of_an_error_is_red_and_that_of_a_warning_is_not() -> None:
    shown = view(terminal(styled=True))
    assert "\x1b[31msaid\x1b[0m\n" in shown.text(log("said", "error"))
    assert "\x1b[0m  said\n" in shown.text(log("said", "warn"))
    assert all(line.endswith("\x1b[0m") for line in lines(shown, log("one\ntwo", "error")))


@pytest.mark.parametrize("screen", [PIPE, terminal(100, styled=True, linked=True)])
@pytest.mark.parametrize(
    "event",
    [
        log(EVIL),
        log(EVIL, "error"),
        log(f"Error\n    at x ({EVIL}:1:1)\n    at main.ts:1:1{EVIL}"),
        log("said", EVIL),
        log("said", file=EVIL),
        log("said", device=EVIL),
        log(f'{{"a": "{EVIL}", "b": "{"long " * 50}"}}'),
        log(EVIL * 100),
    ],
)
def test_nothing_that_a_log_says_controls_the_terminal(screen: Screen, event: Log, tmp_path: Path) -> None:
    told = view(screen, tmp_path, several=True).text(event)
    assert_harmless(told, tmp_path)


def assert_harmless(told: str, root: Path) -> None:
    targets = LINK.findall(told)
    assert all(target == "" or target.startswith(f"file://my%20machine{root}/") for target in targets)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u202a-\u202e\u2066-\u2069\u2028]", bare(told))


def bare(told: str) -> str:
    return LINK.sub("", STYLE.sub("", told))


WORDS = st.text(
    st.sampled_from('ab/.: \n\t\x1b[]8;31m\\\x07\x9b\u202e\u2028\x00{"日') | st.characters(), max_size=40
)


@given(WORDS, WORDS, WORDS, WORDS, st.booleans())
def test_nothing_at_all_does(message: str, level: str, device: str, file: str, on_terminal: bool) -> None:
    root = Path("/somewhere")
    screen = terminal(70, linked=True) if on_terminal else PIPE
    told = view(screen, root, several=True).text(log(message, level, device=device, file=file))
    assert all(not target or target.startswith("file://my%20machine/") for target in LINK.findall(told))
    told = LINK.sub("", told)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u202a-\u202e\u2066-\u2069\u2028]", told)


@pytest.mark.parametrize(
    "make", [lambda number: log("x", f"level {number}"), lambda number: log("x", line=number)]
)
def test_what_is_remembered_has_an_end(make: Callable[[int], Log]) -> None:
    shown = view(PIPE)
    for number in range(10_000):
        shown.text(make(number))
    assert max(len(each) for each in vars(shown).values() if isinstance(each, dict)) <= 4096
