"""`xgodo-dev daemon`: the loop in the background."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import interrupts, local_project, output, services, watch_options
from xgodo_dev.cli.app import Group
from xgodo_dev.cli.background import daemon_logs, daemon_status, process
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.loop import control_place
from xgodo_dev.loop.control_client import ToldError
from xgodo_dev.project import watch_lock
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import AlreadyWatched, Holder


@click.group(cls=Group, short_help="Keep the loop running in the background.")
def daemon() -> None:
    """Watch the project in the background, as `watch` does: one daemon for each project.

    It goes on when the terminal is closed. `watch` then shows what it does, and `run` lets it do the work.

    \b
    Examples:
      xgodo-dev daemon start --run
      xgodo-dev daemon status
      xgodo-dev daemon logs -f
      xgodo-dev daemon stop
    """


@daemon.command()
@watch_options.options
@click.option("--foreground", is_flag=True, help="Be the daemon, as services of a system are started.")
@click.option("--detached", is_flag=True, hidden=True, help="Say only whether it has begun.")
def start(foreground: bool, detached: bool, **options: Any) -> int:
    """Start the daemon of this project; returns when it watches.

    Its token is that of `login`, or XGODO_TOKEN as it is now. Where a daemon runs already that does the
    same, nothing is done.

    \b
    Examples:
      xgodo-dev daemon start
      xgodo-dev daemon start --run -d Pixel
      xgodo-dev daemon start --run --emulator
    """
    wanted = watch_options.wanted(**options)
    if foreground:

        def run() -> None:
            interrupts.run(process.serve(wanted, detached=detached))

        if detached:
            return process.serve_detached(run)
        run()
        return 0
    project = local_project.project()
    watch_options.require_usable_arguments(project, wanted)
    root, told = project.root, watch_options.described(wanted)
    holder = watch_lock.holder_of(root)
    if holder is None:
        try:
            _tell_started(process.start(root, told))
            return 0
        except ToldError as error:
            # Somebody else may have been quicker.
            holder = watch_lock.holder_of(root)
            if error.code != AlreadyWatched.code or holder is None:
                raise
    _require_same(project, holder, told)
    _tell_started(holder, already=True)
    return 0


@daemon.command()
def stop() -> int:
    """Stop the daemon of this project, and what it runs on phones; returns when it is gone.

    \b
    Examples:
      xgodo-dev daemon stop
    """
    root = local_project.project().root
    holder = _own_daemon(watch_lock.holder_of(root))
    remark = process.stop(root, holder) if holder else None
    if invocation().json:
        output.json_document({"stopped": holder is not None, "pid": holder.pid if holder else None})
    else:
        output.result(f"Stopped the daemon (process {holder.pid})." if holder else daemon_status.NONE_RUNS)
    if remark:
        output.remark(remark)
    return 0


@daemon.command()
@watch_options.options
def restart(**options: Any) -> int:
    """Stop the daemon, if one runs, and start it with these options; without any, with those it had.

    \b
    Examples:
      xgodo-dev daemon restart
      xgodo-dev daemon restart --run
    """
    project, wanted = local_project.project(), watch_options.wanted(**options)
    watch_options.require_usable_arguments(project, wanted)
    root, told = project.root, watch_options.described(wanted)
    holder = _own_daemon(watch_lock.holder_of(root))
    before = holder or _killed(root)
    if before and _says_nothing():
        told = dict(before.options)
    if holder and (remark := process.stop(root, holder)):
        output.remark(remark)
    _tell_started(process.start(root, told))
    return 0


@daemon.command()
def status() -> int:
    """Say whether a daemon runs for this project, and how it stands.

    \b
    Examples:
      xgodo-dev daemon status
      xgodo-dev daemon status --json
    """
    return daemon_status.tell(local_project.project())


@daemon.command()
@click.option("-f", "--follow", is_flag=True, help="Go on with what comes, until Ctrl-C.")
@click.option(
    "-n",
    "count",
    type=WholeNumber(0, 1_000_000),
    default=100,
    show_default=True,
    metavar="N",
    help="How many of the newest events to begin with.",
)
def logs(follow: bool, count: int) -> int:
    """Show what the daemon has told, as `watch` shows it.

    \b
    Examples:
      xgodo-dev daemon logs
      xgodo-dev daemon logs -f -n 20
    """
    return daemon_logs.show(local_project.project(), count, follow=follow)


daemon.add_command(services.install)
daemon.add_command(services.uninstall)


def _killed(root: Path) -> Holder | None:
    """The daemon that was killed here; None: there was none.

    A project of anybody's may tell of one, with a server that is to be sent the token.
    """
    left = watch_lock.last_holder(root)
    return left if left and left.kind == "daemon" and control_place.is_left(root, left.socket) else None


def _says_nothing() -> bool:
    """Whether no option of the loop is given, nor one that selects a server."""
    context, options = click.get_current_context(), invocation()
    given = (context.get_parameter_source(name) for name in context.params)
    default = click.core.ParameterSource.DEFAULT
    return all(source is default for source in given) and not options.profile and not options.api_url


def _own_daemon(holder: Holder | None) -> Holder | None:
    """The daemon, where it is one that watches the project.

    Raises:
        AlreadyWatched: it is a `watch` at somebody's terminal.
    """
    if holder and holder.kind != "daemon":
        root = local_project.project().root
        # Who says nothing of itself may be anything.
        hint = "That is a `watch`: end it where it runs." if holder.pid else None
        raise AlreadyWatched(str(watch_lock.already_watched(root, holder)), hint=hint)
    return holder


def _require_same(project: Project, holder: Holder, told: dict[str, Any]) -> None:
    """Refuse to start what runs already, but otherwise."""
    _own_daemon(holder)
    # One of another version may not know every option, and tells nothing of it.
    if watch_options.as_arguments(holder.options) != watch_options.as_arguments(told):
        runs_with = watch_options.as_arguments(watch_options.to_show(holder.options, project))
        raise AlreadyWatched(
            f"A daemon runs with other options (process {holder.pid}): {' '.join(runs_with) or 'none'}.",
            hint="`xgodo-dev daemon restart`, with the options wanted, starts it anew.",
        )


def _tell_started(holder: Holder, *, already: bool = False) -> None:
    if invocation().json:
        document = {"pid": holder.pid, "since": holder.since, "started": not already, "running": True}
        output.json_document(document)
        return
    if already:
        since = time.strftime("%H:%M", time.localtime(holder.since))
        output.result(f"The daemon runs already, since {since} (process {holder.pid}).")
        return
    output.result(f"The daemon watches the project (process {holder.pid}).")
    output.note("`watch` shows what it does, and `daemon stop` ends it.")
