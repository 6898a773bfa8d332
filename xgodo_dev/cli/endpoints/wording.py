"""What the documents say of parameters and operations, in words that can be typed on the command line."""

from __future__ import annotations

import re

from xgodo_dev.cli.endpoints.platforms import Platform
from xgodo_dev.platform.spec.reading import Operation

_QUOTED = re.compile(r"`([^`]+)`")


def as_typed(text: str, operation: Operation, platform: Platform) -> str:
    """The text with options in place of its parameters' names, and commands of the platform as they begin."""
    typed = {
        name: each.option
        for each in operation.parameters
        if each.place != "path"
        for name in (each.name, each.python_name)
    }
    commands = {" ".join(each.command) for each in platform.spec.operations.values()}

    def replaced(found: re.Match[str]) -> str:
        quoted = found[1]
        if quoted in typed:
            return f"`{typed[quoted]}`"
        return (
            f"`{' '.join((*platform.words, quoted))}`" if " " in quoted and quoted in commands else found[0]
        )

    return _QUOTED.sub(replaced, text)
