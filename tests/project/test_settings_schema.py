"""What an editor is told about ``xgodo.toml`` is what the toolkit reads there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project import config, scaffold, schemas, settings_schema

SCHEMA: dict[str, Any] = json.loads(settings_schema.content())
VALIDATOR = Draft7Validator(SCHEMA)
TEXTS = st.text("ab./\\:*C", max_size=6)
VALUES = st.recursive(
    st.booleans() | st.integers() | TEXTS,
    lambda each: st.lists(each, max_size=2) | st.dictionaries(TEXTS, each, max_size=2),
    max_leaves=4,
)


def described() -> dict[str, Any]:
    """The tables of the schema as ``SETTINGS`` names them."""
    found = {}
    for name, table in SCHEMA["properties"].items():
        named = isinstance(table.get("additionalProperties"), dict)
        found[f"{name}.*" if named else name] = table["additionalProperties"] if named else table
    return found


def parts(schema: Any) -> list[dict[str, Any]]:
    if isinstance(schema, list):
        return [part for each in schema for part in parts(each)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(part for each in schema.values() for part in parts(each))]


def is_accepted(document: dict[str, Any]) -> bool:
    try:
        config._from_document(Path("/nowhere"), document)
    except ConfigurationError:
        return False
    return True


def test_the_schema_is_one_and_knows_exactly_the_settings_there_are() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert {name: tuple(table["properties"]) for name, table in described().items()} == config.SETTINGS
    assert all(table["additionalProperties"] is False for table in described().values())
    assert SCHEMA["additionalProperties"] is False


def test_every_setting_has_a_text_for_the_editor_to_show() -> None:
    for name, table in described().items():
        assert all(each["description"] for each in table["properties"].values()), name
    assert all(table["description"] for table in SCHEMA["properties"].values())


def test_the_examples_and_defaults_of_the_schema_are_right_by_it() -> None:
    for part in parts(SCHEMA):
        own = Draft7Validator({**part, "definitions": SCHEMA["definitions"]})
        for value in (*part.get("examples", ()), *([part["default"]] if "default" in part else ())):
            own.validate(value)


@pytest.mark.parametrize("table", list(config.SETTINGS))
@given(data=st.data())
@settings(max_examples=30)
def test_the_schema_and_the_toolkit_accept_the_same_settings(table: str, data: st.DataObject) -> None:
    keys = st.sampled_from([*config.SETTINGS[table], "unknown"])
    within = VALUES | st.dictionaries(keys, VALUES | st.lists(TEXTS, max_size=2), max_size=2)
    name, _, chosen = table.partition(".")
    value = data.draw(st.dictionaries(TEXTS, within, max_size=2) | VALUES if chosen else within)
    if table == "schemas" and isinstance(value, dict):
        # What is in a schema is read by the commands that need it.
        value = dict.fromkeys(value, "file.json")

    assert VALIDATOR.is_valid({name: value}) == is_accepted({name: value})


@pytest.mark.parametrize(
    ("setting", "is_right"),
    [
        ('"schemas/bucket.json"', True),
        ('"schemas/bucket.txt"', False),
        ("7", False),
        ("{}", False),
        ("{ fields = 5 }", False),
        ("{ fields = [] }", True),
        ('{ fields = [{ name = "a", type = "number", min = 1, integer = true, defaultValue = 2 }] }', True),
        ('{ fields = [{ name = "a", type = "object", properties = [{ name = "b", type = "any" }] }] }', True),
        ('{ fields = [{ type = "number" }] }', False),
        ('{ fields = ["a"] }', False),
    ],
)
def test_the_schema_and_the_toolkit_accept_the_same_schemas_of_arguments(
    tmp_path: Path, setting: str, is_right: bool
) -> None:
    text = f"[schemas]\nbucket = {setting}\n"
    (tmp_path / "xgodo.toml").write_text(text)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "bucket.json").write_text('{"fields": []}')

    assert VALIDATOR.is_valid(tomllib.loads(text)) is is_right
    try:
        schemas.load(config.load(tmp_path))
    except ConfigurationError:
        assert not is_right
    else:
        assert is_right


def test_the_settings_that_the_guide_shows_fit_the_schema_and_the_toolkit() -> None:
    guide = Path(__file__).parents[2]
    blocks = [
        (page.name, tomllib.loads(block))
        for page in (guide / "README.md", *sorted((guide / "docs").glob("*.md")))
        for block in re.findall(r"^ *```toml\n(.*?)^ *```", page.read_text("utf-8"), re.M | re.S)
    ]
    assert {"accounts.md", "git.md"} <= {page for page, _ in blocks}
    assert [page for page, block in blocks if not (VALIDATOR.is_valid(block) and is_accepted(block))] == []


def test_every_setting_that_the_guide_names_is_there() -> None:
    docs = Path(__file__).parents[2] / "docs"
    text = " ".join(page.read_text("utf-8") for page in docs.glob("*.md"))
    named = re.findall(r"`(\w+)(?: = [^`]*)?` under `\[(\w+)\]`", " ".join(text.split()))
    assert named
    assert [(name, table) for name, table in named if name not in config.SETTINGS[table]] == []


def test_the_settings_of_a_new_project_fit_the_schema_and_name_it_first(tmp_path: Path) -> None:
    root = scaffold.scaffold(tmp_path / "app", template="job", name="app", project_id=None, force=False).root
    text = (root / "xgodo.toml").read_text()

    VALIDATOR.validate(tomllib.loads(text))
    named = text.splitlines()[0].removeprefix("#:schema ")
    assert (root / named) == root / settings_schema.SCHEMA_FILE


def test_the_schema_in_a_project_becomes_that_of_this_version(tmp_path: Path) -> None:
    assert not settings_schema.is_current(tmp_path)
    settings_schema.write(tmp_path)
    written = tmp_path / settings_schema.SCHEMA_FILE
    assert written.read_bytes() == settings_schema.content()
    before = written.stat()
    settings_schema.write(tmp_path)
    assert written.stat() == before
    written.write_text("{}")
    settings_schema.write(tmp_path)
    assert settings_schema.is_current(tmp_path)
