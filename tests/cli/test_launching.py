"""What is said of many runs when they are launched, or have ended."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.launching import Given, arguments_of, summary, tell_becoming
from xgodo_dev.cli.terminal.run_terminal import RunTerminal
from xgodo_dev.errors import UnreachableError, UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Launch
from xgodo_dev.runs.fleet_launch import Becoming


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ({"ended well": "ABC"}, "3 runs: 3 ended well."),
        ({"stopped": "ABC"}, "3 runs: 3 stopped."),
        ({"failed": "CB", "ended well": "A"}, "3 runs: 1 ended well, 2 failed (B, C)."),
        (
            {"stopped": "A", "lost sight of": "BC", "not launched": "D"},
            "4 runs: 1 stopped (A), 2 lost sight of (B, C), 1 not launched (D).",
        ),
    ],
)
def test_of_many_runs_it_is_told_in_one_line_how_many_ended_how_and_which_not_well(
    ends: dict[str, str], told: str
) -> None:
    assert summary([(name, words) for words, names in ends.items() for name in names]) == told


def test_where_nothing_is_followed_it_is_told_what_runs_then_what_does_not_then_how_to_go_on(
    capsys: pytest.CaptureFixture[str],
) -> None:
    launched = [Becoming(name, None) for name in "ABCD"]
    failed = Becoming("E", None, UnreachableError("No answer."))
    with click.Context(click.Command("run"), obj=Invocation()):
        for failures in ([], [failed]):
            terminal = RunTerminal(Project(Path(), "p"), list("ABCDE"))
            for each in launched:
                terminal.show(Launch(run=each.device, device=each.device, entry="main.ts"))
            code = tell_becoming([*launched, *failures], terminal, followed=False)
            assert code == (5 if failures else 0)
            told = capsys.readouterr().err.splitlines()
            assert told[0].endswith("running main.ts on 4 devices: A, B, C, D")
            assert told[-1].startswith("Follow with ")
            assert [line.partition("! ")[2].split(":")[0] for line in told[1:-1]] == (
                ["Not launched on E"] if failures else []
            )


def test_a_file_without_an_end_gives_no_arguments() -> None:
    given = Given((), (), (), Path("/dev/zero"), no_follow=False, timeout=None, exclusive=False, otlp=None)
    with (
        click.Context(click.Command("run"), obj=Invocation()),
        pytest.raises(UsageError, match="/dev/zero is larger than 16 MB"),
    ):
        arguments_of(Project(Path(), "p"), given, lambda _event: None)
