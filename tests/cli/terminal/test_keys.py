from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from tests.cli.terminal.pseudo_terminal import FRAME, terminal
from xgodo_dev.cli.terminal.keys import KeyParser

PROGRAM = """
import signal
from xgodo_dev.cli.terminal.keys import keys

async def main():
    left = asyncio.Event()
    asked = []

    async def ask():
        with reading.paused():
            print("What is your name?", flush=True)
            name = await asyncio.to_thread(sys.stdin.readline)
        print("Hello " + name.strip(), flush=True)

    handlers = {
        "r": lambda: print("rerun", flush=True),
        "d": lambda: print("device", flush=True),
        "A": lambda: print("an arrow", flush=True),
        "a": lambda: asked.append(asyncio.ensure_future(ask())),
        "q": left.set,
    }
    async with keys(handlers) as reading:
        asyncio.get_running_loop().add_signal_handler(signal.SIGURG, lambda: print("heard", flush=True))
        print("ready", flush=True)
        await left.wait()
    print("rest: " + sys.stdin.read() if not sys.stdin.isatty() else "left", flush=True)
"""
PASTE = "\x1b[200~rm -r d\n\x1b[201~"


def test_a_key_acts_without_enter_unseen_and_what_is_no_key_does_nothing() -> None:
    with terminal(PROGRAM) as screen:
        screen.wait_for("ready")
        screen.send("r")
        screen.wait(lambda: screen.shown == ["ready", "rerun"])
        # Keys without a meaning, arrows of several terminals, Alt with r, a paste, another alphabet, Ctrl-D.
        screen.send("xyz\r\x1b[A\x1bOA\x1bOd\x1b[1;5A\x1br" + PASTE + "ж手\x04")
        screen.send("d")
        screen.wait(lambda: screen.shown[-1] == "device")
        assert screen.shown == ["ready", "rerun", "device"]
        screen.send("q")
        assert screen.end() == 0
        assert screen.shown[-1] == "left"
        assert screen.process.getecho()


def test_without_keys_what_is_typed_is_not_seen_and_is_read_by_who_comes_next() -> None:
    program = """
import select
from xgodo_dev.cli.terminal.keys import keys

async def main():
    async with keys({}):
        print("ready", flush=True)
        while not select.select([sys.stdin], [], [], 0)[0]:
            await asyncio.sleep(0.01)
    print("read: " + sys.stdin.readline(), flush=True)
"""
    with terminal(program) as screen:
        screen.wait_for("ready")
        screen.send("ls\r")
        screen.wait_for("read: ls")
        assert screen.end() == 0
        assert screen.shown == ["ready", "read: ls"]


def test_a_question_may_have_the_terminal_for_a_while() -> None:
    with terminal(PROGRAM) as screen:
        screen.wait_for("ready")
        assert not screen.process.getecho()
        screen.send("a")
        screen.wait(lambda: screen.shown[-1] == "What is your name?" and screen.cursor[:2] == (0, 2))
        assert screen.process.getecho()
        # Also when the process was stopped meanwhile.
        screen.process.kill(signal.SIGCONT)
        screen.process.kill(signal.SIGURG)
        screen.wait(lambda: screen.shown[-1] == "heard" and screen.cursor[:2] == (0, 3))
        assert screen.process.getecho()
        screen.send("rd\r")
        screen.wait_for("Hello rd")
        screen.send("r")
        screen.wait(lambda: screen.shown[-1] == "rerun")
        assert screen.shown == ["ready", "What is your name?", "heard", "rd", "Hello rd", "rerun"]
        assert not screen.process.getecho()


def test_a_program_in_the_background_does_not_touch_the_terminal_until_it_is_in_front() -> None:
    with terminal(PROGRAM, shell="") as screen:
        screen.send('"$PYTHON" -c "$PROGRAM" &\r')
        # Behind the shell's prompt.
        screen.wait(lambda: any(line.endswith("ready") for line in screen.shown))
        screen.send("jobs | sed 's/.*Running.*/it runs/'\r")
        # With a prompt behind it, whose codes are not those of the program.
        screen.wait(lambda: screen.shown[-2:] == ["it runs", "$"])
        screen.send("fg\r")
        # The shell says what it brings back; the keys are read within a moment.
        screen.wait(lambda: screen.output.endswith("\x1b[?2004h") and "fg" in "".join(screen.shown))
        screen.send("r")
        screen.wait_for("rerun")
        screen.send("q")
        screen.wait_for("left")
        screen.send("exit\r")
        screen.end()


def test_what_is_piped_in_is_not_read() -> None:
    program = PROGRAM.replace("await left.wait()", "await asyncio.sleep(0)")
    done = subprocess.run(
        [sys.executable, "-c", FRAME.format(program=program)],
        input="rd",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == "ready\nrest: rd\n"
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("pieces", "pressed"),
    [
        (["rs"], "rs"),
        (["\x1b[", "A", "r"], "r"),
        (["\x1b", "Od", "r"], "r"),
        (["\x1b[1", ";5D"], ""),
        (["\x1b[20", "0~rm", " -r\x1b[2", "01~r"], "r"),
        (["\x1b[200~\x1b[201~r"], "r"),
        (["\x1b[200~", *["r" * 1000] * 100, "\x1b[201~s"], "s"),
        (["\x1b[200~r\x1b[A\x1b", "[201~s"], "s"),
    ],
)
def test_what_belongs_together_may_come_in_pieces(pieces: list[str], pressed: str) -> None:
    parser = KeyParser()
    found = [key for number, piece in enumerate(pieces) for key in parser.feed(piece, number * 0.01)]
    assert "".join(found) == pressed


def test_an_escape_of_its_own_does_not_swallow_the_next_key() -> None:
    parser = KeyParser()
    assert parser.feed("\x1b", 1.0) == []
    assert parser.feed("r", 2.0) == ["r"]


def test_a_paste_is_waited_for_however_slowly_it_comes() -> None:
    parser = KeyParser()
    assert parser.feed("\x1b[200~r", 1.0) == []
    assert parser.feed("r", 9.0) == []
    assert parser.feed("\x1b[201~s", 20.0) == ["s"]
