"""Values held against a schema of the platform: a bucket's, a planned task's, a launch's."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from xgodo_dev.schema.field_values import problems_of_members
from xgodo_dev.schema.patterns import matches
from xgodo_dev.schema.reading import read_schema


def complaints(schema: Mapping[str, object] | None, values: Mapping[str, object]) -> list[str]:
    """Everything that keeps the values from being those of the schema; None allows any.

    What the platform does with members that the schema doesn't have is not documented: here they are
    wrong, so that a slip is found. Blocks for up to half a second where a text has to match a pattern.
    """
    read = read_schema(schema, "schema").schema
    if read is None:
        return []
    found = list(problems_of_members(read.fields, values, (), "field"))
    matching = matches([problem.unless for problem in found if problem.unless])
    # A pattern that takes too long to match is given the benefit of the doubt.
    return [
        f"{problem.place}: {problem.message}"
        for problem in found
        if problem.unless is None or matching[problem.unless] is False
    ]


async def complaint(schema: Mapping[str, object] | None, values: Mapping[str, object]) -> str | None:
    """All complaints as one text, None where there is none; the wait for patterns holds nobody else up."""
    return "; ".join(await asyncio.to_thread(complaints, schema, values)) or None
