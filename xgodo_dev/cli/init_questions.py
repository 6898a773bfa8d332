"""What `init` asks a person: for which project on Xgodo, from which template, for which editor."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import interrupts, known_names, output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.terminal.option_picker import Option, pick_option
from xgodo_dev.cli.terminal.questions import ask, confirm
from xgodo_dev.errors import AuthenticationError, UsageError, XgodoError
from xgodo_dev.platform import credentials
from xgodo_dev.platform.credentials import Server
from xgodo_dev.project import project_id, scaffold

# A server that answers no sooner holds nobody up: the id can be typed.
_DEADLINE_S = 5.0
_NONE, _ANOTHER = "", "another"


@dataclass(frozen=True)
class Chosen:
    """A project of the platform."""

    id: str
    name: str
    has_files: bool
    """Whether it is known to have some."""


def template(default: str) -> str:
    """The template that is chosen.

    Raises:
        UsageError: none is.
    """
    options = [Option(each.name, each.name, each.summary) for each in scaffold.templates()]
    options.sort(key=lambda option: option.value != default)
    chosen = interrupts.run(pick_option("Which template?", options))
    if chosen is None:
        raise UsageError("Nothing was made: no template was chosen.", hint="`--template NAME` names one.")
    return chosen


def project(root: Path) -> Chosen | None:
    """The project of Xgodo that ``root`` is to be of; None: none yet.

    Where somebody is signed in, and the server has a list, it is chosen from that.

    Raises:
        UsageError: the question was given up.
    """
    server = _server()
    listed = interrupts.run(_listed(server)) if server is not None else []
    chosen_id = _chosen_id(listed, root.name)
    if not chosen_id:
        return None
    known = next((each for each in listed if each.value == chosen_id), None)
    if listed and known is None and server:
        output.note(
            f"{click.style('warning:', fg='yellow')} the project {output.shown(chosen_id)} is not among "
            f"yours at {server.api_url}."
        )
    has_files = known is not None and server is not None and interrupts.run(_has_files(server, chosen_id))
    return Chosen(chosen_id, known.label if known else chosen_id, has_files)


def editor(root: Path) -> str | None:
    """The editor that is to be set up for a project in ``root``; None: none.

    Raises:
        UsageError: the question was given up.
    """
    from xgodo_dev.editor import setup

    # Of a project that is not there yet, what its repository has is known.
    here = {*setup.traced(root), *setup.installed()}
    options = [
        Option(name, each.shown_as, "found here" if name in here else "")
        for name, each in setup.EDITORS.items()
    ]
    options.sort(key=lambda option: option.value not in here)
    options.insert(
        len(options) if here else 0, Option(_NONE, "None", "`xgodo-dev editor setup` does it later")
    )
    chosen = interrupts.run(pick_option("Which editor shall be set up?", options))
    if chosen is None:
        raise UsageError(
            "Nothing was made: no editor was chosen.", hint="`--editor NAME` names one, or none."
        )
    return chosen or None


def brings(chosen: Chosen) -> bool:
    """Whether the files that the project has there are to be brought here."""
    return confirm(
        f"{output.shown(chosen.name)} has files there already. Bring these, rather than begin anew?",
        default=True,
    )


def _chosen_id(listed: Sequence[Option], wanted_name: str) -> str:
    """The id chosen or typed; empty for none yet."""
    if not listed:
        return _typed_id()
    options = [
        Option(_NONE, "None yet", "it runs on the emulator, on this machine"),
        *listed,
        Option(_ANOTHER, "Another one", "by its id, or its page's address"),
    ]
    same = next((each.value for each in listed if each.label.casefold() == wanted_name.casefold()), None)
    chosen = interrupts.run(pick_option("Which project on Xgodo?", options, chosen=same))
    if chosen is None:
        raise UsageError(
            "Nothing was made: no project was chosen.",
            hint="`--project-id ID` names one, and `--yes` goes on without.",
        )
    return _typed_id() if chosen == _ANOTHER else chosen


def _typed_id() -> str:
    def read(text: str) -> str:
        if not text.strip():
            return _NONE
        named = project_id.named(text)
        if not project_id.has_known_form(named):
            raise UsageError(
                f"{named!r} does not look like an id of Xgodo.",
                hint="The address of the project's page has it, and can be given as it is.",
            )
        return named

    return ask("Which project on Xgodo? Its id, or its page's address (Enter: none yet):", read)


def _server() -> Server | None:
    """The server that new projects are for, if somebody is signed in there."""
    options = invocation()
    try:
        server = credentials.resolve(options.profile, options.api_url)
    except UsageError:
        raise
    except XgodoError:
        # An emulator that does not run: its projects need no list.
        return None
    return server if server.token else None


async def _listed(server: Server) -> list[Option]:
    """The projects there; empty where that is not told in time."""
    try:
        answer = await _asked(server, "projects.list", {})
    except AuthenticationError as error:
        output.note(f"{click.style('warning:', fg='yellow')} {output.plain(error.with_hint())}")
        return []
    except (XgodoError, TimeoutError):
        # Not every server has a list.
        return []
    known_names.remember_projects(server, answer)
    records = answer.get("projects") if isinstance(answer, dict) else None
    options = []
    for record in records if isinstance(records, list) else []:
        found_id, name = (record.get("id"), record.get("name")) if isinstance(record, dict) else (None, None)
        if isinstance(found_id, str) and found_id and isinstance(name, str):
            owner = record.get("owner_username")
            of = f", of {owner}" if record.get("role") == "editor" and isinstance(owner, str) else ""
            options.append(Option(found_id, name or found_id, f"{found_id}{of}"))
    return sorted(options, key=lambda option: option.label.casefold())


async def _has_files(server: Server, of: str) -> bool:
    try:
        answer = await _asked(server, "projects.files", {"id": of})
    except (XgodoError, TimeoutError):
        return False
    return isinstance(answer, dict) and bool(answer.get("files"))


async def _asked(server: Server, operation: str, arguments: dict[str, Any]) -> Any:
    from xgodo_dev.cli.endpoints.platforms import XGODO
    from xgodo_dev.platform.clients.calling import Calls
    from xgodo_dev.platform.transport import Transport

    silent = output.waiting_for(server.api_url)
    async with asyncio.timeout(_DEADLINE_S), Transport(server, on_silence=silent) as transport:
        return await Calls(XGODO.spec, transport, server.api_url).call(operation, arguments)
