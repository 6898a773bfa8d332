"""Carrying out one operation for a command: confirmed, sent, and shown."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path, PurePosixPath
from typing import Any, Protocol

from xgodo_dev.cli import interrupts, known_names, output
from xgodo_dev.cli.endpoints import confirming, connections, devices, downloading, paging, progress, showing
from xgodo_dev.cli.endpoints.arguments import Argument
from xgodo_dev.cli.endpoints.platforms import Platform
from xgodo_dev.cli.endpoints.session import opened, server_of
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.spec.reading import Operation

_LISTS_PROJECTS = "projects.list"


class OperationCommand(Protocol):
    """A command of one operation: what has to be known of it here."""

    operation: Operation
    platform: Platform
    arguments: list[Argument]


def carry_out(command: OperationCommand, values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Do it with these values, and show what comes of it.

    Args:
        values: by the platform's names.
        given: all that the command line says, with what is no parameter of the operation.

    Raises:
        XgodoError: it is not confirmed, can't be sent, or is refused.
    """
    operation = command.operation
    called: dict[str, str] = {}
    has_question = operation.needs_confirmation(values) and not given.get("yes")
    is_asked = has_question and interactive()
    if devices.have_to_be_asked(command.arguments, values, also_ids=is_asked):
        values, names = interrupts.run(devices.resolved(command.platform, command.arguments, values))
        called |= names
    if connections.have_to_be_asked(command.platform, values, also_ids=is_asked):
        values, names = interrupts.run(connections.resolved(values))
        called |= names
    if has_question:
        server = server_of(command.platform, token=False)
        confirming.require(confirming.question(operation, values, called, server), confirmed=False)
    if operation.downloads:
        _download(command, values, given)
    elif operation.streams:
        interrupts.run(_follow(command, values))
    else:
        answer = interrupts.run(_answer(command, values, given))
        if operation.id == _LISTS_PROJECTS:
            known_names.remember_projects(server_of(command.platform, token=False), answer)
        showing.show(operation, answer)


async def _answer(command: OperationCommand, values: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    operation = command.operation
    if operation.pages:
        asked = paging.wanted(operation, values, most=given.get("limit"), all_pages=bool(given.get("all")))
        async with opened(command.platform, has_progress=not asked.only_one) as calls:
            return await paging.read(calls, operation, asked)
    async with opened(command.platform, has_progress=operation.uploads) as calls:
        return await (_upload if operation.uploads else _call)(calls, operation, values)


async def _call(calls: Calls, operation: Operation, values: Mapping[str, Any]) -> Any:
    return await calls.call(operation.id, values)


async def _upload(calls: Calls, operation: Operation, values: Mapping[str, Any]) -> Any:
    file = next(values[each.name] for each in operation.parameters if each.place == "file")
    with progress.of_file(output.shown(file.name)) as told:
        return await calls.call(operation.id, values, progress=told)


def _download(command: OperationCommand, values: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    name = str(next(values[each.name] for each in command.operation.parameters if each.place == "path"))
    # The server's name of a file is no path here.
    own_name = PurePosixPath(name.replace("\\", "/")).name

    async def fetch(file: Path) -> int:
        async with opened(command.platform, has_progress=True) as calls:
            with progress.of_file(output.shown(own_name)) as told:
                return (await calls.download(command.operation.id, values, file, progress=told)).size

    with downloading.target(given.get("output"), own_name, force=bool(given.get("force"))) as target:
        size = interrupts.run(fetch(target.file))
        target.hand_over()
    if target.is_stdout:
        return
    if invocation().json:
        output.json_document({"file": str(target.file), "bytes": size})
    else:
        output.result(f"Wrote {output.shown(str(target.file))} ({size:,} bytes).")


async def _follow(command: OperationCommand, values: Mapping[str, Any]) -> None:
    from xgodo_dev.cli.endpoints.trajectory_view import told

    async with (
        opened(command.platform) as calls,
        aclosing(calls.events(command.operation.id, values)) as events,
    ):
        async for event in events:
            if invocation().json:
                output.json_line(event)
                continue
            for line in told(event):
                output.result(line)
