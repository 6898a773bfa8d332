"""`xgodo-dev profile`."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

import click

from xgodo_dev import known_tokens
from xgodo_dev.cli import local_project, output
from xgodo_dev.cli.app import Group
from xgodo_dev.cli.endpoints import confirming
from xgodo_dev.cli.endpoints.yes_option import yes_option
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform import credentials, profiles, token_store
from xgodo_dev.platform.credentials import DEFAULT_API_URL, EMULATOR_PROFILE, Server
from xgodo_dev.project.config import NoProject

_WHY = {
    "--api-url": "named by --api-url",
    "--profile": "named by --profile",
    "XGODO_API_URL": "named by XGODO_API_URL",
    "XGODO_PROFILE": "named by XGODO_PROFILE",
    "xgodo.toml": "named by xgodo.toml",
    "profile use": "chosen for this machine by `profile use`",
    "default": "what is used where nothing else is named",
}
_NONE = "-"


@dataclass(frozen=True)
class _Listed:
    name: str
    api_url: str | None
    token: str | None
    """Where it is kept; None where there is none."""


@click.group(cls=Group, short_help="Name servers, and choose this machine's.")
def profile() -> None:
    """A profile is a name for a server and the token for it.

    `default` is the platform and `emulator` the emulator that runs on this machine; another is made by
    `xgodo-dev login --profile NAME --api-url URL`. One is used where it is named: by --profile, by
    XGODO_PROFILE, as `profile` in xgodo.toml, or for this machine by `xgodo-dev profile use`.

    \b
    Examples:
      xgodo-dev profile list
      xgodo-dev profile use work
      xgodo-dev profile remove work
    """


@profile.command("list")
def list_profiles() -> int:
    """List the profiles: which is in use and why, their servers, and where their tokens are kept.

    \b
    Examples:
      xgodo-dev profile list
    """
    selected = _selected()
    listed = _listed()
    if invocation().json:
        output.json_document(
            {
                "profiles": [
                    {
                        "name": each.name,
                        "api_url": each.api_url,
                        "token": each.token,
                        "in_use": _is_in_use(each, selected),
                    }
                    for each in listed
                ],
                "in_use": {
                    "profile": selected.profile,
                    "api_url": selected.api_url or None,
                    "selected_by": selected.selected_by,
                },
            }
        )
        return 0
    output.table(
        ["", "NAME", "SERVER", "TOKEN"],
        [
            [
                "*" if _is_in_use(each, selected) else "",
                each.name,
                each.api_url or "(not running)",
                each.token or _NONE,
            ]
            for each in listed
        ],
    )
    output.note(f"In use: {_described(selected)}, {_WHY.get(selected.selected_by, selected.selected_by)}.")
    if known_tokens.of_environment("XGODO_TOKEN"):
        output.note("XGODO_TOKEN is set in this environment, and is used instead of what is kept.")
    return 0


@profile.command()
@click.argument("name", metavar="NAME")
def use(name: str) -> int:
    """Use the profile on this machine wherever nothing else is named.

    \b
    Examples:
      xgodo-dev profile use work
      xgodo-dev profile use default
    """
    profiles.use(name)
    if invocation().json:
        output.json_document({"in_use": name})
    else:
        output.result(f"This machine uses the profile {name}.")
        selected = _selected()
        if selected.profile != name:
            output.note(f"But here, {_described(selected)} is in use, {_WHY[selected.selected_by]}.")
    return 0


@profile.command()
@click.argument("name", metavar="NAME")
@yes_option
def remove(name: str, yes: bool) -> int:
    """Forget the profile and the token that is kept for it.

    \b
    Examples:
      xgodo-dev profile remove work
      xgodo-dev profile remove work --yes
    """
    profiles.require_own(name)
    confirming.require(f"The profile {name} and its token are forgotten here.", confirmed=yes)
    address = profiles.load().addresses.get(name, "")
    # The token first: without the profile nothing leads to it.
    forgotten = token_store.forget(credentials.profile_token_key(name, address))
    profiles.remove(name)
    if invocation().json:
        output.json_document({"removed": name, "token_forgotten": forgotten})
    else:
        output.result(f"Removed the profile {name}{' and its token' if forgotten else ''}.")
    return 0


def _selected() -> Server:
    """The server that is in use; the emulator's also while none runs, without an address."""
    options, own = invocation(), None
    with contextlib.suppress(NoProject):
        own = local_project.project().profile
    try:
        return credentials.resolve(options.profile, options.api_url, own, token=False)
    except UnreachableError:
        name, selected_by = credentials.named_profile(options.profile, own)
        return Server(profile=name, api_url="", remote="", selected_by=selected_by)


def _listed() -> list[_Listed]:
    known, kept = profiles.load(), token_store.places()
    addresses = {profiles.DEFAULT_PROFILE: DEFAULT_API_URL, **known.addresses}
    listed = []
    for name in known.names:
        if name == EMULATOR_PROFILE:
            address = None
            with contextlib.suppress(UnreachableError):
                address = credentials.resolve(EMULATOR_PROFILE, token=False).api_url
            listed.append(_Listed(name, address, "emulator" if address else None))
        else:
            address = addresses[name]
            key = credentials.profile_token_key(name, address) if name in known.addresses else address
            listed.append(_Listed(name, address, kept.get(key)))
    return listed


def _is_in_use(listed: _Listed, selected: Server) -> bool:
    return listed.name == selected.profile and (listed.api_url or "") == selected.api_url


def _described(selected: Server) -> str:
    return f"{selected.profile} ({selected.api_url})" if selected.api_url else selected.profile
