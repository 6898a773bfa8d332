"""`xgodo-dev push`, and the push that `commit` begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import LocalProject, named_paths, open_local, relative_path
from xgodo_dev.cli.mass_deletion import accept_deletes_option, require_intended
from xgodo_dev.cli.push_report import PushReport
from xgodo_dev.errors import UsageError
from xgodo_dev.project.config import Project
from xgodo_dev.sync.survey import Survey, survey

if TYPE_CHECKING:
    # With nothing to send, no network, no compiler and no event loop is loaded.
    import asyncio

    from xgodo_dev.cli.workspace import Workspace
    from xgodo_dev.sync.remote import RemoteProject
    from xgodo_dev.toolchain.typescript import CheckResult


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
        _warn_of_left_behind(report, opened, plan.changed)
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
        _warn_of_left_behind(report, opened, changed)
        if dry_run:
            result = await checked
            if not result:
                _foretell(report, opened, found, changed, force=force)
        else:
            result = await _send_checked(
                opened, report, changed, checked, force=force, verify=plan.named or force
            )
    if result:
        report.hold_back(changed, result, opened.project)


@asynccontextmanager
async def _checking(project: Project | None) -> AsyncIterator[asyncio.Future[CheckResult | None]]:
    """The type check of a project, on its way; None when it finds no error, or there is none to be."""
    import asyncio

    async def check() -> CheckResult | None:
        if project is None:
            return None
        from xgodo_dev.cli.checking import checked
        from xgodo_dev.toolchain.check_remarks import awaiting

        result = await checked(project)
        for remark in awaiting(result):
            output.note(f"{click.style('!', fg='yellow')} {remark}")
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
    from xgodo_dev.cli.backup_view import tell_of
    from xgodo_dev.sync.backup import Backups
    from xgodo_dev.sync.push import Pusher

    backups = Backups(opened.copy.root)
    pusher = Pusher(opened.copy, remote, opened.state, force=force, backups=backups)
    async for outcome in pusher.push_all(changed, verify=verify):
        report.add(outcome)
    if force:
        tell_of(backups)
    report.conclude()


def _foretell(
    report: PushReport, opened: LocalProject, found: Survey, changed: list[str], *, force: bool
) -> None:
    """What would become of each path, as far as is known without asking the server."""
    from xgodo_dev.sync import sendable
    from xgodo_dev.sync.plan import Verdict

    for path in changed:
        verdict = found.verdicts.get(path)
        problem = sendable.read(opened.copy, path).problem
        if verdict is Verdict.FORGET:
            continue
        if problem:
            report.failed.append({"path": path, "errors": [problem]})
            report.tell(f"would not send {output.shown(path)}: {output.plain(problem)}")
        elif verdict is not None and verdict.is_conflict and not force:
            report.conflicts.edited.append(path)
            how = "changed on the platform too" if path in found.local else "deleted here, changed there"
            report.tell(f"would not send {output.shown(path)}: {how}")
        elif path not in found.local:
            report.tell(output.stays_there(path))
        else:
            report.would_push.append(path)
            output.note(f"would send {output.shown(path)}")


def _warn_of_left_behind(report: PushReport, opened: LocalProject, changed: list[str]) -> None:
    from xgodo_dev.sync.left_behind import left_behind

    for path, importer in left_behind(opened.copy, changed).items():
        report.warn(
            f"{output.shown(importer)} imports {output.shown(path)}, which is not sent: "
            f'add "{output.shown(path)}" to `include` in xgodo.toml.'
        )


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
