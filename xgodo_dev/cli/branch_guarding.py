"""What keeps a command that lasts from sending one branch's files to the project of another branch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.local_project import LocalProject
from xgodo_dev.errors import XgodoError
from xgodo_dev.loop.branch_guard import BranchGuard, CheckoutUnderWay
from xgodo_dev.platform.credentials import Server
from xgodo_dev.project.config import Project
from xgodo_dev.runs.events import Event, Notice
from xgodo_dev.sync.push import Pusher
from xgodo_dev.sync.push_results import PushResult, Unsent

# Seconds. A checkout of very many files ends within; the lock that a killed git has left never goes.
_LONGEST_CHECKOUT = 60.0


def guard(opened: LocalProject) -> BranchGuard:
    """Lets writes pass to what was opened only while that is what the branch that is checked out means."""

    def meant() -> str:
        project = local_project.project()
        server = local_project.server(project, token=False)
        return _target(project, project.id_for(server.profile), server)

    project = opened.project
    target = _target(project, opened.project_id, opened.server)
    return BranchGuard(project.root, project.checkout, target, meant, mapped=bool(project.branches))


async def push_all(
    pusher: Pusher, paths: Iterable[str], guard: BranchGuard, *, verify: bool
) -> AsyncIterator[PushResult]:
    """As ``Pusher.push_all``, but what git's work at the files holds back is sent when that is done."""
    waiting = list(paths)
    while waiting:
        try:
            await guard.settle(_tell, within=_LONGEST_CHECKOUT)
        except XgodoError as error:
            for path in waiting:
                yield Unsent(path, error)
            return
        held_back = []
        async for result in pusher.push_all(waiting, verify=verify):
            if isinstance(result, Unsent) and isinstance(result.error, CheckoutUnderWay):
                held_back.append(result.path)
            else:
                yield result
        waiting = held_back


def _tell(event: Event) -> None:
    if isinstance(event, Notice):
        output.note(event.message)


def _target(project: Project, project_id: str, server: Server) -> str:
    """What tells the remote project of a session from others, and what the session does with it."""
    protected = project.takes_committed_files_only(project_id, server.profile)
    return f"{server.state_key(project_id)} {protected}"
