from __future__ import annotations

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
        screen.wait(lambda: "[y/N]" in screen.shown[-1])
        assert screen.shown == [
            "Which one? Third",
            "picked: c",
            "Terminates a device that is called Extraordinary Mammal;",
            "what is on it is lost. [y/N]",
        ]
        screen.send("y\n")
        assert screen.end() == 0
        assert screen.shown[-1] == "confirmed: True"
