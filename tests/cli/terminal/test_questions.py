from __future__ import annotations

import pytest

from tests.cli.terminal.pseudo_terminal import terminal

PROGRAM = """
from xgodo_dev.cli.terminal.option_picker import Option, pick_option
from xgodo_dev.cli.terminal.questions import confirm

async def main():
    options = [Option("a", "First", "the one"), Option("b", "Second"), Option("c", "Third", "of them")]
    print("picked:", await pick_option("Which one?", options, chosen="b"))
    question = "Terminates a device that is called Extraordinary Mammal; what is on it is lost."
    print("confirmed:", confirm(question))
"""


def test_an_option_is_chosen_with_the_arrows_and_no_word_of_a_question_is_broken() -> None:
    with terminal(PROGRAM, columns=60) as screen:
        screen.wait_for("> Second")
        assert screen.shown == [
            "Which one?",
            "  First   the one",
            "> Second",
            "  Third   of them",
            "  Enter takes, Esc gives up; type to narrow",
        ]
        screen.send("of")
        screen.wait(lambda: screen.shown[1:2] == ["> Third   of them"])
        screen.send("\r")
        screen.wait_for_question("what is on it is lost. [y/N]")
        assert screen.shown == [
            "Which one? Third",
            "picked: c",
            "Terminates a device that is called Extraordinary Mammal;",
            "what is on it is lost. [y/N]",
        ]
        screen.send("y\n")
        assert screen.end() == 0
        assert screen.shown[-1] == "confirmed: True"


ASKING = """
from xgodo_dev.cli.terminal.questions import ask, confirm
from xgodo_dev.errors import UsageError

def read(text):
    return text

async def main():
    print("confirmed:", confirm("Go on?"))
    print("answered:", repr(ask("Which one?", read)))
"""


def test_an_answer_that_is_neither_yes_nor_no_is_asked_for_again_in_words_that_help() -> None:
    with terminal(ASKING) as screen:
        screen.wait_for_question("Go on? [y/N]")
        screen.send("maybe\n")
        screen.wait_for("Error: Type y for yes, or n for no.")
        screen.wait_for_question("Go on? [y/N]")
        screen.send("Yes\n")
        screen.wait_for("confirmed: True")


def test_an_arrow_key_is_no_part_of_an_answer() -> None:
    with terminal(ASKING) as screen:
        screen.wait_for_question("Go on? [y/N]")
        screen.send("y\n")
        screen.wait_for_question("Which one?")
        screen.send("\x1b[Bx\n")
        screen.wait_for("Error: The answer holds a key that is no letter")
        screen.wait_for_question("Which one?")
        screen.send("x\n")
        screen.wait_for("answered: 'x'")


LEFT = """
import os
from xgodo_dev.cli.terminal.questions import confirm

try:
    confirm("Go on?")
except click.Abort:
    # As a shell's prompt comes behind it.
    os.write(2, b"$ ")
    sys.exit(130)
"""


@pytest.mark.parametrize(("key", "shown"), [("\x03", "^C"), ("\x04", "")])
def test_a_question_that_is_left_leaves_no_half_line(key: str, shown: str) -> None:
    with terminal(LEFT) as screen:
        screen.wait_for_question("Go on? [y/N]")
        screen.send(key)
        assert screen.end() == 130
        assert screen.shown == [f"Go on? [y/N] {shown}".rstrip(), "$"]
