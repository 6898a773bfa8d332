import copy
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.generation import twins
from xgodo_dev.platform.spec.reading import python_name


@pytest.mark.parametrize("name", twins.NAMES)
def test_the_json_twin_of_a_spec_is_the_one_that_make_generate_writes(name: str) -> None:
    assert (twins.FOLDER / f"{name}.json").read_text(encoding="utf-8") == twins.twin(name)


@pytest.mark.parametrize("spec", [reading.xgodo(), reading.mobilerun()], ids=twins.NAMES)
def test_a_spec_is_valid_openapi(spec: reading.Spec) -> None:
    OpenAPIV31SpecValidator(dict(spec.document)).validate()


@pytest.mark.parametrize(
    ("platform", "python"),
    [
        ("job_id", "job_id"),
        ("JobTasks_Ids", "job_tasks_ids"),
        ("Target_Workers", "target_workers"),
        ("SortBY", "sort_by"),
        ("deviceId", "device_id"),
        ("LLMModel", "llm_model"),
        ("from", "from_"),
        ("vcode", "vcode"),
    ],
)
def test_a_name_of_the_platform_becomes_one_of_python(platform: str, python: str) -> None:
    assert python_name(platform) == python


def examples(node: Any) -> Iterator[tuple[Mapping[str, Any], Any]]:
    """Every schema with an example of it: of members, parameters, bodies and answers."""
    if isinstance(node, list):
        for each in node:
            yield from examples(each)
    if not isinstance(node, dict):
        return
    schema = node.get("schema")
    for given in (node, schema if isinstance(schema, dict) else {}):
        for example in [*([given["example"]] if "example" in given else []), *_listed(given.get("examples"))]:
            yield (schema if isinstance(schema, dict) else node), example
    for value in node.values():
        yield from examples(value)


def _listed(given: Any) -> list[Any]:
    if isinstance(given, dict):
        return [each["value"] for each in given.values() if isinstance(each, dict) and "value" in each]
    return given if isinstance(given, list) else []


@pytest.mark.parametrize("spec", [reading.xgodo(), reading.mobilerun()], ids=twins.NAMES)
def test_every_example_of_a_spec_fits_its_schema(spec: reading.Spec) -> None:
    document = copy.deepcopy(dict(spec.document))
    found = list(examples(document))
    assert len(found) > 20
    for schema, example in found:
        # A stream's example is its text, and its schema that of one event.
        if isinstance(example, str) and "\ndata:" in example:
            continue
        checked = Draft202012Validator({**schema, "components": document["components"]})
        assert [error.message for error in checked.iter_errors(example)] == [], (schema, example)
