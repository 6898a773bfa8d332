"""The types of options: what a text on the command line is read as, and what is refused at once."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.endpoints import given_files
from xgodo_dev.cli.endpoints.fields import FieldsUnusable, split_item
from xgodo_dev.cli.whole_number import WholeNumber
from xgodo_dev.platform.spec.reading import Schema, python_name

if TYPE_CHECKING:
    Kind: TypeAlias = click.ParamType[Any]
else:
    # Generic since click 8.4 only.
    Kind = click.ParamType

_FROM_NOW = re.compile(r"(\+?)([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


class Text(Kind):
    """A text of a documented length."""

    name = "text"

    def __init__(self, shortest: int = 0, longest: int | None = None) -> None:
        self._shortest = shortest
        self._longest = longest

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        if len(text) < self._shortest:
            least = "be empty" if self._shortest == 1 else f"have fewer than {self._shortest} characters"
            self.fail(f"It can't {least}.", param, ctx)
        if self._longest is not None and len(text) > self._longest:
            self.fail(f"It has {len(text):,} characters; {self._longest:,} are the most.", param, ctx)
        return text


class Moment(Kind):
    """A time: as the platform takes it (ISO 8601), ``now``, ``90m`` ago, or in ``+90m``."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        distance = _FROM_NOW.fullmatch(text)
        if distance or text == "now":
            seconds = int(distance[2]) * _SECONDS[distance[3]] if distance else 0
            is_to_come = bool(distance and distance[1])
            moment = datetime.fromtimestamp(time.time() + (seconds if is_to_come else -seconds), UTC)
            return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError:
            self.fail(
                f"{text!r} is no time such as 2026-04-25T13:22:11Z, 2026-04-25, now, 90m (ago) or +90m.",
                param,
                ctx,
            )
        if parsed.tzinfo:
            return text
        # Of a person at a terminal, who reads a clock on the wall.
        return parsed.astimezone().astimezone(UTC).isoformat().replace("+00:00", "Z")


class Item(Kind):
    """An object with documented members: ``name=a,extension=.png``. Base64 is given as a file's path."""

    name = "item"

    def __init__(self, schema: Schema) -> None:
        properties: Mapping[str, Schema] = schema["properties"]
        self._members = {option_name(name): (name, member) for name, member in properties.items()}
        self._schemas = dict(properties)
        self._required = [option_name(name) for name in schema.get("required", ())]

    @property
    def written_as(self) -> str:
        """How an item is written, for help."""
        return ",".join(
            f"{option}={'FILE' if is_base64(member) else option.rpartition('-')[2].upper()}"
            for option, (_, member) in self._members.items()
        )

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        if isinstance(value, dict):
            return value
        made: dict[str, Any] = {}
        try:
            for option, text in split_item(value, list(self._members)):
                name, member = self._members[option]
                if member.get("type") == "array":
                    made.setdefault(name, []).append(text)
                else:
                    made[name] = text
        except FieldsUnusable as error:
            self.fail(str(error), param, ctx)
        missing = [option for option in self._required if self._members[option][0] not in made]
        if missing:
            self.fail(f"{value!r} lacks {' and '.join(missing)}.", param, ctx)
        return made

    def with_content(self, item: Mapping[str, Any]) -> dict[str, Any]:
        """The item with the content of the files that it names.

        Raises:
            UsageError: one of them can't be read, or is too large.
        """
        complete = dict(item)
        for name, member in self._schemas.items():
            if name in item and is_base64(member):
                complete[name] = given_files.base64_of(item[name], member.get("x-max-bytes"))
        return complete

    def words(self, item: Mapping[str, Any]) -> str | None:
        """How it is written; None where it has the content of files in it."""
        parts: list[str] = []
        for option, (name, member) in self._members.items():
            if name not in item:
                continue
            if is_base64(member):
                return None
            texts = item[name] if isinstance(item[name], list) else [item[name]]
            parts += [f"{option}={text}" for text in texts]
        return ",".join(parts)


class Device(Kind):
    """A device: an id, a name, or the beginning of either. What it means is asked later."""

    name = "device"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not str(value).strip():
            self.fail("A device was named by an empty text.", param, ctx)
        return str(value)


def of_schema(schema: Schema) -> Kind:
    """The type of one value of a schema, which is no object and no list."""
    choices = [each for each in schema.get("enum", ()) if isinstance(each, str)]
    if choices:
        return Choice(choices)
    kinds = schema.get("type", "string")
    kind = kinds if isinstance(kinds, str) else next(each for each in kinds if each != "null")
    least, most = schema.get("minimum"), schema.get("maximum")
    if kind == "integer":
        return WholeNumber(least, most) if least is not None or most is not None else click.INT
    if kind == "number":
        return click.FloatRange(least, most) if least is not None or most is not None else click.FLOAT
    if schema.get("format") == "date-time":
        return Moment()
    return Text(schema.get("minLength", 0), schema.get("maxLength"))


def option_name(name: str) -> str:
    """A name of the platform as options spell it: ``base64Data`` is ``base64-data``."""
    return python_name(name).strip("_").replace("_", "-")


def is_base64(schema: Schema) -> bool:
    """Whether a text is the content of a file."""
    return schema.get("contentEncoding") == "base64"
