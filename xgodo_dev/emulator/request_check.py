"""Holds a request against what the spec says of its operation.

What passes has documented types and keeps documented limits; a service then looks at meaning alone.
"""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from starlette.datastructures import QueryParams

from xgodo_dev.emulator.refusals import InvalidRequest
from xgodo_dev.emulator.request_complaint import complaint
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Operation, Parameter, Spec

_INTEGER = re.compile(r"-?[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?")
_SURROGATE = re.compile("[\ud800-\udfff]")
# What JavaScript, and with it the platform, can count to.
_LARGEST_INTEGER = 2**53 - 1

_formats = FormatChecker(["uuid"])


@_formats.checks("date-time", raises=ValueError)
def _is_moment(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return True


class RequestCheck:
    """Checks the requests of one operation."""

    def __init__(self, spec: Spec, operation: Operation) -> None:
        self._operation = operation
        registry = registry_of(spec)
        self._checks = {
            each.name: Draft202012Validator(
                with_whole_references(each.schema), registry=registry, format_checker=_formats
            )
            for each in operation.parameters
        }

    def arguments(
        self, path: Mapping[str, str], query: QueryParams, body: Mapping[str, object]
    ) -> dict[str, Any]:
        """Every documented parameter and member that was given, or that has a default, by its name.

        Raises:
            InvalidRequest: one is missing, or is not as documented.
        """
        found: dict[str, Any] = {}
        for parameter in self._operation.parameters:
            if parameter.place == "file":
                # Read where it goes to.
                continue
            given = _given(parameter, path, query, body)
            if given is _MISSING:
                if parameter.required:
                    raise _refusal(parameter, f"{parameter.name} is required")
                if parameter.has_default:
                    found[parameter.name] = parameter.schema["default"]
                continue
            if isinstance(given, float) and given.is_integer() and "integer" in _types(parameter.schema):
                # To JSON, 1.0 is an integer as well; 1e300 is too, and is held to be too large for one.
                given = int(given)
            self._hold(parameter, given)
            found[parameter.name] = given
        return found

    def _hold(self, parameter: Parameter, value: object) -> None:
        _refuse_unusable(value, parameter.name)
        try:
            errors = list(self._checks[parameter.name].iter_errors(value))
        except RecursionError as error:
            raise InvalidRequest(f"{parameter.name} is nested too deeply") from error
        if errors:
            raise _refusal(parameter, complaint(parameter.name, parameter.schema, errors))


def _refusal(parameter: Parameter, words: str) -> InvalidRequest:
    """With the words that the platform documents for this parameter, where it does."""
    return InvalidRequest(parameter.schema.get("x-refusal", words))


_MISSING = object()


def _given(
    parameter: Parameter, path: Mapping[str, str], query: QueryParams, body: Mapping[str, object]
) -> object:
    if parameter.place == "body":
        return body.get(parameter.name, _MISSING)
    if parameter.place == "path":
        return _read(path[parameter.name], _types(parameter.schema))
    if parameter.place != "query" or parameter.name not in query:
        return _MISSING
    if "array" in _types(parameter.schema):
        items = query.getlist(parameter.name)
        # Mobilerun's own client writes `state=a,b` for what its documentation writes `state=a&state=b`.
        return [part for item in items for part in item.split(",")]
    return _read(query[parameter.name], _types(parameter.schema))


def _read(text: str, types: frozenset[str]) -> object:
    """What a text in a path or query stands for; what stands for nothing stays text, and is refused so."""
    if "string" in types:
        return text
    if "integer" in types and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        return float(text)
    if "boolean" in types and text in ("true", "false"):
        return text == "true"
    return text


def _types(schema: Mapping[str, Any]) -> frozenset[str]:
    types = schema.get("type", "string")
    return frozenset([types] if isinstance(types, str) else types)


def _refuse_unusable(value: object, place: str) -> None:
    """Half of a character, or a number that is none, is refused wherever it stands."""
    waiting: list[object] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str) and _SURROGATE.search(each):
            raise InvalidRequest(f"{place} is not well-formed Unicode")
        if isinstance(each, int) and abs(each) > _LARGEST_INTEGER:
            raise InvalidRequest(f"{place} holds a number that is too large")
        if isinstance(each, float) and not math.isfinite(each):
            # JSON has no infinity, but Python reads 1e999 as one.
            raise InvalidRequest(f"{place} holds a number that is too large")
        if isinstance(each, dict):
            waiting += [*each, *each.values()]
        elif isinstance(each, list):
            waiting += each


_ADDRESS = "urn:spec"


def with_whole_references(schema: Any) -> Any:
    """The schema, each reference within the spec made one to the spec as a whole."""
    if isinstance(schema, Mapping):
        return {
            key: f"{_ADDRESS}{value}"
            if key == "$ref" and isinstance(value, str) and value.startswith("#")
            else with_whole_references(value)
            for key, value in schema.items()
        }
    if isinstance(schema, list):
        return [with_whole_references(each) for each in schema]
    return schema


@functools.cache
def registry_of(spec: Spec) -> Registry[Any]:
    """Where such references lead."""
    empty: Registry[Any] = Registry()
    registry: Registry[Any] = empty.with_resource(_ADDRESS, DRAFT202012.create_resource(dict(spec.document)))
    return registry


@functools.cache
def check_of(operation_id: str, *, mobilerun: bool) -> RequestCheck:
    """The check of an operation, made when its first request comes."""
    spec = reading.mobilerun() if mobilerun else reading.xgodo()
    return RequestCheck(spec, spec.operations[operation_id])
