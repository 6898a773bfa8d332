"""`xgodo-dev push`, and the push that `commit` begins with."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import LocalProject, named_paths, open_local, relative_path
from xgodo_dev.cli.mass_deletion import accept_deletes_option, require_intended
from xgodo_dev.errors import (
    CheckFailed,
    ConflictError,
    FilesNotCompiled,
    FilesNotSent,
    FileUnreadable,
    UsageError,
    XgodoError,
)
from xgodo_dev.project.config import Project
from xgodo_dev.project.local_copy import UNREADABLE
from xgodo_dev.sync.survey import Survey, survey

if TYPE_CHECKING:
    # With nothing to send, no network, no compiler and no event loop is loaded.
    import asyncio

    from xgodo_dev.cli.workspace import Workspace
    from xgodo_dev.sync.push_results import PushResult
    from xgodo_dev.sync.remote import RemoteProject
    from xgodo_dev.toolchain.typescript import CheckResult


@dataclass
class PushReport:
    """What a push did, path by path, and the error it ends with."""

    pushed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    would_push: list[str] = field(default_factory=list)
    """What a dry run would send."""
    failed: list[dict[str, object]] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    not_compiled: list[str] = field(default_factory=list)
    """Those of the failed files that the platform's compiler refused."""
    denied: list[str] = field(default_factory=list)
    """Those of the failed files that a limit or the platform refused for another reason."""
    errors: list[XgodoError] = field(default_factory=list)
    told: bool = False
    """Whether something was said of a file that is not sent."""

    @property
    def error(self) -> XgodoError | None:
        """The error that the command ends with: the one whose exit code the contract puts first."""
        return worst(self.errors)

    def allow_not_compiled(self) -> None:
        """Files that the platform's compiler refused are no error any more; they stay among the failed."""
        self.errors = [error for error in self.errors if not isinstance(error, FilesNotCompiled)]

    def add_not_compiled(self, path: str, errors: Sequence[str]) -> None:
        """The platform's compiler refused a file. Each is kept once."""
        if path in self.not_compiled:
            return
        self.not_compiled.append(path)
        self.failed.append({"path": path, "errors": list(errors)})
        for line in errors:
            output.note(f"{click.style('refused', fg='red')} {output.shown(path)}: {output.plain(line)}")

    def tell(self, text: str) -> None:
        """Say what becomes of a file that is not sent."""
        self.told = True
        output.note(text)

    def warn(self, text: str) -> None:
        """Say something that stops nothing."""
        self.warnings.append(text)
        output.note(f"{click.style('warning:', fg='yellow')} {text}")

    def to_json(self) -> dict[str, object]:
        """The contract's document; the error, when there is one, stands in the same object."""
        document: dict[str, object] = {
            "pushed": sorted(self.pushed),
            "skipped": sorted(self.skipped),
            "failed": sorted(self.failed, key=lambda each: str(each["path"])),
        }
        for name in ("conflicts", "would_push", "warnings"):
            if getattr(self, name):
                document[name] = sorted(getattr(self, name))
        if self.error:
            document |= output.error_document(self.error)
        return document


@click.command(cls=Command, short_help="Type-check, then send local changes to the platform.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace what the platform holds; a copy stays in .xgodo/backup.")
@click.option("--no-check", is_flag=True, help="Send without a type check.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@accept_deletes_option
def push(paths: tuple[Path, ...], force: bool, no_check: bool, dry_run: bool, accept_deletes: bool) -> int:
    """Type-check the project, then send the files that changed since both sides were last equal.

    A file that was changed on the platform too is a conflict: it is not sent, and the exit code is 3.
    """
    with open_local() as opened:
        plan = _plan(opened, paths, force=force, dry_run=dry_run, accept_deletes=accept_deletes)
        if plan.changed:
            from xgodo_dev.cli import interrupts

            interrupts.run(_carry_out(opened, plan, force=force, check=not no_check, dry_run=dry_run))
    report = plan.report
    if invocation().json:
        output.json_document(report.to_json())
    elif report.error:
        output.print_error(report.error, invocation())
    elif not (report.pushed or report.would_push or report.told):
        output.note("Nothing to send: no file changed here since the last push.")
    return report.error.exit_code if report.error else 0


async def push_changes(opened: Workspace, remote: RemoteProject, *, accept_deletes: bool) -> PushReport:
    """Push everything that changed, unchecked; never raises for a single file."""
    plan = _plan(opened, (), force=False, dry_run=False, accept_deletes=accept_deletes)
    report = plan.report
    if plan.changed:
        _warn_of_left_behind(report, opened, plan.found, plan.changed)
        await _send(opened, remote, report, plan.changed)
    return report


@dataclass(frozen=True)
class _Plan:
    """What a push has to do, and the report that it will fill."""

    found: Survey
    changed: list[str]
    named: bool
    """Whether paths were named: the platform is asked about those even where nothing changed here."""
    report: PushReport


def _plan(
    opened: LocalProject, named: tuple[Path, ...], *, force: bool, dry_run: bool, accept_deletes: bool
) -> _Plan:
    found = survey(opened.copy, opened.state)
    require_intended(found, accepted=accept_deletes)
    chosen = _chosen(named, opened, found)
    changed = found.to_push()
    if force and chosen is None:
        # What was deleted there, and is here as it was, counts as changed when all is to be as it is here.
        from xgodo_dev.sync.plan import Verdict

        changed = sorted({*changed, *found.with_verdict(Verdict.DELETED_THERE)})
    if chosen is not None:
        # Named on purpose: the platform is asked even where nothing changed here.
        changed = [path for path in chosen if path in changed] if dry_run else chosen
    everything = chosen if chosen is not None else sorted(found.local)
    going = set(changed)
    report = PushReport(skipped=[path for path in everything if path not in going])
    return _Plan(found, changed, chosen is not None, report)


async def _carry_out(opened: LocalProject, plan: _Plan, *, force: bool, check: bool, dry_run: bool) -> None:
    report, found, changed = plan.report, plan.found, plan.changed
    # Without a file to send there is nothing to check.
    check = check and any(path in found.local for path in changed)
    async with _checking(opened.project if check else None) as checked:
        _warn_of_left_behind(report, opened, found, changed)
        if dry_run:
            result = await checked
            if not result:
                _foretell(report, found, changed, force=force)
        else:
            result = await _send_checked(
                opened, report, changed, checked, force=force, verify=plan.named or force
            )
    if result:
        _hold_back(report, changed, result)


@asynccontextmanager
async def _checking(project: Project | None) -> AsyncIterator[asyncio.Future[CheckResult | None]]:
    """The type check of a project, on its way; None when it finds no error, or there is none to be."""
    import asyncio

    async def check() -> CheckResult | None:
        if project is None:
            return None
        from xgodo_dev.cli.checking import checked

        result = await checked(project)
        return None if result.ok else result

    checking = asyncio.ensure_future(check())
    try:
        # The compiler starts before what follows is loaded.
        await asyncio.sleep(0)
        yield checking
    finally:
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)


async def _send_checked(
    opened: LocalProject,
    report: PushReport,
    changed: list[str],
    checked: asyncio.Future[CheckResult | None],
    *,
    force: bool,
    verify: bool,
) -> CheckResult | None:
    """Send when the check has found nothing; else returns what it found. The platform is called meanwhile."""
    from xgodo_dev.cli.workspace import connected

    async with connected(opened) as connection:
        remote = await connection.remote()
        errors = await checked
        if not errors:
            await _send(connection, remote, report, changed, force=force, verify=verify)
        return errors


async def _send(
    opened: Workspace,
    remote: RemoteProject,
    report: PushReport,
    changed: list[str],
    *,
    force: bool = False,
    verify: bool = False,
) -> None:
    from xgodo_dev.sync.push import Pusher

    pusher = Pusher(opened.copy, remote, opened.state, force=force)
    async for outcome in pusher.push_all(changed, verify=verify):
        _add(report, outcome)
    _conclude(report)


def _foretell(report: PushReport, found: Survey, changed: list[str], *, force: bool) -> None:
    """What would become of each path, as far as is known without asking the server."""
    from xgodo_dev.sync.plan import Verdict

    for path in changed:
        verdict = found.verdicts.get(path)
        if verdict is Verdict.FORGET:
            continue
        if verdict is not None and verdict.is_conflict and not force:
            report.conflicts.append(path)
            report.tell(f"would not send {output.shown(path)}: changed on the platform too")
        elif found.local.get(path) == UNREADABLE:
            report.failed.append({"path": path, "errors": ["can't be read here"]})
            report.tell(f"would not send {output.shown(path)}: it can't be read here")
        elif path not in found.local:
            report.tell(output.stays_there(path))
        else:
            report.would_push.append(path)
            output.note(f"would send {output.shown(path)}")


def _conclude(report: PushReport) -> None:
    if report.conflicts:
        report.errors.append(
            ConflictError(
                f"Not sent, because changed on the platform too: {output.names(report.conflicts)}.",
                paths=report.conflicts,
                hint="`pull` merges what it can; `push --force` sends yours and keeps a backup.",
            )
        )
    if report.not_compiled:
        report.errors.append(
            FilesNotCompiled(f"Not compiled by the platform: {output.names(report.not_compiled)}.")
        )
    if report.denied:
        report.errors.append(FilesNotSent(f"Not sent: {output.names(report.denied)}; nothing was lost here."))
    others = [str(each["path"]) for each in report.failed if each["path"] not in report.not_compiled]
    if others and not isinstance(report.error, FilesNotSent):
        output.note(f"not sent: {output.names(others)}")


def _hold_back(report: PushReport, changed: list[str], result: CheckResult) -> None:
    from xgodo_dev.toolchain.typescript import diagnostic_line

    by_file: dict[str, list[str]] = {}
    for diagnostic in result.errors:
        by_file.setdefault(diagnostic.file or "tsconfig.json", []).append(diagnostic_line(diagnostic))
    report.failed = [{"path": path, "errors": errors} for path, errors in by_file.items()]
    report.skipped += changed
    if not invocation().json:
        for diagnostic in result.errors:
            output.result(diagnostic_line(diagnostic))
    count = len(result.errors)
    report.errors.append(
        CheckFailed(
            f"Nothing was sent: the type check found {count} error{'' if count == 1 else 's'}.",
            hint="Mend them. --no-check sends all the same, but the platform compiles too.",
        )
    )


def _add(report: PushReport, outcome: PushResult) -> None:
    from xgodo_dev.sync.push_results import (
        Conflicting,
        LocallyDeleted,
        Refused,
        RemoteChanged,
        RemotelyDeleted,
        Synced,
        Unsent,
    )

    path, shown = outcome.path, output.shown(outcome.path)
    match outcome:
        case Synced(_, size, ms):
            report.pushed.append(path)
            output.note(f"sent {shown} ({size} bytes, {ms:.0f} ms)")
        case Refused(_, reason, errors):
            if errors:
                report.add_not_compiled(path, errors)
            else:
                report.denied.append(path)
                report.failed.append({"path": path, "errors": [reason]})
                output.note(f"{click.style('refused', fg='red')} {shown}: {output.plain(reason)}")
        case Unsent(_, error):
            report.failed.append({"path": path, "errors": [str(error)]})
            if error not in report.errors:
                report.errors.append(error)
        case Conflicting():
            report.conflicts.append(path)
            output.note(f"{click.style('conflict', fg='red')} {shown}: changed on the platform too")
        case RemoteChanged():
            report.skipped.append(path)
            report.tell(f"not sent, changed on the platform only: {shown} (`pull` brings it)")
        case RemotelyDeleted():
            report.skipped.append(path)
            report.tell(f"not sent, deleted on the platform: {shown} (`push --force` sends it again)")
        case LocallyDeleted():
            report.skipped.append(path)
            report.tell(output.stays_there(path))
        case _:
            report.skipped.append(path)


def _warn_of_left_behind(report: PushReport, opened: LocalProject, found: Survey, changed: list[str]) -> None:
    """A JSON file that a source imports, but that no rule sends, is missed on the platform only."""
    from xgodo_dev.project import imports

    # One that can't be read is refused by the push itself, for that file alone.
    sources = (path for path in changed if imports.is_source(path))
    readable = (path for path in sources if found.local.get(path, UNREADABLE) != UNREADABLE)
    importing = ((path, text) for path, text in _texts(opened, readable) if b".json" in text)
    for path, importer in imports.left_behind(importing, found.local).items():
        if opened.copy.exists(path):
            report.warn(
                f"{output.shown(importer)} imports {output.shown(path)}, which is not sent: "
                "see `include` in xgodo.toml."
            )


def _texts(opened: LocalProject, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    for path in paths:
        with contextlib.suppress(FileUnreadable):
            yield path, opened.copy.read(path) or b""


def _chosen(named: tuple[Path, ...], opened: LocalProject, found: Survey) -> list[str] | None:
    """The files that paths on the command line mean: themselves, or all that count below a folder.

    Raises:
        UsageError: a path is none that is ever sent.
    """
    root = opened.project.root
    for path in named:
        relative = relative_path(path, root)
        if (root / relative).is_file() and not opened.copy.selection.counts(relative):
            raise UsageError(
                f"{path} is never sent.",
                hint="It is ignored, hidden, made from a .ts, or needs `include` in xgodo.toml.",
            )
    return named_paths(named, root, {*found.local, *found.base})
