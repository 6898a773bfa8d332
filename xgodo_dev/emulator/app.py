"""The emulated platform as an ASGI application: routes, authentication, and how errors look.

A missing route is answered as Express does it, with 404 and a page that says ``Cannot PUT /path``, also
for a path that exists with other methods: this is how a client tells a missing route from a missing
project, whose 404 is JSON. Mobilerun says 404 or 405 in JSON.

The documented endpoints are always there. The project API, which the platform's own client and its web
IDE use, can be left out: older servers don't have it.
"""

from __future__ import annotations

import html
import json
import logging
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from types import ModuleType
from typing import NoReturn

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Match, Route

from xgodo_dev.emulator import accounts, project_owners
from xgodo_dev.emulator.accounts import Caller
from xgodo_dev.emulator.emulator import Emulator
from xgodo_dev.emulator.mobilerun import apps, feedback, hooks, media, models
from xgodo_dev.emulator.mobilerun import devices as mobilerun_devices
from xgodo_dev.emulator.mobilerun import tasks as mobilerun_tasks
from xgodo_dev.emulator.record import EMULATOR_NAME, LOOPBACK
from xgodo_dev.emulator.refusals import (
    BodyTooLarge,
    ErrorShape,
    Forbidden,
    InvalidRequest,
    Refusal,
    Unauthorized,
)
from xgodo_dev.emulator.request_check import check_of
from xgodo_dev.emulator.services import (
    admin,
    automation_files,
    buckets,
    control,
    device_bucket,
    devices,
    emulated_jobs,
    files,
    jobs,
    payments,
    planned_tasks,
    project_files,
    project_git,
    project_types,
    project_user,
    projects,
    proxies,
    tasks,
    templates,
    user,
    web_ide,
)
from xgodo_dev.emulator.services.endpoint import Answer, Call, Endpoint, Fields
from xgodo_dev.errors import XgodoError

DOCUMENTED = (
    automation_files,
    jobs,
    tasks,
    planned_tasks,
    payments,
    user,
    devices,
    proxies,
    admin,
    buckets,
    device_bucket,
    files,
)
PROJECT_API = (projects, project_files, project_git, project_types, project_user, templates, web_ide)
MOBILERUN = (mobilerun_devices, mobilerun_tasks, models, apps, feedback, hooks, media)
EMULATORS_OWN = (control, emulated_jobs)

_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})

# A page that a browser holds open may reach this port through a name of its own that resolves to
# loopback; its requests then carry that name.
_HOSTS = [LOOPBACK, "localhost"]

# JSON may write each byte of a text as six (\u0001), so a larger body cannot be an allowed one.
_BODY_BYTES = 6 * automation_files.CONTENT_BYTES + 64 * 1024

_logger = logging.getLogger(__name__)


def create_app(emulator: Emulator, *, project_api: bool = True) -> Starlette:
    """The application over one emulator: both platforms, and what only the emulator has."""
    services = (*DOCUMENTED, *(PROJECT_API if project_api else ()), *MOBILERUN, *EMULATORS_OWN)
    routes = [
        Route(base + each.path, _serve(emulator, each, _shape(service)), methods=list(each.methods))
        for service in services
        for each in service.ENDPOINTS
        for base in each.bases
    ]
    routes.append(Route("/_emulator", _who(emulator), methods=["GET"]))
    app = Starlette(
        routes=routes,
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=_HOSTS, www_redirect=False)],
        exception_handlers={
            HTTPException: _no_route,
            ClientDisconnect: _gone,
            XgodoError: _failure,
            Exception: _failure,
        },
    )
    app.router.redirect_slashes = False
    return app


def tables() -> list[str]:
    """What the services keep in the database, as statements that make it where it is missing."""
    services = (*DOCUMENTED, *PROJECT_API, *MOBILERUN, *EMULATORS_OWN)
    return [
        accounts.TABLES,
        project_owners.TABLES,
        *(text for service in services if (text := getattr(service, "TABLES", ""))),
    ]


Handler = Callable[[Request], Awaitable[Response]]


def _shape(service: ModuleType) -> ErrorShape:
    shape = getattr(service, "SHAPE", ErrorShape.SUCCESS_MESSAGE)
    assert isinstance(shape, ErrorShape)
    return shape


def _serve(emulator: Emulator, endpoint: Endpoint, shape: ErrorShape) -> Handler:
    has_json = _has_json(endpoint)

    async def handle(request: Request) -> Response:
        try:
            caller = _caller(emulator, endpoint, request)
            body = await _read_body(request, may_be_empty=endpoint.may_lack_body) if has_json else {}
            arguments = {}
            if endpoint.operation:
                check = check_of(endpoint.operation.id, mobilerun=endpoint.is_mobilerun)
                arguments = check.arguments(request.path_params, request.query_params, body)
            query = Fields(dict(request.query_params))
            call = Call(request, caller, request.path_params, query, Fields(body), arguments)
            answer = await endpoint.answer(emulator, call)
        except Refusal as refusal:
            return JSONResponse(refusal.body(shape), status_code=refusal.status)
        if isinstance(answer, Response):
            return answer
        if not isinstance(answer, Answer):
            return JSONResponse(answer)
        if answer.document is None:
            return Response(status_code=answer.status)
        return JSONResponse(answer.document, status_code=answer.status)

    return handle


def _who(emulator: Emulator) -> Handler:
    async def handle(_: Request) -> Response:
        return JSONResponse({"name": EMULATOR_NAME, "instance": str(emulator.identity.instance)})

    return handle


def _caller(emulator: Emulator, endpoint: Endpoint, request: Request) -> Caller:
    if not endpoint.needs_token:
        return Caller("")
    if endpoint.operation and endpoint.operation.credential == "admin":
        caller = emulator.accounts.admin(request.headers.get("x-admin-token", ""))
    else:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        known = emulator.accounts.mobilerun if endpoint.is_mobilerun else emulator.accounts.bearer
        caller = known(token.strip()) if scheme.lower() == "bearer" else None
    if caller is None:
        raise Unauthorized
    if endpoint.permitted != "everybody" and caller.is_agent:
        raise Forbidden
    if endpoint.permitted == "owner" and caller.account_id != emulator.accounts.owner.id:
        raise Forbidden
    return caller


def _has_json(endpoint: Endpoint) -> bool:
    """Whether the body is read here: uploads are read where they go to."""
    if endpoint.operation is None:
        return _WITHOUT_BODY.isdisjoint(endpoint.methods)
    in_body = [each for each in endpoint.operation.parameters if each.place in ("body", "file")]
    return bool(in_body) and not endpoint.operation.uploads


async def _read_body(request: Request, *, may_be_empty: bool) -> dict[str, object]:
    received = bytearray()
    async for part in request.stream():
        received += part
        if len(received) > _BODY_BYTES:
            raise BodyTooLarge
    if not received and may_be_empty:
        return {}
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


async def _no_route(request: Request, error: Exception) -> Response:
    if _is_mobilerun(request):
        status = error.status_code if isinstance(error, HTTPException) else 404
        methods = _methods_of(request)
        return JSONResponse(
            ErrorShape.DETAIL.body(HTTPStatus(status).phrase),
            status_code=status,
            headers={"Allow": ", ".join(methods)} if methods else None,
        )
    cannot = html.escape(f"Cannot {request.method} {request.url.path}")
    page = (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>Error</title>\n</head>\n'
        f"<body>\n<pre>{cannot}</pre>\n</body>\n</html>\n"
    )
    return HTMLResponse(page, status_code=404)


def _methods_of(request: Request) -> list[str]:
    """What the path can be asked with, if it is one."""
    routes = [each for each in request.app.routes if isinstance(each, Route)]
    paths = [each.path for each in routes if each.matches(request.scope)[0] is not Match.NONE]
    # The first is the one that serves it: `/devices/count` is no device.
    return sorted({method for each in routes if each.path in paths[:1] for method in each.methods or ()})


async def _gone(_: Request, __: Exception) -> Response:
    return Response(status_code=400)


async def _failure(request: Request, error: Exception) -> Response:
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    message = str(error) if isinstance(error, XgodoError) else "Internal server error"
    shape = ErrorShape.DETAIL if _is_mobilerun(request) else ErrorShape.SUCCESS_MESSAGE
    return JSONResponse(shape.body(message), status_code=500)


def _is_mobilerun(request: Request) -> bool:
    return request.url.path.startswith("/mobilerun/")
