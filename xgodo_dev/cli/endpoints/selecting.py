"""Parts of a document, selected by an expression of jq."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from xgodo_dev.cli import output
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UsageError

Select = Callable[[Any], Sequence[Any]]


def compiled(expression: str) -> Select:
    """What selects by this expression.

    Raises:
        UsageError: it is none, or can't be applied to a document.
    """
    import jq  # type: ignore[import-not-found]  # it has no types

    try:
        program = jq.compile(expression)
    except ValueError as error:
        raise UsageError(f"--jq: {error}") from error

    def select(document: Any) -> Sequence[Any]:
        try:
            selected: Sequence[Any] = program.input_value(document).all()
        except ValueError as error:
            raise UsageError(f"--jq: {error}") from error
        return selected

    return select


def show(selected: Sequence[Any]) -> None:
    """Print each of the values in a line: as JSON, but for a person texts as they are."""
    for value in selected:
        if isinstance(value, str) and not invocation().json:
            output.result(output.plain(value))
        elif invocation().json:
            output.json_document(value)
        else:
            output.result(output.plain(json.dumps(value, ensure_ascii=False)))
