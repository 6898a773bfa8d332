from __future__ import annotations

import time
from collections.abc import Sequence

import click
import pytest

from xgodo_dev.cli.terminal.standing import KEYS_OF_RUN, Standing
from xgodo_dev.cli.view import cells
from xgodo_dev.loop.events import Change, Check, Conflict, Ready, RemoteChange, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, Log, RunStatus

MORNING = time.mktime((2026, 1, 2, 9, 16, 28, 0, 0, -1))
PHONE = "Atomic Mammal"
FLEET = [f"Phone {number}" for number in range(30)]
KEYS = "r rerun  s stop  d device  l level  c clear  ? keys  q quit"


def launch(device: str = PHONE, run: str = "", at: float = MORNING) -> Launch:
    return Launch(run=run or f"run of {device}", device=device, entry="main.ts", time=at)


def ended(status: RunStatus, device: str = PHONE, run: str = "", ms: float = 3400) -> Exit:
    return Exit(run=run or f"run of {device}", device=device, status=status, ms=ms)


def checked(errors: int) -> Check:
    return Check(ok=not errors, errors=[{"message": "no"}] * errors, ms=43)


def synced(path: str = "main.ts") -> Synced:
    return Synced(path=path, ms=94, bytes=20, time=MORNING)


def failed(path: str = "main.ts") -> SyncFailed:
    return SyncFailed(path=path, reason="no answer")


def line(
    events: Sequence[Event],
    *,
    columns: int = 200,
    devices: Sequence[str] = (PHONE,),
    after: float = 12.0,
    level: str | None = None,
    unicode: bool = True,
    project: str = "my-automation",
) -> str:
    status = Standing(project, devices, unicode=unicode)
    status.level = level
    for event in events:
        status.take(event)
    return click.unstyle(status.line(columns, MORNING + after))


def state(events: Sequence[Event], **settings: object) -> str:
    """What is left of the keys, without the project and the devices."""
    whole = line(events, **settings)  # type: ignore[arg-type]
    return whole.split(KEYS)[0].strip().split("  ", 2)[2]


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([], "not running"),
        ([Ready(root="/x", files=3, project="id")], "not running"),
        ([checked(0)], "✓ types  not running"),
        ([checked(1)], "✗ 1 type error  not running"),
        ([checked(0), checked(2)], "✗ 2 type errors  not running"),
        ([synced()], "synced 09:16:28  not running"),
        ([failed()], "not synced: 1 file  not running"),
        ([failed(), failed("util.ts"), failed()], "not synced: 2 files  not running"),
        # Its text is there.
        ([SyncFailed(path="main.ts", reason="compile")], "not compiled: 1 file  not running"),
        ([failed(), Conflict(path="util.ts"), synced()], "not synced: 1 file  not running"),
        ([failed(), synced()], "synced 09:16:28  not running"),
        # Somebody took theirs, or put the file right: a push of it would tell anew.
        ([synced("a.ts"), Conflict(path="b.ts"), RemoteChange(path="b.ts")], "synced 09:16:28  not running"),
        ([synced("a.ts"), Conflict(path="b.ts"), Change(paths=["b.ts"])], "synced 09:16:28  not running"),
        ([launch()], "running 0:12"),
        ([launch(), ended("success")], "ended well 0:03"),
        ([launch(), ended("failed")], "failed 0:03"),
        ([launch(), ended("timeout", ms=3_723_000)], "took too long 1:02:03"),
        ([launch(), ended("lost")], "was lost sight of 0:03"),
        ([launch(), ended("stopped")], "was stopped"),
        ([launch(), ended("failed"), launch(run="2", at=MORNING + 10)], "running 0:02"),
        # Of a run that nobody saw begin.
        ([launch(), ended("failed", run="other")], "running 0:12"),
    ],
)
def test_the_state_of_one_device_is_told(events: Sequence[Event], shown: str) -> None:
    assert state(events) == shown


@pytest.mark.parametrize(
    ("events", "shown"),
    [
        ([launch(name) for name in FLEET], "running on 30 of 30, 0:12"),
        (
            [launch("Phone 0", at=MORNING - 60), *(launch(name) for name in FLEET[1:28])],
            "running on 28 of 30, 1:12",
        ),
        ([launch(FLEET[0]), launch(FLEET[1]), ended("failed", FLEET[0])], "running on 1 of 30, 0:12"),
        (
            [*map(launch, FLEET), *(ended("success", name, ms=each) for each, name in enumerate(FLEET))],
            "ended well on 30 of 30, 0:00",
        ),
        (
            [
                *map(launch, FLEET),
                *(ended("success", name) for name in FLEET[4:]),
                *(ended("stopped", name) for name in FLEET[2:4]),
                ended("failed", FLEET[0], ms=1000),
                ended("failed", FLEET[1], ms=9000),
            ],
            "failed on 2 of 30, 0:09",
        ),
        (
            [launch(FLEET[0]), launch(FLEET[1]), ended("stopped", FLEET[0]), ended("success", FLEET[1])],
            "was stopped on 1 of 30",
        ),
        # One is run again: what it did before no longer counts.
        (
            [
                *map(launch, FLEET[:2]),
                ended("failed", FLEET[0]),
                ended("success", FLEET[1]),
                launch(FLEET[0], "again"),
                ended("success", FLEET[0], "again"),
            ],
            "ended well on 2 of 30, 0:03",
        ),
    ],
)
def test_of_several_devices_it_is_told_how_many_and_the_worst(events: Sequence[Event], shown: str) -> None:
    assert line(events, devices=FLEET).split("  ")[1] == "30 devices"
    assert state(events, devices=FLEET) == shown


def test_two_devices_of_one_name_are_two() -> None:
    runs = [launch(PHONE, "1"), launch(PHONE, "2")]
    assert state(runs, devices=[PHONE, PHONE]) == "running on 2 of 2, 0:12"
    assert state([*runs, ended("success", PHONE, "1")], devices=[PHONE, PHONE]) == "running on 1 of 2, 0:12"
    first = [*runs, ended("failed", PHONE, "1"), ended("success", PHONE, "2")]
    assert state(first, devices=[PHONE, PHONE]) == "failed on 1 of 2, 0:03"
    # The first of the second round ends before the other begins.
    second = [launch(PHONE, "3"), ended("failed", PHONE, "3"), launch(PHONE, "4")]
    assert state([*first, *second, ended("success", PHONE, "4")], devices=[PHONE, PHONE]) == (
        "failed on 1 of 2, 0:03"
    )


def test_another_choice_of_devices_forgets_how_it_ended_on_those_no_longer_chosen() -> None:
    status = Standing("my-automation", FLEET[:2])
    for event in (*map(launch, FLEET[:2]), ended("failed", FLEET[0]), ended("success", FLEET[1])):
        status.take(event)
    status.devices = [FLEET[1]]
    assert "ended well 0:03" in click.unstyle(status.line(200, MORNING))
    status.devices = ["Owl"]
    assert "Owl  not running" in click.unstyle(status.line(200, MORNING))


def test_a_level_that_hides_something_is_named() -> None:
    assert state([], level="warn") == "not running  warn and up"
    assert state([], level="error") == "not running  error only"


USUAL = [checked(0), synced(), launch()]
TROUBLED = [checked(12), synced(), failed(), launch()]


@pytest.mark.parametrize(
    ("events", "devices", "shown"),
    [
        (
            USUAL,
            [PHONE],
            [
                f"my-automation  Atomic Mammal  ✓ types  synced 09:16:28  running 0:12{' ' * 10}{KEYS}",
                f"my-automation  Atomic Mammal  ✓ types  synced 09:16:28  running 0:12{' ' * 9}"
                "r rerun  ? keys  q quit",
                f"Atomic Mammal  ✓ types  synced 09:16:28  running 0:12{' ' * 12}? keys  q quit",
                "✓ types  running 0:12     ? keys  q quit",
                "✓  running 0:12",
            ],
        ),
        (
            TROUBLED,
            FLEET,
            [
                "my-automation  30 devices  ✗ 12 type errors  not synced: 1 file  running on 1 of 30, 0:12"
                f"{' ' * 7}r rerun  s stop  d device  ? keys  q quit",
                "30 devices  ✗ 12 type errors  not synced: 1 file  running on 1 of 30, 0:12"
                f"{' ' * 12}? keys  q quit",
                "✗ 12 type errors  not synced: 1 file  running on 1 of 30, 0:12   ? keys  q quit",
                "✗ 12  running 1/30, 0:12",
                "✗ 12  running 1/30,…",
            ],
        ),
    ],
    ids=["usual", "troubled"],
)
def test_where_there_is_little_room_the_least_important_is_left_out(
    events: Sequence[Event], devices: Sequence[str], shown: Sequence[str]
) -> None:
    assert [line(events, columns=each, devices=devices) for each in (137, 100, 79, 40, 20)] == shown


@pytest.mark.parametrize("project", ["p", "automation " * 20, "手机自动化" * 9, "a\x1b[2J\n"])
@pytest.mark.parametrize("devices", [[], [PHONE], ["手机" * 20], FLEET])
def test_it_is_never_longer_than_there_is_room(project: str, devices: Sequence[str]) -> None:
    status = Standing(project, devices)
    for event in TROUBLED:
        status.take(event)
    for columns in range(-1, 250):
        text = status.line(columns, MORNING)
        assert cells.width(text) <= max(0, columns)
        assert "\n" not in text
        assert "\x1b[2J" not in text


def test_a_single_run_says_what_ends_it_and_how_far_it_is() -> None:
    standing = Standing("p", FLEET, keys=KEYS_OF_RUN, before="starting")
    assert click.unstyle(standing.line(60, MORNING)) == "p  30 devices  starting".ljust(48) + "Ctrl-C stops"
    for name in FLEET:
        standing.take(launch(name))
    assert "running on 30 of 30, 0:12" in click.unstyle(standing.line(60, MORNING + 12))
    standing.is_ending = True
    assert "stopping on 30 of 30, 0:12" in click.unstyle(standing.line(60, MORNING + 12))


def test_logs_change_nothing() -> None:
    log = Log(run="1", device=PHONE, id="1", level="log", message="hello", source=None, timestamp=0)
    assert line([*USUAL, log]) == line(USUAL)


def test_without_unicode_all_of_it_is_ascii() -> None:
    for columns in (200, 79, 40, 20):
        assert line(USUAL, columns=columns, unicode=False, project="long " * 9).isascii()
    assert "+ types" in line(USUAL, unicode=False)
    assert "x 12 type errors" in line(TROUBLED, unicode=False)
