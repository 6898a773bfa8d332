"""The types that are made of schemas, judged by the real compiler and against the validation of values."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from xgodo_dev.schema.field_values import problems_of_members
from xgodo_dev.schema.input_schema import Field, InputSchema, Schemas
from xgodo_dev.schema.reading import read_schema
from xgodo_dev.toolchain.argument_types import declarations
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

# Set XGODO_SCHEMAS to search longer, and for what was not found yet: the suite tries the same ones each time.
BATCHES = int(os.environ.get("XGODO_SCHEMAS", "5"))
DETERMINISTIC = "XGODO_SCHEMAS" not in os.environ
TSCONFIG = json.dumps(
    {"compilerOptions": {"lib": ["esnext"], "types": [], "strict": True, "noEmit": True}, "include": ["*.ts"]}
)
# Every object and every list has these whatever its type declares.
INHERITED = {*("constructor", "toString", "valueOf", "hasOwnProperty", "isPrototypeOf", "toLocaleString")}
INHERITED |= {"propertyIsEnumerable", "__proto__", "length"}
HOSTILE = [
    "*/ declare const broken: ;",
    "/** nested */",
    "// @ts-expect-error\n@ts-expect-error",
    "@deprecated\n\n@type {",
    "ends in a star *",
    "line\r\nline\u2028line\u2029line\u0085line",
    "`${broken}` \\u002a/ \\",
    "\u202eturned \ud800 half \x00",
    "</script><!-- -->",
]
texts = st.text(max_size=8) | st.sampled_from(HOSTILE)
whole_texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
names = (
    st.sampled_from(["a", "b", "maxRetries", "class", "new", "readonly", "get", "static", "await", "any"])
    | st.sampled_from(["odd name", "*/", '"', "\\", "1", "#a", "a\nb", "\u2028", "línea"])
    | whole_texts.filter(lambda name: name and name not in INHERITED)
)
numbers = st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | st.just(10**30)


def fields_of(inner: st.SearchStrategy[Any], **more: Any) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.tuples(names, inner), max_size=4, unique_by=lambda each: each[0]).map(
        lambda pairs: [{**field, "name": name} for name, field in pairs]
    )


def kinds(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    common = {"required": st.booleans(), "description": texts, "defaultValue": whole_texts | numbers}

    def kind(name: str, **members: Any) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({"type": st.just(name)}, optional={**common, **members})

    return st.one_of(
        kind("string", minLength=st.integers(0, 3), maxLength=st.integers(3, 9), pattern=texts),
        kind("string", enum=st.lists(whole_texts | st.sampled_from(["a", "b"]) | numbers, min_size=1)),
        kind("number", min=numbers, max=numbers, integer=st.booleans()),
        kind("number", enum=st.lists(numbers, min_size=1)),
        kind("boolean"),
        kind("any"),
        kind("array", items=inner, minItems=st.integers(0, 2), maxItems=st.integers(2, 4)),
        kind("object", properties=fields_of(inner)),
    )


schemas = fields_of(st.recursive(kinds(st.just({"type": "any"})), kinds, max_leaves=6)).filter(bool)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=3,
)


def read(fields: object) -> InputSchema:
    schema = read_schema({"fields": fields}, "schema").schema
    assert schema
    return schema


@st.composite
def values(draw: st.DrawFn, field: Field) -> Any:
    """Most often one that the field takes."""
    if draw(st.integers(0, 14)) == 0:
        # The type of an object of anything can't tell a list from it.
        is_open = field.type == "object" and not field.properties
        return draw(anything.filter(lambda value: not (is_open and isinstance(value, list))))
    if field.choices:
        return draw(st.sampled_from(field.choices))
    match field.type:
        case "string":
            return draw(texts)
        case "number":
            return draw(numbers)
        case "boolean":
            return draw(st.booleans())
        case "array":
            return draw(st.lists(values(field.items) if field.items else anything, max_size=3))
        case "object" if field.properties:
            return draw(members(field.properties))
        case "object":
            return draw(st.dictionaries(names, anything, max_size=2))
    return draw(anything)


@st.composite
def members(draw: st.DrawFn, fields: tuple[Field, ...]) -> dict[str, Any]:
    given = {field.name: draw(values(field)) for field in fields if draw(st.integers(0, 9)) > 1}
    if draw(st.integers(0, 11)) == 0:
        given.setdefault(draw(names), draw(anything))
    return given


@st.composite
def schemas_with_values(draw: st.DrawFn) -> tuple[InputSchema, list[dict[str, Any]]]:
    schema = read(draw(schemas))
    return schema, draw(st.lists(members(schema.fields), min_size=1, max_size=6))


def declared(schema: InputSchema) -> str:
    text = declarations(Schemas(automation_parameters=schema))
    assert text
    return text


# Each example is one run of the compiler over many schemas; to make one smaller would take as many again.
@settings(
    max_examples=BATCHES,
    derandomize=DETERMINISTIC,
    phases=[Phase.explicit, Phase.generate],
    deadline=None,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
)
@given(batch=st.lists(schemas_with_values(), min_size=20, max_size=30))
async def test_the_compiler_and_the_validation_agree_on_every_value(
    toolchain: Toolchain,
    tmp_path_factory: pytest.TempPathFactory,
    batch: list[tuple[InputSchema, list[dict[str, Any]]]],
) -> None:
    root = tmp_path_factory.mktemp("types")
    (root / "tsconfig.json").write_text(TSCONFIG)
    namespaces, lines, refused = [], [], {}
    for number, (schema, each_given) in enumerate(batch):
        namespaces.append(f"declare namespace S{number} {{\n{declared(schema)}\n}}\n")
        for each in each_given:
            lines.append(f"const v{len(lines)}: S{number}.AutomationParameters = {json.dumps(each)};\n")
            told = [p for p in problems_of_members(schema.fields, each, (), "x") if p.reason != "limit"]
            if told:
                refused[len(lines)] = told
    # No declaration files: of those the compiler would overlook mistakes.
    (root / "schemas.ts").write_text("".join(namespaces), encoding="utf-8")
    (root / "values.ts").write_text("".join(lines), encoding="utf-8")

    errors = (await check(toolchain, root)).errors

    assert [error for error in errors if error.file != "values.ts"] == []
    found = {error.line: error.message for error in errors}
    disputed = {
        line: (lines[line - 1], refused.get(line), found.get(line)) for line in refused.keys() ^ found.keys()
    }
    assert disputed == {}


def test_no_schema_needs_no_declarations_of_its_own() -> None:
    assert declarations(Schemas()) is None


async def test_each_interface_without_a_schema_stays_the_general_one(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    (tmp_path / "tsconfig.json").write_text(TSCONFIG)
    text = declarations(Schemas(job_variables=read([{"name": "email", "type": "string", "required": True}])))
    (tmp_path / "arguments.ts").write_text(text or "")
    (tmp_path / "main.ts").write_text(
        "declare const parameters: AutomationParameters, variables: JobVariables, bucket: Bucket;\n"
        "const anything: unknown[] = [parameters.whatever, bucket.whatever, variables.email.length];\n"
        "const text: string = parameters.whatever;\n"
        "variables.whatever;\n"
    )

    errors = (await check(toolchain, tmp_path)).errors

    assert [(error.line, error.code) for error in errors] == [(3, "TS2322"), (4, "TS2339")]


def test_a_persons_hover_tells_what_a_field_is_and_its_limits() -> None:
    text = declared(
        read(
            [
                {
                    "name": "tries",
                    "type": "number",
                    "description": "How often.\nAnd */ more.\n@ts-expect-error",
                    "integer": True,
                    "min": 1,
                    "max": 10,
                    "defaultValue": 3,
                },
                {"name": "name", "type": "string", "minLength": 1, "maxLength": 9, "pattern": "^a*/$"},
                {
                    "name": "grid",
                    "type": "array",
                    "required": True,
                    "maxItems": 3,
                    "items": {
                        "type": "array",
                        "description": "A row",
                        "items": {"type": "number", "max": 9},
                    },
                },
                {
                    "name": "people",
                    "type": "array",
                    "items": {
                        "type": "object",
                        "properties": [{"name": "full name", "type": "string", "description": "Of one."}],
                    },
                },
                {"name": "rest", "type": "object"},
                {"name": "list", "type": "array"},
                {"name": "modes", "type": "array", "items": {"type": "string", "enum": ["a", "b"]}},
            ]
        )
    )

    assert text.partition("interface AutomationParameters ")[2].partition("\n}\n")[0] == (
        """{
  /**
   * How often.
   * And *\\/ more.
   * \\@ts-expect-error
   *
   * @integer
   * @minimum 1
   * @maximum 10
   * @default 3
   */
  tries?: number;
  /**
   * @minLength 1
   * @maxLength 9
   * @pattern ^a*\\/$
   */
  name?: string;
  /**
   * @maxItems 3
   * @items A row
   * @items of each (maximum 9)
   */
  grid: number[][];
  people?: {
    /** Of one. */
    "full name"?: string;
  }[];
  rest?: { [name: string]: any };
  list?: any[];
  modes?: ("a" | "b")[];"""
    )
