"""`xgodo-dev daemon install` and `daemon uninstall`: the daemon as a service of this user."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xgodo_dev.cli import local_project, output, watch_options
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.own_process import OURSELVES
from xgodo_dev.cli.watching import Wanted
from xgodo_dev.loop.services.service import Service, name_of
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import is_watched

if TYPE_CHECKING:
    # What reads property lists and XML is loaded by the two commands here only, not by all of `daemon`.
    from xgodo_dev.loop.services.systems import System

# Where to find Node.js, and this user's own folders: a service is started without a shell's settings. Nothing
# that may hold a secret.
_HANDED_ON = ("PATH", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME")

_name = click.option("--name", metavar="NAME", help="The service's name.  [default: by the project]")


@click.command(cls=Command)
@_name
@click.option("--print", "print_only", is_flag=True, help="Only print what would be kept.")
@watch_options.options
def install(name: str | None, print_only: bool, **options: Any) -> int:
    """Start the daemon of this project with every login, and again when it fails.

    It becomes a service of this user: of systemd on Linux, of launchd on macOS, a scheduled task on Windows.
    The options are those of `daemon start`. No token is kept there: sign in with `login`.

    \b
    Examples:
      xgodo-dev daemon install
      xgodo-dev daemon install --run -d Pixel
      xgodo-dev daemon install --print
    """
    from xgodo_dev.loop.services.systems import system

    project = local_project.project()
    wanted = watch_options.wanted(**options)
    watch_options.require_usable_arguments(project, wanted)
    starter = system()
    service = _service(project, wanted, name)
    if print_only:
        _print(starter, service)
        return 0
    if not wanted.emulator:
        _remark_on_token(project)
    if is_watched(project.root):
        output.remark("Another loop watches this project now: the service begins when that one has ended.")
    starter.install(service)
    if invocation().json:
        output.json_document({"installed": True, "name": service.name, "file": starter.place(service.name)})
    else:
        output.result(f"Started, and with every login from now on, by {starter.title}: {service.name}")
        output.note("`xgodo-dev daemon status` says how it stands, `daemon uninstall` takes it away.")
    return 0


@click.command(cls=Command)
@_name
def uninstall(name: str | None) -> int:
    """Stop the service of this project's daemon, and start it no more.

    \b
    Examples:
      xgodo-dev daemon uninstall
    """
    from xgodo_dev.loop.services.systems import system

    project = local_project.project()
    name = name_of(project.root, project.name, name)
    removed = system().uninstall(name)
    if invocation().json:
        output.json_document({"uninstalled": removed, "name": name})
    else:
        output.result(f"Stopped, and gone: {name}" if removed else f"There is no service {name}.")
    return 0


def _service(project: Project, wanted: Wanted, name: str | None) -> Service:
    script = Path(sys.executable).with_name("xgodo-dev.exe" if sys.platform == "win32" else "xgodo-dev")
    program = [str(script)] if script.exists() else list(OURSELVES)
    arguments = watch_options.as_arguments(watch_options.described(wanted))
    return Service(
        name=name_of(project.root, project.name, name),
        description=f"xgodo-dev watches {project.name} ({project.root})",
        command=[*program, "-C", str(project.root), "daemon", "start", "--foreground", *arguments],
        environment={name: os.environ[name] for name in _HANDED_ON if os.environ.get(name)},
    )


def _print(starter: System, service: Service) -> None:
    text = starter.text(service)
    if invocation().json:
        output.json_document({"name": service.name, "file": starter.place(service.name), "text": text})
        return
    output.note(f"For {starter.place(service.name)}:")
    output.result(output.plain(text.rstrip("\n")))


def _remark_on_token(project: Project) -> None:
    server = local_project.server(project)
    if server.signed_in_by == "environment":
        output.remark(
            "The token comes from XGODO_TOKEN, which the service will not have: "
            "sign in with `xgodo-dev login`."
        )
    elif not server.token:
        output.remark(f"Nobody is signed in to {server.api_url}: the service needs `xgodo-dev login`.")
