"""`daemon status`: whether a daemon runs for a project, and how it stands."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from xgodo_dev import __version__
from xgodo_dev.cli import output, watch_options
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.view.durations import clock_text
from xgodo_dev.errors import XgodoError
from xgodo_dev.loop import control_client
from xgodo_dev.loop.event_log import LogReader, log_file
from xgodo_dev.loop.events import Stopped
from xgodo_dev.project import watch_lock
from xgodo_dev.project.config import Project
from xgodo_dev.project.watch_lock import Holder
from xgodo_dev.runs.events import Notice

# By the reason: what became of a file there, and why.
_REASONS = {
    # It is there, as it is here.
    "compile": ("Not compiled", "the platform's compiler refuses it"),
    "conflict": ("Not synced", "it was changed on the platform too; see `xgodo-dev diff`"),
}
NONE_RUNS = "No daemon runs for this project."


def tell(project: Project) -> int:
    """Print it. That none runs is an answer too: the exit code is 0."""
    root = project.root
    holder = watch_lock.holder_of(root)
    if holder:
        holder = replace(holder, options=watch_options.to_show(holder.options, project))
    daemon = holder if holder and holder.kind == "daemon" else None
    answer: Mapping[str, Any] = {}
    if daemon:
        try:
            answer = asyncio.run(control_client.ask(root, daemon, "status"))
        except XgodoError as error:
            answer = {"problem": error.with_hint()}
    if invocation().json:
        document: dict[str, Any] = {"running": daemon is not None, "root": str(root)}
        if daemon:
            document |= {"pid": daemon.pid, "options": dict(daemon.options), "log": str(log_file(root))}
            document |= {"since": daemon.since, "version": daemon.version, **answer}
        elif holder:
            document["watch"] = {"pid": holder.pid}
        elif ended := _ended(root):
            document["ended"] = {"time": ended[0], "reason": ended[1]}
        output.json_document(document)
        return 0
    if daemon is None:
        output.result(NONE_RUNS)
        if holder:
            output.note(f"A `watch` does (process {holder.pid}).")
        elif ended := _ended(root):
            when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(ended[0]))
            output.note(f"The last one ended at {when}: {ended[1]}")
        return 0
    for line in lines(root, daemon, answer):
        output.result(line)
    return 0


def _ended(root: Path) -> tuple[float, str] | None:
    """When the last daemon ended, and why; None where there was none."""
    with closing(LogReader(root)) as reader:
        newest = reader.last(2)
    last = newest[-1] if newest else None
    left = watch_lock.last_holder(root)
    if left and left.kind == "daemon" and not any(isinstance(each, Stopped) for each in newest):
        # Who comes to an end takes that away, unless the folder was moved from under it.
        return (last.time if last else left.since), f"process {left.pid} was killed."
    match last:
        case Stopped(reason=reason):
            return last.time, reason
        case Notice(message=message):
            return last.time, message
    return None


def lines(root: Path, daemon: Holder, answer: Mapping[str, Any]) -> list[str]:
    """What is told of a daemon, a subject a line."""
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(daemon.since))
    age = clock_text(time.time() - daemon.since)
    rows = [
        ("Daemon", f"process {daemon.pid}, since {since} ({age})"),
        ("Options", " ".join(watch_options.as_arguments(daemon.options)) or "none"),
    ]
    if answer.get("server"):
        rows.append(("Project", f"{answer.get('project')} on {answer.get('server')}"))
    rows.append(("Folder", str(root)))
    if problem := answer.get("problem"):
        rows.append(("Problem", str(problem)))
    elif not answer.get("watching"):
        rows.append(("State", "starting"))
    if check := answer.get("check"):
        count = check.get("errors")
        found = "types are right" if check.get("ok") else f"{count} type error{'' if count == 1 else 's'}"
        rows.append(("Last check", f"{found}, {_clock(check)}"))
    if synced := answer.get("synced"):
        rows.append(("Last sync", f"{synced.get('path')}, {_clock(synced)}"))
    for each in answer.get("unsynced", ()):
        became, why = _REASONS.get(each.get("reason"), ("Not synced", each.get("reason")))
        rows.append((became, f"{each.get('path')}: {why}"))
    if devices := answer.get("devices"):
        rows.append(("Devices", output.names(each["name"] for each in devices)))
    rows += [
        ("Runs", f"{run.get('run')} on {run.get('device')}, since {time.strftime('%H:%M:%S', _local(run))}")
        for run in answer.get("runs", ())
    ]
    if memory := answer.get("memory"):
        rows.append(("Memory", f"{memory / (1 << 20):.0f} MB"))
    if daemon.version != __version__:
        rows.append(("Version", f"{daemon.version}, not {__version__}: `daemon restart` mends that"))
    width = max(len(name) for name, _ in rows) + 2
    return [f"{name:<{width}}{output.shown(text)}" for name, text in rows]


def _clock(of: Mapping[str, Any]) -> str:
    return time.strftime("%H:%M:%S", time.localtime(of.get("time") or 0))


def _local(run: Mapping[str, Any]) -> time.struct_time:
    return time.localtime(run.get("since") or 0)
