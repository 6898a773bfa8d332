"""What `xgodo-dev doctor` has to say of the server that commands here use, and of the emulator."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Literal

from xgodo_dev import places
from xgodo_dev.cli import local_project
from xgodo_dev.cli.doctor.part import FIX, Part, Status
from xgodo_dev.emulator.record import EmulatorRecord, answers, read_record
from xgodo_dev.errors import (
    ApiError,
    AuthenticationError,
    ConfigurationError,
    UnreachableError,
    XgodoError,
)
from xgodo_dev.platform.answers import Answer, Refusals
from xgodo_dev.platform.credentials import Server

_DEADLINE_S = 4.0
# A certificate is refused long before; tokens and times of logs suffer from less.
_SKEW_TOLD_S, _SKEW_PROBLEM_S = 60.0, 600.0


@dataclass(frozen=True)
class Account:
    """The server that commands here use, and what it says of the token."""

    server: Server | None = None
    """Without its token; None where it can't be told which."""
    error: XgodoError | None = None
    """Why it is not told, or what the server answered."""
    signed_in: bool = False
    skew: float | None = None
    """Seconds that this machine's clock is ahead of the server's; None where it was not heard."""


@dataclass(frozen=True)
class EmulatorHere:
    """The emulator of this machine, as its record tells."""

    state: Literal["none", "runs", "stale"]
    file: Path
    record: EmulatorRecord | None = None


def selected() -> Account:
    """The server that commands here use, with its token. It may take a while (a keyring)."""
    try:
        server = local_project.server()
    except XgodoError as error:
        return Account(error=error)
    return Account(server, signed_in=bool(server.token))


async def asked(account: Account) -> Account:
    """The account, and what its server says of the token within seconds; nothing is asked without one."""
    from xgodo_dev.platform.request import Request
    from xgodo_dev.platform.transport import Transport

    server, skew = account.server, None
    if server is None or not account.signed_in:
        return account

    def note_clock(answer: Answer) -> None:
        nonlocal skew
        skew = _skew(answer.headers, time.time())

    balance = Request(
        "GET",
        "/api/v2/user/balance",
        repeatable=True,
        pausable=False,
        within=_DEADLINE_S,
        on_answer=note_clock,
        # Nobody is kept from one's own balance.
        refusals=Refusals(forbidden=AuthenticationError),
    )
    error: XgodoError | None = None
    try:
        async with asyncio.timeout(_DEADLINE_S), Transport(server) as transport:
            await transport.send(balance)
    except XgodoError as raised:
        error = raised
    except TimeoutError:
        error = UnreachableError(f"{server.api_url} did not answer within {_DEADLINE_S:g} s.")
    return Account(server, error, signed_in=True, skew=skew)


def emulator_here() -> EmulatorHere:
    """The emulator of this machine. One that ended without a word leaves its record."""
    file = places.emulator_record_file()
    record = read_record(file)
    if record is not None and answers(record):
        return EmulatorHere("runs", file, record)
    return EmulatorHere("stale" if file.exists() else "none", file, record)


def account(found: Account) -> Part:
    """Whether somebody is signed in, and the server takes the token."""
    server, error = found.server, found.error
    if server is None:
        assert error is not None
        status: Status = "problem" if isinstance(error, ConfigurationError) else "note"
        return Part("account", status, str(error), hint=error.hint or "See `xgodo-dev whoami`.")
    if not found.signed_in:
        message = f"Not signed in to {server.api_url}. The emulator needs no account."
        return Part("account", "note", message, hint=server.sign_in_hint or AuthenticationError.default_hint)
    if error is None:
        if server.is_emulator:
            return Part("account", "ok", "Commands here use the emulator, which takes its own token.")
        return Part("account", "ok", f"{server.api_url} takes {server.credential_source}.")
    if isinstance(error, AuthenticationError):
        return Part("account", "problem", str(error), hint=error.hint)
    if isinstance(error, ApiError):
        return Part("account", "note", str(error), hint=error.hint or "See `xgodo-dev whoami`.")
    # No network is no fault of the installation.
    hint = error.hint or "Check the address and the network. The emulator needs neither."
    return Part("account", "note", str(error), hint=hint)


def clock(found: Account) -> Part | None:
    """Whether this machine's clock goes as the server's does."""
    if found.skew is None or found.server is None:
        return None
    late = abs(found.skew)
    if late < _SKEW_TOLD_S:
        return Part("clock", "ok", "Goes as the server's does.")
    where = "ahead of" if found.skew > 0 else "behind"
    amount = f"{late:.0f} s" if late < 600 else f"{late / 60:.0f} min"
    return Part(
        "clock",
        "problem" if late >= _SKEW_PROBLEM_S else "note",
        f"This machine's clock is {amount} {where} that of {found.server.api_url}: times of logs are off.",
        hint="Have this machine set its clock from the network.",
    )


def emulator(found: EmulatorHere) -> Part:
    """Whether the emulator runs."""
    if found.record is not None and found.state == "runs":
        return Part("emulator", "ok", f"Runs at {found.record.url}.", path=Path(found.record.data))
    if found.state == "none":
        return Part(
            "emulator",
            "ok",
            "None runs. `watch --emulator` starts one, and so does `emulator start --detach`.",
        )
    message = "Its record is here, but none answers: it ended without a word, or is stopped."
    return Part("emulator", "note", message, path=found.file, hint=f"To remove the record: {FIX}")


def _skew(headers: Mapping[str, str], now: float) -> float | None:
    try:
        return now - parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
