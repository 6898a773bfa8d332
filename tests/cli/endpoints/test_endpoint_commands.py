"""Every operation of both specs as a command: what it takes, what becomes of that, and what its help says."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from xgodo_dev.cli.app import cli, summary_of
from xgodo_dev.cli.endpoints import confirming, groups
from xgodo_dev.cli.endpoints.command_lines import examples, words
from xgodo_dev.cli.endpoints.devices import have_to_be_asked
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO, Platform
from xgodo_dev.cli.endpoints.sections import Section
from xgodo_dev.errors import UsageError
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.spec.reading import Operation

OPERATIONS = [
    (platform, operation)
    for platform in (XGODO, MOBILERUN)
    for operation in platform.spec.operations.values()
    if not operation.hidden
]
each_operation = pytest.mark.parametrize(
    ("platform", "operation"), OPERATIONS, ids=[f"{p.name}-{o.id}" for p, o in OPERATIONS]
)


def command_of(operation: str, platform: Platform = XGODO) -> EndpointCommand:
    return EndpointCommand(platform.spec.operations[operation], platform)


def values_of(command: EndpointCommand, *given: str) -> dict[str, Any]:
    """What a command line makes of the operation's values."""
    root = click.Context(click.Group(), info_name="xgodo-dev")
    with root, command.make_context("it", list(given), parent=root) as context:
        return command.values(context.params)


@each_operation
def test_an_operation_has_a_command_where_its_words_lead(platform: Platform, operation: Operation) -> None:
    command: click.Command | None = cli
    for word in (*platform.words, *operation.command):
        assert isinstance(command, click.Group), word
        command = command.get_command(click.Context(command), word)
    assert command is not None
    shown = CliRunner().invoke(command, ["--help"])
    assert shown.exit_code == 0, shown.output
    if isinstance(command, EndpointCommand):
        told = " ".join(shown.output.split())
        assert operation.summary in told
        assert f"{operation.method} {operation.path}" in told


@pytest.mark.parametrize(
    ("platform", "operation", "said"),
    [
        (MOBILERUN, "hooks.edit", "With state deleted: Deletes the webhook. You are asked before"),
        (MOBILERUN, "tasks.run", "Without device id: Provisions a cloud device"),
        (
            XGODO,
            "jobs.submit",
            "balance. Posts a job; its positions are paid from your balance. You are asked",
        ),
    ],
)
def test_help_says_when_one_is_asked_before(platform: Platform, operation: str, said: str) -> None:
    shown = CliRunner().invoke(command_of(operation, platform), ["--help"])
    assert said in " ".join(shown.output.split())


@each_operation
def test_an_operation_takes_its_examples_as_they_are_written_for_it(
    platform: Platform, operation: Operation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("screenshot.png", "FILE"):
        Path(name).write_text("{}")
    command = EndpointCommand(operation, platform)
    lines = examples(operation, command.arguments, "xgodo-dev")
    needed = {each.parameter.name for each in command.arguments if each.parameter.required}
    for shown in lines:
        given = shlex.split(shown)[1 + len(operation.command) :]
        assert needed <= values_of(command, *given).keys()
    documented = {
        each.parameter.name: each.parameter.example
        for each in command.arguments
        if each.parameter.place != "file" and each.parameter.example not in (None, [])
    }
    line = words(operation, command.arguments, documented)
    if line is not None and needed <= documented.keys():
        assert values_of(command, *line[len(operation.command) :]) == documented


@pytest.mark.parametrize("name", [name for name, each in vars(groups).items() if isinstance(each, Section)])
def test_a_group_says_of_itself_what_the_spec_says(name: str) -> None:
    if name == "mobilerun":
        assert summary_of(name).removesuffix(".") in MOBILERUN.spec.document["info"]["summary"]
    else:
        told = XGODO.spec.sections["buckets" if name == "bucket" else name]
        assert summary_of(name.replace("_", "-")) == told


@pytest.mark.parametrize(
    ("operation", "values", "told"),
    [
        (
            "payments.withdraw",
            {"amount": 1234.5, "wallet_address": "w"},
            "Withdraws money from your account: 1,234.50 USD (amount 1234.5, wallet address w), at http://s.",
        ),
        (
            "jobs.submit",
            {"positions": 3, "job_price": 0.1},
            "Posts a job; its positions are paid from your balance: 0.30 USD (positions 3, job price 0.1), "
            "at http://s.",
        ),
        (
            "jobs.submit",
            {"positions": "3"},
            "Posts a job; its positions are paid from your balance (positions 3), at http://s.",
        ),
        (
            "buckets.delete",
            {"device_id": "d"},
            "Deletes the bucket of the device (device id Mammal), at http://s.",
        ),
    ],
)
def test_who_is_asked_hears_what_it_costs_and_where(
    operation: str, values: dict[str, Any], told: str
) -> None:
    server = Server("default", "http://s", "s")
    assert confirming.question(XGODO.spec.operations[operation], values, {"d": "Mammal"}, server) == told


def test_devices_are_looked_up_to_be_called_by_their_names() -> None:
    arguments, values = command_of("buckets.delete").arguments, {"device_id": "device_1"}
    assert not have_to_be_asked(arguments, values)
    assert have_to_be_asked(arguments, values, also_ids=True)
    assert have_to_be_asked(arguments, {"device_id": "Mammal"})


def test_objects_are_given_as_fields_over_a_file(tmp_path: Path) -> None:
    command = command_of("buckets.write")
    (tmp_path / "data.json").write_text('{"kept": [1], "token": "old"}')
    job_and_device = ("j", "a1b2c3d4-e5f6-7890-abcd-ef1234567890")
    given = ("--data-file", f"{tmp_path}/data.json", "--data", "token=abc", "--data", "tries:=3")
    assert values_of(command, *job_and_device, *given)["data"] == {"kept": [1], "token": "abc", "tries": 3}
    with pytest.raises(click.UsageError, match=r"'--data' or '--data-file'"):
        values_of(command, *job_and_device)
    with pytest.raises(click.UsageError, match="no JSON behind"):
        values_of(command, *job_and_device, "--data", "tries:=three")


def test_an_example_is_broken_before_an_option_and_never_between_it_and_its_value() -> None:
    shown = CliRunner().invoke(command_of("tasks.submit"), ["--help"], terminal_width=80).output
    lines = shown.partition("Examples:\n")[2].splitlines()
    assert any(line.endswith(" \\") for line in lines)
    assert not [line for line in lines if re.search(r" --[a-z-]+ \\$", line)]


def test_a_command_has_the_model_that_its_documentation_prefers() -> None:
    given = values_of(command_of("tasks.run", MOBILERUN), "--task", "Open the settings")
    assert given == {"task": "Open the settings", "llmModel": "google/gemini-3-flash"}


def test_items_have_named_members_and_bring_files_as_base64(tmp_path: Path) -> None:
    (tmp_path / "a,b.png").write_bytes(b"\x89PNG")
    command = command_of("tasks.submit")
    needed = ("--job-id", "j", "--job-proof", "p")
    given = f"name=screen, shot,extension=.png,base64-data={tmp_path}/a,b.png"
    assert values_of(command, *needed, "--files", given)["files"] == [
        {"name": "screen, shot", "extension": ".png", "base64Data": "iVBORw=="}
    ]
    with pytest.raises(click.BadParameter, match="lacks base64-data"):
        values_of(command, *needed, "--files", "name=a,extension=.png")
    with pytest.raises(click.BadParameter, match="is not written as name=…,extension=…,base64-data=…"):
        values_of(command, *needed, "--files", '{"name": "a"}')


def test_lists_repeat_and_null_is_a_flag_where_it_says_something(tmp_path: Path) -> None:
    given = values_of(command_of("hooks.edit", MOBILERUN), "h", "--events", "completed", "--events", "failed")
    assert given == {"hook_id": "h", "events": ["completed", "failed"]}
    (tmp_path / "schema.json").write_text('{"fields": []}')
    options = ("p", "--no-job-variables-schema", "--automation-parameters-schema", f"{tmp_path}/schema.json")
    assert values_of(command_of("projects.change_options"), *options) == {
        "id": "p",
        "automation_parameters_schema": {"fields": []},
        "job_variables_schema": None,
    }


@pytest.mark.parametrize(
    ("operation", "given", "told"),
    [
        ("planned_tasks.list", ["--job-id", "j", "--page", "0"], "0 is not in the range"),
        ("jobs.update_status", ["--job-id", "j", "--status", "gone"], "is not one of"),
        ("jobs.update_status", ["--status", "active"], "Missing option '--job-id'"),
        ("jobs.details", [], "Missing option '--job-id'"),
        ("payments.withdraw", ["--amount", "ten", "--wallet-address", "w"], "is not a valid float"),
        ("proxies.create", ["--device-id", "d", "--name", "n" * 101], "101 characters; 100 are the most"),
        ("proxies.create", ["--device-id", " "], "named by an empty text"),
        ("proxies.logs", ["--from", "yesterday", "--to", "now"], "is no time such as"),
        ("files.upload", ["/nowhere/at/all"], "There is no file /nowhere/at/all"),
    ],
)
def test_what_can_not_be_meant_is_refused_before_anything_is_sent(
    operation: str, given: list[str], told: str
) -> None:
    with pytest.raises((click.UsageError, UsageError)) as raised:
        values_of(command_of(operation), *given)
    error = raised.value
    assert told in (error.format_message() if isinstance(error, click.UsageError) else str(error))


def test_a_time_may_be_told_as_a_person_tells_it() -> None:
    given = values_of(command_of("proxies.logs"), "--from", "90m", "--to", "2026-04-25T13:22:11Z")
    assert given["to"] == "2026-04-25T13:22:11Z"
    assert given["from"].endswith("Z")
