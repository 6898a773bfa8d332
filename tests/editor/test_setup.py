"""Setting up an editor adds to people's files, and takes out again only what it put in."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.editor.jsonc_texts import DOCUMENTS, VALUES, is_within, without_space, written
from xgodo_dev.editor import setup, vscode
from xgodo_dev.editor.errors import FileReadOnly, Unreadable
from xgodo_dev.editor.json_file import Item, JsonFile
from xgodo_dev.editor.jsonc import Document
from xgodo_dev.editor.place import Place
from xgodo_dev.editor.setup import EDITORS
from xgodo_dev.errors import FileUnreadable

_TASKS, _LAUNCH, SETTINGS, EXTENSIONS = vscode.files(Place(Path("/p")), [])
ONE_OF_EACH = JsonFile(
    ".vscode/tasks.json",
    {"version": "2.0.0", "tasks": [], "inputs": []},
    (Item(["tasks"], "label", {"label": "ours"}), Item(["inputs"], "id", {"id": "ours", "options": ["a"]})),
)
OWN_TASKS = """\
{
\t// We build with make.
\t"version": "2.0.0",
\t"tasks": [
\t\t{"label": "make", "type": "shell", "command": "make"}, // all of it
\t],
}
"""
OWN_SCHEMAS = """\
<?xml version="1.0" encoding="UTF-8"?>
<project version="4">
  <component name="JsonSchemaMappingsProjectConfiguration">
    <state>
      <map>
        <entry key="ours"><value><SchemaInfo/></value></entry> <!-- stays -->
      </map>
    </state>
  </component>
</project>
"""


def set_up(root: Path, editor: str = "vscode", **options: Any) -> dict[str, str]:
    """Set an editor up as the command does; the state of each file by its name."""
    place = options.pop("place", None) or setup.place_of(editor, root)
    planned = setup.plan(editor, place, options.pop("devices", ["Otter"]), **options)
    if not options.get("only_look"):
        setup.carry_out(planned)
    return {each.path.relative_to(place.folder).as_posix(): each.state for each in planned}


def content(root: Path) -> dict[str, bytes]:
    return {
        each.relative_to(root).as_posix(): each.read_bytes() for each in root.rglob("*") if each.is_file()
    }


def with_own_files(root: Path) -> dict[str, bytes]:
    for path, text in {
        ".vscode/tasks.json": OWN_TASKS,
        ".vscode/settings.json": '{"files.exclude": {"**/dist": true}, "editor.tabSize": 3}',
        ".vscode/launch.json": "",
        ".zed/tasks.json": "[] // none yet\n",
        ".idea/jsonSchemas.xml": OWN_SCHEMAS.replace("\n", "\r\n"),
        ".idea/workspace.xml": "<project/>",
        ".nvim.lua": "vim.o.number = true\n",
    }.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(text.encode())
    return content(root)


@pytest.mark.parametrize("editor", EDITORS)
def test_a_new_project_is_set_up_once_and_taken_back_to_nothing(tmp_path: Path, editor: str) -> None:
    assert set(set_up(tmp_path, editor, only_look=True).values()) == {"missing"}
    assert not content(tmp_path)
    assert set(set_up(tmp_path, editor).values()) == {"created"}
    made = content(tmp_path)
    assert set(set_up(tmp_path, editor).values()) == {"unchanged"}
    assert set(set_up(tmp_path, editor, only_look=True).values()) == {"unchanged"}
    assert content(tmp_path) == made
    assert setup.traced(tmp_path) == [editor]
    assert set(set_up(tmp_path, editor, remove=True).values()) == {"removed"}
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("editor", EDITORS)
def test_a_checkout_with_other_line_ends_is_as_right(tmp_path: Path, editor: str) -> None:
    set_up(tmp_path, editor)
    for path, text in content(tmp_path).items():
        (tmp_path / path).write_bytes(text.replace(b"\n", b"\r\n"))
    assert set(set_up(tmp_path, editor, only_look=True).values()) == {"unchanged"}
    assert set(set_up(tmp_path, editor, remove=True).values()) == {"removed"}


@pytest.mark.parametrize("editor", EDITORS)
def test_own_files_keep_every_byte_and_are_as_before_when_it_is_taken_out(
    tmp_path: Path, editor: str
) -> None:
    before = with_own_files(tmp_path)
    set_up(tmp_path, editor)
    after = content(tmp_path)
    assert all(is_within(without_space(old), after[path]) for path, old in before.items())
    assert set(set_up(tmp_path, editor).values()) == {"unchanged"}
    set_up(tmp_path, editor, remove=True)
    taken_back = {path: each for path, each in content(tmp_path).items() if path in before}
    if editor == "vscode":
        # There was nothing in it.
        assert before.pop(".vscode/launch.json") == b""
    assert taken_back == before


OF_OTHERS = [
    ("vscode", ".vscode/tasks.json", "{}\n"),
    ("vscode", ".vscode/tasks.json", "\ufeff{}\r\n"),
    ("vscode", ".vscode/tasks.json", "{\n    // only a comment\n}\n"),
    ("vscode", ".vscode/tasks.json", '{"version":"2.0.0","tasks":[{"label":"a"}]}'),
    ("vscode", ".vscode/tasks.json", '{ "tasks": [ {"label":"a"} ] }\r\n'),
    ("vscode", ".vscode/tasks.json", '{\n\t"tasks": [], // none\n\t"inputs": [ // in\n\t]\n}'),
    ("vscode", ".vscode/tasks.json", '{\r\n\t"tasks": [\r\n\t\t{"label": "x"}, // c\r\n\t],\r\n}\r\n'),
    ("vscode", ".vscode/settings.json", '{"typescript.preferences.importModuleSpecifier": "relative"}'),
    ("vscode", ".vscode/settings.json", '{"files.exclude": {"**/.xgodo": true}}'),
    ("vscode", ".vscode/settings.json", '{"files.exclude": {}}'),
    ("vscode", ".vscode/settings.json", '{"files.exclude": null, "a": null}'),
    ("vscode", ".vscode/settings.json", '{\n  "files.exclude": {\n    // mine\n  }\n}\n'),
    ("vscode", ".vscode/settings.json", '{"a": 1,} // x'),
    ("vscode", ".vscode/settings.json", '{\n\t"a": 1 // no comma\n\t// last word\n}\n'),
    ("vscode", ".vscode/extensions.json", '{"recommendations": ["tamasfe.even-better-toml"]}'),
    ("vscode", ".vscode/extensions.json", '{"recommendations": [ "a.b" ]}'),
    ("vscode", ".vscode/extensions.json", '{"unwantedRecommendations": ["tamasfe.even-better-toml"]}'),
    ("vscode", ".vscode/launch.json", '{\n  // Use IntelliSense\n  "configurations": [],\n}\n'),
    ("zed", ".zed/tasks.json", '[{"label":"a"}]'),
    ("zed", ".zed/tasks.json", '// c\n[\n  {"label": "a"}, // z\n  // y\n]\r\n'),
    ("neovim", ".nvim.lua", "\n"),
    ("neovim", ".nvim.lua", "x = 1"),
    ("neovim", ".nvim.lua", "x = 1\n\n"),
    ("neovim", ".nvim.lua", "x = 1\r\ny = 2"),
    ("neovim", ".nvim.lua", "x = 1\r\ny = 2\n"),
    ("neovim", ".nvim.lua", "\ufeffx = 1\n-- [xgodo-commands] end\n"),
    ("jetbrains", ".idea/jsonSchemas.xml", '<project version="4"></project>'),
    ("jetbrains", ".idea/jsonSchemas.xml", '<project version="4">\r\n  <component name="a"/>\r\n</project>'),
    ("jetbrains", ".idea/jsonSchemas.xml", '\ufeff<project version="4">\n  <!-- c -->\n</project>\n'),
]


@pytest.mark.parametrize(("editor", "path", "text"), OF_OTHERS)
def test_what_is_taken_out_leaves_every_byte_that_was_there(
    tmp_path: Path, editor: str, path: str, text: str
) -> None:
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_bytes(text.encode())
    set_up(tmp_path, editor)
    assert set(set_up(tmp_path, editor).values()) == {"unchanged"}
    set_up(tmp_path, editor, remove=True)
    assert content(tmp_path) == {path: text.encode()}


def test_a_remark_within_what_was_put_in_makes_it_somebodys(tmp_path: Path) -> None:
    older = JsonFile(
        ".vscode/tasks.json",
        {"version": "2.0.0", "tasks": []},
        (Item(["tasks"], "label", {"label": "xgodo: check", "type": "shell"}),),
    )
    (tmp_path / ".vscode").mkdir()
    tasks = tmp_path / ".vscode/tasks.json"
    tasks.write_bytes(older.with_setup(None).content or b"")
    edit(tasks, '"type"', '// As our own shell has it.\n      "type"')
    set_up(tmp_path)
    set_up(tmp_path, remove=True)
    assert b"// As our own shell has it." in tasks.read_bytes()


def test_what_somebody_puts_into_a_setting_stays_when_that_is_taken_out(tmp_path: Path) -> None:
    (tmp_path / ".vscode").mkdir()
    file = tmp_path / ".vscode/settings.json"
    file.write_text('{\n  "a": 1\n}\n')
    set_up(tmp_path)
    edit(file, '"**/.xgodo": true', '"**/.xgodo": true,\n    "dist": true')
    set_up(tmp_path, remove=True)
    assert Document(file.read_bytes()).value == {"a": 1, "files.exclude": {"dist": True}}


@pytest.mark.parametrize("remove", [False, True])
def test_a_file_that_nobody_may_write_is_left_alone(tmp_path: Path, remove: bool) -> None:
    with_own_files(tmp_path)
    if remove:
        set_up(tmp_path)
    (tmp_path / ".vscode/settings.json").chmod(0o444)
    before = content(tmp_path)
    with pytest.raises(FileReadOnly, match=r"settings\.json is read-only"):
        set_up(tmp_path, remove=remove)
    assert content(tmp_path) == before


def test_a_file_stays_readable_by_whom_it_was(tmp_path: Path) -> None:
    with_own_files(tmp_path)
    file = tmp_path / ".vscode/settings.json"
    for mode in (0o600, 0o664):
        file.chmod(mode)
        set_up(tmp_path)
        assert file.stat().st_mode & 0o777 == mode
        set_up(tmp_path, remove=True)
        assert file.stat().st_mode & 0o777 == mode


def test_a_link_that_leads_to_itself_is_named(tmp_path: Path) -> None:
    (tmp_path / ".nvim.lua").symlink_to(".nvim.lua")
    with pytest.raises(FileUnreadable, match=r"\.nvim\.lua can't be read"):
        set_up(tmp_path, "neovim")


def test_a_link_within_the_project_stays_one_and_what_was_made_behind_it_goes(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / ".nvim.lua").symlink_to("shared/nvim.lua")
    set_up(tmp_path, "neovim")
    assert (tmp_path / "shared/nvim.lua").is_file()
    set_up(tmp_path, "neovim", remove=True)
    assert (tmp_path / ".nvim.lua").is_symlink()
    assert not (tmp_path / "shared/nvim.lua").exists()


@given(DOCUMENTS, st.data())
@settings(max_examples=50)
def test_whatever_stands_in_a_file_stays_and_what_is_added_comes_once(
    document: tuple[dict[str, Any], str], data: st.DataObject
) -> None:
    own = {**document[0], "tasks": data.draw(st.lists(VALUES, max_size=2))}
    before = data.draw(written(own)).encode()
    once = ONE_OF_EACH.with_setup(before).content
    assert once is not None
    value = Document(once).value
    assert {key: value[key] for key in document[0]} == document[0]
    assert value["tasks"][: len(own["tasks"])] == own["tasks"]
    assert is_within(without_space(before), once)
    assert ONE_OF_EACH.with_setup(once).content == once
    back = ONE_OF_EACH.without_setup(once).content
    assert back is not None
    assert Document(back).value == own
    assert without_space(back) == without_space(before)


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new, 1))


def test_a_task_that_somebody_changed_stays_as_they_have_it(tmp_path: Path) -> None:
    set_up(tmp_path)
    tasks = tmp_path / ".vscode/tasks.json"
    edit(tasks, '"check"', '"check", "--no-color"')
    changed = tasks.read_bytes()

    (planned, *_) = setup.plan("vscode", Place(tmp_path), ["Otter"])
    assert (planned.state, planned.kept) == ("unchanged", ("xgodo: check",))
    assert set_up(tmp_path, remove=True)[".vscode/tasks.json"] == "updated"
    (left,) = Document(tasks.read_bytes()).value["tasks"]
    assert left["args"] == ["check", "--no-color"]
    assert is_within(tasks.read_bytes(), changed)


def test_a_task_of_another_version_that_nobody_changed_is_brought_up_to_date(tmp_path: Path) -> None:
    older = {"label": "xgodo: check", "type": "shell", "command": "xgodo-dev older"}
    of_another_version = JsonFile(
        ".vscode/tasks.json", {"version": "2.0.0", "tasks": []}, (Item(["tasks"], "label", older),)
    )
    (tmp_path / ".vscode").mkdir()
    tasks = tmp_path / ".vscode/tasks.json"
    tasks.write_bytes(of_another_version.with_setup(None).content or b"")

    assert set_up(tmp_path, only_look=True)[".vscode/tasks.json"] == "outdated"
    assert set_up(tmp_path)[".vscode/tasks.json"] == "updated"
    first, *_more = Document(tasks.read_bytes()).value["tasks"]
    assert (first["label"], first["command"]) == ("xgodo: check", "xgodo-dev")
    assert set_up(tmp_path)[".vscode/tasks.json"] == "unchanged"


def test_other_devices_are_news_for_setup_and_none_for_a_check(tmp_path: Path) -> None:
    set_up(tmp_path, devices=["Otter"])
    assert set_up(tmp_path, devices=["Lynx"], only_look=True)[".vscode/tasks.json"] == "unchanged"
    assert set_up(tmp_path, devices=["Lynx"])[".vscode/tasks.json"] == "updated"
    assert b'"Lynx"' in (tmp_path / ".vscode/tasks.json").read_bytes()


def test_a_setting_that_somebody_made_wins(tmp_path: Path) -> None:
    own = (
        b'{"typescript.preferences.importModuleSpecifier": "shortest", "files.exclude": {"**/.xgodo": false}}'
    )
    after = SETTINGS.with_setup(own).content
    assert after is not None
    assert Document(after).value["typescript.preferences.importModuleSpecifier"] == "shortest"
    assert Document(after).value["files.exclude"] == {"**/.xgodo": False}
    assert without_space(SETTINGS.without_setup(after).content or b"") == without_space(own)


def test_a_recommendation_is_not_made_twice() -> None:
    own = b'{"recommendations": ["tamasfe.even-better-toml", "a.b"]}'
    assert EXTENSIONS.with_setup(own).content == own


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        (".vscode/tasks.json", '{"tasks": [\n', "line 2"),
        (".vscode/tasks.json", "[]", "is no JSON object"),
        (".vscode/tasks.json", '{"tasks": {}}', "has no list as `tasks`"),
        (".vscode/tasks.json", '{"tasks": null}', "has no list as `tasks`"),
        (".vscode/tasks.json", "null", "is no JSON object"),
        (".vscode/tasks.json", '{"tasks": [], "tasks": []}', "has `tasks` twice"),
        (".vscode/tasks.json", "{\n<<<<<<< HEAD\n=======\n>>>>>>> x\n}\n", "line 2"),
        (".vscode/settings.json", '{"files.exclude": 3}', "`files.exclude` is not what it should be"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_named_and_nothing_is_written(
    tmp_path: Path, path: str, text: str, said: str
) -> None:
    (tmp_path / ".vscode").mkdir()
    (tmp_path / path).write_text(text)
    with pytest.raises(Unreadable, match=said) as raised:
        set_up(tmp_path)
    assert str(tmp_path / path) in str(raised.value)
    assert content(tmp_path) == {path: text.encode()}


def test_a_file_that_never_ends_or_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".nvim.lua")
    with pytest.raises(FileUnreadable, match="Not a file"):
        set_up(tmp_path, "neovim")
    (tmp_path / ".nvim.lua").unlink()
    (tmp_path / ".nvim.lua").write_bytes(b"-" * (2 << 20))
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        set_up(tmp_path, "neovim")


def test_a_link_that_leads_out_of_the_project_is_not_written_through(tmp_path: Path) -> None:
    outside = tmp_path / "outside.json"
    outside.write_text("{}")
    root = tmp_path / "project"
    (root / ".vscode").mkdir(parents=True)
    (root / ".vscode/settings.json").symlink_to(outside)
    with pytest.raises(Unreadable, match="leads out of"):
        set_up(root)
    assert outside.read_text() == "{}"
    outside.replace(root / "settings.json")
    (root / ".vscode/settings.json").unlink()
    (root / ".vscode/settings.json").symlink_to("../settings.json")
    set_up(root)
    assert (root / ".vscode/settings.json").is_symlink()
    assert b"xgodo" in (root / "settings.json").read_bytes()


def test_in_a_monorepo_the_files_of_the_repository_are_used_and_each_project_has_its_own(
    tmp_path: Path,
) -> None:
    for folder in (".git", ".vscode", "apps/a", "apps/b/.zed"):
        (tmp_path / folder).mkdir(parents=True)
    first, second = tmp_path / "apps/a", tmp_path / "apps/b"

    assert setup.place_of("vscode", first) == Place(tmp_path, "apps/a")
    assert setup.place_of("zed", second) == Place(second)
    assert setup.place_of("neovim", first) == Place(first)
    assert setup.traced(second) == ["vscode", "zed"]
    set_up(first)
    set_up(second)
    tasks = json.loads(re.sub(r"^\s*//.*$", "", (tmp_path / ".vscode/tasks.json").read_text(), flags=re.M))
    names = [task["label"] for task in tasks["tasks"]]
    assert len(names) == len(set(names)) == 14
    set_up(first, remove=True)
    left = Document((tmp_path / ".vscode/tasks.json").read_bytes()).value
    assert {task["options"]["cwd"] for task in left["tasks"]} == {"${workspaceFolder}/apps/b"}
    assert len(left["inputs"]) == 2


@pytest.mark.parametrize("editor", EDITORS)
def test_projects_whose_paths_are_alike_have_each_their_own(tmp_path: Path, editor: str) -> None:
    places = [Place(tmp_path, below) for below in ("a/b", "a-b", "a b", "a_b", "a--b", "a", "a/-b", "a-/b")]
    for place in places:
        set_up(tmp_path, editor, place=place)
    for place in places:
        states = set_up(tmp_path, editor, place=place, only_look=True)
        assert (place.below, set(states.values())) == (place.below, {"unchanged"})
    for place in places[1:]:
        set_up(tmp_path, editor, place=place, remove=True)
    if editor != "vscode":
        # Settings of VS Code are for all projects below the folder.
        states = set_up(tmp_path, editor, place=places[0], only_look=True)
        assert set(states.values()) == {"unchanged"}


def test_without_a_repository_the_folders_above_are_somebody_elses(tmp_path: Path) -> None:
    (tmp_path / ".vscode").mkdir()
    project = tmp_path / "project"
    project.mkdir()
    assert setup.place_of("vscode", project) == Place(project)
    assert setup.traced(project) == []


def test_in_a_home_that_is_a_repository_the_folder_of_extensions_is_no_trace(tmp_path: Path) -> None:
    for folder in (".git", ".vscode/extensions", "work/project"):
        (tmp_path / folder).mkdir(parents=True)
    project = tmp_path / "work/project"
    assert setup.traced(project) == []
    assert setup.place_of("vscode", project) == Place(project)


def test_the_editors_of_the_machine_are_those_whose_programs_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("codium", "nvim"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert setup.installed() == ["vscode", "neovim"]


def test_the_configurations_of_jetbrains_are_xml_that_starts_in_the_project(tmp_path: Path) -> None:
    place = Place(tmp_path, 'a & "b"')
    set_up(tmp_path / place.below, "jetbrains", place=place)
    files = sorted((tmp_path / ".run").iterdir())
    for file in files:
        (configuration,) = ElementTree.parse(file).getroot()
        options = {each.attrib["name"]: each.attrib["value"] for each in configuration.iter("option")}
        assert options["SCRIPT_WORKING_DIRECTORY"] == '$PROJECT_DIR$/a & "b"'
        assert options["SCRIPT_TEXT"].startswith("xgodo-dev ")
    assert len(files) == 5
    (entry,) = ElementTree.parse(tmp_path / ".idea/jsonSchemas.xml").getroot().iter("entry")
    values = {each.attrib["name"]: each.attrib.get("value") for each in entry.iter("option")}
    assert values["relativePathToSchema"] == 'a & "b"/.xgodo/xgodo.schema.json'


def test_a_configuration_that_somebody_changed_in_the_editor_stays(tmp_path: Path) -> None:
    set_up(tmp_path, "jetbrains")
    file = tmp_path / ".run/xgodo-run.run.xml"
    edit(file, "xgodo-dev run", "xgodo-dev run -d Otter")
    changed = file.read_bytes()
    set_up(tmp_path, "jetbrains")
    set_up(tmp_path, "jetbrains", remove=True)
    assert content(tmp_path) == {".run/xgodo-run.run.xml": changed}


@pytest.mark.parametrize(
    "text",
    [
        '<project version="4">\n</project>\n',
        '<project version="4">\n  <component name="Other">\n  </component>\n</project>',
        OWN_SCHEMAS,
        '<project><component name="JsonSchemaMappingsProjectConfiguration"><state><map></map></state>'
        "</component></project>",
    ],
)
def test_the_schema_is_mapped_in_whatever_list_the_editor_has(tmp_path: Path, text: str) -> None:
    (tmp_path / ".idea").mkdir()
    file = tmp_path / ".idea/jsonSchemas.xml"
    file.write_text(text)
    set_up(tmp_path, "jetbrains")
    path = "component[@name='JsonSchemaMappingsProjectConfiguration']/state/map/entry[@key='xgodo.toml']"
    assert len(ElementTree.parse(file).getroot().findall(path)) == 1
    assert is_within(without_space(text.encode()), file.read_bytes())
    assert set_up(tmp_path, "jetbrains")[".idea/jsonSchemas.xml"] == "unchanged"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<project>", "line 1"),
        ("<project/>", "nothing in it"),
        ('<!DOCTYPE project [<!ENTITY a "b">]><project>&a;</project>', "document type"),
        ("", "line 1"),
    ],
)
def test_a_list_of_schemas_that_can_not_be_added_to_is_left_alone(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / ".idea").mkdir()
    (tmp_path / ".idea/jsonSchemas.xml").write_text(text)
    with pytest.raises(Unreadable, match=said):
        set_up(tmp_path, "jetbrains")
    assert content(tmp_path) == {".idea/jsonSchemas.xml": text.encode()}


def test_a_list_of_schemas_of_no_known_encoding_or_with_an_entry_in_another_namespace_is_kept(
    tmp_path: Path,
) -> None:
    (tmp_path / ".idea").mkdir()
    file = tmp_path / ".idea/jsonSchemas.xml"
    claimed = OWN_SCHEMAS.replace('encoding="UTF-8"', 'encoding="no-such"')
    file.write_text(claimed)
    set_up(tmp_path, "jetbrains")
    assert is_within(without_space(claimed.encode()), file.read_bytes())
    theirs = OWN_SCHEMAS.replace("<project", '<project xmlns:a="b"').replace(
        'key="ours"><value>', 'key="xgodo.toml"><value a:b="c">'
    )
    file.write_text(theirs)
    set_up(tmp_path, "jetbrains")
    assert file.read_text() == theirs


def test_the_block_of_neovim_stays_when_somebody_changes_it(tmp_path: Path) -> None:
    file = tmp_path / ".nvim.lua"
    file.write_text("vim.o.number = true\n")
    set_up(tmp_path, "neovim")
    edit(file, "botright 12new", "vnew")
    changed = file.read_bytes()
    assert set_up(tmp_path, "neovim")[".nvim.lua"] == "unchanged"
    assert set_up(tmp_path, "neovim", remove=True)[".nvim.lua"] == "unchanged"
    assert file.read_bytes() == changed
