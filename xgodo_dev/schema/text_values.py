"""The values that texts stand for, as on a command line or in a table."""

from __future__ import annotations

from xgodo_dev.schema.field_values import is_number, shown, spelling
from xgodo_dev.schema.input_schema import Field
from xgodo_dev.schema.reading import loads


def read_text(text: str, field: Field | None) -> tuple[object, str | None]:
    """The value that a text of the command line stands for, and why it stands for none."""
    as_json, is_json = _json(text)
    match field.type if field else "any":
        case "string":
            # A number among the choices, as long as no text of the same look is.
            assert field is not None, "it has a type"
            return (
                as_json
                if text not in field.choices and is_number(as_json) and as_json in field.choices
                else text
            ), None
        case "number":
            return as_json, None if is_number(as_json) else f"must be a number, not {shown(text)}."
        case "boolean":
            assert field is not None, "it has a type"
            word = spelling(field, text)
            said = f"must be true or false, not {shown(text)}{f': write {word}' if word else ''}."
            return as_json, None if isinstance(as_json, bool) else said
        case "array":
            given = isinstance(as_json, list)
            return (
                as_json,
                None if given else f'must be a list in JSON, such as ["a","b"], not {shown(text)}.',
            )
        case "object":
            given = isinstance(as_json, dict)
            said = f'must be an object in JSON, such as {{"name":"value"}}, not {shown(text)}.'
            return as_json, None if given else said
    return (as_json if is_json else text), None


def _json(text: str) -> tuple[object, bool]:
    try:
        return loads(text), True
    except ValueError:
        return None, False
