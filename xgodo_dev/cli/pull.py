"""`xgodo-dev pull`."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import named_paths, relative_path
from xgodo_dev.cli.mass_deletion import accept_deletes_option, require_intended
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import ConflictError, UsageError, XgodoError
from xgodo_dev.project import imports, names
from xgodo_dev.sync.discovery import Discovery
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.pull import (
    AlreadyHere,
    Conflict,
    KeptOurs,
    Merged,
    NotPulled,
    Pulled,
    Puller,
    PullResult,
    Removed,
    Strategy,
)
from xgodo_dev.sync.remote import RemoteProject
from xgodo_dev.sync.survey import Survey, learn, remote_hashes, survey


@dataclass
class PullReport:
    """What a pull did, path by path."""

    pulled: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    not_deleted: list[str] = field(default_factory=list)
    failed: list[dict[str, object]] = field(default_factory=list)
    left_there: list[str] = field(default_factory=list)
    """Files of the server that no rule makes files of the project here."""
    errors: list[XgodoError] = field(default_factory=list)

    def to_json(self) -> dict[str, object]:
        """The contract's document, and what else there is to say."""
        document: dict[str, object] = {
            "pulled": sorted(self.pulled),
            "merged": sorted(self.merged),
            "conflicts": sorted(self.conflicts),
        }
        for name in ("removed", "kept", "failed", "left_there"):
            if getattr(self, name):
                document[name] = getattr(self, name)
        error = worst(self.errors)
        return document | output.error_document(error) if error else document


@click.command(cls=Command, short_help="Bring the platform's changes to this disk.")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("--ours", is_flag=True, help="Decide conflicts for the files here; the next push sends them.")
@click.option("--theirs", is_flag=True, help="Decide conflicts for the platform's files.")
@click.option("--dry-run", is_flag=True, help="Say what would be brought, and touch nothing.")
@accept_deletes_option
def pull(paths: tuple[Path, ...], ours: bool, theirs: bool, dry_run: bool, accept_deletes: bool) -> int:
    """Bring what changed on the platform. Changes of both sides are merged where they touch different lines;
    other conflicts touch nothing, and the exit code is 3.

    Whatever is replaced or removed here is first kept: see `backup list`. A file that you deleted here is
    brought back only by `pull --theirs PATH`.
    """
    if ours and theirs:
        raise UsageError(
            "--ours and --theirs exclude each other.",
            hint="--ours keeps the files here, --theirs takes the platform's.",
        )
    strategy = Strategy.OURS if ours else Strategy.THEIRS if theirs else Strategy.ASK
    report = interrupts.run(_pull(paths, strategy, dry_run=dry_run, accept_deletes=accept_deletes))
    error = worst(report.errors)
    if invocation().json:
        output.json_document(report.to_json())
    elif error:
        output.print_error(error, invocation())
    elif not (report.pulled or report.merged or report.removed or report.kept or report.conflicts):
        output.note("Nothing to bring: no file changed on the platform.")
    return error.exit_code if error else 0


async def _pull(
    named: tuple[Path, ...], strategy: Strategy, *, dry_run: bool, accept_deletes: bool
) -> PullReport:
    async with workspace.open_workspace() as opened:
        remote = await opened.remote()
        hashes = await remote_hashes(remote, opened.copy, opened.state)
        if not remote.lists_files:
            # A name given here may be all that is known of a file.
            unknown = {relative_path(path, opened.project.root) for path in named} - hashes.keys()
            hashes |= await remote.hashes({path for path in unknown if not names.problem(path)})
        found = survey(opened.copy, opened.state, hashes)
        chosen = named_paths(named, opened.project.root, {*found.local, *found.base, *found.verdicts})
        puller = Puller(opened.copy, remote, opened.state, strategy=strategy)
        wanted = puller.to_pull(found, chosen)
        # Files that are brought back on purpose were deleted by accident: that is no reason to stop.
        restoring = strategy is Strategy.THEIRS and chosen is not None
        require_intended(found, accepted=accept_deletes, restoring=restoring)
        report = PullReport(left_there=_left_there(found, hashes), not_deleted=_not_deleted(found, wanted))
        if dry_run:
            for path in wanted:
                _would(report, path, found)
            return report
        learn(opened.copy, opened.state, found)
        async for outcome in puller.pull_all(wanted):
            _add(report, outcome)
        if not remote.lists_files:
            await _follow_imports(report, opened, remote, puller)
        _conclude(report)
        for path in report.not_deleted:
            opened.state.record_deletion_told(path)
    return report


async def _follow_imports(
    report: PullReport, opened: Workspace, remote: RemoteProject, puller: Puller
) -> None:
    """A server that can't list may hold files that only what was just brought imports."""
    sources = {
        path: opened.copy.read(path) or b""
        for path in (*report.pulled, *report.merged)
        if imports.is_source(path)
    }
    known = {*opened.copy.hashes(), *opened.state.base()}
    discovery = Discovery(remote)
    new = [path async for path, _ in discovery.follow(sources, known) if opened.copy.selection.counts(path)]
    async for outcome in puller.pull_all(new):
        _add(report, outcome)
    for what, reason in discovery.missing.items():
        output.note(f"{click.style('warning:', fg='yellow')} {what}: {reason}")
    for path, reason in discovery.unfetchable.items():
        output.note(f"{click.style('left on the platform:', fg='yellow')} {path}: {reason}")


def _add(report: PullReport, outcome: PullResult) -> None:
    path = outcome.path
    match outcome:
        case Pulled():
            report.pulled.append(path)
            output.note(f"pulled {path}")
        case Merged():
            report.merged.append(path)
            output.note(f"merged {path} (both changes are here; `push` sends them)")
        case Removed():
            report.removed.append(path)
            output.note(f"removed {path}, which was deleted on the platform")
        case KeptOurs():
            report.kept.append(path)
            output.note(f"kept {path} as it is here; `push` sends it")
        case Conflict(_, deleted_here):
            report.conflicts.append(path)
            how = "deleted here, changed on the platform" if deleted_here else "changed on both sides"
            output.note(f"{click.style('conflict', fg='red')} {path}: {how}")
        case NotPulled(_, error):
            report.failed.append({"path": path, "errors": [str(error)]})
            if error not in report.errors:
                output.note(f"{click.style('not pulled', fg='red')} {path}: {error}")
                report.errors.append(error)
        case AlreadyHere():
            pass


def _would(report: PullReport, path: str, found: Survey) -> None:
    match found.verdicts[path]:
        case Verdict.CHANGED_ON_BOTH | Verdict.DELETED_HERE_CHANGED_THERE:
            report.conflicts.append(path)
            output.note(f"would merge {path}, or find a conflict in it")
        case Verdict.DELETED_THERE:
            report.removed.append(path)
            output.note(f"would remove {path}")
        case Verdict.CHANGED_THERE | Verdict.DELETED_HERE:
            report.pulled.append(path)
            output.note(f"would pull {path}")


def _conclude(report: PullReport) -> None:
    if len(report.failed) > 1:
        output.note(f"Not pulled: {output.names(str(each['path']) for each in report.failed)}.")
    if report.conflicts:
        report.errors.append(
            ConflictError(
                f"Changed on both sides, and left as they are: {output.names(report.conflicts)}.",
                paths=report.conflicts,
                hint="See `diff`; then edit, or decide with `pull --ours` or `pull --theirs`.",
            )
        )
    for path in report.not_deleted:
        output.note(f"{path} is gone here but stays on the platform, whose API has no delete.")
    if report.left_there:
        output.note(
            f"Left on the platform, since no rule sends them: {output.names(report.left_there)}. "
            "To have them here, name them in `include` under [sync] in xgodo.toml."
        )


def _left_there(found: Survey, hashes: dict[str, str]) -> list[str]:
    return [
        path for path in found.with_verdict(Verdict.LEFT_OUT) if path in hashes and path not in found.base
    ]


def _not_deleted(found: Survey, wanted: list[str]) -> list[str]:
    told = {path for path, known in found.known.items() if known.deletion_told}
    return [
        path for path in found.with_verdict(Verdict.DELETED_HERE) if path not in told and path not in wanted
    ]
