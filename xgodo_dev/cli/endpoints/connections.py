"""Proxy connections named as people name them, wherever an operation takes the id of one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from xgodo_dev.cli.endpoints.platforms import XGODO, Platform
from xgodo_dev.cli.endpoints.session import opened

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_MEMBERS = ("connection_id", "connectionId")


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
    from xgodo_dev.cli.shortcuts.rotate import chosen

    async with opened(XGODO) as calls:
        known = (await calls.call("proxies.list", {}))["connections"]
    found = dict(values)
    for name in _MEMBERS:
        if name in found and not _ID.fullmatch(found[name]):
            found[name] = chosen(known, found[name])["connectionId"]
    called = {
        each["connectionId"]: f"{each['name']} ({each['connectionId']})" for each in known if each.get("name")
    }
    return found, called
