"""`xgodo-dev commit`."""

from __future__ import annotations

import click

from xgodo_dev.cli import interrupts, output, workspace
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.check import checked
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.push import PushReport, push_changes
from xgodo_dev.errors import CheckFailed, UsageError
from xgodo_dev.platform.automation import Commit

_LONGEST_MESSAGE = 1000
_WITH_ERRORS = " [committed with type errors]"


@click.command(cls=Command, short_help="Push, then commit on the platform.")
@click.option("-m", "--message", required=True, metavar="MSG", help="What changed, in 1 to 1000 characters.")
@click.option("--no-push", is_flag=True, help="Commit what the server holds, and send nothing first.")
@click.option(
    "--allow-errors", is_flag=True, help="Commit in spite of type errors; the message then says so."
)
def commit(message: str, no_push: bool, allow_errors: bool) -> int:
    """Push the changed files, then commit all changes of the remote project.

    Nothing is committed while the type check here or the server's compiler refuses a file.
    """
    if not message.strip() or len(message) > _LONGEST_MESSAGE:
        raise UsageError(
            f"A commit message has 1 to {_LONGEST_MESSAGE} characters; this one has {len(message.strip())}."
        )
    report, made = interrupts.run(_commit(message, push=not no_push, allow_errors=allow_errors))
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


async def _commit(message: str, *, push: bool, allow_errors: bool) -> tuple[PushReport, Commit | None]:
    async with workspace.open_workspace() as opened:
        checking = await checked(opened.project)
        if not checking.ok and not allow_errors:
            count = len(checking.errors)
            raise CheckFailed(
                f"Not committed: the type check found {count} error{'' if count == 1 else 's'}.",
                hint="See them with `xgodo-dev check`, or commit in spite of them with --allow-errors.",
            )
        report = await push_changes(opened, check=False) if push else PushReport()
        only_compile_errors = report.compile_refused and not report.conflicts
        if report.error and not (allow_errors and only_compile_errors):
            return report, None
        if not checking.ok or report.compile_refused:
            message = message[: _LONGEST_MESSAGE - len(_WITH_ERRORS)] + _WITH_ERRORS
        return report, await opened.api.commit(opened.project_id, message)
