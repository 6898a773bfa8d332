"""What is printed has no power over the terminal it is printed on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import click
import pytest

from tests.cli.terminal.pseudo_terminal import terminal
from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.errors import UsageError


@pytest.mark.parametrize("print_json", [output.json_document, output.json_line])
def test_json_is_the_same_without_what_a_terminal_obeys(
    print_json: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, *range(0x202A, 0x202F), 0x2069]
    harmful = "".join(map(chr, codes))
    document = {"event": "log", f"name {harmful}": [f"é {harmful} 😀", "DEL \x7f"]}
    print_json(document)
    (printed,) = capsys.readouterr().out.split("\n")[:-1]
    assert json.loads(printed) == document
    assert not set(harmful) & set(printed)
    assert "é" in printed
    assert "😀" in printed


def test_advice_names_the_server_that_was_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    error = UsageError("No device.", hint="See `xgodo-dev devices`, or `xgodo-dev emulator start`.")
    chosen = Invocation(profile="on my desk")
    with click.Context(click.Command("run"), obj=chosen):
        output.note("Follow with `xgodo-dev logs -f`.")
        output.note("Or `xgodo-dev watch --run --emulator`, or `xgodo-dev --profile emulator run`.")
        output.print_error(error, chosen)
    assert capsys.readouterr().err.splitlines() == [
        "Follow with `xgodo-dev --profile 'on my desk' logs -f`.",
        "Or `xgodo-dev watch --run --emulator`, or `xgodo-dev --profile emulator run`.",
        "error: No device.",
        "hint: See `xgodo-dev --profile 'on my desk' devices`, or `xgodo-dev emulator start`.",
    ]


def test_what_is_said_on_a_terminal_breaks_between_words() -> None:
    program = """
from xgodo_dev.cli import output
from xgodo_dev.errors import UsageError

async def main():
    output.note("Some words that are " + "long " * 4)
    output.print_error(UsageError("No device.", hint="Known are: " + "Atomic Mammal, " * 3), Invocation())
"""
    with terminal(program, columns=40) as screen:
        screen.end()
        assert screen.shown == [
            "Some words that are long long long long",
            "error: No device.",
            "hint: Known are: Atomic Mammal, Atomic",
            "      Mammal, Atomic Mammal,",
        ]
