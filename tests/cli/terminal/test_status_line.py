from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from tests.cli.terminal.pseudo_terminal import COLOR, FRAME, Terminal, terminal

PROGRAM = """
from contextlib import ExitStack
from xgodo_dev.cli.terminal.keys import keys
from xgodo_dev.cli.terminal.status_line import StatusLine

TEXT = {text}

def style(text):
    return click.style(text, fg="green")

async def main():
    left, number, asked, shown = asyncio.get_running_loop().create_future(), 0, 0, "first"

    def text(columns):
        nonlocal asked
        asked += 1
        return TEXT(columns, shown, asked)

    def print_lines(pairs=1):
        nonlocal number
        for _ in range(pairs):
            number += 1
            with line.hidden():
                print(f"result {{number}}")
            with line.hidden():
                click.echo(f"note {{number}}", err=True)

    def print_unflushed():
        sys.stdout.reconfigure(line_buffering=False)
        with line.hidden():
            print("unflushed")

    def change():
        nonlocal shown
        shown = "second"
        line.redraw()

    hidden = ExitStack()
    with StatusLine(text) as line:
        handlers = {{
            "p": print_lines,
            "b": lambda: print_lines(100),
            "u": print_unflushed,
            "c": change,
            "h": lambda: hidden.enter_context(line.hidden()),
            "s": hidden.close,
            "e": lambda: left.set_exception(RuntimeError("broken")),
            "q": lambda: left.set_result(None),
        }}
        async with keys(handlers):
            await left
"""
DEAFEN = """
def deafen():
    import signal
    asyncio.get_running_loop().remove_signal_handler(signal.SIGWINCH)
"""
FILLED = 'lambda columns, shown, asked: style(f"{shown} ".ljust(columns, "="))'
DRAWN, ERASED = "\x1b[?7l", "\r\x1b[J"


def program(text: str = FILLED) -> str:
    return PROGRAM.format(text=text)


def filled(shown: str, columns: int) -> str:
    # The last cell is left free.
    return f"{shown} ".ljust(columns - 1, "=")


def stands(screen: Terminal, above: list[str], line: str) -> bool:
    """Whether all of the line is drawn: the cursor is the last to move, and what breaks moves it along."""
    return screen.shown == [*above, line] and screen.cursor == (0, len(above), False)


def pairs(number: int) -> list[str]:
    return [line for each in range(1, number + 1) for line in (f"result {each}", f"note {each}")]


def test_what_is_printed_stands_above_the_line_and_two_hundred_lines_cost_one_erase_and_one_draw() -> None:
    with terminal(program(), lines=210) as screen:
        screen.wait_for("first")
        screen.send("p")
        screen.wait(lambda: stands(screen, pairs(1), filled("first", 80)))
        before = len(screen.output)
        screen.send("b")
        screen.wait(lambda: stands(screen, pairs(101), filled("first", 80)))
        batch = screen.output[before:]
        assert (batch.count(ERASED), batch.count(DRAWN)) == (1, 1)
        screen.send("c")
        screen.wait(lambda: screen.shown == [*pairs(101), filled("second", 80)])
        screen.send("u")
        screen.wait(lambda: screen.shown == [*pairs(101), "unflushed", filled("second", 80)])


def test_nothing_is_left_of_the_line_when_the_window_gets_narrower_and_wider() -> None:
    with terminal(program()) as screen:
        screen.send("p")
        screen.wait(lambda: stands(screen, pairs(1), filled("first", 80)))
        for number, columns in enumerate((30, 50, 20, 120), 2):
            breaks_lines = columns != 50
            screen.resize(columns, breaks_lines=breaks_lines)
            if columns == 30:
                # So it lies there until the program hears of it.
                assert len(screen.shown) == 5
            line = filled("first", columns)
            screen.wait(lambda number=number, line=line: stands(screen, pairs(number - 1), line))
            screen.send("p")
            screen.wait(lambda number=number, line=line: stands(screen, pairs(number), line))


def test_lines_are_printed_cleanly_before_the_program_hears_of_a_narrower_window() -> None:
    deaf = program().replace("async with", "deafen()\n        async with") + DEAFEN
    with terminal(deaf) as screen:
        screen.wait(lambda: stands(screen, [], filled("first", 80)))
        screen.resize(30, breaks_lines=True)
        screen.send("p")
        screen.wait(lambda: screen.shown == [*pairs(1), filled("first", 30)])


def test_wide_characters_are_counted_by_cells_and_a_cut_line_says_so() -> None:
    wide = 'lambda columns, shown, asked: style("手机\\x07é" * 30)'
    with terminal(program(wide), columns=30) as screen:
        screen.send("p")
        screen.wait(lambda: screen.shown[:2] == pairs(1) and screen.shown[-1].endswith("…"))
        assert len(screen.shown) == 3
        screen.wait(lambda: screen.cursor == (0, 2, False))
        # Of 29 cells at most the last may stay free, because the next character is wide.
        assert {x for x, cell in screen.screen.buffer[2].items() if cell.data == "…"} <= {27, 28}
        assert "\x07" not in screen.output


@pytest.mark.parametrize("no_color", ["", "1"])
def test_colours_are_left_out_where_none_are_wanted(no_color: str) -> None:
    with terminal(program(), environment={"NO_COLOR": no_color}) as screen:
        screen.wait_for("first")
        assert bool(COLOR.search(screen.output)) == (not no_color)


def test_a_line_stays_below_the_notes_when_results_go_elsewhere(tmp_path: Path) -> None:
    results = tmp_path / "results.txt"
    with terminal(program(), shell=f'"$PYTHON" -c "$PROGRAM" | cat > {results}') as screen:
        screen.wait_for("first")
        screen.send("p")
        screen.wait(lambda: screen.shown == ["note 1", filled("first", 80)])
        screen.send("q")
        assert screen.end() == 0
    assert results.read_text() == "result 1\n"


def test_whoever_reads_the_results_may_leave_and_the_line_stays_below_the_notes() -> None:
    with terminal(program(), shell='"$PYTHON" -c "$PROGRAM" | true') as screen:
        screen.wait_for("first")
        # What is printed first finds nobody, which what comes next is told.
        screen.send("p")
        screen.wait(lambda: screen.shown == ["note 1", filled("first", 80)])
        screen.send("p")
        screen.wait(lambda: screen.shown == ["note 1", "note 2", filled("first", 80)])
        screen.send("c")
        screen.wait(lambda: screen.shown == ["note 1", "note 2", filled("second", 80)])


def test_nothing_is_drawn_off_a_terminal() -> None:
    text = program().replace("await left", "await asyncio.sleep(0); print_lines()")
    done = subprocess.run(
        [sys.executable, "-c", FRAME.format(program=text)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("result 1\n", "note 1\n")


def test_the_line_stays_away_from_a_question_however_long_it_waits() -> None:
    with terminal(program()) as screen:
        screen.wait_for("first")
        screen.send("h")
        # The cursor is there for an answer.
        screen.wait(lambda: screen.shown == [""] and screen.cursor == (0, 0, True))
        screen.send("p")
        screen.wait(lambda: screen.shown == pairs(1))
        screen.send("pc")
        screen.wait(lambda: screen.shown == pairs(2))
        screen.send("s")
        screen.wait(lambda: screen.shown == [*pairs(2), filled("second", 80)])
        assert screen.output.count(DRAWN) == 2


def test_a_clock_in_the_line_goes_on_by_itself_and_is_drawn_only_where_it_changed() -> None:
    # Asked once at first, and then once a second: the second answer is no other than the first.
    with terminal(program('lambda columns, shown, asked: f"asked {min(asked // 3, 1)}"')) as screen:
        screen.wait_for("asked 1")
        assert screen.output.count(DRAWN) == 2


@pytest.mark.parametrize(
    ("leave", "code"),
    [
        (lambda screen: screen.send("q"), 0),
        (lambda screen: screen.send("e"), 1),
        (lambda screen: screen.send("\x03"), 130),
        (lambda screen: screen.process.kill(signal.SIGTERM), 130),
    ],
    ids=["left", "error", "ctrl-c", "terminated"],
)
def test_however_it_ends_the_line_is_gone_and_the_terminal_as_it_was(
    leave: Callable[[Terminal], None], code: int
) -> None:
    with terminal(program(), lines=100) as screen:
        screen.send("p")
        screen.wait(lambda: screen.shown == [*pairs(1), filled("first", 80)])
        assert not screen.process.getecho()
        leave(screen)
        assert screen.end() == code
        assert screen.shown[:2] == pairs(1)
        assert not any(line.startswith("first") for line in screen.shown)
        assert screen.cursor[0] == 0
        assert screen.cursor[2]
        assert screen.process.getecho()
        assert screen.output.rindex("\x1b[?2004l") > screen.output.rindex("\x1b[?2004h")
        assert screen.output.count("\x1b[?2026h") == screen.output.count("\x1b[?2026l")


def test_a_program_that_is_stopped_leaves_the_terminal_to_the_shell_and_takes_it_when_it_goes_on() -> None:
    with terminal(program(), shell="", lines=40) as screen:
        screen.send('"$PYTHON" -c "$PROGRAM"\r')
        screen.wait_for("first")
        screen.send("\x1a")
        screen.wait(lambda: screen.shown[-1] == "$" and "Stopped" in "".join(screen.shown))
        assert not any(line.startswith("first") for line in screen.shown)
        assert screen.cursor[2]
        screen.send("stty -a | tr ' ' '\\n' | grep -x -e '-*echo' -e '-*icanon' | xargs echo modes\r")
        screen.wait_for("modes icanon echo")
        # In the background it goes on, and leaves the terminal alone.
        screen.send("bg\r")
        screen.wait(lambda: screen.shown[-1] == "$" and any("&" in line for line in screen.shown))
        screen.send("jobs | sed 's/.*Running.*/it runs/'\r")
        screen.wait_for("it runs")
        assert not any(line.startswith("first") for line in screen.shown)
        screen.send("fg\r")
        screen.wait(lambda: screen.shown[-1] == filled("first", 80))
        screen.send("p")
        screen.wait(lambda: screen.shown[-3:] == [*pairs(1), filled("first", 80)])
        # Nor does it need to be asked to stop.
        (program_running,) = psutil.Process(screen.process.pid).children()
        program_running.send_signal(signal.SIGSTOP)
        screen.wait(lambda: screen.shown[-1] == "$" and screen.shown[-2].count("Stopped") == 1)
        screen.send("fg\r")
        screen.wait(lambda: screen.shown[-1] == filled("first", 80))
        screen.send("p")
        screen.wait(lambda: screen.shown[-3:] == [*pairs(2)[2:], filled("first", 80)])
        screen.send("q")
        screen.wait(lambda: screen.shown[-3:] == [*pairs(2)[2:], "$"])
        screen.send("exit\r")
        screen.end()
