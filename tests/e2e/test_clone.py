"""`clone`: a remote project comes to this disk, whole or not at all."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Emulator, Home, of_documented, of_listed
from tests.e2e.scripted_project import Failing
from tests.e2e.working_copies import Copy, OnServer
from tests.scripted_server import TOKEN, Request
from tests.sync.remote_project import PROJECT
from xgodo_dev.cli.clone import _place

# What every form of import leads to; in an order in which the server can compile them one by one.
IMPORTED = {
    "lib/index.ts": "export const a = 1;\n",
    "lib/deep.ts": 'import { a } from ".";\nexport const deep = a;\n',
    "made.ts": "export const made = 1;\n",
    "side.js": 'console.log("beside");\n',
    "main.ts": 'import { a } from "./lib";\nimport { made } from "./made.js";\nimport "./side.js";\n'
    'export * from "./lib/deep";\nconsole.log(a, made);\n',
}


@pytest.fixture
def seeded(remote: OnServer) -> OnServer:
    remote.write_all(IMPORTED)
    return remote


def cloned_while(home: Home, failing: Failing, folder: str, act: Callable[[], None], exit_code: int) -> Any:
    """The outcome of a clone during whose last read somebody does something."""
    failing.files = {"main.ts": 'import "./lib/a";\n', "lib/a.ts": "export {};\n"}

    def meanwhile(request: Request) -> None:
        if request.query.get("path") == "lib/a.ts":
            act()

    failing.before_request = meanwhile
    environment = {"XGODO_API_URL": failing.server.url, "XGODO_TOKEN": TOKEN}
    return home.json("clone", PROJECT, folder, env=environment, exit_code=exit_code)


@pytest.mark.parametrize("before", ["empty folder", "no folder"])
@pytest.mark.parametrize("mine", ["main.ts", ".gitignore", "lib/mine.ts"])
def test_what_appears_in_the_folder_during_a_clone_stays_as_it_is(
    home: Home, failing: Failing, before: str, mine: str
) -> None:
    root = home.folder / "here"
    if before == "empty folder":
        root.mkdir()

    def appear() -> None:
        (root / mine).parent.mkdir(parents=True, exist_ok=True)
        (root / mine).write_text("mine", encoding="utf-8")

    refused = cloned_while(home, failing, "here", appear, exit_code=3)
    assert refused["error"]["code"] == "refused"
    assert [file for file in root.rglob("*") if file.is_file()] == [root / mine]
    assert (root / mine).read_text("utf-8") == "mine"
    assert not list(home.folder.rglob(".xgodo-clone*"))


def test_a_clone_takes_no_name_that_is_there_by_the_time_it_is_placed(tmp_path: Path) -> None:
    staging, root = tmp_path / "staging", tmp_path / "root"
    for folder in (staging / "lib", root / "lib"):
        folder.mkdir(parents=True)
    (staging / "lib" / "a.ts").write_text("theirs", encoding="utf-8")
    (staging / "main.ts").write_text("theirs", encoding="utf-8")
    (root / "main.ts").write_text("mine", encoding="utf-8")
    for name in ("main.ts", "lib"):
        with pytest.raises(FileExistsError):
            _place(staging / name, root / name)
    assert (root / "main.ts").read_text("utf-8") == "mine"
    assert list((root / "lib").iterdir()) == []


def test_a_clone_that_could_not_bring_a_file_fails_and_keeps_the_others(home: Home, failing: Failing) -> None:
    failing.has_project_api = False
    failing.refuse_reading = {"lib/a.ts"}
    failed = cloned_while(home, failing, "here", lambda: None, exit_code=1)
    assert failed["files"] == ["main.ts"]
    assert [each["path"] for each in failed["failed"]] == ["lib/a.ts"]
    assert "lib/a.ts" in failed["error"]["message"]
    assert (home.folder / "here" / "main.ts").is_file()


def clone(home: Home, server: Emulator, *arguments: str | Path, exit_code: int = 0) -> Any:
    return home.json("clone", *arguments, env=server.env, exit_code=exit_code)


def test_a_clone_has_every_file_type_checks_and_differs_in_nothing(
    home: Home, server: Emulator, seeded: OnServer
) -> None:
    made = clone(home, server, seeded.id, "here")
    root = home.folder / "here"
    assert made["root"] == str(root)
    assert made["files"] == sorted(IMPORTED)
    copy = Copy(home, root, server.env)
    assert {path: copy.read(path) for path in IMPORTED} == IMPORTED
    assert copy.json("check")["ok"] is True
    assert copy.states() == {}
    assert copy.states("--remote") == {}
    assert copy.json("push")["pushed"] == []
    assert copy.json("pull") == {"pulled": [], "merged": [], "conflicts": []}


def test_a_clone_without_a_folder_named_goes_into_one_of_the_projects_name(
    home: Home, server: Emulator, seeded: OnServer
) -> None:
    settings = server.data / "settings" / f"{seeded.id}.json"
    settings.parent.mkdir(exist_ok=True)
    settings.write_text('{"name": "Größe & Mehr: 2"}', encoding="utf-8")
    root = Path(clone(home, server, seeded.id)["root"])
    listed = '\n[project]\nname = "Größe & Mehr: 2"' in (root / "xgodo.toml").read_text("utf-8")
    assert root == home.folder / ("gr-e-mehr-2" if listed else seeded.id)


@pytest.mark.parametrize("named", [".", "made/before", "../elsewhere/new"])
def test_an_empty_folder_a_new_one_and_this_one_can_be_cloned_into(
    home: Home, server: Emulator, seeded: OnServer, named: str
) -> None:
    start = home.folder / "start"
    (start / "made" / "before").mkdir(parents=True) if "made" in named else start.mkdir()
    inode = start.stat().st_ino
    made = home.json("clone", seeded.id, named, cwd=start, env=server.env)
    root = (start / named).resolve()
    assert made["root"] == str(root)
    assert start.stat().st_ino == inode
    assert (root / "lib" / "deep.ts").read_text("utf-8") == IMPORTED["lib/deep.ts"]
    assert not list(home.folder.rglob(".xgodo-clone*"))
    assert home.json("status", cwd=root, env=server.env)["clean"] is True


def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(
    home: Home, server: Emulator, seeded: OnServer
) -> None:
    (home.folder / "here").mkdir()
    (home.folder / "here" / ".hidden").write_text("mine", encoding="utf-8")
    refused = clone(home, server, seeded.id, "here", exit_code=3)
    assert refused["error"]["code"] == "refused"
    assert [entry.name for entry in (home.folder / "here").iterdir()] == [".hidden"]
    assert [entry.name for entry in home.folder.iterdir()] == ["here"]


@pytest.mark.parametrize("named", [".", "deep/here"])
def test_a_clone_of_no_project_fails_and_leaves_nothing_behind(
    home: Home, server: Emulator, named: str
) -> None:
    failed = clone(home, server, str(uuid.uuid4()), named, exit_code=1)
    assert failed["error"]["code"] == "not-found"
    assert failed["error"]["hint"]
    assert list(home.folder.iterdir()) == []


@of_listed
@pytest.mark.parametrize(
    ("wrong", "exit_code"), [({"XGODO_TOKEN": "wrong"}, 4), ({"XGODO_API_URL": "http://127.0.0.1:9"}, 5)]
)
def test_a_clone_from_a_server_that_is_not_there_for_us_leaves_nothing_behind(
    home: Home, server: Emulator, wrong: dict[str, str], exit_code: int
) -> None:
    home.json("clone", str(uuid.uuid4()), env={**server.env, **wrong}, exit_code=exit_code)
    assert list(home.folder.iterdir()) == []


@of_documented
def test_a_clone_by_imports_says_what_it_could_not_know(
    home: Home, server: Emulator, seeded: OnServer
) -> None:
    seeded.write("alone.ts", "export {};\n")
    seeded.write("notes.js", 'import "./never";\n')
    seeded.write("main.ts", 'import "./notes.js";\n')
    made = clone(home, server, seeded.id, "here")
    assert made["complete"] is False
    assert made["missing"] == ["./never in notes.js"]
    assert made["files"] == ["main.ts", "notes.js"]
    shown = home.run("clone", seeded.id, "again", env=server.env).stderr
    assert "can't list files" in shown
    assert "./never in notes.js" in shown


@of_documented
def test_a_clone_begins_with_the_entry_that_is_named(home: Home, server: Emulator, remote: OnServer) -> None:
    remote.write("src/start.ts", "export {};\n")
    refused = clone(home, server, remote.id, "here", exit_code=1)
    assert "--entry" in refused["error"]["hint"]
    clone(home, server, remote.id, "here", "--entry", "src/start.ts")
    assert 'entry = "src/start.ts"' in (home.folder / "here" / "xgodo.toml").read_text("utf-8")


@of_listed
def test_a_clone_of_a_list_is_complete_and_leaves_nothing_out_without_a_word(
    home: Home, server: Emulator, seeded: OnServer
) -> None:
    seeded.write("alone.ts", "export {};\n")
    seeded.write("data/words [1].json", "[]\n")
    seeded.write("README", "read me\n")
    seeded.write("tsconfig.json", "{}\n")
    (seeded.folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    made = clone(home, server, seeded.id, "here", exit_code=1)
    assert made["complete"] is True
    assert made["files"] == sorted([*IMPORTED, "alone.ts", "data/words [1].json", "README"])
    assert [left["path"] for left in made["left_there"]] == ["tsconfig.json"]
    assert [left["path"] for left in made["failed"]] == ["logo.png"]
    copy = Copy(home, home.folder / "here", server.env)
    assert copy.states("--remote") == {}
    copy.write("data/words [1].json", '["a"]\n')
    assert copy.json("push")["pushed"] == ["data/words [1].json"]


@pytest.fixture
def another_disk(home: Home) -> Iterator[Path]:
    folder = Path("/dev/shm") / f"xgodo-dev-{uuid.uuid4().hex}"
    if not folder.parent.is_dir() or folder.parent.stat().st_dev == home.folder.stat().st_dev:
        pytest.skip("no second file system here")
    folder.mkdir()
    yield folder
    shutil.rmtree(folder)


@of_listed
def test_a_clone_can_go_to_another_disk(
    home: Home, server: Emulator, seeded: OnServer, another_disk: Path
) -> None:
    clone(home, server, seeded.id, another_disk / "deep" / "here")
    assert (another_disk / "deep" / "here" / "main.ts").is_file()


@of_listed
@pytest.mark.parametrize("project_id", ["", "a/b", "?"])
def test_what_can_be_no_id_is_not_asked_for(home: Home, server: Emulator, project_id: str) -> None:
    assert clone(home, server, project_id, exit_code=2)["error"]["code"] == "usage"


def test_where_a_clone_is_is_told_as_people_write_it(home: Home, failing: Failing) -> None:
    failing.files = {"main.ts": ""}
    environment = {"XGODO_API_URL": failing.server.url, "XGODO_TOKEN": TOKEN}
    done = home.run("clone", PROJECT, "here", env=environment)
    assert done.stdout.startswith("Cloned 1 file into ~/here\n"), done.stderr
