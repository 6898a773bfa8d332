"""Records that several sections of Xgodo have. Made from the spec by `make generate`."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict


class Commit(TypedDict):
    """A commit that was made."""

    hash: str
    """The commit's hash; tells versions apart."""
    message: str


class InputField(TypedDict):
    """A field of an input schema; which limits apply depends on its type."""

    name: NotRequired[str]
    """Letters, digits and underscores, no digit first; empty, or none, for what an array holds."""
    type: Literal["string", "number", "boolean", "array", "object", "any"]
    required: NotRequired[bool]
    description: NotRequired[str]
    defaultValue: NotRequired[Any]
    """Any value of the field's type."""
    minLength: NotRequired[float]
    """Of a string."""
    maxLength: NotRequired[float]
    """Of a string."""
    pattern: NotRequired[str]
    """A regular expression that a string matches."""
    enum: NotRequired[list[str | float]]
    """The values that it may have."""
    min: NotRequired[float]
    """Of a number."""
    max: NotRequired[float]
    """Of a number."""
    integer: NotRequired[bool]
    """Of a number."""
    minItems: NotRequired[float]
    """Of an array."""
    maxItems: NotRequired[float]
    """Of an array."""
    items: NotRequired[InputField]
    """What an array holds; anything where it is left out."""
    properties: NotRequired[list[InputField]]
    """The fields of an object."""


class InputSchema(TypedDict):
    """What an automation's parameters, job variables or bucket may hold."""

    fields: list[InputField]


class JobTask(TypedDict):
    """One task of a job, at work or handed in."""

    _id: str
    """The task's id."""
    job_task_id: str
    """The task's id."""
    worker_id: str
    """The account of the worker, or of the device's owner."""
    job_id: str
    """The job."""
    job_title: str
    job_price: float
    """What it pays."""
    job_proof: str
    """What was handed in; JSON where an automation did."""
    comment: str
    """The employer's word to it."""
    country_code: str
    """The worker's country, two letters."""
    worker_ip: str
    status: Literal["processing", "running", "pending", "confirmed", "notcomplete", "declined", "failed"]
    """Where it stands."""
    failureReason: str | None
    """Why it failed."""
    reviewed: str | bool | None
    """Uncertain: What it holds besides null."""
    device_owner_share: float | None
    """What the device's owner gets.

    Uncertain: Whether it is an amount or a part.
    """
    added: str
    """When it began. In ISO 8601."""
    updated: str
    """When it last changed. In ISO 8601."""
    proof_files_info: list[Any]
    """The files handed in.

    Uncertain: What an item holds.
    """
    worker_name: NotRequired[str | None]
    """The worker's name."""
    device_id: NotRequired[str | None]
    """The device that works on it."""
    device_name: NotRequired[str | None]
    """That device's name."""
    planned_task: NotRequired[str | None]
    """The input of the planned task."""
    planned_task_id: NotRequired[str | None]
    """The planned task."""
    finished: NotRequired[str | None]
    """When it was handed in. In ISO 8601."""


class Success(TypedDict):
    """That it was done."""

    success: Literal[True]
