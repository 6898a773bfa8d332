"""Help that names what can be typed."""

from __future__ import annotations

import click
import pytest

from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO, Platform


@pytest.mark.parametrize(
    ("platform", "operation", "told"),
    [
        (XGODO, "planned_tasks.submit", "with `--run-immediately` the platform"),
        (XGODO, "planned_tasks.submit", "beside `--remote-device-id`;"),
        (MOBILERUN, "devices.provision", "with `mobilerun devices wait`."),
        (XGODO, "jobs.submit", "`worldwide` is everybody"),
    ],
)
def test_help_speaks_of_options_and_whole_commands(platform: Platform, operation: str, told: str) -> None:
    command = EndpointCommand(platform.spec.operations[operation], platform)
    text = command.get_help(click.Context(command, info_name="x"))
    # Lines are broken at hyphens, too.
    assert "".join(told.split()) in "".join(text.split())
