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
from xgodo_dev.errors import AuthenticationError, UsageError


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


def test_advice_names_the_address_that_was_given(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = Invocation(api_url="http://127.0.0.1:9")
    with click.Context(click.Command("devices"), obj=chosen):
        output.print_error(AuthenticationError("Not signed in."), chosen)
    assert "hint: Sign in with `xgodo-dev --api-url http://127.0.0.1:9 login`" in capsys.readouterr().err


def test_advice_repeats_no_password_of_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = Invocation(api_url="https://ada:never-to-be-seen@example.com")
    with click.Context(click.Command("devices"), obj=chosen):
        output.print_error(AuthenticationError("Not signed in."), chosen)
    assert "hint: Sign in with `xgodo-dev login`" in capsys.readouterr().err


def test_what_is_said_on_a_terminal_breaks_between_words() -> None:
    program = """
from xgodo_dev.cli import output
from xgodo_dev.errors import AuthenticationError, UsageError

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


def test_a_token_that_a_server_repeats_is_in_no_answer(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "never-to-be-seen-4711")
    with click.Context(click.Command("devices"), obj=Invocation()):
        output.result("Otter never-to-be-seen-4711")
        output.note("Otter never-to-be-seen-4711")
        output.remark("Otter never-to-be-seen-4711")
        output.table(["NAME"], [["never-to-be-seen-4711"]])
    output.json_document({"name": "never-to-be-seen-4711"})
    printed = capsys.readouterr()
    assert "never-to-be-seen" not in printed.out + printed.err


def test_no_line_of_an_error_is_a_command_to_github(capsys: pytest.CaptureFixture[str]) -> None:
    output.print_error(UsageError("The server says:\n::add-mask::a\n  ::error::b"), Invocation())
    printed = capsys.readouterr().err
    assert not any(line.lstrip().startswith("::") for line in printed.splitlines())
    assert "add-mask" in printed
