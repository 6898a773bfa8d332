"""`xgodo-dev login`, `logout` and `whoami`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.errors import AuthenticationError, PermissionDenied, UsageError
from xgodo_dev.platform import credentials
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.credentials import Server
from xgodo_dev.platform.transport import Transport

_of_mobilerun = click.option("--mobilerun", is_flag=True, help="Of Mobilerun, not of Xgodo.")


@click.command(cls=Command, short_help="Keep a token for a server.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@_of_mobilerun
def login(token_stdin: bool, mobilerun: bool) -> int:
    """Sign in: verify an API token with the server, then keep it in the system's keyring.

    Where no keyring works, it is kept in a file that only you can read.
    """
    where = "in your Mobilerun account" if mobilerun else "on your Xgodo account's API page"
    if token_stdin:
        token = sys.stdin.readline().strip()
    elif interactive():
        output.note(f"The token is {where}. It is not shown as you type.")
        token = click.prompt("API token", hide_input=True, err=True).strip()
    else:
        raise UsageError("There is nobody to ask for the token.", hint="Pipe it in, with --token-stdin.")
    if not token or not token.isascii() or not token.isprintable():
        raise UsageError("That is no API token.", hint=f"Copy it whole: it is {where}.")
    server = replace(_selected(mobilerun, token=False), token=token, credential_source="this token")
    interrupts.run(verified(server, mobilerun))
    kept = credentials.store_token(server.api_url, token)
    if kept == "file":
        output.note(
            f"{click.style('warning:', fg='yellow')} no keyring works here; "
            f"the token is in {credentials.token_file()}, readable by you alone."
        )
    if invocation().json:
        output.json_document({"profile": server.profile, "api_url": server.api_url, "stored": kept})
    else:
        output.result(f"Signed in to {server.api_url}.")
    return 0


@click.command(cls=Command, short_help="Forget the token of a server.")
@_of_mobilerun
def logout(mobilerun: bool) -> int:
    """Forget the token kept for the server."""
    server = _selected(mobilerun, token=False)
    forgotten = credentials.forget_token(server.api_url)
    if invocation().json:
        output.json_document({"api_url": server.api_url, "forgotten": forgotten})
    else:
        output.result(
            f"Signed out of {server.api_url}." if forgotten else f"No token was kept for {server.api_url}."
        )
    return 0


@click.command(cls=Command, short_help="Ask the server whether the token works.")
@_of_mobilerun
def whoami(mobilerun: bool) -> int:
    """Ask the server whether the token works, and show the account's balance, where it has one."""
    server = _selected(mobilerun)
    balance = interrupts.run(verified(server, mobilerun))
    if invocation().json:
        output.json_document({"profile": server.profile, "api_url": server.api_url, **balance})
    else:
        output.result(f"Signed in to {server.api_url} (profile {server.profile}).")
        for name, amount in balance.items():
            output.result(f"  {name.replace('_', ' ')}: {cell_text(amount)}")
    return 0


def _selected(mobilerun: bool, *, token: bool = True) -> Server:
    return server_of(MOBILERUN if mobilerun else XGODO, token=token)


async def verified(server: Server, mobilerun: bool) -> Mapping[str, Any]:
    """The account's balance, as far as the server tells one, by which it has taken the token."""
    async with Transport(server, on_silence=output.waiting_for(server.api_url)) as transport:
        if mobilerun:
            await Calls(MOBILERUN.spec, transport, server.api_url).call("models.list", {})
            return {}
        try:
            balance: dict[str, Any] = await Calls(XGODO.spec, transport, server.api_url).call(
                "user.balance", {}
            )
        except PermissionDenied as error:
            # Nobody is kept from one's own balance: the token is no good here.
            raise AuthenticationError(
                f"{server.api_url} refused {server.credential_source}: {error}",
                status=error.status,
                endpoint=error.endpoint,
                server_message=error.server_message,
            ) from error
        return balance
