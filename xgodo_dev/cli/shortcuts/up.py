"""`xgodo-dev mobilerun devices up`: a new cloud device, ready to be used."""

from __future__ import annotations

from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.endpoints import confirming, mobilerun_devices, showing
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.platforms import MOBILERUN
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.cli.shortcuts import readiness
from xgodo_dev.platform.clients.mobilerun.devices import Device


def make_up() -> click.Command:
    """The command."""
    return UpCommand()


class UpCommand(EndpointCommand):
    """The operation `devices.provision`, and waiting for what it provisions."""

    def __init__(self) -> None:
        super().__init__(MOBILERUN.spec.operations["devices.provision"], MOBILERUN)
        self.params[:0] = [
            click.Option(["--no-wait"], is_flag=True, help="Don't wait until it is ready."),
            click.Option(
                ["--timeout"],
                default="10m",
                show_default=True,
                metavar="TIME",
                callback=duration(most=86_400),
                help="How long to wait until it is ready.",
            ),
        ]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.indentation():
            for paragraph in (
                "Provision a cloud device, and wait until it is ready.",
                "Needs an active subscription with a free slot. `devices wait` waits for one that was "
                "provisioned with --no-wait.",
                f"{self.operation.confirm} You are asked before, unless you say --yes.",
            ):
                formatter.write_paragraph()
                formatter.write_text(paragraph)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Examples"):
            for line in ("", " --name 'My phone' --country US", " --no-wait --yes"):
                formatter.write(f"  {ctx.find_root().command_path} mobilerun devices up{line}\n")

    def carry_out(self, **given: Any) -> int:
        """Provision the device, and wait until it is ready."""
        values = self.values(given)
        question = confirming.question(self.operation, values, {}, server_of(MOBILERUN, token=False))
        confirming.require(question, confirmed=given["yes"])
        device = interrupts.run(_up(values, None if given["no_wait"] else given["timeout"]))
        showing.show(self.operation, device)
        return 0


async def _up(values: dict[str, Any], deadline: float | None) -> Device:
    async with mobilerun_devices.connected() as client:
        device: Device = await client.calls.call("devices.provision", values)
        if deadline is None:
            return device
        output.note(f"Provisioned {device['id']}. It takes a while until it is ready.")
        return await readiness.until_ready(client, device["id"], deadline)
