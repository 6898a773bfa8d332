import pytest
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
