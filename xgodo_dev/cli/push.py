"""`xgodo-dev push`, and the push that `commit` begins with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager
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

    from xgodo_dev.cli.committed_tree import CommittedProject
    from xgodo_dev.cli.workspace import Workspace
    from xgodo_dev.loop.branch_guard import BranchGuard
    from xgodo_dev.project.git.history import History
    from xgodo_dev.sync.backup import Backups
    from xgodo_dev.sync.remote import RemoteProject
    from xgodo_dev.toolchain.typescript import CheckResult


@click.command(cls=Command, short_help="Type-check, then send local changes to the platform.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--ref", "revision", metavar="REV", help="Send the files that are committed in git there, not those here."
)
@click.option("--force", is_flag=True, help="Replace what the platform holds; a copy stays in .xgodo/backup.")
@click.option("--no-check", is_flag=True, help="Send without a type check.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
@click.option(
    "--known-to-git",
    is_flag=True,
    help="In a fresh checkout, also replace what the platform holds if a commit here has held it.",
)
@accept_deletes_option
def push(
    paths: tuple[Path, ...],
    revision: str | None,
    force: bool,
    no_check: bool,
    dry_run: bool,
    known_to_git: bool,
    accept_deletes: bool,
) -> int:
    """Type-check the project, then send the files that changed since both sides were last equal.

    A file that was changed on the platform too is a conflict: it is not sent, and the exit code is 3.

    With --ref, files are checked and sent as git has them in a branch, a tag or another commit, whatever
    the working tree holds. A branch goes to the project that xgodo.toml maps it to.

    \b
    Examples:
      xgodo-dev push
      xgodo-dev push main.ts stages --dry-run
      xgodo-dev push --ref HEAD
      xgodo-dev push --json
    """
    with ExitStack() as stack:
        committed = None if revision is None else stack.enter_context(_committed(revision))
        opened = committed or stack.enter_context(open_local())
        plan = _plan(opened, paths, force=force, dry_run=dry_run, accept_deletes=accept_deletes)
        report = plan.report
        if committed:
            committed.tell(report)
        if plan.changed:
            from xgodo_dev.cli import interrupts

            history: History | None = None
            if committed:
                history = committed.history
            elif known_to_git:
                history = _history(opened.project)
            interrupts.run(
                _carry_out(opened, plan, force=force, check=not no_check, dry_run=dry_run, history=history)
            )
    if invocation().json:
        output.json_document(report.to_json())
    elif report.error:
        output.print_error(report.error, invocation())
    elif not (report.pushed or report.would_push or report.told):
        what = "here since the last push" if revision is None else "there from what was sent last"
        output.note(f"Nothing to send: no file changed {what}.")
    return report.error.exit_code if report.error else 0


def _committed(revision: str) -> AbstractContextManager[CommittedProject]:
    from xgodo_dev.cli.committed_tree import open_committed

    return open_committed(revision)


def _history(of: Project) -> History:
    """What the commit that is checked out builds on.

    Raises:
        XgodoError: there is no git, or no repository.
    """
    from xgodo_dev.project.git import repository
    from xgodo_dev.project.git.history import History

    return History(repository.find(of.root))


async def push_changes(
    opened: Workspace, remote: RemoteProject, *, accept_deletes: bool, only: Collection[str] | None = None
) -> PushReport:
    """Push everything that changed, or ``only`` some files, unchecked; never raises for a single file."""
    named = tuple(opened.project.root / path for path in only or ())
    plan = _plan(opened, named, force=False, dry_run=False, accept_deletes=accept_deletes)
    report = plan.report
    if plan.changed:
        from xgodo_dev.sync.backup import Backups

        _warn_of_left_behind(report, opened, plan.changed)
        backups = Backups(opened.project.root)
        opened.keep_what_is_nowhere_else(plan.changed, backups)
        await _send(opened, remote, report, plan.changed, backups=backups)
    return report


async def push_committed(opened: CommittedProject) -> PushReport:
    """Type-check a commit, then push what changed in it; never raises for a single file.

    What the platform holds is replaced where the commit's own history has held it: others push commits too.
    """
    plan = _plan(opened, (), force=False, dry_run=False, accept_deletes=False)
    if plan.changed:
        opened.tell(plan.report)
        await _carry_out(opened, plan, force=False, check=True, dry_run=False, history=opened.history)
    return plan.report


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
    if changed:
        _require_committed(opened, found.local)
    going = set(changed)
    report = PushReport(
        skipped=[path for path in everything if path not in going],
        project=opened.project_id if opened.project.branches else None,
    )
    return _Plan(found, changed, chosen is not None, report)


def _require_committed(opened: LocalProject, paths: Collection[str]) -> None:
    """Refuse to send to a protected project what is not committed; ``paths`` are those of all its files.

    Raises:
        UncommittedFiles: something is not.
    """
    if opened.takes_committed_files_only and not opened.is_committed:
        from xgodo_dev.project.git.protection import require_committed

        require_committed(opened.project.root, opened.project_id, paths)


async def _carry_out(
    opened: LocalProject,
    plan: _Plan,
    *,
    force: bool,
    check: bool,
    dry_run: bool,
    history: History | None,
) -> None:
    report, found, changed = plan.report, plan.found, plan.changed
    # Without a file to send there is nothing to check.
    check = check and any(path in found.local for path in changed)
    async with _checking(opened.checked_project if check else None) as checked:
        _warn_of_left_behind(report, opened, changed)
        if dry_run:
            result = await checked
            if not result:
                _foretell(report, opened, found, changed, force=force)
        else:
            result = await _send_checked(
                opened, report, changed, checked, force=force, verify=plan.named or force, history=history
            )
    if result:
        report.hold_back(changed, result, opened.checked_project)


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
    history: History | None,
) -> CheckResult | None:
    """Send when the check has found nothing; else returns what it found. The platform is called meanwhile."""
    from xgodo_dev.cli.workspace import connected
    from xgodo_dev.sync.backup import Backups

    async with connected(opened) as connection:
        remote = await connection.remote()
        errors = await checked
        if not errors:
            # Somebody may have saved while the check was under way.
            _require_committed(opened, opened.copy.selection.paths())
            backups = Backups(opened.project.root)
            opened.keep_what_is_nowhere_else(changed, backups)
            await _send(
                opened, remote, report, changed, backups=backups, force=force, verify=verify, history=history
            )
        return errors


async def _send(
    opened: LocalProject,
    remote: RemoteProject,
    report: PushReport,
    changed: list[str],
    *,
    backups: Backups,
    force: bool = False,
    verify: bool = False,
    history: History | None = None,
) -> None:
    from xgodo_dev.cli.backup_view import tell_of
    from xgodo_dev.sync.push import Pusher
    from xgodo_dev.sync.push_results import Synced

    guard: BranchGuard | None = None
    if not opened.is_committed:
        from xgodo_dev.cli import branch_guarding

        guard = branch_guarding.guard(opened)

    def before_write(_paths: Collection[str]) -> None:
        if guard:
            guard.require_same()
        # What was read may have been saved since it was last looked whether all is committed.
        _require_committed(opened, opened.copy.selection.paths())

    base = opened.state.base() if history else {}
    pusher = Pusher(
        opened.copy,
        remote,
        opened.state,
        force=force,
        backups=backups,
        before_write=before_write,
        is_kept_elsewhere=history.__contains__ if history else lambda _hash: False,
    )
    if guard:
        outcomes = branch_guarding.push_all(pusher, changed, guard, verify=verify)
    else:
        outcomes = pusher.push_all(changed, verify=verify)
    async for outcome in outcomes:
        report.add(outcome)
        if history and isinstance(outcome, Synced) and outcome.replaced:
            before = base.get(outcome.path)
            if before and not history.has_gone_on(before, outcome.replaced):
                report.undone.append(outcome.path)
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
            report.denied.append(path)
            report.failed.append({"path": path, "errors": [problem]})
            report.tell(f"would not send {output.shown(path)}: {output.plain(problem)}")
        elif verdict is not None and verdict.is_conflict and not force:
            is_here = path in found.local
            (report.conflicts.edited if is_here else report.conflicts.deleted_here).append(path)
            how = "changed on the platform too" if is_here else "deleted here, changed there"
            report.tell(f"would not send {output.shown(path)}: {how}")
        elif path not in found.local:
            report.tell(output.stays_there(path))
        else:
            report.would_push.append(path)
            output.note(f"would send {output.shown(path)}")
    report.conclude(foretold=True)


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
        if (opened.copy.root / relative).is_file() and not opened.copy.selection.counts(relative):
            raise UsageError(
                f"{path} is never sent.",
                hint="It is ignored, hidden, made from a .ts, or needs `include` in xgodo.toml.",
            )
    return named_paths(named, root, {*found.local, *found.base})
