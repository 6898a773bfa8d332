"""The collector that a command sends what runs do to, where one is wanted."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import click

from xgodo_dev.project import config
from xgodo_dev.runs.events import Event
from xgodo_dev.runs.otlp_addresses import addresses

_Function = TypeVar("_Function", bound=Callable[..., Any])


def _usable_address(_context: click.Context, _parameter: click.Parameter, url: str | None) -> str | None:
    if url is not None:
        # Here, because a slip is to be told before anything is done.
        addresses(url, {})
    return url


def otlp_option(command: _Function) -> _Function:
    """The option of commands that follow runs."""
    return click.option(
        "--otlp",
        metavar="URL",
        callback=_usable_address,
        help="Send logs and run spans to this OpenTelemetry collector (OTLP over HTTP).",
    )(command)


@asynccontextmanager
async def telemetry(
    endpoint: str | None, project: str, emit: Callable[[Event], None]
) -> AsyncIterator[Callable[[Event], None]]:
    """``emit``, or where that is wanted, what sends the events to a collector as well."""
    if endpoint is None and not config.telemetry_from_environment():
        yield emit
        return
    # Its imports take longer than a whole run may.
    from xgodo_dev.runs.telemetry import Telemetry

    async with Telemetry(endpoint, project=project, say=emit) as sending:

        def emit_and_send(event: Event) -> None:
            emit(event)
            sending.take(event)

        yield emit_and_send
