"""An operation's arguments as the words of a command line: for examples, and for who tests all of it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from xgodo_dev.cli.endpoints.arguments import Argument, Fields, Many, One, Upload
from xgodo_dev.cli.endpoints.values import Item
from xgodo_dev.platform.spec.reading import Operation, Schema

# Of what may be left out, in an example.
_MOST_OPTIONAL = 3
_LONGEST = 60


def words(operation: Operation, arguments: list[Argument], values: Mapping[str, Any]) -> list[str] | None:
    """The words after the program's name, and after `mobilerun` for that platform, which give these values
    by the platform's names of them. None where one of them can only be given in a file.
    """
    given = list(operation.command)
    for argument in arguments:
        if argument.parameter.name in values:
            its = argument.words(values[argument.parameter.name])
            if its is None:
                return None
            given += its
    return given


def examples(operation: Operation, arguments: list[Argument], program: str) -> list[str]:
    """Command lines that show how the operation is used, by the examples of its source."""
    needed = [each for each in arguments if each.is_required]
    documented = [
        each
        for each in arguments
        if not each.is_required and each.parameter.example is not None and _is_short(each)
    ]
    shown = [needed]
    if documented:
        shown.append([*needed, *documented[:_MOST_OPTIONAL]])
    return [
        " ".join([program, *operation.command, *(_quoted(word) for each in some for word in _example(each))])
        for some in shown
    ]


def _is_short(argument: Argument) -> bool:
    return sum(map(len, _example(argument))) <= _LONGEST


def _example(argument: Argument) -> list[str]:
    parameter = argument.parameter
    if isinstance(argument, One) and argument.may_be_file:
        return [f"{parameter.option}-file", "FILE"]
    if parameter.example is not None and not _holds_files(argument):
        given = argument.words(parameter.example)
        if given is not None and sum(map(len, given)) <= 3 * _LONGEST:
            return given
    match argument:
        case Upload():
            return ["screenshot.png"]
        case Fields():
            return [parameter.option, "key=text", parameter.option, "count:=3"]
        case Many():
            return [parameter.option, _of_many(argument)]
        case One() if parameter.place == "path":
            is_number = argument.schema.get("type") == "integer"
            return [_made_up(argument.schema, "") if is_number else argument.metavar]
        case One():
            return [parameter.option, _made_up(argument.schema, parameter.python_name)]
    return [parameter.option, "FILE"]


def _of_many(argument: Many) -> str:
    return (
        argument.kind.written_as
        if isinstance(argument.kind, Item)
        else argument.parameter.python_name.upper()
    )


def _made_up(schema: Schema, name: str) -> str:
    if schema.get("enum"):
        return str(schema["enum"][0])
    if schema.get("type") in ("integer", "number"):
        return str(schema.get("minimum", 1))
    if schema.get("format") == "date-time":
        return "24h" if name.startswith("from") else "now"
    return name.strip("_").upper()


def _holds_files(argument: Argument) -> bool:
    return isinstance(argument, Many) and isinstance(argument.kind, Item)


def _quoted(word: str) -> str:
    # What stands for something is to be seen as that.
    return word if word.replace("_", "").isupper() else shlex.quote(word)
