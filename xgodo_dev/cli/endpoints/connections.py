"""Proxy connections named as people name them, wherever an operation takes the id of one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from xgodo_dev.cli.endpoints.platforms import XGODO, Platform
from xgodo_dev.cli.endpoints.session import opened
from xgodo_dev.errors import UsageError
from xgodo_dev.runs.naming import fitting

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MEMBERS = ("connection_id", "connectionId")
_MOST_TOLD = 5
Connection = Mapping[str, Any]


def have_to_be_asked(platform: Platform, values: Mapping[str, Any], *, also_ids: bool = False) -> bool:
    """Whether a connection is named otherwise than by its id; ``also_ids``: whether any is named."""
    return platform is XGODO and any(
        name in values and (also_ids or not _ID.fullmatch(values[name])) for name in _MEMBERS
    )


async def resolved(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values with the id of the connection that they name, and what all connections are called by theirs.

    Raises:
        UsageError: a name fits no connection, or several.
    """
    async with opened(XGODO) as calls:
        known = (await calls.call("proxies.list", {}))["connections"]
    found = dict(values)
    for name in _MEMBERS:
        if name in found and not _ID.fullmatch(found[name]):
            found[name] = chosen(known, found[name])["connectionId"]
    names = {
        each["connectionId"]: f"{each['name']} ({each['connectionId']})" for each in known if each.get("name")
    }
    return found, names


def chosen(connections: Sequence[Connection], name: str | None) -> Connection:
    """The connection of that id or name, or how one begins; None: the only one there is.

    Raises:
        UsageError: there is none such, or several.
    """
    if name is None:
        found = list(connections)
    else:
        known = [(each["connectionId"], str(each.get("name") or "")) for each in connections]
        found = [connections[place] for place in fitting(known, name)]
    if len(found) == 1:
        return found[0]
    told = ", ".join(called(each) for each in (found or connections)[:_MOST_TOLD])
    if not connections:
        raise UsageError("You have no proxy connections.", hint="Make one: `xgodo-dev proxies create`.")
    if not found:
        raise UsageError(f"There is no connection {name!r}.", hint=f"Known: {told}.")
    raise UsageError(
        "Several connections fit." if name else "There are several connections.", hint=f"Name one: {told}."
    )


def called(connection: Connection) -> str:
    """What a person knows it by: its name and how its id begins, or its id."""
    name = connection.get("name")
    identifier = str(connection["connectionId"])
    return f"{name} ({identifier[:8]})" if name else identifier
