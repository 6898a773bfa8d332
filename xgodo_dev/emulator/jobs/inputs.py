"""Inputs of planned tasks: what a job's automation is given as its variables."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from xgodo_dev.emulator.input_schema import Schema
from xgodo_dev.emulator.input_values import complaints
from xgodo_dev.emulator.jobs.json_text import parsed
from xgodo_dev.emulator.jobs.refusals import JobRefused


def variables(text: str) -> Mapping[str, object] | None:
    """The variables that an input has, None where it is no JSON object."""
    try:
        value = parsed(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


async def check(inputs: Sequence[str], schema: Schema | None) -> None:
    """Raises JobRefused for the first input that has variables which the schema does not allow."""
    if schema is not None:
        complaint = await asyncio.to_thread(_complaint, inputs, schema)
        if complaint is not None:
            raise JobRefused(complaint)


def _complaint(inputs: Sequence[str], schema: Schema) -> str | None:
    for number, text in enumerate(inputs):
        values = variables(text)
        found = [] if values is None else complaints(schema, values)
        if found:
            return f"inputs[{number}]: {found[0]}"
    return None
