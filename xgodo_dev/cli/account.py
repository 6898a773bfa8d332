"""`xgodo-dev login`, `logout` and `whoami`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from xgodo_dev import known_tokens, places
from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints.platforms import MOBILERUN, XGODO
from xgodo_dev.cli.endpoints.session import server_of
from xgodo_dev.cli.endpoints.table_layout import cell_text
from xgodo_dev.cli.invocation import interactive, invocation
from xgodo_dev.cli.terminal.questions import confirm
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    PermissionDenied,
    UnreachableError,
    UsageError,
)
from xgodo_dev.platform import platform_client, profiles, token_store
from xgodo_dev.platform.clients.calling import Calls
from xgodo_dev.platform.credentials import DEFAULT_API_URL, Server, checked_address, profile_token_key
from xgodo_dev.platform.platform_client import ClientLogin
from xgodo_dev.platform.token_store import Stored
from xgodo_dev.platform.transport import Transport
from xgodo_dev.runs.otlp_addresses import is_of_this_machine

# Bytes. Of a file that was piped in by mistake, no more is read.
_LONGEST_TOKEN = 16 * 1024
# Seconds. Who it is adorns the answer only.
_USER_DEADLINE = 5.0

_of_mobilerun = click.option("--mobilerun", is_flag=True, help="Of Mobilerun, not of Xgodo.")


class _WithoutArguments(Command):
    """A command that takes no argument, and repeats none in its error as click would: it may be a token."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        super().parse_args(ctx, args)
        if ctx.args and not ctx.resilient_parsing:
            raise UsageError(
                "No token is taken from the command line, where others can see it.",
                hint="If that was one, make a new one: your shell may keep it. "
                "Pipe it into `xgodo-dev login --token-stdin`.",
            )
        return ctx.args


@click.command(cls=_WithoutArguments, short_help="Keep a token for a server.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.option(
    "--from-platform-client",
    is_flag=True,
    help="Take over the token of the platform's own client (`xgodo login`).",
)
@_of_mobilerun
def login(token_stdin: bool, from_platform_client: bool, mobilerun: bool) -> int:
    """Sign in: verify an API token with the server, then keep it in the system's keyring.

    Where no keyring works, it is kept in a file that only you can read. With --profile and --api-url, a
    profile of that name is made for the server.

    \b
    Examples:
      xgodo-dev login
      xgodo-dev login --token-stdin < token.txt
      xgodo-dev login --from-platform-client
      xgodo-dev login --profile work --api-url https://xgodo.example.com
    """
    if from_platform_client and (token_stdin or mobilerun):
        other = "--token-stdin" if token_stdin else "--mobilerun"
        raise UsageError(f"--from-platform-client and {other} contradict each other.")
    client = _client_login() if from_platform_client else None
    server = _to_sign_in_to(mobilerun, client)
    if not (token_stdin or client or mobilerun) and interactive():
        client = _offered(server)
    if client:
        token, called = client.token, f"the token in {client.file}"
        way_out = "Sign in there again, with `xgodo login`; or give a token yourself: `xgodo-dev login`."
    else:
        where = _place_of_tokens(server, mobilerun)
        token, called = _given_token(where, from_stdin=token_stdin), "this token"
        way_out = f"Copy it whole, or make a new one: it is {where}."
    try:
        account = interrupts.run(verified(replace(server, token=token, credential_source=called), mobilerun))
    except AuthenticationError as refused:
        refused.hint = way_out
        raise
    profile = invocation().profile
    if profile and server.token_key != server.api_url:
        profiles.add(profile, server.api_url)
    stored = token_store.store(server.token_key, token)
    _tell_signed_in(server, account, stored)
    return 0


@click.command(cls=_WithoutArguments, short_help="Forget the token of a server.")
@click.option("--all", "everywhere", is_flag=True, help="Forget the tokens of all servers.")
@_of_mobilerun
def logout(everywhere: bool, mobilerun: bool) -> int:
    """Forget the token that is kept here for the server. The token itself stays valid.

    \b
    Examples:
      xgodo-dev logout
      xgodo-dev logout --profile work
      xgodo-dev logout --all
    """
    if everywhere:
        return _log_out_everywhere()
    server = _selected(mobilerun, token=False)
    forgotten = token_store.forget(server.token_key)
    if invocation().json:
        output.json_document({"profile": server.profile, "api_url": server.api_url, "forgotten": forgotten})
    else:
        output.result(
            f"Signed out of {server.api_url}." if forgotten else f"No token was kept for {server.api_url}."
        )
    _tell_environment_wins(server)
    return 0


def _log_out_everywhere() -> int:
    kept = token_store.forget_all()
    # A key ends with the address.
    servers = sorted({key.rpartition(" ")[2] for key in kept})
    if invocation().json:
        output.json_document({"forgotten": bool(kept), "servers": servers})
    else:
        output.result(f"Signed out of {', '.join(servers)}." if kept else "No token was kept.")
    return 0


@click.command(cls=_WithoutArguments, short_help="Ask the server whether the token works.")
@_of_mobilerun
def whoami(mobilerun: bool) -> int:
    """Ask the server whether the token works, and show whose it is, and the balance, where it tells.

    \b
    Examples:
      xgodo-dev whoami
      xgodo-dev whoami --profile work --json
    """
    server = _selected(mobilerun)
    account = interrupts.run(verified(server, mobilerun))
    if invocation().json:
        output.json_document(
            {
                "profile": server.profile,
                "selected_by": server.selected_by,
                "api_url": server.api_url,
                "token_from": server.signed_in_by,
                **account,
            }
        )
        return 0
    output.result(f"Signed in to {_as_whom(server, account)} (profile {server.profile}).")
    place = {"keyring": ", in the system's keyring", "file": f", in {token_store.token_file()}"}
    output.result(f"  token: {server.credential_source}{place.get(server.signed_in_by or '', '')}")
    for name, amount in account.items():
        if name != "user":
            output.result(f"  {name.replace('_', ' ')}: {cell_text(amount)}")
    return 0


def _place_of_tokens(server: Server, mobilerun: bool) -> str:
    if mobilerun:
        return "in your Mobilerun account"
    of_platform = server.api_url == DEFAULT_API_URL
    return f"on the API page of your account {'of Xgodo' if of_platform else f'at {server.api_url}'}"


def _selected(mobilerun: bool, *, token: bool = True) -> Server:
    return server_of(MOBILERUN if mobilerun else XGODO, token=token)


def _to_sign_in_to(mobilerun: bool, client: ClientLogin | None) -> Server:
    """The server, and what its token is to be kept under: the profile's own where one is named.

    Raises:
        UsageError: it takes no token of a person, or the profile is for another server.
        ConfigurationError: the profile is not there, and no address makes it.
    """
    options = invocation()
    if client:
        if options.api_url and checked_address(options.api_url) != client.api_url:
            raise UsageError(f"The platform's own client is signed in to {client.api_url}.")
        # Its address goes with its token, whatever else would name one.
        options.api_url = client.api_url
    its_own = UsageError(
        "The emulator has a token of its own: there is nothing to sign in to.",
        hint="To sign in to the platform, name another profile: `--profile default`.",
    )
    try:
        server = _selected(mobilerun, token=False)
    except UnreachableError:
        # It does not run, and has no address then.
        raise its_own from None
    if server.is_emulator:
        raise its_own
    if mobilerun or not options.profile:
        return server
    known = profiles.load()
    if options.profile in known.names:
        profiles.require_address(known, options.profile, server.api_url)
        return server
    profiles.require_name(options.profile)
    return replace(server, token_key=profile_token_key(server.profile, server.api_url))


def _client_login() -> ClientLogin:
    client = platform_client.login()
    if client is None:
        raise AuthenticationError(
            f"The platform's own client is not signed in: no token in {places.platform_client_login_file()}.",
            hint="Sign in with a token: `xgodo-dev login`.",
        )
    return client


def _offered(server: Server) -> ClientLogin | None:
    """What the platform's own client keeps for that server, if whoever is asked wants it taken over."""
    try:
        client = platform_client.login()
    except ConfigurationError:
        # Nobody has asked for it.
        return None
    if client is None or client.api_url != server.api_url:
        return None
    whose = f" as {output.shown(client.account)}" if client.account else ""
    question = f"The platform's own client is signed in{whose}. Take over its token?"
    return client if confirm(question, default=True) else None


def _given_token(where: str, *, from_stdin: bool) -> str:
    """The token as somebody types or pipes it.

    Raises:
        UsageError: nobody does, or it can't be one.
    """
    if from_stdin:
        # Bytes: what is no text is no token either.
        token = sys.stdin.buffer.readline(_LONGEST_TOKEN).decode("utf-8-sig", "replace").strip()
    elif interactive():
        output.note(f"The token is {where}. It is not shown as you type.")
        token = click.prompt("API token", hide_input=True, err=True).strip()
    else:
        raise UsageError("There is nobody to ask for the token.", hint="Pipe it in, with --token-stdin.")
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("That is no API token.", hint=f"Copy it whole: it is {where}.")
    return token


def _tell_signed_in(server: Server, account: Mapping[str, Any], stored: Stored) -> None:
    if stored.place == "file":
        output.remark(
            f"{click.style('warning:', fg='yellow')} no keyring works here ({stored.obstacle}); "
            f"the token is in {token_store.token_file()}, readable by you alone."
        )
    if server.api_url.startswith("http:") and not is_of_this_machine(server.api_url):
        output.remark(
            f"{click.style('warning:', fg='yellow')} {server.api_url} is not encrypted: others on the way "
            "there can read the token. Use https:// if the server has it."
        )
    if invocation().json:
        document = {"profile": server.profile, "api_url": server.api_url, "stored": stored.place}
        user = {"user": account["user"]} if "user" in account else {}
        output.json_document(document | user)
    else:
        output.result(f"Signed in to {_as_whom(server, account)}.")
    if server.token_key != server.api_url:
        output.note(
            f'Use it with `--profile {server.profile}`, put `profile = "{server.profile}"` into a project\'s '
            f"xgodo.toml, or make it this machine's: `xgodo-dev profile use {server.profile}`."
        )
    _tell_environment_wins(server)


def _tell_environment_wins(server: Server) -> None:
    variable = "MOBILERUN_API_KEY" if server.sign_in_hint else "XGODO_TOKEN"
    if known_tokens.of_environment(variable):
        output.note(f"{variable} is set in this environment, and is used instead of what is kept.")


def _as_whom(server: Server, account: Mapping[str, Any]) -> str:
    user = account.get("user", {})
    told = [output.shown(user[name]) for name in ("name", "email") if user.get(name)]
    return " as ".join([server.api_url, *([" · ".join(told)] if told else [])])


async def verified(server: Server, mobilerun: bool) -> Mapping[str, Any]:
    """What the server tells of the account, by which it has taken the token: its balance, and the user."""
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
        return await _user(transport) | balance


async def _user(transport: Transport) -> dict[str, Any]:
    """Name and address of whom the token is, of a server that tells."""
    try:
        answer = await transport.request(
            "GET",
            "/user/me",
            under=transport.base("/server"),
            repeatable=True,
            pausable=False,
            within=_USER_DEADLINE,
        )
    except (ApiError, AuthenticationError, UnreachableError):
        # Older servers don't have it, and it may take no API token. That the token works is known by now.
        return {}
    user = answer.get("user") if isinstance(answer, dict) else None
    if not isinstance(user, dict):
        return {}
    told = {name: user[name] for name in ("name", "email") if isinstance(user.get(name), str)}
    return {"user": told} if told else {}
