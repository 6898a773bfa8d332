"""`xgodo-dev commit`."""

from __future__ import annotations

import time

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.checking import checked
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.mass_deletion import accept_deletes_option
from xgodo_dev.cli.push import PushReport, push_changes
from xgodo_dev.cli.workspace import Workspace
from xgodo_dev.errors import CheckFailed, FilesNotCompiled, UsageError
from xgodo_dev.platform.automation import Commit
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import MadeCommit
from xgodo_dev.sync.remote import RemoteProject

_LONGEST_MESSAGE = 1000
_WITH_ERRORS = " [committed with type errors]"


@click.command(cls=Command, short_help="Push, then commit on the platform.")
@click.option("-m", "--message", required=True, metavar="MSG", help="What changed, in 1 to 1000 characters.")
@click.option("--no-push", is_flag=True, help="Commit what the server holds, and send nothing first.")
@click.option(
    "--allow-errors", is_flag=True, help="Commit in spite of type errors; the message then says so."
)
@accept_deletes_option
def commit(message: str, no_push: bool, allow_errors: bool, accept_deletes: bool) -> int:
    """Push the changed files, then commit all changes of the remote project.

    Nothing is committed while the type check here or the server's compiler refuses a file.
    """
    if not message.strip() or len(message) > _LONGEST_MESSAGE:
        raise UsageError(
            f"A commit message has 1 to {_LONGEST_MESSAGE} characters; this one has {len(message.strip())}."
        )
    report, made = interrupts.run(
        _commit(message, push=not no_push, allow_errors=allow_errors, accept_deletes=accept_deletes)
    )
    if made is None:
        assert report.error is not None, "a commit is left out only for an error"
        if invocation().json:
            output.json_document(report.to_json())
        else:
            output.print_error(report.error, invocation())
        return report.error.exit_code
    if invocation().json:
        output.json_document({"hash": made.hash, "message": made.message, "pushed": sorted(report.pushed)})
    else:
        output.result(f"{click.style(made.hash, fg='yellow')} {made.message}")
    return 0


async def _commit(
    message: str, *, push: bool, allow_errors: bool, accept_deletes: bool
) -> tuple[PushReport, Commit | None]:
    async with workspace.open_workspace() as opened:
        checking = await checked(opened.project)
        if not checking.ok and not allow_errors:
            count = len(checking.errors)
            raise CheckFailed(
                f"Not committed: the type check found {count} error{'' if count == 1 else 's'}.",
                hint="See `xgodo-dev check`. To commit in spite of them, say --allow-errors.",
            )
        remote = await opened.remote()
        if push:
            report = await push_changes(opened, check=False, accept_deletes=accept_deletes)
        else:
            report = await _still_refused(opened, remote)
        if report.error and not (allow_errors and report.refused_by_compiler_only):
            return report, None
        if not checking.ok or report.not_compiled:
            message = message[: _LONGEST_MESSAGE - len(_WITH_ERRORS)] + _WITH_ERRORS
        made = await remote.commit(message)
        opened.state.record_commit(MadeCommit(made.hash, made.message, time.time()))
        return report, made


async def _still_refused(opened: Workspace, remote: RemoteProject) -> PushReport:
    """What an earlier push could not compile, and the server holds even so: it would be committed."""
    report = PushReport()
    for path, known in opened.state.unsettled().items():
        refused = {content_hash: errors for content_hash, errors in known.attempts.items() if errors}
        if refused:
            there = await remote.read(path)
            errors = refused.get(blob_hash(there)) if there is not None else None
            if errors:
                report.not_compiled.append(path)
                report.failed.append({"path": path, "errors": list(errors)})
    if report.not_compiled:
        report.errors.append(
            FilesNotCompiled(
                f"Not committed: the server could not compile {output.names(report.not_compiled)}.",
                hint="Mend and push, or commit in spite of it with --allow-errors.",
            )
        )
    return report
