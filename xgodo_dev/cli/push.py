"""`xgodo-dev push`, and the push that `commit` begins with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.check import checked
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import (
    CheckFailed,
    ConflictError,
    FilesNotCompiled,
    FilesNotSent,
    UsageError,
    XgodoError,
)
from xgodo_dev.project.files import FileSelection
from xgodo_dev.sync.push import (
    Conflicting,
    LocallyDeleted,
    Pusher,
    PushResult,
    Refused,
    RemoteChanged,
    Synced,
    Unchanged,
)
from xgodo_dev.toolchain.typescript import CheckResult, diagnostic_line


@dataclass
class PushReport:
    """What a push did, path by path, and the error it ends with."""

    pushed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    would_push: list[str] = field(default_factory=list)
    """What a dry run would send."""
    failed: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    compile_refused: bool = False
    """Whether the server's compiler refused one of the failed files."""
    error: XgodoError | None = None

    def to_json(self) -> dict[str, object]:
        """The contract's document; the error, when there is one, stands in the same object."""
        document: dict[str, object] = {
            "pushed": sorted(self.pushed),
            "skipped": sorted(self.skipped),
            "failed": self.failed,
        }
        if self.conflicts:
            document["conflicts"] = sorted(self.conflicts)
        if self.would_push:
            document["would_push"] = sorted(self.would_push)
        if self.error:
            document |= output.error_document(self.error)
        return document


@click.command(cls=Command, short_help="Type-check, then send local changes to the platform.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the server holds; a copy is kept in .xgodo/backup.")
@click.option("--no-check", is_flag=True, help="Send without a type check.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
def push(paths: tuple[Path, ...], force: bool, no_check: bool, dry_run: bool) -> int:
    """Type-check the project, then send the files that changed since both sides were last equal.

    A file that was changed on the server too is a conflict: it is not sent, and the exit code is 3.
    """
    report = interrupts.run(_push(paths, force=force, check=not no_check, dry_run=dry_run))
    if invocation().json:
        output.json_document(report.to_json())
    elif report.error:
        output.print_error(report.error, invocation())
    elif not report.pushed and not report.would_push:
        output.note("Nothing to send: no file changed here since the last push.")
    return report.error.exit_code if report.error else 0


async def _push(paths: tuple[Path, ...], *, force: bool, check: bool, dry_run: bool) -> PushReport:
    async with workspace.open_workspace() as opened:
        selection = FileSelection(opened.project.root, opened.project.exclude)
        chosen = [each for path in paths for each in _project_paths(path, selection)] or None
        return await push_changes(opened, chosen, force=force, check=check, dry_run=dry_run)


async def push_changes(
    opened: Workspace,
    chosen: list[str] | None = None,
    *,
    force: bool = False,
    check: bool = True,
    dry_run: bool = False,
) -> PushReport:
    """Push the chosen paths (None: all that count) as far as they changed; never raises for a single file."""
    pusher = Pusher(opened.project.root, opened.api, opened.project_id, opened.state, force=force)
    selection = FileSelection(opened.project.root, opened.project.exclude)
    everything = selection.paths()
    changed = pusher.changed(everything)
    if chosen is not None:
        # Named on purpose: the server is asked even where nothing changed here.
        everything = chosen
        changed = [path for path in chosen if path in changed] if dry_run else chosen
    report = PushReport(skipped=[path for path in everything if path not in changed])
    if not changed:
        return report
    if check:
        result = await checked(opened.project)
        if not result.ok:
            return _held_back(report, changed, result)
    if dry_run:
        for path in changed:
            output.note(f"would send {path}")
        report.would_push = changed
        return report
    async for outcome in pusher.push_all(changed, verify=chosen is not None):
        _add(report, outcome)
    if report.conflicts:
        report.error = ConflictError(
            f"Not sent, because changed on the server too: {', '.join(sorted(report.conflicts))}.",
            paths=report.conflicts,
            hint="`push --force` sends yours and keeps theirs in .xgodo/backup.",
        )
    elif report.failed:
        names = ", ".join(str(failure["path"]) for failure in report.failed)
        if report.compile_refused:
            report.error = FilesNotCompiled(f"Not compiled by the server: {names}.")
        else:
            report.error = FilesNotSent(f"Not sent: {names}; nothing was lost here.")
    return report


def _held_back(report: PushReport, changed: list[str], result: CheckResult) -> PushReport:
    by_file: dict[str, list[str]] = {}
    for diagnostic in result.errors:
        by_file.setdefault(diagnostic.file or "tsconfig.json", []).append(diagnostic_line(diagnostic))
    report.failed = [{"path": path, "errors": errors} for path, errors in by_file.items()]
    report.skipped += changed
    if not invocation().json:
        for diagnostic in result.errors:
            output.result(diagnostic_line(diagnostic))
    count = len(result.errors)
    report.error = CheckFailed(
        f"Nothing was sent: the type check found {count} error{'' if count == 1 else 's'}.",
        hint="Mend them. With --no-check they are sent, but the server compiles, and refuses, too.",
    )
    return report


def _add(report: PushReport, outcome: PushResult) -> None:
    match outcome:
        case Synced(path, size, ms):
            report.pushed.append(path)
            output.note(f"sent {path} ({size} bytes, {ms:.0f} ms)")
        case Refused(path, reason, errors):
            report.compile_refused |= reason == "compile"
            report.failed.append({"path": path, "errors": list(errors) or [reason]})
            for line in errors or (reason,):
                output.note(f"{click.style('refused', fg='red')} {path}: {line}")
        case Conflicting(path):
            report.conflicts.append(path)
        case RemoteChanged(path):
            report.skipped.append(path)
            output.note(f"not sent, changed on the server only: {path}")
        case LocallyDeleted(path):
            report.skipped.append(path)
            output.note(f"{path} is gone here but stays on the platform, whose API has no delete.")
        case Unchanged(path):
            report.skipped.append(path)


def _project_paths(path: Path, selection: FileSelection) -> list[str]:
    """The files that a path on the command line means: itself, or all that count below a folder."""
    absolute = (invocation().start / path).resolve()
    relative = selection.relative(str(absolute))
    if relative is None:
        raise UsageError(f"{path} is not in this project.")
    if not absolute.exists():
        raise UsageError(f"There is no {path}.")
    if absolute.is_dir():
        prefix = "" if relative == "." else relative + "/"
        below = [each for each in selection.paths() if each.startswith(prefix)]
        if not below:
            raise UsageError(f"{path} holds no file that is ever sent.")
        return below
    if not selection.counts(relative):
        raise UsageError(
            f"{path} is never sent.", hint="It is ignored, hidden, or compiled from a .ts beside it."
        )
    return [relative]
