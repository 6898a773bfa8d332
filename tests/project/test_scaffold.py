"""What ``init`` writes, refuses and leaves alone."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xgodo_dev.errors import RefusedError, UsageError
from xgodo_dev.project import config, scaffold, schemas
from xgodo_dev.project.arguments import resolve
from xgodo_dev.project.files import FileSelection

PROJECT_ID = "83ba7359-d8eb-4374-8ecb-055af01fddfe"
TEMPLATES = [template.name for template in scaffold.templates()]


def make(root: Path, **options: object) -> scaffold.Scaffolded:
    arguments: dict[str, object] = {"template": "minimal", "name": "app", "project_id": None, "force": False}
    return scaffold.scaffold(root, **{**arguments, **options})  # type: ignore[arg-type]


def files_below(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()
    }


def test_every_template_is_offered_with_a_summary_of_one_line() -> None:
    offered = {template.name: template.summary for template in scaffold.templates()}

    assert list(offered) == ["job", "minimal", "stages"]
    assert all(summary and "\n" not in summary for summary in offered.values())


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_new_project_holds_exactly_the_files_reported(tmp_path: Path, template: str) -> None:
    made = make(tmp_path / "deep" / "app", template=template)

    on_disk = files_below(made.root)
    own = {path for path in on_disk if path.startswith(".xgodo/")}
    assert made.files == tuple(sorted(on_disk.keys() - own))
    assert {".gitignore", "main.ts", "tsconfig.json", "xgodo.toml"} <= set(made.files)
    assert not own
    assert (made.root, made.template) == (tmp_path / "deep" / "app", template)


def test_what_a_new_project_would_upload_is_its_code_and_no_state_of_the_toolkit(tmp_path: Path) -> None:
    root = make(tmp_path / "app", template="stages").root

    selected = FileSelection(root).paths()

    assert {"main.ts", "Stage.ts", "stages/index.ts"} <= set(selected)
    assert not [path for path in selected if path.startswith(".xgodo") or path == "xgodo.toml"]


def test_without_an_id_a_project_gets_one_of_its_own_for_the_emulator_alone(tmp_path: Path) -> None:
    first, second = (config.load(make(tmp_path / name).root) for name in ("first", "second"))

    assert first.project_id is None
    assert UUID(first.id_for("emulator")).version == 4
    assert first.id_for("emulator") != second.id_for("emulator")


def test_with_an_id_that_id_is_the_project_everywhere(tmp_path: Path) -> None:
    project = config.load(make(tmp_path / "app", project_id=PROJECT_ID).root)

    assert project.id_for("default") == project.id_for("emulator") == PROJECT_ID


def test_the_settings_of_a_new_project_are_complete(tmp_path: Path) -> None:
    project = config.load(make(tmp_path / "app", name="my-app").root)

    assert (project.name, project.entry) == ("my-app", "main.ts")
    assert (project.devices, project.parameters, project.variables) == ((), {}, {})


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip))
def test_any_name_comes_back_from_the_settings_as_it_was_given(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    root = make(tmp_path_factory.mktemp("app"), name=name).root

    assert tomllib.loads((root / "xgodo.toml").read_text(encoding="utf-8"))["project"]["name"] == name


@pytest.mark.parametrize(
    "name", ['a "quoted" one', "back\\slash", "línea ✓ 日本", "# no comment", "{name}", "'''"]
)
def test_names_that_look_like_syntax_come_back_as_they_were_given(tmp_path: Path, name: str) -> None:
    assert config.load(make(tmp_path / "app", name=name).root).name == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 226])
def test_a_name_the_platform_would_not_take_is_refused_before_anything_is_written(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(UsageError, match="name of a project"):
        make(tmp_path / "app", name=name)

    assert not (tmp_path / "app").exists()


def test_an_unknown_template_is_refused_with_the_known_ones_and_the_closest(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="minimal") as caught:
        make(tmp_path / "app", template="stage")

    assert "there are job, minimal and stages." in str(caught.value)
    assert caught.value.hint == "Did you mean `stages`?"
    assert not (tmp_path / "app").exists()


def test_the_settings_suggest_nothing_that_a_templates_own_schema_refuses(tmp_path: Path) -> None:
    root = make(tmp_path / "app", template="job").root
    file = root / "xgodo.toml"
    text = file.read_text()
    # Each comment of the form of a setting, as somebody would bring it to life.
    file.write_text(re.sub(r"(?m)^# (\w+ = )", r"\1", text))

    project = config.load(root)

    assert file.read_text() != text
    resolve(project, schemas.load(project))


def test_the_folder_of_shared_files_is_no_template(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        make(tmp_path / "app", template="shared")


@pytest.mark.parametrize("content", ["notes.txt", ".git/config"])
def test_a_folder_that_holds_anything_is_refused_and_stays_as_it_was(tmp_path: Path, content: str) -> None:
    (tmp_path / content).parent.mkdir(exist_ok=True)
    (tmp_path / content).write_text("mine")

    with pytest.raises(RefusedError, match="not empty") as caught:
        make(tmp_path)

    assert "--force" in (caught.value.hint or "")
    assert files_below(tmp_path) == {content: b"mine"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert "main.ts" in make(tmp_path).files


def test_force_adds_what_is_missing_and_overwrites_nothing(tmp_path: Path) -> None:
    mine = {
        "main.ts": b"mine",
        "stages/index.ts": b"mine too",
        "xgodo.toml": b"[project]\n",
        "notes.txt": b"x",
    }
    for path, content in mine.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)

    made = make(tmp_path, template="stages", force=True)

    after = files_below(tmp_path)
    assert {path: after[path] for path in mine} == mine
    assert not mine.keys() & set(made.files)
    assert {"Stage.ts", "tsconfig.json"} <= set(made.files)


def test_force_leaves_a_link_alone_even_when_it_leads_nowhere(tmp_path: Path) -> None:
    (tmp_path / "main.ts").symlink_to(tmp_path / "elsewhere.ts")

    made = make(tmp_path, force=True)

    assert "main.ts" not in made.files
    assert (tmp_path / "main.ts").is_symlink()
    assert not (tmp_path / "elsewhere.ts").exists()


@pytest.mark.parametrize("blocked", ["stages", ".xgodo", ".xgodo/types"])
def test_a_file_where_a_folder_is_needed_is_refused_before_anything_is_written(
    tmp_path: Path, blocked: str
) -> None:
    (tmp_path / blocked).parent.mkdir(exist_ok=True)
    (tmp_path / blocked).write_text("mine")

    with pytest.raises(RefusedError, match="needs a folder"):
        make(tmp_path, template="stages", force=True)

    assert files_below(tmp_path) == {blocked: b"mine"}


def test_a_file_is_no_place_for_a_project(tmp_path: Path) -> None:
    (tmp_path / "app").write_text("mine")

    with pytest.raises(RefusedError, match="needs a folder"):
        make(tmp_path / "app", force=True)

    assert (tmp_path / "app").read_text() == "mine"


def test_nothing_half_written_stays_behind(tmp_path: Path) -> None:
    root = make(tmp_path / "app", template="stages").root

    assert not list(root.rglob("*.tmp"))


def completed(root: Path, **options: object) -> config.Project:
    arguments: dict[str, object] = {
        "name": "app",
        "project_id": PROJECT_ID,
        "profile": None,
        "entry": "main.ts",
        "include": [],
    }
    scaffold.complete(root, **{**arguments, **options})  # type: ignore[arg-type]
    return config.load(root)


def test_a_cloned_project_gets_what_a_new_one_has_besides_its_code(tmp_path: Path) -> None:
    (tmp_path / "main.ts").write_text("theirs")

    project = completed(tmp_path)

    new = files_below(make(tmp_path / "new").root)
    settings = files_below(tmp_path)
    assert (tmp_path / "main.ts").read_text() == "theirs"
    for path in (".gitignore", "tsconfig.json"):
        assert settings[path] == new[path]
    assert project.id_for("default") == project.id_for("emulator") == PROJECT_ID


@pytest.mark.parametrize("entry", ["main.ts", "src/index.ts", 'odd "name".js'])
@pytest.mark.parametrize("profile", [None, "default", 'a "quoted" one'])
@pytest.mark.parametrize("include", [[], ["/data.json"], ["/a\\ b.json", '/"x".md', "/[sync]", "/{name}"]])
def test_the_settings_of_a_cloned_project_are_what_was_given(
    tmp_path: Path, entry: str, profile: str | None, include: list[str]
) -> None:
    project = completed(tmp_path, entry=entry, profile=profile, include=include)

    assert (project.name, project.entry, project.profile) == ("app", entry, profile)
    assert project.include == tuple(include)
