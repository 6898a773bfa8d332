"""`xgodo-dev hooks`."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Group
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import RefusedError, XgodoError

if TYPE_CHECKING:
    from xgodo_dev.project.git.installed_hooks import Hook, Place

_PROGRAM = "xgodo-dev"
_SAID = {
    "installed": "installed",
    "updated": "brought up to date",
    "unchanged": "is installed",
    "combined": "is called by the hook that is there",
    "missing": "is not installed",
    "outdated": "is of another version, or of a program elsewhere",
    "removed": "taken out",
    "absent": "is not there",
}


class HooksManaged(RefusedError):
    """Another program, or a folder that people share, has the hooks, which only a person can change."""

    code = "hooks-managed"


class HooksMissing(XgodoError):
    """`hooks install --check` found that something is to be done."""

    code = "hooks-missing"


@click.group(cls=Group, short_help="Check at each git commit, and send at each git push.")
def hooks() -> None:
    """Git's hooks: pre-commit runs the type check, pre-push sends what is pushed to the platform.

    What is pushed is committed on the platform with the same message, and its hash there is noted with the
    commit. A push that the platform refuses does not happen.
    """


@hooks.command("install")
@click.option("--check", "only_look", is_flag=True, help="Change nothing; exit with 1 if something is to do.")
def install_hooks(only_look: bool) -> int:
    """Install both hooks into the repository around the current folder.

    A hook that is there already is kept, and called first. Where husky, lefthook, pre-commit or
    core.hooksPath look after the hooks, nothing is changed, and you are told what to write there.

    \b
    Examples:
      xgodo-dev hooks install
      xgodo-dev hooks install --check
    """
    from xgodo_dev.project.git import installed_hooks

    act = installed_hooks.look if only_look else installed_hooks.install
    found = list(act(place(), called_program()))
    unsettled = [hook for hook in found if not hook.is_settled]
    managed = [hook for hook in unsettled if hook.manager]
    error: XgodoError | None = None
    if managed and not only_look:
        looks_after = " and ".join(sorted({hook.manager.name for hook in managed if hook.manager}))
        error = HooksManaged(
            f"Left as they are: {_names(managed)}, which {looks_after} looks after in this repository.",
            hint="Add what is said above, and `hooks install` finds it.",
        )
    elif unsettled:
        error = HooksMissing(f"To be installed: {_names(unsettled)}.", hint="Run `xgodo-dev hooks install`.")
    return _told(found, error)


@hooks.command("uninstall")
def uninstall_hooks() -> int:
    """Take out what `hooks install` put in, and put back the hook that was there before.

    \b
    Examples:
      xgodo-dev hooks uninstall
    """
    from xgodo_dev.project.git import installed_hooks

    return _told(list(installed_hooks.uninstall(place())), None)


@hooks.command("run", short_help="What the installed hooks call.")
@click.argument("hook", type=Choice(["pre-commit", "pre-push"]))
@click.argument("of_git", metavar="[ARG]...", nargs=-1)
def run_hook(hook: str, of_git: tuple[str, ...]) -> int:  # noqa: ARG001 - git says it to every hook
    """What git is to call, from its own hook or from a program that looks after hooks.

    pre-push reads from stdin the lines that git hands to it.

    \b
    Examples:
      xgodo-dev hooks run pre-commit
    """
    if hook == "pre-commit":
        from xgodo_dev.cli import pre_commit

        return pre_commit.run()
    from xgodo_dev.cli import pre_push

    return pre_push.run()


def place() -> Place:
    """Where the hooks of the repository are that the current folder lies in."""
    from xgodo_dev.project.git import repository
    from xgodo_dev.project.git.installed_hooks import Place

    found = repository.find(invocation().start)
    # From the folder that git runs in; it knows `core.hooksPath`, and that worktrees share their hooks.
    folder = (found.project_root / found.run("rev-parse", "--git-path", "hooks").text).resolve()
    return Place(found.root, folder, usual=folder == (found.common_directory / "hooks").resolve())


def called_program() -> str:
    """The absolute path of this program, for hooks that run where it is not on the PATH."""
    called = Path(sys.argv[0]).absolute()
    beside = Path(sys.executable).with_name(_PROGRAM)
    for candidate in (called, beside):
        if candidate.stem == _PROGRAM:
            return candidate.as_posix()
    return shutil.which(_PROGRAM) or beside.as_posix()


def _told(found: Sequence[Hook], error: XgodoError | None) -> int:
    if invocation().json:
        changed = any(hook.state in {"installed", "updated", "removed"} for hook in found)
        document = {"hooks": [hook.to_json() for hook in found], "changed": changed}
        output.json_document(document | (output.error_document(error) if error else {}))
        return error.exit_code if error else 0
    for hook in found:
        if hook.manager and hook.to and hook.state == "managed":
            output.result(f"{hook.name}: {hook.manager.name} looks after it. Add to {hook.to}:")
            output.result(f"\n{hook.manager.addition(hook.name)}")
            continue
        besides = f"; {hook.kept.name}, which was there before, is called first" if hook.kept else ""
        by = f" ({hook.to})" if hook.to else ""
        output.result(f"{hook.name}: {_SAID[hook.state]}{by}{besides}")
    if error:
        output.print_error(error, invocation())
    return error.exit_code if error else 0


def _names(found: Sequence[Hook]) -> str:
    return " and ".join(hook.name for hook in found)
