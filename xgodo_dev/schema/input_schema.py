"""The shapes of what a run is started with: ``IInputSchema`` of the platform, as this toolkit uses it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from xgodo_dev.schema_keys import BUCKET, PARAMETERS, VARIABLES

FieldType = Literal["string", "number", "boolean", "array", "object", "any"]


@dataclass(frozen=True)
class Field:
    """One value, and its limits; those that don't belong to its ``type`` are never set."""

    name: str
    """Empty for what an array holds."""
    type: FieldType
    required: bool = False
    description: str = ""
    default: object = None
    """None: no default."""
    choices: tuple[str | float, ...] = ()
    """The only values allowed; empty: no such limit. All of the field's type, or texts and numbers mixed
    where the type is ``string``: the platform's own type allows that."""
    pattern: str | None = None
    """A regular expression of JavaScript that matches somewhere in the text."""
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | None = None
    maximum: float | None = None
    integer: bool = False
    min_items: int | None = None
    max_items: int | None = None
    items: Field | None = None
    """None: an array of anything."""
    properties: tuple[Field, ...] = ()
    """Empty: an object of any members."""


@dataclass(frozen=True)
class InputSchema:
    """The fields of one kind of arguments: at least one, each name once."""

    fields: tuple[Field, ...]

    def field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((each for each in self.fields if each.name == name), None)


@dataclass(frozen=True)
class Schemas:
    """What a project's runs are started with, and what its bucket holds. None: no schema, anything goes."""

    automation_parameters: InputSchema | None = None
    job_variables: InputSchema | None = None
    bucket: InputSchema | None = None
    doubts: tuple[str, ...] = ()
    """What is odd in them, such as a limit that is ignored. Each names its place; for a person to read."""

    @property
    def are_there(self) -> bool:
        """Whether the project has any schema at all."""
        return any((self.automation_parameters, self.job_variables, self.bucket))

    @classmethod
    def by_key(cls, schemas: Mapping[str, InputSchema | None], doubts: tuple[str, ...] = ()) -> Schemas:
        """From the names by which the platform answers them."""
        return cls(schemas.get(PARAMETERS), schemas.get(VARIABLES), schemas.get(BUCKET), doubts)
