"""The emulated platform as an ASGI application: routes, authentication, and how errors look.

A missing route is answered as Express does it, with 404 and a page that says ``Cannot PUT /path``, also
for a path that exists with other methods: this is how a client tells a missing route from a missing
project, whose 404 is JSON.

The documented endpoints are always there. The project API, which the platform's own client and its web
IDE use, can be left out: older servers don't have it.
"""

from __future__ import annotations

import hmac
import html
import json
import logging
from collections.abc import Awaitable, Callable
from typing import NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.record import EMULATOR_NAME, LOOPBACK
from xgodo_dev.emulator.refusals import BodyTooLarge, InvalidRequest, Refusal, Unauthorized
from xgodo_dev.emulator.services import (
    automation_files,
    devices,
    project_files,
    project_git,
    project_types,
    projects,
    templates,
    user,
    web_ide,
)
from xgodo_dev.emulator.services.endpoint import Call, Endpoint, Fields
from xgodo_dev.errors import XgodoError

BASES = ("/api", "/server/api")
DOCUMENTED = (automation_files, devices, user)
PROJECT_API = (projects, project_files, project_git, project_types, templates, web_ide)

_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})

# A page that a browser holds open may reach this port through a name of its own that resolves to
# loopback; its requests then carry that name.
_HOSTS = [LOOPBACK, "localhost"]

# JSON may write each byte of a text as six (\u0001), so a larger body cannot be an allowed one.
_BODY_BYTES = 6 * automation_files.CONTENT_BYTES + 64 * 1024

_logger = logging.getLogger(__name__)


def create_app(emulator: Emulator, *, project_api: bool = True) -> Starlette:
    """The application over one emulator, under both bases that the platform answers to."""
    routes = [
        Route(base + endpoint.path, _serve(emulator, endpoint), methods=list(endpoint.methods))
        for base in BASES
        for service in (*DOCUMENTED, *(PROJECT_API if project_api else ()))
        for endpoint in service.ENDPOINTS
    ]
    routes += [
        Route("/_emulator", _who(emulator), methods=["GET"]),
        Route("/_emulator/stop", _stop(emulator), methods=["POST"]),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False)],
        exception_handlers={
            HTTPException: _no_route,
            Refusal: _refusal,
            ClientDisconnect: _gone,
            XgodoError: _failure,
            Exception: _failure,
        },
    )
    app.router.redirect_slashes = False
    return app


Handler = Callable[[Request], Awaitable[Response]]


def _serve(emulator: Emulator, endpoint: Endpoint) -> Handler:
    async def handle(request: Request) -> Response:
        _authenticate(emulator, request)
        body = {} if request.method in _WITHOUT_BODY else await _read_body(request)
        call = Call(request.path_params, Fields(dict(request.query_params)), Fields(body))
        return JSONResponse(await endpoint.answer(emulator, call))

    return handle


def _who(emulator: Emulator) -> Handler:
    async def handle(_: Request) -> Response:
        return JSONResponse({"name": EMULATOR_NAME, "instance": str(emulator.identity.instance)})

    return handle


def _stop(emulator: Emulator) -> Handler:
    async def handle(request: Request) -> Response:
        _authenticate(emulator, request)
        emulator.stopping.set()
        return JSONResponse({"success": True})

    return handle


def _authenticate(emulator: Emulator, request: Request) -> None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    # As bytes, since a token that is not ASCII is wrong and must not be an error of its own.
    known = hmac.compare_digest(token.strip().encode(), emulator.identity.token.encode())
    if scheme.lower() != "bearer" or not known:
        raise Unauthorized


async def _read_body(request: Request) -> dict[str, object]:
    received = bytearray()
    async for part in request.stream():
        received += part
        if len(received) > _BODY_BYTES:
            raise BodyTooLarge
    try:
        document = json.loads(received.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("Request body is not valid JSON") from error
    if not isinstance(document, dict):
        raise InvalidRequest("Request body must be a JSON object")
    return document


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which JSON does not have.
    raise ValueError(name)


async def _no_route(request: Request, _: Exception) -> Response:
    cannot = html.escape(f"Cannot {request.method} {request.url.path}")
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{cannot}</pre>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, status_code=404)


async def _refusal(_: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body(), status_code=error.status)


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


async def _failure(request: Request, error: Exception) -> Response:
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = str(error) if isinstance(error, XgodoError) else "Internal server error"
    return JSONResponse({"success": False, "message": message}, status_code=500)
