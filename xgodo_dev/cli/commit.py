"""`xgodo-dev commit`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import check_report, interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.checking import checked
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.mass_deletion import accept_deletes_option
from xgodo_dev.cli.push import push_changes
from xgodo_dev.cli.push_report import PushReport
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import CheckFailed, FilesNotCompiled, UsageError, XgodoError
from xgodo_dev.platform.commits import Commit, NothingToCommit
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import MadeCommit
from xgodo_dev.sync.remote import AT_ONCE, RemoteProject, Unfetchable
from xgodo_dev.sync.survey import survey

if TYPE_CHECKING:
    from xgodo_dev.cli.git_side import GitSide

_LONGEST_MESSAGE = 1000
_WITH_ERRORS = " [committed with type errors]"


@click.command(cls=Command, short_help="Push, then commit on the platform.")
@click.option("-m", "--message", required=True, metavar="MSG", help="What changed, in 1 to 1000 characters.")
@click.option("--no-push", is_flag=True, help="Commit what the platform holds, and send nothing first.")
@click.option("--git", "in_git", is_flag=True, help="Commit the project's files in its git repository too.")
@click.option(
    "--allow-errors", is_flag=True, help="Commit in spite of type errors; the message then says so."
)
@click.option("--if-changed", is_flag=True, help="Nothing to commit is no failure.")
@accept_deletes_option
def commit(
    message: str, no_push: bool, in_git: bool, allow_errors: bool, if_changed: bool, accept_deletes: bool
) -> int:
    """Push the changed files, then commit all changes of the remote project.

    Nothing is committed while the type check here or the platform's compiler refuses a file.

    With --git, all changed files below the project's folder become a commit of git with the same message:
    xgodo.toml and new files too, but nothing that git ignores, and nothing outside of that folder. Should one
    of the two commits fail, the same command again makes the one that is missing.

    \b
    Examples:
      xgodo-dev commit -m "Retry when the list is empty"
      xgodo-dev commit -m "Retry when the list is empty" --git
    """
    if not message.strip() or len(message) > _LONGEST_MESSAGE:
        raise UsageError(
            f"A commit message has 1 to {_LONGEST_MESSAGE} characters; this one has {len(message.strip())}."
        )
    if in_git and no_push:
        raise UsageError(
            "--git commits the files that are here, and with --no-push the platform may hold others.",
            hint="Leave out one of the two.",
        )
    try:
        done = interrupts.run(
            _commit(
                message,
                push=not no_push,
                in_git=in_git,
                allow_errors=allow_errors,
                accept_deletes=accept_deletes,
            )
        )
    except NothingToCommit:
        if not if_changed:
            raise
        if invocation().json:
            output.json_document({"hash": None, "message": message, "pushed": []})
        else:
            output.note("Nothing to commit: the platform's last commit has it all.")
        return 0
    return _tell(done)


@dataclass
class _Done:
    """What was done of a commit."""

    report: PushReport
    made: Commit | None = None
    """The platform's."""
    git: GitSide | None = None
    error: XgodoError | None = None
    """Why there is none on the platform."""


def _tell(done: _Done) -> int:
    git = {"git": done.git.to_json()} if done.git else {}
    if done.error:
        if invocation().json:
            # Of a half that is done there is something to tell.
            git = git if done.git and done.git.made else {}
            output.json_document(done.report.to_json() | output.error_document(done.error) | git)
        else:
            if done.git and done.git.made:
                output.note("Committed in git only, and not on the platform.")
            else:
                for line in getattr(done.error, "said", ()):
                    output.note(line)
                output.note("Nothing was committed.")
            output.print_error(done.error, invocation())
        return done.error.exit_code
    assert done.made is not None, "a commit is left out only for an error"
    if invocation().json:
        pushed = sorted(done.report.pushed)
        output.json_document({"hash": done.made.hash, "message": done.made.message, "pushed": pushed} | git)
        return 0
    output.result(f"{click.style(done.made.hash, fg='yellow')} {output.plain(done.made.message)}")
    if done.git and done.git.newest:
        already = "" if done.git.made else ", committed before"
        output.result(f"{click.style(done.git.newest.hash, fg='cyan')} in git{already}")
    return 0


async def _commit(
    message: str, *, push: bool, in_git: bool, allow_errors: bool, accept_deletes: bool
) -> _Done:
    async with workspace.open_workspace() as opened:
        git = None
        if in_git:
            from xgodo_dev.cli.git_side import GitSide

            git = GitSide.of(opened)
        checking = await checked(opened.project)
        if not checking.ok and not allow_errors:
            check_report.show(checking, opened.project)
            count = len(checking.errors)
            raise CheckFailed(
                f"Not committed: the type check found {count} error{'' if count == 1 else 's'}.",
                hint="See `xgodo-dev check`. To commit in spite of them, say --allow-errors.",
            )
        done = _Done(PushReport(), git=git)
        try:
            if git and opened.takes_committed_files_only:
                # Nothing is sent to a protected project that git has not.
                await git.commit(message if checking.ok else _with_errors(message))
            done.report = await _pushed(opened, push=push, accept_deletes=accept_deletes)
            if allow_errors:
                done.report.allow_not_compiled()
            done.error = done.report.error
            if not done.error:
                if not checking.ok or done.report.not_compiled:
                    message = _with_errors(message)
                if git and not git.made:
                    await git.commit(message)
                    await _push_what_hooks_changed(opened, git, done.report)
                    if allow_errors:
                        done.report.allow_not_compiled()
                    if done.report.error:
                        raise done.report.error
                done.made = await _commit_there(opened, message, git)
                if git:
                    await git.record(done.made.hash)
        except XgodoError as error:
            if not git:
                raise
            done.error = error
        if done.error and git and git.made:
            again = "The same command again makes the commit that is missing."
            done.error.hint = " ".join(filter(None, [done.error.hint, again]))
        return done


def _with_errors(message: str) -> str:
    return message[: _LONGEST_MESSAGE - len(_WITH_ERRORS)] + _WITH_ERRORS


async def _pushed(opened: Workspace, *, push: bool, accept_deletes: bool) -> PushReport:
    """Push, if that is wanted, and look at what the platform could not compile before."""
    remote = await opened.remote()
    report = await push_changes(opened, remote, accept_deletes=accept_deletes) if push else PushReport()
    await _add_still_refused(report, opened, remote)
    return report


async def _push_what_hooks_changed(opened: Workspace, git: GitSide, report: PushReport) -> None:
    """Make the platform hold what git's commit has, where that is not what was pushed."""
    found = survey(opened.copy, opened.state)
    # What the platform's compiler has refused as it is was told already.
    told = found.compile_errors().keys()
    differing = [path for path in found.to_push() if path in found.local and path not in told]
    changed = await git.changed_by_hooks(differing)
    if not changed:
        return
    more = await push_changes(opened, await opened.remote(), accept_deletes=True, only=changed)
    report.pushed = sorted({*report.pushed, *more.pushed})
    report.failed += more.failed
    report.not_compiled += more.not_compiled
    report.errors += more.errors


async def _commit_there(opened: Workspace, message: str, git: GitSide | None) -> Commit:
    """Commit on the platform; or find what an earlier try committed there, where only git's half is missing.

    Raises:
        NothingToCommit: there is nothing to commit, and nothing was missing.
    """
    remote = await opened.remote()
    try:
        made = await remote.commit(message)
    except NothingToCommit:
        earlier = await _newest_there(opened, remote, message) if git else None
        if git is None or earlier is None or not (git.made or await git.is_unrecorded()):
            raise
        output.note("The platform has it committed already.")
        return earlier
    opened.state.record_commit(MadeCommit(made.hash, made.message, time.time()))
    return made


async def _newest_there(opened: Workspace, remote: RemoteProject, message: str) -> Commit | None:
    """The newest commit there; None where the platform tells none, and none of this was made from here."""
    history = await remote.history(1)
    if history is not None:
        return next((Commit(each.hash, each.message.strip()) for each in history), None)
    made = opened.state.commits(1)
    return next((Commit(each.hash, each.message) for each in made if each.message == message), None)


async def _add_still_refused(report: PushReport, opened: Workspace, remote: RemoteProject) -> None:
    """What an earlier push could not compile, and the platform holds even so: it would be committed.

    Such a file need not be here any more: removed or renamed here, it stays there.
    """
    if any(not isinstance(error, FilesNotCompiled) for error in report.errors):
        # Nothing is committed anyway, and the platform may not be there to be asked.
        return
    refused = {
        path: {content_hash: errors for content_hash, errors in known.attempts.items() if errors}
        for path, known in opened.state.unsettled().items()
        if path not in report.not_compiled
    }
    free = asyncio.Semaphore(AT_ONCE)

    async def look(path: str) -> str | None:
        async with free:
            try:
                there = await remote.read(path)
            except Unfetchable:
                # No text: nobody's but whoever put it there.
                return None
        return None if there is None else blob_hash(there)

    paths = sorted(path for path, contents in refused.items() if contents)
    try:
        async with asyncio.TaskGroup() as looks:
            asked = {path: looks.create_task(look(path)) for path in paths}
    except* XgodoError as failed:
        # What was pushed is still to be told.
        report.errors += [error for error in failed.exceptions if isinstance(error, XgodoError)]
    else:
        found = {path: refused[path].get(task.result() or "") for path, task in asked.items()}
        _add_refused(report, {path: errors for path, errors in found.items() if errors})


def _add_refused(report: PushReport, still: Mapping[str, Sequence[str]]) -> None:
    for path, errors in still.items():
        report.add_not_compiled(path, errors)
    if still:
        report.errors.append(
            FilesNotCompiled(
                f"Not committed: the platform could not compile {output.names(still)}.",
                hint="Mend and push, or commit in spite of it with --allow-errors.",
            )
        )
