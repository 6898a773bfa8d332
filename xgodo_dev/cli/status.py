"""`xgodo-dev status`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.local_project import LocalProject, open_local, project
from xgodo_dev.project.state_file import set_aside
from xgodo_dev.sync.plan import Verdict
from xgodo_dev.sync.survey import MassDeletion, Survey, survey

_COMPILE_ERROR = "compile-error"
# Headed apart; in JSON a conflict like others.
_DELETED_CONFLICT = "deleted conflict"
_STATES: Mapping[Verdict, str] = {
    Verdict.CHANGED_HERE: "local",
    Verdict.CHANGED_THERE: "remote",
    Verdict.CHANGED_ON_BOTH: "conflict",
    Verdict.DELETED_HERE_CHANGED_THERE: "conflict",
    Verdict.DELETED_HERE: "deleted-local",
    Verdict.DELETED_THERE: "deleted-remote",
}
_CHANGED_HERE = "Changed here (`push` sends)"
_CHANGED_HERE_PROTECTED = "Changed here (`push` sends what is committed in git)"
# State, how it is headed, in which colour.
_SECTIONS: Sequence[tuple[str, str, str]] = (
    ("conflict", "Changed on both sides (`pull` merges what it can; then --ours or --theirs)", "red"),
    (
        _DELETED_CONFLICT,
        "Deleted here, changed on the platform (`pull --theirs PATH`, or --ours)",
        "red",
    ),
    (_COMPILE_ERROR, "Sent, but refused by the platform's compiler", "red"),
    ("local", _CHANGED_HERE, "green"),
    ("remote", "Changed on the platform (`pull` brings)", "cyan"),
    ("deleted-local", "Deleted here, still on the platform (its API has no delete)", "yellow"),
    ("deleted-remote", "Deleted on the platform (`pull` removes here, `push --force` sends again)", "yellow"),
)


@click.command(cls=Command, short_help="Show what differs between this disk and the platform.")
@click.option(
    "--remote/--no-remote", default=False, help="Ask the platform what it holds now.  [default: no]"
)
@click.option("--rebuild", is_flag=True, help="Set the remembered state aside, and compare everything anew.")
def status(remote: bool, rebuild: bool) -> int:
    """Show what differs, file by file. Without --remote, nothing is asked: the platform's side is as it
    was last seen.

    \b
    Examples:
      xgodo-dev status
      xgodo-dev status --remote --json
    """
    if rebuild:
        found, protected = _rebuilt()
    else:
        with open_local() as opened:
            found = _asked(opened) if remote else survey(opened.copy, opened.state)
            protected = opened.takes_committed_files_only
    changes = _changes(found)
    unreadable = found.with_verdict(Verdict.UNREADABLE)
    if invocation().json:
        document: dict[str, object] = {
            "changes": [{"path": path, "state": state} for path, state in changes.items()],
            "clean": not changes and not unreadable,
        }
        if unreadable:
            document["unreadable"] = unreadable
        output.json_document(document)
    else:
        _show(changes, found, asked=remote or rebuild, protected=protected)
    return 0


def _asked(opened: LocalProject) -> Survey:
    return _compared(opened, _remote_side(opened))


def _rebuilt() -> tuple[Survey, bool]:
    """The state made anew, and whether the remote project is protected.

    The server is asked first: while nobody answers, the old state stays.
    """
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory(prefix="xgodo-dev-state-") as folder:
        with open_local(state_in=Path(folder)) as opened:
            hashes = _remote_side(opened)
        root = project().root
        aside = set_aside(root)
        if aside:
            output.note(f"The old state is in {aside.relative_to(root)}.")
            output.note("What you deleted here and the platform still has comes back with the next pull.")
        # What the platform's own client knew long ago is no base any more: the work went on since.
        with open_local(take_over_from=Path(folder)) as opened:
            return _compared(opened, hashes), opened.takes_committed_files_only


def _remote_side(opened: LocalProject) -> dict[str, str]:
    from xgodo_dev.cli import interrupts
    from xgodo_dev.cli.workspace import connected
    from xgodo_dev.sync.survey import remote_hashes

    async def ask() -> dict[str, str]:
        async with connected(opened) as connection:
            return await remote_hashes(await connection.remote(), opened.copy, opened.state)

    return interrupts.run(ask())


def _compared(opened: LocalProject, hashes: dict[str, str]) -> Survey:
    from xgodo_dev.sync.survey import learn

    found = survey(opened.copy, opened.state, hashes)
    learn(opened.copy, opened.state, found)
    return found


def _changes(found: Survey) -> dict[str, str]:
    changes = {path: _STATES[verdict] for path, verdict in found.verdicts.items() if verdict in _STATES}
    for path in found.compile_errors():
        if changes.get(path) == "local":
            changes[path] = _COMPILE_ERROR
    for path in found.to_push():
        if path not in found.verdicts:
            # As it was before a push that failed: the server may hold what was pushed then.
            changes[path] = "local"
    return dict(sorted(changes.items()))


def _show(changes: Mapping[str, str], found: Survey, *, asked: bool, protected: bool) -> None:
    headed = dict(changes)
    headed |= dict.fromkeys(found.with_verdict(Verdict.DELETED_HERE_CHANGED_THERE), _DELETED_CONFLICT)
    for state, heading, color in _SECTIONS:
        paths = [path for path, its_state in headed.items() if its_state == state]
        if paths:
            shown = _CHANGED_HERE_PROTECTED if protected and state == "local" else heading
            output.result(f"{shown}:")
            for path in paths:
                output.result(f"  {click.style(output.shown(path), fg=color)}")
                for line in found.compile_errors().get(path, ()) if state == _COMPILE_ERROR else ():
                    output.result(f"    {output.plain(line)}")
    unreadable = found.with_verdict(Verdict.UNREADABLE)
    for path in unreadable:
        output.note(f"{click.style('warning:', fg='yellow')} {output.shown(path)} can't be read here.")
    if not changes and not unreadable:
        output.result(f"Nothing differs: {len(found.local)} file{'' if len(found.local) == 1 else 's'}.")
    try:
        found.require_no_mass_deletion()
    except MassDeletion as suspicion:
        warning = click.style("warning:", fg="yellow")
        output.note(f"{warning} That is more than half of the files: `push` and `pull` stop at it.")
        output.note(suspicion.hint or "")
    if not asked:
        output.note(click.style("The platform's side is as last seen; --remote asks it.", dim=True))
