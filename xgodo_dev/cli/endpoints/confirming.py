"""Asking before what costs money or destroys something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xgodo_dev.cli import output
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.invocation import interactive
from xgodo_dev.cli.terminal.questions import confirm
from xgodo_dev.cli.view import cells
from xgodo_dev.errors import UsageError, XgodoError
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.spec.reading import Operation

_LONGEST = 60
_MOST_LISTED = 5


class NotConfirmed(XgodoError):
    """Somebody was asked, and said no."""

    code = "not-confirmed"


def require(question: str, *, confirmed: bool) -> None:
    """Go on only if it is confirmed, or whoever is asked says so. ``question`` is a sentence: what is done.

    Raises:
        UsageError: nobody is there to ask.
        NotConfirmed: the answer was no.
    """
    if confirmed:
        return
    if not interactive():
        raise UsageError(f"This has to be confirmed: {question}", hint="Say --yes.")
    if not confirm(f"{output.shown(question)} Go on?"):
        raise NotConfirmed("Nothing was done.")


def question(
    operation: Operation, values: Mapping[str, Any], called: Mapping[str, str], server: Server
) -> str:
    """What an operation does with these values, what it costs as far as they tell, and where, as a sentence.

    Args:
        values: by the platform's names.
        called: what some of the values are called by people, such as devices by their ids.
    """
    sentence = (operation.confirm or operation.summary).rstrip(".")
    cost = operation.cost(values)
    if cost is not None:
        sentence += f": {cost:,.2f} USD"
    told = [
        f"{parameter.python_name.strip('_').replace('_', ' ')} {_told(values[parameter.name], called)}"
        for parameter in operation.parameters
        if parameter.name in values
    ]
    if told:
        sentence += f" ({', '.join(told)})"
    return f"{sentence}, at {server.api_url}."


def _told(value: Any, called: Mapping[str, str]) -> str:
    if isinstance(value, list):
        more = len(value) - _MOST_LISTED
        texts = [_told(each, called) for each in value[:_MOST_LISTED]]
        return ", ".join(texts) + (f" and {more} more" if more > 0 else "")
    text = called.get(value, "") if isinstance(value, str) else ""
    return cells.cut(text or cell_text(value), _LONGEST)
