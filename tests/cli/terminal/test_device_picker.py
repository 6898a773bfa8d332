from __future__ import annotations

import json
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.terminal.pseudo_terminal import COLOR, Terminal, terminal
from xgodo_dev.cli.terminal.device_picker import Choice
from xgodo_dev.cli.view import cells
from xgodo_dev.platform.automation import Device

PROGRAM = """
import json
from xgodo_dev.cli.terminal.device_picker import pick
from xgodo_dev.platform.automation import Device

async def main():
    print("before")
    devices = [Device(*each) for each in json.loads({devices!r})]
    picked = await pick(devices, **json.loads({options!r}))
    print("picked:", picked and [device.id for device in picked])
"""
HINT = "Enter takes, Esc gives up; type to narrow"
UP, DOWN, ESCAPE = "\x1b[A", "\x1b[B", "\x1b"


def phone(name: str, *, online: bool = True, device_id: str = "", **record: Any) -> Device:
    known = {"brand": "Samsung", "model": "SM-G998B", "version": "13", "country": "US", "automations": []}
    return Device(device_id or name.lower(), name, online, {**known, **record})


FOUR = [
    phone("Owl", brand="Google", model="Pixel 7", version=14, country="DE"),
    phone("Dormant Dolphin", online=False, automations=[{"name": "Warmup"}]),
    phone("Atomic Mammal", automations=[{"name": "Daily post"}]),
    phone("Fast Fox", brand="", model="", version="", country=""),
]
FOUR_SHOWN = [
    "> Atomic Mammal    Samsung SM-G998B  Android 13  US  Daily post",
    "  Fast Fox",
    "  Owl              Google Pixel 7    Android 14  DE",
    "  Dormant Dolphin  Samsung SM-G998B  Android 13  US  offline",
]


def asking(devices: list[Device] = FOUR, **options: Any) -> str:
    return PROGRAM.format(
        devices=json.dumps([[each.id, each.name, each.online, each.record] for each in devices]),
        options=json.dumps({"several": False, **options}),
    )


def test_one_is_chosen_with_the_arrows_and_a_line_says_which() -> None:
    with terminal(asking()) as screen:
        screen.wait(lambda: screen.shown == ["before", "Which device?", *FOUR_SHOWN, f"  {HINT}"])
        # Where typing goes.
        screen.wait(lambda: screen.cursor == (len("Which device? "), 1, True))
        screen.send(DOWN + DOWN)
        screen.wait(lambda: any(line.startswith("> Owl") for line in screen.shown))
        # The next one is offline: it goes on at the top.
        screen.send(DOWN)
        screen.wait(lambda: screen.shown[2] == FOUR_SHOWN[0])
        screen.send(UP + "\r")
        assert screen.end() == 0
        assert screen.shown == ["before", "Which device? Owl", "picked: ['owl']"]
        # Of terminals that answer nothing, nothing is asked.
        assert "\x1b[6n" not in screen.output
        assert screen.process.getecho()


def test_several_are_marked_and_typing_narrows_by_name() -> None:
    program = asking(several=True, chosen=["owl", "fast fox", "dormant dolphin"], title="Where to?")
    with terminal(program, environment={"NO_COLOR": "1"}) as screen:
        screen.wait(lambda: screen.shown[-1].startswith("  2 of 4 marked. Space marks, Ctrl-A all, "))
        assert [line[:21].rstrip() for line in screen.shown[2:-1]] == [
            "  [ ] Atomic Mammal",
            "> [x] Fast Fox",
            "  [x] Owl",
            "      Dormant Dolphin",
        ]
        # All that is online, and none of it.
        screen.send("\x01")
        screen.wait(lambda: screen.shown[2].startswith("  [x] Atomic Mammal"))
        screen.send("\x01")
        screen.wait(lambda: not any("[x]" in line for line in screen.shown))
        screen.send(f" {DOWN} {UP}")
        screen.wait(lambda: screen.shown[3].startswith("> [x] Fast Fox"))
        screen.send(" ")
        screen.wait(lambda: screen.shown[3].startswith("> [ ] Fast Fox"))
        screen.send("MAM")
        screen.wait(lambda: screen.shown[1] == "Where to? MAM" and len(screen.shown) == 4)
        screen.send(" ")
        screen.wait(lambda: screen.shown[2].startswith("> [x] Atomic Mammal"))
        screen.send("\x7f\x7fq")
        screen.wait(lambda: screen.shown[2] == "  No device is called that.")
        screen.send("\x15")
        screen.wait(lambda: len(screen.shown) == 7)
        screen.send("\r")
        assert screen.end() == 0
        assert screen.shown == ["before", "Where to? Atomic Mammal, Owl", "picked: ['atomic mammal', 'owl']"]
        assert not COLOR.search(screen.output)


@pytest.mark.parametrize(
    ("leave", "code", "shown"),
    [
        (lambda screen: screen.send(ESCAPE), 0, ["before", "picked: None"]),
        (lambda screen: screen.send("\x03"), 130, ["before"]),
        (lambda screen: screen.process.kill(signal.SIGINT), 130, ["before"]),
        (lambda screen: screen.process.kill(signal.SIGTERM), 130, ["before"]),
    ],
    ids=["escape", "ctrl-c", "interrupted", "terminated"],
)
def test_who_gives_up_leaves_nothing_of_the_list(
    leave: Callable[[Terminal], None], code: int, shown: list[str]
) -> None:
    with terminal(asking()) as screen:
        screen.wait_for(f"  {HINT}")
        leave(screen)
        assert screen.end() == code
        assert screen.shown == shown
        assert screen.process.getecho()
        assert screen.cursor == (0, len(shown), True)


def test_a_narrower_window_leaves_no_piece_of_the_list_behind() -> None:
    with terminal(asking(title="Fox was here last time. Which one?"), columns=100) as screen:
        # The cursor is the last to move, and what breaks moves it along.
        screen.wait(lambda: screen.shown[-1] == f"  {HINT}" and screen.cursor[1] == 1)
        screen.resize(40, breaks_lines=True)
        screen.wait(lambda: screen.shown[-1] == "  Enter takes; type to narrow")
        assert len(screen.shown) == 7
        assert screen.shown[:2] == ["before", "Fox was here last time. Whi…"]
        assert screen.shown[2] == "> Atomic Mammal    Samsung SM-G998B  A…"
        screen.send("\r")
        screen.end()
        assert screen.shown[0] == "before"
        assert screen.shown[-1] == "picked: ['atomic mammal']"
        assert len(screen.shown) == 4


def test_a_list_that_is_stopped_comes_back_when_it_goes_on() -> None:
    with terminal(asking(), shell="") as screen:
        screen.send('clear; "$PYTHON" -c "$PROGRAM"\r')
        screen.wait(lambda: screen.shown[-1] == f"  {HINT}")
        screen.send("\x1a")
        screen.wait(lambda: screen.shown[-1] == "$" and "Stopped" in "".join(screen.shown))
        assert f"  {HINT}" not in screen.shown
        screen.send("fg\r")
        screen.wait(lambda: screen.shown[-1] == f"  {HINT}")
        screen.send("\r")
        screen.wait(lambda: "picked: ['atomic mammal']" in screen.shown and screen.shown[-1] == "$")
        screen.send("exit\r")
        screen.end()


def lines(choice: Choice, columns: int = 80, height: int = 24) -> list[str]:
    return ["".join(text for _, text in line) for line in choice.lines(columns, height)]


def test_many_devices_are_shown_in_part_around_the_current_one() -> None:
    choice = Choice([phone(f"Phone {number:02}") for number in range(40)], several=True)
    seen = set()
    for _ in range(40):
        shown = lines(choice)
        assert len(shown) == 13
        assert shown[-1] == "  40 devices. Space marks, Ctrl-A all, Enter takes; type to narrow"
        seen |= {line[6:14] for line in shown if line.startswith(">")}
        choice.move(1)
    assert len(seen) == 40
    assert lines(choice)[0].startswith("> [ ] Phone 00")
    choice.move(10)
    assert any(line.startswith("> [ ] Phone 10") for line in lines(choice))
    choice.move(100)
    assert lines(choice)[-2].startswith("> [ ] Phone 39")
    assert len(lines(choice, height=8)) == 6
    assert len(lines(choice, height=1)) == 2


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(columns: int) -> None:
    devices = [
        phone("手机" * 20, automations=[{"name": f"Warm up the account {each}"} for each in range(9)]),
        phone("n" * 300, brand="b" * 300, version="13.1 beta" * 9, country="c" * 200),
        phone("\x1b[2J\n", online=False, automations=["\x1b[2J"]),
    ]
    for choice in (Choice(devices, several=True), Choice([], several=False)):
        shown = lines(choice, columns)
        assert max(map(cells.width, shown)) < columns
        assert not any("\x1b" in line or "\n" in line for line in shown)
    if columns == 80:
        long, wide, _, _ = lines(Choice(devices, several=True), columns)
        # Names are cut, so that the rest has room.
        assert "Samsung SM-G998B" in wide
        assert cells.width(wide[: wide.index("Samsung")]) == cells.width(long[: long.index("bbb")])


def test_without_any_that_could_be_chosen_there_is_no_answer() -> None:
    choice = Choice([phone("Owl", online=False)], several=True, chosen=["owl"])
    choice.move(1)
    choice.mark()
    assert choice.answer() == []
    choice.narrow("owl")
    assert choice.answer() == []
    assert Choice([], several=False).answer() == []


def test_what_is_marked_stays_so_when_the_list_is_narrowed() -> None:
    choice = Choice(FOUR, several=True, chosen=["owl", "atomic mammal"])
    choice.narrow("fast f")
    choice.mark()
    choice.narrow("")
    assert [device.name for device in choice.answer()] == ["Atomic Mammal", "Fast Fox", "Owl"]
    choice.mark()
    assert [device.name for device in choice.answer()] == ["Atomic Mammal", "Owl"]


def test_all_that_typing_has_left_are_marked_at_once_or_none_of_them() -> None:
    choice = Choice([phone(f"Phone {number:02}") for number in range(40)], several=True)
    choice.narrow("phone 1")
    choice.mark_all()
    choice.narrow("phone 2")
    choice.mark()
    choice.mark_all()
    assert len(choice.answer()) == 20
    assert lines(choice)[-1] == "  20 of 40 marked. Space marks, Ctrl-A all, Enter takes; type to narrow"
    choice.narrow("phone 1")
    choice.mark_all()
    assert {device.name[:7] for device in choice.answer()} == {"Phone 2"}


def test_what_this_project_runs_is_told_so() -> None:
    busy = phone("Owl", automations=[{"id": "run", "name": "Direct automation"}])
    assert lines(Choice([busy], several=False, own_ids={"run"}))[0].endswith("  this project")


def test_another_is_taken_in_place_of_a_single_one_with_an_arrow() -> None:
    choice = Choice(FOUR, several=True, chosen=["owl"])
    assert [device.name for device in choice.answer()] == ["Owl"]
    choice.move(-1)
    assert [device.name for device in choice.answer()] == ["Fast Fox"]


def test_devices_of_one_name_are_told_apart() -> None:
    twins = [phone("Owl", device_id="a" * 30), phone("Owl", device_id="b" * 30), phone("Fox")]
    shown = lines(Choice(twins, several=False))
    assert [line[2:16].rstrip() for line in shown[:3]] == ["Fox", "Owl (aaaaaaaa)", "Owl (bbbbbbbb)"]
