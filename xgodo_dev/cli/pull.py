"""`xgodo-dev pull`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command, worst
from xgodo_dev.cli.backup_view import tell_of
from xgodo_dev.cli.conflicts import Conflicts
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import named_paths, relative_path
from xgodo_dev.cli.mass_deletion import accept_deletes_option, require_intended
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import FileUnreadable, UsageError, XgodoError
from xgodo_dev.project import imports, names
from xgodo_dev.sync.backup import Backups
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
    conflicts: Conflicts = field(default_factory=Conflicts)
    removed: list[str] = field(default_factory=list)
    would_pull: list[str] = field(default_factory=list)
    """What a dry run would bring."""
    would_remove: list[str] = field(default_factory=list)
    would_keep: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    not_deleted: list[str] = field(default_factory=list)
    failed: list[dict[str, object]] = field(default_factory=list)
    left_there: list[str] = field(default_factory=list)
    """Files of the server that no rule makes files of the project here."""
    errors: list[XgodoError] = field(default_factory=list)

    @property
    def to_do_or_done(self) -> bool:
        """Whether there is anything to say of a file that both sides have."""
        return any(
            (
                self.pulled,
                self.merged,
                self.removed,
                self.kept,
                self.conflicts.paths,
                self.would_pull,
                self.would_remove,
                self.would_keep,
            )
        )

    def to_json(self) -> dict[str, object]:
        """The contract's document, and what else there is to say. Sorted: files end in any order."""
        document: dict[str, object] = {
            "pulled": sorted(self.pulled),
            "merged": sorted(self.merged),
            "conflicts": self.conflicts.paths,
        }
        for name in ("removed", "would_pull", "would_remove", "would_keep", "kept", "left_there"):
            if getattr(self, name):
                document[name] = sorted(getattr(self, name))
        if self.failed:
            document["failed"] = sorted(self.failed, key=lambda each: str(each["path"]))
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

    \b
    Examples:
      xgodo-dev pull --dry-run
      xgodo-dev pull stages --theirs
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
    elif not report.to_do_or_done:
        output.note("Nothing to bring: no file changed on the platform.")
    return error.exit_code if error else 0


async def _pull(
    named: tuple[Path, ...], strategy: Strategy, *, dry_run: bool, accept_deletes: bool
) -> PullReport:
    async with workspace.open_workspace() as opened:
        remote = await opened.remote()
        hashes = await remote_hashes(remote, opened.copy, opened.state)
        if not remote.lists_files:
            hashes |= await remote.hashes(_named_files(named, opened, hashes))
        found = survey(opened.copy, opened.state, hashes)
        chosen = named_paths(named, opened.project.root, {*found.local, *found.base, *found.verdicts})
        backups = Backups(opened.copy.root)
        puller = Puller(opened.copy, remote, opened.state, strategy=strategy, backups=backups)
        wanted = puller.to_pull(found, chosen)
        # Files that are brought back on purpose were deleted by accident: that is no reason to stop.
        restoring = strategy is Strategy.THEIRS and chosen is not None
        require_intended(found, accepted=accept_deletes, restoring=restoring)
        report = PullReport(left_there=_left_there(found, hashes), not_deleted=_not_deleted(found, wanted))
        if dry_run:
            for path in wanted:
                _would(report, path, found, strategy, decided=puller.is_decided(path, found.remote.get(path)))
            return report
        learn(opened.copy, opened.state, found)
        async for outcome in puller.pull_all(wanted):
            _add(report, outcome)
        if not remote.lists_files:
            await _follow_imports(report, opened, remote, puller)
        if strategy is not Strategy.ASK:
            tell_of(backups)
        _conclude(report)
        for path in report.not_deleted:
            opened.state.record_deletion_told(path)
    return report


def _named_files(named: tuple[Path, ...], opened: Workspace, hashes: Mapping[str, str]) -> set[str]:
    """The names that may be all that is known of a file: no folder's, and none that was asked for."""
    root = opened.project.root
    known = {*hashes, *opened.copy.hashes(), *opened.state.base()}
    folders = {str(folder) for path in known for folder in PurePosixPath(path).parents}
    wanted = {relative_path(path, root) for path in named} - hashes.keys() - folders
    return {path for path in wanted if not names.problem(path) and not (root / path).is_dir()}


async def _follow_imports(
    report: PullReport, opened: Workspace, remote: RemoteProject, puller: Puller
) -> None:
    """A server that can't list may hold files that only what was just brought imports."""
    sources = {}
    for path in filter(imports.is_source, (*report.pulled, *report.merged)):
        # Its permissions may be other ones by now; then nothing is known of what it imports.
        with contextlib.suppress(FileUnreadable):
            sources[path] = opened.copy.read(path) or b""
    known = {*opened.copy.hashes(), *opened.state.base()}
    discovery = Discovery(remote)
    new = [path async for path, _ in discovery.follow(sources, known) if opened.copy.selection.counts(path)]
    async for outcome in puller.pull_all(new):
        _add(report, outcome)
    for what, reason in discovery.missing.items():
        output.note(f"{click.style('warning:', fg='yellow')} {output.shown(what)}: {output.plain(reason)}")
    for path, reason in discovery.unfetchable.items():
        _add(report, NotPulled(path, XgodoError(reason)))


def _add(report: PullReport, outcome: PullResult) -> None:
    path, shown = outcome.path, output.shown(outcome.path)
    match outcome:
        case Pulled():
            report.pulled.append(path)
            output.note(f"pulled {shown}")
        case Merged():
            report.merged.append(path)
            output.note(f"merged {shown} (both changes are here; `push` sends them)")
        case Removed():
            report.removed.append(path)
            output.note(f"removed {shown}, which was deleted on the platform")
        case KeptOurs(_, deleted_here):
            report.kept.append(path)
            kept = f"kept {shown} as it is here; `push` sends it"
            output.note(f"{shown} stays deleted here, and stays on the platform" if deleted_here else kept)
        case Conflict(_, deleted_here):
            report.conflicts.add(path, deleted_here=deleted_here)
        case NotPulled(_, error):
            report.failed.append({"path": path, "errors": [str(error)]})
            if error not in report.errors:
                output.note(f"{click.style('not pulled', fg='red')} {shown}: {output.plain(str(error))}")
                report.errors.append(error)
        case AlreadyHere():
            pass


def _would(report: PullReport, path: str, found: Survey, strategy: Strategy, *, decided: bool) -> None:
    shown = output.shown(path)
    merge = "" if decided else f"merge {shown}, or "
    match found.verdicts[path], strategy:
        case Verdict.CHANGED_ON_BOTH, Strategy.ASK:
            report.conflicts.edited.append(path)
            output.note(f"would merge {shown}, or find a conflict in it")
        case Verdict.CHANGED_ON_BOTH, Strategy.OURS:
            report.would_keep.append(path)
            output.note(f"would {merge}keep {shown} as it is here")
        case Verdict.CHANGED_ON_BOTH, _:
            report.would_pull.append(path)
            output.note(f"would {merge}replace {shown} with the platform's")
        case Verdict.DELETED_HERE_CHANGED_THERE, Strategy.ASK:
            report.conflicts.add(path, deleted_here=True)
        case Verdict.DELETED_HERE_CHANGED_THERE, Strategy.OURS:
            report.would_keep.append(path)
            output.note(f"would leave {shown} deleted here")
        case Verdict.DELETED_THERE, _:
            report.would_remove.append(path)
            output.note(f"would remove {shown}")
        case ((Verdict.CHANGED_THERE | Verdict.DELETED_HERE | Verdict.DELETED_HERE_CHANGED_THERE), _):
            report.would_pull.append(path)
            output.note(f"would pull {shown}")


def _conclude(report: PullReport) -> None:
    if len(report.failed) > 1:
        output.note(f"Not pulled: {output.names(str(each['path']) for each in report.failed)}.")
    conflict = report.conflicts.error(
        "Left as they are", "See `diff`. Edit until it is right and `pull --ours`, or `pull --theirs`."
    )
    if conflict:
        report.errors.append(conflict)
    for path in report.not_deleted:
        output.note(output.stays_there(path))
    if report.left_there:
        output.note(
            f"Left on the platform, since no rule sends them: {output.names(report.left_there)}. "
            "To have them here, name them in `include` under [sync] in xgodo.toml."
        )


def _left_there(found: Survey, hashes: dict[str, str]) -> list[str]:
    """Files of the server that no rule makes files here, as far as they are news."""
    left_out = found.with_verdict(Verdict.LEFT_OUT)
    return [path for path in left_out if path in hashes and hashes[path] != found.base.get(path)]


def _not_deleted(found: Survey, wanted: list[str]) -> list[str]:
    told = {path for path, known in found.known.items() if known.deletion_told}
    return [
        path for path in found.with_verdict(Verdict.DELETED_HERE) if path not in told and path not in wanted
    ]
