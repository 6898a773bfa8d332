"""What happens while a question is on the screen of `watch --run`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.terminal.pseudo_terminal import terminal
from xgodo_dev.cli.terminal.unshown_events import UnshownEvents
from xgodo_dev.runs.events import Event, Exit, Launch, Log, Notice

# While the server is asked which devices there are, runs begin on four of five.
PROGRAM = """
import os
from pathlib import Path
from tests.scripted_server import json_answer, scripted_server
from xgodo_dev.cli.terminal.watch_terminal import WatchTerminal
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.loop.launches import Launches, RunsOn
from xgodo_dev.platform.automation import AutomationApi, Device
from xgodo_dev.platform.transport import Transport
from xgodo_dev.project.config import Project
from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import State
from xgodo_dev.runs.events import Launch
from xgodo_dev.runs.recorder import NO_RECORDER

NAMES = ["Ant", "Bee", "Cat", "Dog", "Eel"]

async def main():
    root, left = Path(os.environ["ROOT"]), asyncio.Event()

    async def devices(request):
        for name in NAMES[:4]:
            watching.show(Launch(run=name, device=name, entry="main.ts"))
        records = [dict(remote_device_id=name, name=name, online=True) for name in NAMES]
        return json_answer(dict(success=True, devices=records))

    async with scripted_server() as server, Transport(server.server) as transport:
        server.handler = devices
        api = AutomationApi(transport)
        known = [Device(id=name, name=name, online=True, record={}) for name in NAMES]
        with State(root, "state") as state:
            copy = LocalCopy(root, FileSelection(root), state)
            opened = Workspace(Project(root, "ada"), "id", server.server, state, copy, transport, api)
            watching = WatchTerminal(opened, known)
            launches = Launches(root, api, RunsOn(known, NO_RECORDER, server.server), watching.show)
            async with watching.listening(launches, lambda _why: left.set()):
                await left.wait()
"""


def test_what_is_held_stands_above_the_question_and_not_over_it(tmp_path: Path) -> None:
    with terminal(PROGRAM, environment={"ROOT": str(tmp_path)}) as screen:
        screen.wait(lambda: screen.shown[-1].endswith("q quit"))
        screen.send("d")
        screen.wait(lambda: "Enter takes" in screen.shown[-1])
        _keys, launched, question, *_ = screen.shown
        assert launched.endswith("running main.ts on 4 devices: Ant, Bee, Cat, Dog")
        assert question == "Which device?"
        # Neither is there anything more to tell afterwards.
        screen.send("\x1b")
        screen.wait(lambda: "running on 4 of 5" in screen.shown[-1])
        assert len(screen.shown) == 3


def log(message: str) -> Log:
    return Log(run="1", device="Ant", id=message, level="log", message=message, source=None, timestamp=0)


def test_of_very_many_lines_the_oldest_are_left_out_and_of_everything_else_nothing() -> None:
    launch = Launch(run="1", device="Ant", entry="main.ts")
    end = Exit(run="1", device="Ant", status="success", ms=1)
    events: list[Event] = [launch, log("first"), Notice(message="said"), log("second"), end, log("third")]
    unshown = UnshownEvents(most_lines=2)
    for event in events:
        unshown.add(event)
    assert list(unshown) == [launch, *events[2:]]
