"""What a loop is started with: told by a daemon, typed again for the next, held against what is wanted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from xgodo_dev.cli import watch_options
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.cli.watch_options import (
    as_arguments,
    contradiction,
    described,
    require_usable_arguments,
    to_show,
    wanted,
)
from xgodo_dev.errors import ArgumentsInvalid, UsageError
from xgodo_dev.project.config import Project


def of(*arguments: str) -> tuple[Any, dict[str, Any]]:
    """What these arguments want, and how a daemon tells of it."""
    found: list[Any] = []

    @click.command(cls=Command)
    @watch_options.options
    def command(**options: Any) -> None:
        of_them = wanted(**options)
        found.append((of_them, described(of_them)))

    command.main(list(arguments), standalone_mode=False, obj=Invocation())
    return found[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--run", "-d", "Pixel", "-d", "@online", "--poll", "5m"],
        ["--no-check", "--no-push", "--emulator"],
        ["--api-url", "http://localhost:1", "--otlp", "http://localhost:2"],
        ["--profile", "staging"],
        ["--run", "--param", "greeting=a b = 'c'", "--param", "empty=", "--var", 'row={"id": 1}'],
    ],
    ids=lambda arguments: " ".join(arguments) or "none",
)
def test_the_next_daemon_is_started_as_this_one_was(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XGODO_API_URL", "XGODO_PROFILE", "XGODO_DEVICE"):
        monkeypatch.delenv(name, raising=False)
    _, told = of(*arguments)
    assert of(*as_arguments(told))[1] == told


def test_what_selected_the_server_in_the_environment_is_told_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XGODO_API_URL", "http://localhost:1")
    assert of()[1]["api_url"] == "http://localhost:1"
    assert of("--profile", "staging")[1]["api_url"] is None
    # Else the next one would be told two servers.
    assert of("--emulator")[1]["api_url"] is None


@pytest.mark.parametrize(
    ("runs", "asked", "contradicts"),
    [
        (["--run"], [], False),
        (["--run", "--poll", "5"], ["--poll", "5s"], False),
        (["--no-push"], [], False),
        ([], ["--run"], True),
        (["--run"], ["--no-check"], True),
        ([], ["--no-push"], True),
        (["--poll", "5"], ["--poll", "6"], True),
        ([], ["--emulator"], True),
        ([], ["--otlp", "http://localhost:2"], True),
        (["--run", "--param", "a=1", "--var", "b=2"], ["--run"], False),
        (["--run", "--param", "a=1", "--param", "b=2"], ["--run", "--param", "b=2", "--param", "a=1"], False),
        (["--run", "--param", "a=1"], ["--run", "--param", "a=2"], True),
        (["--run", "--param", "a=1"], ["--run", "--var", "a=1"], True),
    ],
)
def test_only_what_is_asked_for_can_contradict_what_runs(
    runs: list[str], asked: list[str], contradicts: bool
) -> None:
    assert (contradiction(of(*asked)[0], of(*runs)[1]) is not None) is contradicts


def test_of_what_a_daemon_was_started_with_no_secret_is_shown(tmp_path: Path) -> None:
    _, told = of("--run", "--param", "password=hunter2", "--param", "user=ann", "--var", "password=hunter3")
    project = Project(tmp_path, "test", secrets=("password",))
    shown = as_arguments(to_show(told, project))
    assert shown == ["--run", "--param=password=•••", "--param=user=ann", "--var=password=•••"]
    _, told = of("--otlp", "https://ann:hunter2@otlp.example.com/in")
    assert as_arguments(to_show(told, project)) == ["--otlp=https://•••@otlp.example.com/in"]


@pytest.mark.parametrize("option", ["--param", "--var"])
def test_arguments_of_runs_want_runs(option: str) -> None:
    with pytest.raises(UsageError, match="--run"):
        of(option, "color=green")


def test_arguments_that_no_run_can_be_started_with_are_refused_at_once(tmp_path: Path) -> None:
    project = Project(tmp_path, "test")
    require_usable_arguments(project, of("--run", "--param", "color=green")[0])
    with pytest.raises(ArgumentsInvalid, match="NAME=VALUE"):
        require_usable_arguments(project, of("--run", "--param", "color")[0])
