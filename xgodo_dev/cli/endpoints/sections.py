"""Groups of commands, one command an operation of a spec, which is read when one of them is asked for."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from typing import Any

import click

from xgodo_dev.cli.app import Group
from xgodo_dev.cli.endpoints.platforms import Platform

# Name, module below xgodo_dev.cli, short help: as in `cli.app`.
OwnCommands = Mapping[str, tuple[str, str]]


class Section(Group):
    """The commands of one section of a platform, and what goes beyond single endpoints of it."""

    def __init__(
        self,
        name: str,
        platform: Platform,
        summary: str,
        *,
        prefix: tuple[str, ...] | None = None,
        own: OwnCommands | None = None,
        below: Mapping[str, OwnCommands] | None = None,
        **settings: Any,
    ) -> None:
        """Reads nothing yet.

        Args:
            prefix: what the commands of its operations begin with; its own name where it is left out.
            own: its commands that are no operation, or stand in for one of the same name. A module has the
                command under its name, or a function ``make_<name>`` that makes it.
            below: the same for sections within it, by their names.
        """
        super().__init__(name, **{"help": summary, "short_help": summary, **settings})
        self._platform = platform
        self._prefix = (name,) if prefix is None else prefix
        self._own = own or {}
        self._below = below or {}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for name, _summary in self._listed()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name in self.commands:
            return self.commands[cmd_name]
        if cmd_name in self._own:
            return _own_command(cmd_name, self._own[cmd_name][0])
        words = (*self._prefix, cmd_name)
        for operation in self._platform.spec.operations.values():
            if operation.hidden or operation.command[: len(words)] != words:
                continue
            if operation.command == words:
                from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand

                return EndpointCommand(operation, self._platform)
            summary = self._summary(cmd_name)
            return Section(cmd_name, self._platform, summary, prefix=words, own=self._below.get(cmd_name))
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        # Not by way of the commands, which would have to be made for it.
        with formatter.section("Commands"):
            formatter.write_dl(list(self._listed()))

    def _listed(self) -> Iterator[tuple[str, str]]:
        """Each command's name and short help: those of the spec in its order, then the others."""
        told = {name: summary for name, (_module, summary) in self._own.items()}
        told |= {name: command.get_short_help_str(200) for name, command in self.commands.items()}
        listed = set()
        depth = len(self._prefix)
        for operation in self._platform.spec.operations.values():
            if operation.hidden or operation.command[:depth] != self._prefix:
                continue
            name = operation.command[depth]
            if name not in listed:
                is_section = len(operation.command) > depth + 1
                listed.add(name)
                yield name, told.get(name) or (self._summary(name) if is_section else operation.summary)
        yield from ((name, summary) for name, summary in told.items() if name not in listed)

    def _summary(self, section: str) -> str:
        return self._platform.spec.sections.get(section.replace("-", "_"), "")


def _own_command(name: str, module_name: str) -> click.Command:
    module = importlib.import_module(f"xgodo_dev.cli.{module_name}")
    attribute = name.replace("-", "_")
    command = getattr(module, attribute, None)
    made: click.Command = (
        command if isinstance(command, click.Command) else getattr(module, f"make_{attribute}")()
    )
    return made
