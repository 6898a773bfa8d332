"""Holds answers of the emulator against the specs: the status documented, the body as its schema has it."""

from __future__ import annotations

import functools
import json
import re

import httpx
from jsonschema import Draft202012Validator

from xgodo_dev.emulator.request_check import registry_of, with_whole_references
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Operation, Spec

MOBILERUN = "/mobilerun/v1"
XGODO_BASES = ("/server/api/", "/api/")


def operation_of(method: str, path: str) -> tuple[Spec, Operation] | None:
    """The operation that a request to an emulator is for; None where the specs have none."""
    if path.startswith("/mobilerun/"):
        # Its feedback endpoint is answered with and without the version.
        below = path.removeprefix(MOBILERUN).removeprefix("/mobilerun")
        return _matching(reading.mobilerun(), method, below)
    for base in XGODO_BASES:
        if path.startswith(base):
            return _matching(reading.xgodo(), method, path.removeprefix(base))
    return None


def problems(method: str, path: str, status: int, content_type: str, body: bytes) -> list[str]:
    """What the specs don't have of an answer; nothing for requests that are none of theirs."""
    found = operation_of(method, path)
    if found is None:
        return []
    spec, operation = found
    reply = operation.replies.get(status)
    if reply is None:
        return [f"{operation.id} has no status {status}: {body[:300]!r}"]
    given = content_type.partition(";")[0]
    if reply.content_type is None:
        return [f"{operation.id} {status} has no body: {body[:300]!r}"] if body else []
    if reply.content_type != given:
        return [f"{operation.id} {status} is {reply.content_type}, not {given}: {body[:300]!r}"]
    if given != "application/json":
        return []
    errors = _validator(spec, operation.id, status).iter_errors(json.loads(body))
    return [f"{operation.id} {status} at {error.json_path}: {error.message[:300]}" for error in errors]


def hold_against_specs(response: httpx.Response) -> None:
    """An httpx hook that fails the test whose request was answered otherwise than documented."""
    request = response.request
    method, path = request.method, request.url.path
    if response.headers.get("content-type", "").startswith("text/event-stream"):
        return
    body = response.read()
    # What answers before any endpoint is asked: to the wrong host, and where no route is.
    if body == b"Invalid host header" or (response.status_code == 404 and body.startswith(b"<!DOCTYPE")):
        return
    found = problems(method, path, response.status_code, response.headers.get("content-type", ""), body)
    assert not found, "\n".join(found)


def _matching(spec: Spec, method: str, path: str) -> tuple[Spec, Operation] | None:
    for expression, operation in _routes(spec):
        if operation.method == method and expression.fullmatch(path):
            return spec, operation
    return None


@functools.cache
def _routes(spec: Spec) -> list[tuple[re.Pattern[str], Operation]]:
    # What has fewer parameters is tried first: `/devices/count` is no device.
    by_parameters = sorted(spec.operations.values(), key=lambda each: each.path.count("{"))
    base = "^(/server)?/api/" if spec is reading.xgodo() else "$^"
    return [(_expression(re.sub(base, "", each.path)), each) for each in by_parameters]


def _expression(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path)
    return re.compile("[^/]+".join(re.escape(part) for part in parts))


@functools.cache
def _validator(spec: Spec, operation_id: str, status: int) -> Draft202012Validator:
    schema = with_whole_references(spec.operations[operation_id].replies[status].schema)
    return Draft202012Validator(schema, registry=registry_of(spec))
