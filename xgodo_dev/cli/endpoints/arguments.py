"""The parameters of an operation as a command takes them: typed options, and positional words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import click

from xgodo_dev.cli.endpoints import given_files
from xgodo_dev.cli.endpoints.fields import FieldsUnusable, read_fields, write_fields
from xgodo_dev.cli.endpoints.values import Device, Item, Kind, Text, of_schema
from xgodo_dev.platform.spec.reading import Operation, Parameter, Schema, Spec

# What click's own names of parameters begin with, so that none is one of a command's other options.
_OWN = "given_"
_DEVICES = ("device_id", "deviceId", "previousDeviceId", "remote_device_id", "device_ids")


class _Absent:
    """In place of a value that was not given: the platform decides."""


ABSENT: Final = _Absent()


class Argument(ABC):
    """One parameter of an operation, as a command takes it."""

    def __init__(self, parameter: Parameter, schema: Schema) -> None:
        self.parameter = parameter
        self.schema = schema
        self.name = _OWN + parameter.python_name.strip("_")

    @abstractmethod
    def click_parameters(self) -> list[click.Parameter]:
        """The options for it, or the positional word."""

    @abstractmethod
    def value(self, given: Mapping[str, Any]) -> Any:
        """What was given for it, as the platform takes it, or ``ABSENT``.

        Raises:
            UsageError: something is missing, or can't be used.
        """

    @abstractmethod
    def words(self, value: Any) -> list[str] | None:
        """The words of a command line that give this value; None where they would need a file."""

    @property
    def called(self) -> str:
        """What a person knows it by: its option, or the word in its place."""
        return self.parameter.option

    @property
    def is_required(self) -> bool:
        """Whether a command can't do without it: some can't though the documents let it be left out."""
        return self.parameter.required or bool(self.schema.get("x-command-required"))

    def _help(self, *more: str) -> str:
        schema, parameter = self.schema, self.parameter
        told = [parameter.description.strip(), *more]
        if parameter.max_bytes:
            told.append(f"At most {parameter.max_bytes / 1024 / 1024:g} MB.")
        if "maxLength" in schema and "characters" not in parameter.description:
            told.append(f"At most {schema['maxLength']:,} characters.")
        if parameter.has_default:
            told.append(f"The platform's default: {_shown(schema['default'])}.")
        if parameter.uncertain:
            told.append(f"Uncertain: {_sentence(parameter.uncertain)}")
        return " ".join(told)

    def _option(self, *flags: str, **settings: Any) -> click.Option:
        return click.Option([*(flags or [self.parameter.option]), self.name], **settings)


class One(Argument):
    """A text or a number. What a path has in it is a positional word."""

    def __init__(self, parameter: Parameter, schema: Schema, kind: Kind) -> None:
        super().__init__(parameter, schema)
        self.kind = kind

    def click_parameters(self) -> list[click.Parameter]:
        if self.parameter.place == "path":
            return [click.Argument([self.name], type=self.kind, metavar=self.metavar)]
        preferred = self.schema.get("x-command-default")
        # To click, a default of None is one.
        default = {} if preferred is None else {"default": preferred, "show_default": True}
        option = self._option(
            type=self.kind,
            required=self.is_required and preferred is None,
            help=self._help(),
            metavar=self._metavar_of_kind(),
            **default,
        )
        if not self.may_be_file:
            return [option]
        option.required = False
        return [
            option,
            _file_option(self, "The text of this file; - is stdin.", required=self.parameter.required),
        ]

    @property
    def may_be_file(self) -> bool:
        """Whether it is the content of a file, which is not written on a command line."""
        return self.parameter.max_bytes is not None or "contentMediaType" in self.schema

    @property
    def called(self) -> str:
        return self.metavar if self.parameter.place == "path" else self.parameter.option

    @property
    def metavar(self) -> str:
        """What a positional word is called."""
        return self.parameter.python_name.removesuffix("_id").upper()

    def _metavar_of_kind(self) -> str | None:
        if isinstance(self.kind, click.types.IntParamType | click.types.FloatParamType):
            return "N"
        return "DEVICE" if isinstance(self.kind, Device) else None

    def value(self, given: Mapping[str, Any]) -> Any:
        value, file = given.get(self.name), given.get(_file_name(self))
        if value is not None and file is not None:
            raise click.UsageError(f"{self.parameter.option} and {_file_flag(self)} exclude each other.")
        if file is not None:
            value = given_files.text_of(file, self.parameter.max_bytes)
            value = Text(self.schema.get("minLength", 0), self.schema.get("maxLength")).convert(
                value, None, None
            )
        if value is None:
            if self.parameter.required:
                raise _missing(self.parameter.option, _file_flag(self))
            return ABSENT
        return value

    def words(self, value: Any) -> list[str] | None:
        text = _shown(value)
        if self.parameter.place == "path":
            return [text]
        return [f"{self.parameter.option}={text}"] if text.startswith("-") else [self.parameter.option, text]


class Switch(Argument):
    """True or false: a flag and its opposite."""

    def click_parameters(self) -> list[click.Parameter]:
        flag = self.parameter.option
        pair = f"{flag}/{flag.replace('--', '--no-', 1)}"
        return [self._option(pair, default=None, required=self.parameter.required, help=self._help())]

    def value(self, given: Mapping[str, Any]) -> Any:
        value = given.get(self.name)
        return ABSENT if value is None else value

    def words(self, value: Any) -> list[str] | None:
        return [self.parameter.option if value else self.parameter.option.replace("--", "--no-", 1)]


class Many(Argument):
    """A list: an option that repeats. The values are those of ``kind``."""

    def __init__(self, parameter: Parameter, schema: Schema, kind: Kind) -> None:
        super().__init__(parameter, schema)
        self.kind = kind

    def click_parameters(self) -> list[click.Parameter]:
        metavar = self.kind.written_as if isinstance(self.kind, Item) else None
        if isinstance(self.kind, Device):
            metavar = "DEVICE"
        return [
            self._option(
                type=self.kind,
                multiple=True,
                required=self.parameter.required,
                metavar=metavar,
                help=self._help("May be repeated."),
            )
        ]

    def value(self, given: Mapping[str, Any]) -> Any:
        values = list(given.get(self.name) or ())
        if not values:
            return ABSENT
        least, most = self.schema.get("minItems", 0), self.schema.get("maxItems")
        if len(values) < least or (most is not None and len(values) > most):
            allowed = f"at most {most}" if len(values) > least else f"at least {least}"
            raise click.UsageError(f"{self.parameter.option} is given {len(values)} times; {allowed} can be.")
        if isinstance(self.kind, Item):
            return [self.kind.with_content(item) for item in values]
        return values

    def words(self, value: Any) -> list[str] | None:
        texts = [self.kind.words(each) if isinstance(self.kind, Item) else _shown(each) for each in value]
        if not texts or None in texts:
            return None
        return [word for text in texts for word in (self.parameter.option, str(text))]


class Fields(Argument):
    """An object whose members nobody has documented: fields, and a file with JSON below them."""

    def click_parameters(self) -> list[click.Parameter]:
        also = "Required, if not as a file." if self.parameter.required else ""
        return [
            self._option(
                multiple=True,
                metavar="KEY=TEXT|KEY:=JSON",
                help=self._help(*filter(None, ["One member; may be repeated.", also])),
            ),
            _file_option(self, "A JSON object to begin with; - is stdin."),
        ]

    def value(self, given: Mapping[str, Any]) -> Any:
        fields, file = given.get(self.name) or (), given.get(_file_name(self))
        if not fields and file is None:
            if self.parameter.required:
                raise _missing(self.parameter.option, _file_flag(self))
            return ABSENT
        try:
            return {**(given_files.object_of(file) if file is not None else {}), **read_fields(fields)}
        except FieldsUnusable as error:
            raise click.UsageError(f"{self.parameter.option}: {error}") from error

    def words(self, value: Any) -> list[str] | None:
        fields = write_fields(value)
        return [word for field in fields for word in (self.parameter.option, field)] if fields else None


class Document(Argument):
    """A whole document of JSON, such as a schema: a file, or a flag for null, which takes it away."""

    def click_parameters(self) -> list[click.Parameter]:
        flag = self.parameter.option
        return [
            self._option(metavar="FILE", help=self._help("A file with its JSON; - is stdin.")),
            click.Option(
                [flag.replace("--", "--no-", 1), f"{self.name}_none"], is_flag=True, help="Remove it."
            ),
        ]

    def value(self, given: Mapping[str, Any]) -> Any:
        file, none = given.get(self.name), given.get(f"{self.name}_none")
        if file is not None and none:
            flag = self.parameter.option
            raise click.UsageError(f"{flag} and {flag.replace('--', '--no-', 1)} exclude each other.")
        if none:
            return None
        return ABSENT if file is None else given_files.object_of(file)

    def words(self, value: Any) -> list[str] | None:
        return [self.parameter.option.replace("--", "--no-", 1)] if value is None else None


class Upload(Argument):
    """A file that is sent: a positional word."""

    def click_parameters(self) -> list[click.Parameter]:
        return [click.Argument([self.name], metavar="FILE")]

    def value(self, given: Mapping[str, Any]) -> Any:
        return given_files.path_of(given[self.name])

    def words(self, value: Any) -> list[str] | None:
        return [str(value)]


def arguments(operation: Operation, spec: Spec) -> list[Argument]:
    """How a command takes each parameter of an operation: positional words first, then what is required."""
    made = [_argument(_of_pages(parameter, operation), spec) for parameter in operation.parameters]
    return sorted(made, key=lambda each: (each.parameter.place not in ("path", "file"), not each.is_required))


def _of_pages(parameter: Parameter, operation: Operation) -> Parameter:
    """The parameter; a size of pages that is called a limit is one of items, of several pages if need be."""
    if operation.pages is None or parameter is not operation.pages.size or parameter.name != "limit":
        return parameter
    page = {key: value for key, value in parameter.schema.items() if key not in ("maximum", "default")}
    told = (
        f"How many at most, of as many pages as that takes; with {operation.pages.position.option}, of one."
    )
    return replace(parameter, schema=page, description=told)


def _argument(parameter: Parameter, spec: Spec) -> Argument:
    schema = _without_null(parameter.schema, spec)
    if parameter.place == "file":
        return Upload(parameter, schema)
    kind = schema.get("type", "string")
    if kind == "boolean":
        return Switch(parameter, schema)
    if kind == "object":
        return Document(parameter, schema) if "properties" in schema else Fields(parameter, schema)
    is_device = parameter.name in _DEVICES
    if kind == "array":
        items = spec.resolved(schema.get("items", {}))
        if items.get("type") == "object":
            return Many(parameter, schema, Item(items))
        return Many(parameter, schema, Device() if is_device else of_schema(items))
    return One(parameter, schema, Device() if is_device else of_schema(schema))


def device_arguments(given: Sequence[Argument]) -> list[Argument]:
    """Those of an operation's arguments that name devices."""
    return [each for each in given if isinstance(each, One | Many) and isinstance(each.kind, Device)]


def _without_null(schema: Schema, spec: Spec) -> Schema:
    """The schema of what is given where null is allowed as well."""
    others = [spec.resolved(each) for each in schema.get("anyOf", ())]
    others = [each for each in others if each.get("type") != "null"]
    if len(others) == 1:
        return {**others[0], **{key: value for key, value in schema.items() if key != "anyOf"}}
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return {**schema, "type": next(each for each in kinds if each != "null")}
    return schema


def _file_name(argument: Argument) -> str:
    return f"{argument.name}_file"


def _file_flag(argument: Argument) -> str:
    return f"{argument.parameter.option}-file"


def _file_option(argument: Argument, told: str, *, required: bool = False) -> click.Option:
    if required:
        told += f" One of it and {argument.parameter.option} is required."
    return click.Option([_file_flag(argument), _file_name(argument)], metavar="FILE", help=told)


def _missing(*flags: str) -> click.UsageError:
    return click.UsageError(f"Missing option {' or '.join(repr(flag) for flag in flags)}.")


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "?", "!")) else f"{text}."
