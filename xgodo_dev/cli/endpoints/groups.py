"""The groups of commands at the top of the command line; `cli.app` lists them with the same words."""

from __future__ import annotations

from xgodo_dev.cli.app import summary_of
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO
from xgodo_dev.cli.endpoints.sections import OwnCommands, Section


def _section(name: str, own: OwnCommands | None = None) -> Section:
    return Section(name, XGODO, summary_of(name), own=own)


jobs = _section("jobs")
tasks = _section(
    "tasks",
    {
        "submit": ("shortcuts.submit", "Hand in a task, or make planned tasks of a table."),
        "watch": ("shortcuts.watch", "Follow the tasks of a job as their status changes."),
    },
)
planned_tasks = _section("planned-tasks")
payments = _section("payments")
user = _section("user")
proxies = _section(
    "proxies", {"rotate": ("shortcuts.rotate", "Move a proxy connection to another device, for another IP.")}
)
bucket = _section("bucket", {"edit": ("shortcuts.edit", "Edit a bucket in your editor.")})
device_bucket = _section("device-bucket")
files = _section("files")
admin = _section("admin")
automation = _section("automation")
projects = _section("projects")
templates = _section("templates")
platform_types = _section("platform-types")
mobilerun = Section(
    "mobilerun",
    MOBILERUN,
    summary_of("mobilerun"),
    prefix=(),
    own={"run": ("shortcuts.goal", "Have the agent reach a goal, and show what it does.")},
    below={
        "devices": {
            "up": ("shortcuts.up", "Provision a cloud device, and wait until it is ready."),
            "down": ("shortcuts.down", "Terminate cloud devices, by their names or ids."),
            "wait": ("shortcuts.wait", "Wait until a device is ready."),
        }
    },
)
