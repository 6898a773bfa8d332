"""What is written to ``.xgodo/types``, and what is left alone there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xgodo_dev import resources
from xgodo_dev.schema.input_schema import Field, InputSchema, Schemas
from xgodo_dev.toolchain import declarations
from xgodo_dev.toolchain.argument_types import declarations as declared

SHIPPED = {file.name: file.read_bytes() for file in resources.directory("typings").iterdir()}
OWN = Schemas(job_variables=InputSchema((Field("email", "string", required=True),)))


@pytest.fixture
def types(tmp_path: Path) -> Path:
    return tmp_path / ".xgodo" / "types"


def held(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_project_without_schemas_gets_what_ships(tmp_path: Path, types: Path) -> None:
    written = declarations.write(tmp_path, Schemas())

    assert written == sorted(f".xgodo/types/{name}" for name in SHIPPED)
    assert held(types) == SHIPPED


def test_a_project_with_schemas_gets_its_own_arguments(tmp_path: Path, types: Path) -> None:
    declarations.write(tmp_path, Schemas())

    assert declarations.write(tmp_path, OWN) == [".xgodo/types/arguments.d.ts"]
    text = declared(OWN)
    assert text and "email: string;" in text
    assert held(types) == SHIPPED | {"arguments.d.ts": text.encode()}
    assert declarations.write(tmp_path, Schemas()) == [".xgodo/types/arguments.d.ts"]
    assert held(types) == SHIPPED


def test_what_is_as_it_should_be_is_not_written_again(tmp_path: Path, types: Path) -> None:
    declarations.write(tmp_path, OWN)
    before = {file: file.stat().st_ino for file in (tmp_path / ".xgodo").rglob("*")}

    assert declarations.write(tmp_path, OWN) == []
    assert {file: file.stat().st_ino for file in (tmp_path / ".xgodo").rglob("*")} == before


@pytest.mark.parametrize("spoil", [lambda file: file.write_text("x"), lambda file: file.unlink()])
def test_a_declaration_that_was_changed_or_removed_is_mended(tmp_path: Path, types: Path, spoil) -> None:
    declarations.write(tmp_path, OWN)
    spoil(types / "node.d.ts")

    assert declarations.outdated(tmp_path, OWN) == [".xgodo/types/node.d.ts"]
    assert declarations.write(tmp_path, OWN) == [".xgodo/types/node.d.ts"]
    assert (types / "node.d.ts").read_bytes() == SHIPPED["node.d.ts"]


def test_asking_what_is_outdated_writes_nothing(tmp_path: Path) -> None:
    assert declarations.outdated(tmp_path, OWN) == sorted(f".xgodo/types/{name}" for name in SHIPPED)
    assert list(tmp_path.iterdir()) == []


def test_a_declaration_that_ships_no_longer_goes_and_somebody_elses_file_stays(
    tmp_path: Path, types: Path
) -> None:
    declarations.write(tmp_path, OWN)
    (types / "old.d.ts").write_text("declare const old: 1;")
    (types / "mine.d.ts").write_text("declare const mine: 1;")
    names = tmp_path / ".xgodo" / "types.json"
    names.write_text(json.dumps([*json.loads(names.read_text()), "old.d.ts"]))

    assert declarations.outdated(tmp_path, OWN) == [".xgodo/types/old.d.ts"]
    assert declarations.write(tmp_path, OWN) == [".xgodo/types/old.d.ts"]
    assert held(types).keys() == SHIPPED.keys() | {"mine.d.ts"}
    assert declarations.write(tmp_path, OWN) == []


@pytest.mark.parametrize(
    "listed",
    [
        '["../../main.d.ts", "/main.d.ts", "main.ts", "a\\\\..\\\\main.d.ts", 1, null]',
        "{",
        '{"main.d.ts": 1}',
        "[" * 9999,
    ],
)
def test_a_list_that_came_with_the_folder_removes_nothing_else(tmp_path: Path, listed: str) -> None:
    (tmp_path / "main.d.ts").write_text("mine")
    (tmp_path / "main.ts").write_text("mine")
    (tmp_path / ".xgodo" / "types").mkdir(parents=True)
    (tmp_path / ".xgodo" / "types.json").write_text(listed)

    assert not [path for path in declarations.write(tmp_path, Schemas()) if "main" in path]
    assert (tmp_path / "main.d.ts").read_text() == (tmp_path / "main.ts").read_text() == "mine"


def test_a_folder_that_can_not_be_written_to_is_an_error_that_names_it(tmp_path: Path, types: Path) -> None:
    types.parent.mkdir()
    types.write_text("a file in its place")

    with pytest.raises(declarations.DeclarationsUnwritable) as caught:
        declarations.write(tmp_path, Schemas())

    assert str(types) in str(caught.value)
