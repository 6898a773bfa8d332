"""Where a project's schemas come from, and what is said when they can't be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project import config, schemas
from xgodo_dev.schema.input_schema import Field, InputSchema, Schemas

EMAIL = {"fields": [{"name": "email", "type": "string", "required": True}]}
WITH_EMAIL = InputSchema((Field("email", "string", required=True),))
WITH_COUNT = InputSchema((Field("count", "number"),))


def project(root: Path, settings: str = "", **files: object) -> config.Project:
    (root / "xgodo.toml").write_text(settings)
    for name, content in files.items():
        text = content if isinstance(content, str) else json.dumps(content)
        (root / f"{name.replace('_', '.')}.json").write_text(text)
    return config.load(root)


def refusal(root: Path, settings: str = "", **files: object) -> str:
    opened = project(root, settings, **files)
    with pytest.raises(ConfigurationError) as caught:
        schemas.load(opened)
    return str(caught.value)


def test_a_project_without_schemas_has_none(tmp_path: Path) -> None:
    assert schemas.load(project(tmp_path)) == Schemas()


def test_the_schemas_file_has_them_as_the_platform_answers_them(tmp_path: Path) -> None:
    loaded = schemas.load(
        project(
            tmp_path,
            xgodo_schemas={"job_variables_schema": EMAIL, "bucket_schema": None, "$schema": "mine"},
        )
    )

    assert loaded == Schemas(job_variables=WITH_EMAIL)


def test_the_settings_win_over_the_file_schema_by_schema(tmp_path: Path) -> None:
    loaded = schemas.load(
        project(
            tmp_path,
            '[schemas]\nbucket = "own.json"\n'
            '[[schemas.automation_parameters.fields]]\nname = "count"\ntype = "number"\n',
            own={"fields": [{"name": "count", "type": "number"}]},
            xgodo_schemas={
                "automation_parameters_schema": EMAIL,
                "job_variables_schema": EMAIL,
                "bucket_schema": EMAIL,
            },
        )
    )

    assert loaded == Schemas(automation_parameters=WITH_COUNT, job_variables=WITH_EMAIL, bucket=WITH_COUNT)


def test_schemas_are_handed_over_by_the_platforms_names_as_they_are_written(tmp_path: Path) -> None:
    own = {"fields": [{"name": "url", "type": "string", "description": "Where"}]}
    file = {"job_variables_schema": {"fields": []}, "bucket_schema": None, "else": 1}
    settings = '[schemas]\njob_variables = "own.json"'
    found = project(tmp_path, settings, xgodo_schemas=file, own=own)
    assert schemas.documents(found) == {"job_variables_schema": own, "bucket_schema": None}


def test_a_project_of_the_platforms_own_client_may_have_the_file_as_well(tmp_path: Path) -> None:
    (tmp_path / ".xgodo").mkdir()
    (tmp_path / ".xgodo" / "project.json").write_text('{"id": "1", "name": "app"}')
    (tmp_path / "xgodo.schemas.json").write_text(json.dumps({"job_variables_schema": EMAIL}))

    assert schemas.load(config.load(tmp_path)) == Schemas(job_variables=WITH_EMAIL)


def test_what_is_odd_in_the_schemas_file_is_a_doubt_because_a_server_may_have_it_so(tmp_path: Path) -> None:
    loaded = schemas.load(
        project(
            tmp_path, xgodo_schemas={"job_variables_schema": {"fields": [{"name": "a b", "type": "number"}]}}
        )
    )

    assert loaded.job_variables == InputSchema((Field("a b", "number"),))
    assert loaded.doubts == (
        'xgodo.schemas.json: job_variables_schema.fields[0] ("a b"): a name is made of letters (a-z), '
        "digits and underscores, no digit first.",
    )


def test_a_slip_in_the_name_of_a_schema_is_a_doubt(tmp_path: Path) -> None:
    loaded = schemas.load(project(tmp_path, xgodo_schemas={"job_variable_schema": EMAIL, "comment": "x"}))

    assert loaded == Schemas(
        doubts=("xgodo.schemas.json: nothing reads job_variable_schema. Did you mean job_variables_schema?",)
    )


def test_what_is_odd_in_the_settings_is_an_error_that_names_all_of_it(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        "[[schemas.job_variables.fields]]\n"
        'name = "a b"\ntype = "number"\nmin = 3\nmax = 2\n'
        "[[schemas.job_variables.fields]]\n"
        'name = "day"\ntype = "any"\ndefaultValue = 2020-01-01\n',
    )

    first, *lines = said.splitlines()
    assert first == f"{tmp_path / 'xgodo.toml'}: 3 things are wrong:"
    assert [line.partition(":")[0].strip() for line in lines] == [
        '[schemas] job_variables.fields[0] ("a b")',
        '[schemas] job_variables.fields[0] ("a b")',
        '[schemas] job_variables.fields[1] ("day")',
    ]


def test_a_file_that_the_settings_name_is_held_to_the_same(tmp_path: Path) -> None:
    said = refusal(tmp_path, '[schemas]\nbucket = "own.json"\n', own={"fields": [{"name": "a"}]})

    assert said.startswith(f'{tmp_path / "own.json"}: schema.fields[0] ("a"): it needs a `type`')


def test_what_is_odd_is_told_beside_what_can_not_be_used_at_all(tmp_path: Path) -> None:
    opened = project(
        tmp_path,
        "[schemas.bucket]\nfields = 1\n",
        xgodo_schemas={
            "automation_parameters_schema": {"fields": [{"name": "a b", "type": "number"}]},
            "job_variables_schema": 1,
        },
    )

    with pytest.raises(ConfigurationError) as caught:
        schemas.load(opened)

    file = tmp_path / "xgodo.schemas.json"
    assert str(caught.value).splitlines() == [
        f"{file}: 2 things are wrong:",
        "  job_variables_schema must be an object with `fields`.",
        '  automation_parameters_schema.fields[0] ("a b"): a name is made of letters (a-z), digits and '
        "underscores, no digit first.",
        f"{tmp_path / 'xgodo.toml'}: [schemas] bucket.fields must be a list of fields.",
    ]
    assert caught.value.hint is not None
    assert '{"fields": [{"name": "count", "type": "number"' in caught.value.hint


def test_what_is_odd_in_the_file_does_not_hide_what_is_odd_in_the_settings(tmp_path: Path) -> None:
    said = refusal(
        tmp_path,
        "[schemas]\nbucket = {fields = [{name = 'a', type = 'sting'}]}\n",
        xgodo_schemas={"job_variables_schema": {"fields": [{"name": "a b", "type": "number"}]}},
    )

    assert "bucket.fields[0]" in said and "job_variables_schema.fields[0]" in said


def test_a_long_list_of_faults_is_cut(tmp_path: Path) -> None:
    said = refusal(tmp_path, xgodo_schemas={"bucket_schema": {"fields": [1] * 50}})

    assert said.splitlines()[0].endswith("50 things are wrong:")
    assert said.splitlines()[-1] == "  … and 30 more"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is not valid JSON"),
        ("[1]", "must hold an object with automation_parameters_schema"),
        ('{"job_variables_schema": NaN}', "is not valid JSON: NaN is no number"),
        ('{"job_variables_schema": 1}', "job_variables_schema must be an object with `fields`"),
        ("[" * 100_000, "is not valid JSON: it is nested too deeply"),
        (b"\xff".decode("latin-1"), None),
    ],
)
def test_a_schemas_file_that_can_not_be_used_is_an_error_that_names_it(
    tmp_path: Path, content: str, said: str | None
) -> None:
    opened = project(tmp_path)
    (tmp_path / "xgodo.schemas.json").write_bytes(content.encode("latin-1"))

    with pytest.raises(ConfigurationError) as caught:
        schemas.load(opened)

    assert str(tmp_path / "xgodo.schemas.json") in str(caught.value)
    assert (said or "is not valid JSON") in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    opened = project(tmp_path)
    (tmp_path / "xgodo.schemas.json").write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"job_variables_schema": EMAIL}).encode()
    )

    assert schemas.load(opened) == Schemas(job_variables=WITH_EMAIL)


@pytest.mark.parametrize("path", ["../own.json", "/own.json", "own.txt", "a\\b.json", "", "C:/own.json"])
def test_a_schema_is_not_read_from_outside_of_the_project(tmp_path: Path, path: str) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (tmp_path / "own.json").write_text(json.dumps(EMAIL))
    opened = project(root, f"[schemas]\nbucket = {json.dumps(path)}\n")

    with pytest.raises(ConfigurationError, match="inside the project"):
        schemas.load(opened)

    assert schemas.files(opened) == {"xgodo.schemas.json"}


def test_a_link_does_not_lead_outside_of_the_project_either(tmp_path: Path) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (tmp_path / "own.json").write_text(json.dumps(EMAIL))
    (root / "own.json").symlink_to(tmp_path / "own.json")

    assert "inside the project" in refusal(root, '[schemas]\nbucket = "own.json"\n')


def test_a_file_that_leads_to_itself_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "own.json").symlink_to("own.json")
    assert "own.json" in refusal(tmp_path, '[schemas]\nbucket = "own.json"\n')


def test_a_file_that_is_named_and_missing_is_an_error(tmp_path: Path) -> None:
    assert "which [schemas] in xgodo.toml names" in refusal(tmp_path, '[schemas]\nbucket = "own.json"\n')


@pytest.mark.parametrize("setting", ["1", "[1]", "true"])
def test_a_setting_that_is_neither_a_table_nor_a_path_is_an_error(tmp_path: Path, setting: str) -> None:
    said = refusal(tmp_path, f"[schemas]\nbucket = {setting}\n")

    assert "[schemas] bucket must be a table with `fields`, or the path of a JSON file." in said


def test_only_who_needs_schemas_hears_that_they_are_broken(tmp_path: Path) -> None:
    opened = project(tmp_path, "[schemas]\nbucket = 1\n", xgodo_schemas="{")

    assert opened.name == tmp_path.name


def test_a_slip_in_the_name_of_a_setting_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Did you mean `job_variables`"):
        project(tmp_path, "[schemas]\njob_variable = 1\n")


def test_the_files_that_matter_are_named(tmp_path: Path) -> None:
    opened = project(tmp_path, '[schemas]\nbucket = "./schemas/bucket.json"\njob_variables = {fields = []}\n')

    assert schemas.files(opened) == {"xgodo.schemas.json", "schemas/bucket.json"}
