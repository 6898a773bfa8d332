"""`xgodo-dev mobilerun run`: a goal in plain words, and what the agent does about it as it happens."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import aclosing
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.endpoints import confirming, mobilerun_devices
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.platforms import MOBILERUN
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.cli.endpoints.trajectory_view import told
from xgodo_dev.cli.endpoints.yes_option import yes_parameter
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.shortcuts import readiness
from xgodo_dev.errors import UsageError, XgodoError
from xgodo_dev.platform.clients import Mobilerun
from xgodo_dev.platform.clients.following import FollowedTask

# As Mobilerun's documentation wants them of whoever runs tasks for somebody.
_OFF = ("reasoning", "stealth")
_ANSWERED_OTHERWISE = ("task", "deviceId")
_CANCEL_DEADLINE_S = 10.0
_COMPLETED = "completed"


def make_run() -> click.Command:
    """The command."""
    return RunCommand()


class RunCommand(EndpointCommand):
    """The operation `tasks.stream` with a goal, a device that is named, and other defaults."""

    def __init__(self) -> None:
        super().__init__(MOBILERUN.spec.operations["tasks.stream"], MOBILERUN)
        self.name = "run"
        left_out = {
            option.name
            for argument in self.arguments
            if argument.parameter.name in _ANSWERED_OTHERWISE
            for option in argument.click_parameters()
        }
        kept = [each for each in self.params if each.name not in (*left_out, "yes")]
        for each in kept:
            if isinstance(each, click.Option) and each.name == "given_llm_model":
                each.opts.append("--model")
        self.params = [
            click.Argument(["goal"]),
            click.Option(
                ["-d", "--device"],
                metavar="DEVICE",
                help="The device to run on: an id or a name, or how one begins.",
            ),
            click.Option(
                ["--cloud"],
                is_flag=True,
                help="On a cloud device that is provisioned for it, not on one of yours.",
            ),
            *kept,
            yes_parameter(),
        ]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.indentation():
            for paragraph in (
                "Have Mobilerun's agent reach GOAL, told in plain words, on a device, and show what it does.",
                "Reasoning and stealth are off unless you ask for them. A connection that breaks is made "
                "anew. Ctrl-C cancels the task. It exits with 0 only where the goal was reached.",
                "Needs a paid subscription with credits.",
            ):
                formatter.write_paragraph()
                formatter.write_text(paragraph)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in (
                '"Open Chrome and search for weather" -d "My phone"',
                '"Install Signal" --cloud --yes',
            ):
                formatter.write(f"  {ctx.find_root().command_path} mobilerun run {line}\n")

    def carry_out(self, **given: Any) -> int:
        """Run the task, and follow it to its end."""
        if given["device"] and given["cloud"]:
            raise click.UsageError("--device and --cloud exclude each other.")
        values = self.values({**given, "given_task": given["goal"]})
        for name in _OFF:
            values.setdefault(name, False)
        if given["cloud"]:
            where = server_of(MOBILERUN, token=False).api_url
            confirming.require(
                "Provisions a cloud device for the task, which takes up a slot of your subscription, "
                f"at {where}.",
                confirmed=given["yes"],
            )
        else:
            values["deviceId"] = interrupts.run(_device(given["device"]))
        return interrupts.run(_run(values))


async def _device(name: str | None) -> str:
    async with mobilerun_devices.connected() as client:
        known = await mobilerun_devices.there(client)
    if not name:
        names = mobilerun_devices.told(known) or "there is none"
        raise UsageError(
            "No device is named.", hint=f"Name one with -d: {names}. Or say --cloud for a new one."
        )
    device = mobilerun_devices.named(known, name)
    readiness.require_ready(device)
    return device["id"]


async def _run(values: Mapping[str, Any]) -> int:
    async with mobilerun_devices.connected() as client:
        task = client.tasks.follow(client.calls.events("tasks.stream", values))
        try:
            async with aclosing(task):
                async for event in task:
                    if invocation().json:
                        output.json_line(dict(event))
                        continue
                    for line in told(event):
                        output.result(line)
        except asyncio.CancelledError:
            await _cancel(client, task, values)
            raise
        except (XgodoError, OSError) as error:
            _tell_of_one_that_goes_on(task, error)
            raise
        if task.final is None or task.final["status"] != _COMPLETED:
            return XgodoError.exit_code
        reached = await client.tasks.get(task_id=task.id) if task.id else None
        failed = reached is not None and _of_task(reached).get("succeeded") is False
        return XgodoError.exit_code if failed else 0


def _tell_of_one_that_goes_on(task: FollowedTask, error: XgodoError | OSError) -> None:
    """Say what to do about a task that can't be followed further, or whose events nobody reads."""
    if task.id is None or task.final is not None:
        return
    told = f"The task {task.id} may go on: `xgodo-dev mobilerun tasks attach {task.id}` follows it, "
    told += f"`xgodo-dev mobilerun tasks cancel {task.id}` ends it."
    if isinstance(error, XgodoError):
        error.hint = told
    else:
        output.remark(told)


async def _cancel(client: Mobilerun, task: FollowedTask, values: Mapping[str, Any]) -> None:
    """Cancel what was interrupted here, and say what came of it."""
    if task.id is None:
        device = "A cloud device may have been provisioned for it: `xgodo-dev mobilerun devices list`."
        output.remark(
            "Interrupted before the task was known: it may go on. See `xgodo-dev mobilerun tasks list`, "
            f"and end it with `tasks cancel`.{'' if 'deviceId' in values else ' ' + device}"
        )
        return
    try:
        async with asyncio.timeout(_CANCEL_DEADLINE_S):
            await client.tasks.cancel(task_id=task.id)
    except asyncio.CancelledError:
        output.remark(
            f"The task {task.id} may go on: cancelling it was interrupted. "
            f"Try `xgodo-dev mobilerun tasks cancel {task.id}`."
        )
        raise
    except (XgodoError, TimeoutError) as error:
        output.remark(
            f"The task {task.id} may go on: cancelling it failed ({str(error) or 'it took too long'}). "
            f"Try `xgodo-dev mobilerun tasks cancel {task.id}`."
        )
    else:
        output.remark(f"Cancelled the task {task.id}.")


def _of_task(result: Mapping[str, Any]) -> Mapping[str, Any]:
    inner = result.get("task")
    return inner if isinstance(inner, Mapping) else result
