"""The table of all commands by which a shell's words are completed."""

from __future__ import annotations

import json
from typing import Any

import click

from xgodo_dev.cli import app
from xgodo_dev.cli.invocation import is_global
from xgodo_dev.cli.manual.pages import Page, sections

# What an option or a positional word is, by the first of these that knows it.
_BY_PLACE: dict[tuple[str, ...], str] = {
    ("backup", "restore", "ID"): "backup",
    ("profile", "remove", "NAME"): "profile",
    ("profile", "use", "NAME"): "profile",
}
_BY_FLAG = {
    "--profile": "profile",
    "--project": "project",
    "--project-id": "project",
    "--ref": "revision",
    "--run": "run",
    "--template": "template",
}
_BY_METAVAR = {
    "DEVICE": "device",
    "DIR": "dir",
    "ENTRY": "file",
    "FILE": "file",
    "PATH": "file",
    "PROJECT": "project",
    "PROJECT_ID": "project",
}
_LONGEST_HELP = 70


def text() -> str:
    """The table as JSON."""
    context = click.Context(app.cli)
    shared = [each for each in app.cli.get_params(context) if is_global(each)]
    document = {
        "options": [_option((), each) for each in shared if isinstance(each, click.Option)],
        "commands": {page.words[-1]: _node(page) for _title, pages in sections() for page in pages},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _node(page: Page) -> dict[str, Any]:
    parameters = [each for each in page.command.params if not is_global(each)]
    node: dict[str, Any] = {
        "help": _short(page.summary),
        "options": [
            _option(page.words, each)
            for each in parameters
            if isinstance(each, click.Option) and not each.hidden
        ],
    }
    if isinstance(page.command, click.Group):
        node["commands"] = {below.words[-1]: _node(below) for below in page.pages}
    else:
        arguments = [each for each in parameters if isinstance(each, click.Argument)]
        node["arguments"] = [[_value(page.words, each), each.nargs == -1] for each in arguments]
    return node


def _option(words: tuple[str, ...], option: click.Option) -> dict[str, Any]:
    record: dict[str, Any] = {
        "flags": [*sorted(option.opts, key=len, reverse=True), *option.secondary_opts],
        "help": _short(option.help or ""),
    }
    if not option.is_flag and not option.count:
        record["value"] = _value(words, option)
    if option.multiple or option.count:
        record["repeats"] = True
    return record


def _value(words: tuple[str, ...], parameter: click.Parameter) -> str | list[str]:
    if isinstance(parameter.type, click.Choice):
        return [str(each) for each in parameter.type.choices]
    metavar = (parameter.metavar or (parameter.name or "").upper()).strip("[].")
    if words[:1] == ("mobilerun",):
        # Its devices are others, and so is all that has an id.
        return {"FILE": "file", "DEVICE": "cloud-device"}.get(metavar, "")
    for named in (metavar, *parameter.opts):
        if (*words, named) in _BY_PLACE:
            return _BY_PLACE[*words, named]
    for flag in parameter.opts:
        if flag in _BY_FLAG:
            return _BY_FLAG[flag]
    if isinstance(parameter.type, click.Path) and not parameter.type.file_okay:
        return "dir"
    return _BY_METAVAR.get(metavar, "")


def _short(told: str) -> str:
    sentence = told.split(". ")[0].split("\n")[0].rstrip(".")
    return sentence if len(sentence) <= _LONGEST_HELP else sentence[: _LONGEST_HELP - 1] + "…"
