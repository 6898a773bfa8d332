from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.errors import NotFound, UnreachableError
from xgodo_dev.project.files import FileSelection, blob_hash
from xgodo_dev.project.state import State
from xgodo_dev.sync.clone import ENTRIES, Clone, clone


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "clone"
    folder.mkdir()
    return folder


@pytest.fixture
def state(root: Path) -> Iterator[State]:
    with State(root, "remote") as state:
        yield state


async def cloned(copy: WorkingCopy, root: Path, state: State, *entries: str) -> Clone:
    return await clone(copy.remote, root, state, entries or ENTRIES)


def on_disk(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes().decode()
        for path in root.rglob("*")
        if path.is_file() and ".xgodo" not in path.parts
    }


async def test_everything_that_is_imported_or_listed_is_brought_and_known_to_be_equal(
    remote: RemoteProject, each_copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {
        "main.ts": '\ufeffimport "./src/a"\r\n',
        "src/a.ts": 'import data from "../data.json"',
        "data.json": "{}",
    }
    made = await cloned(each_copy, root, state)
    assert on_disk(root) == remote.files
    assert state.base() == {path: blob_hash(content.encode()) for path, content in remote.files.items()}
    assert state.text(blob_hash(b"{}")) == b"{}"
    assert made.files == ["data.json", "main.ts", "src/a.ts"]
    assert (made.missing, made.left_there, made.entry) == ([], {}, "main.ts")
    assert made.complete is each_copy.remote.lists_files


async def test_only_a_list_knows_what_nothing_imports(
    remote: RemoteProject, each_copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"main.ts": "", "loaded-by-name.ts": "", "README.md": ""}
    made = await cloned(each_copy, root, state)
    assert ("loaded-by-name.ts" in made.files) is ("README.md" in made.files) is made.complete


@pytest.mark.parametrize(
    ("there", "entry"),
    [
        (["main.ts", "main.js", "index.ts"], "main.ts"),
        (["main.js", "index.ts"], "main.js"),
        (["index.ts"], "index.ts"),
    ],
)
async def test_the_likeliest_entry_is_taken(
    remote: RemoteProject, each_copy: WorkingCopy, root: Path, state: State, there: list[str], entry: str
) -> None:
    remote.files |= dict.fromkeys(there, "")
    assert (await cloned(each_copy, root, state)).entry == entry


async def test_without_a_list_an_entry_of_another_name_has_to_be_named(
    remote: RemoteProject, copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"src/start.ts": 'import "./a"', "src/a.ts": ""}
    with pytest.raises(NotFound, match=r"main\.ts or main\.js or index\.ts") as raised:
        await cloned(copy, root, state)
    assert "--entry" in (raised.value.hint or "")
    made = await cloned(copy, root, state, "src/start.ts")
    assert (made.files, made.entry) == (["src/a.ts", "src/start.ts"], "src/start.ts")


async def test_imports_that_lead_nowhere_are_said(
    remote: RemoteProject, copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files["main.ts"] = 'import "./gone"; import "./also-gone"'
    made = await cloned(copy, root, state)
    assert made.missing == ["./also-gone in main.ts", "./gone in main.ts"]
    assert not made.complete


HOSTILE = ["../outside.ts", "/etc/x.ts", ".git/hooks/x.ts", "a\\b.ts", "con.ts", "xgodo.toml", "zero\0.ts"]


async def test_what_can_not_or_need_not_be_here_is_left_there_with_its_reason(
    remote: RemoteProject, listed_copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"main.ts": "1", "Main.ts": "2", "tsconfig.json": "{}", ".gitignore": "x", "no.ts": "3"}
    remote.files |= dict.fromkeys(HOSTILE, "hostile")
    remote.binaries["image.png"] = b"\x89PNG\xff"
    remote.refuse_reading = {"no.ts"}
    before = set(root.parent.iterdir())
    made = await cloned(listed_copy, root, state)
    assert on_disk(root) == {"Main.ts": "2"}
    assert made.left_there.keys() == {
        "main.ts",
        "tsconfig.json",
        ".gitignore",
        *HOSTILE,
    }
    assert made.failed.keys() == {"image.png", "no.ts"}
    assert "Main.ts" in made.left_there["main.ts"]
    assert all(made.left_there.values())
    assert set(root.parent.iterdir()) == before


async def test_a_name_is_not_both_a_file_and_a_folder_here(
    remote: RemoteProject, listed_copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"main.ts": "1", "a.ts": "file", "a.ts/b.ts": "below", "a.ts/c/d.ts": "below"}
    made = await cloned(listed_copy, root, state)
    assert on_disk(root) == {"main.ts": "1", "a.ts": "file"}
    assert made.left_there.keys() == {"a.ts/b.ts", "a.ts/c/d.ts"}


@pytest.mark.parametrize(
    ("main", "brought"),
    [
        ('import "./a.ts"; import "./a.ts/b"', "a.ts"),
        ('import "./a.ts/b"; import "./a.ts"', "a.ts/b.ts"),
    ],
)
async def test_of_imports_that_make_a_name_a_file_and_a_folder_the_first_is_brought(
    remote: RemoteProject, copy: WorkingCopy, root: Path, state: State, main: str, brought: str
) -> None:
    remote.files |= {"main.ts": main, "a.ts": "file", "a.ts/b.ts": "below"}
    made = await cloned(copy, root, state)
    assert on_disk(root).keys() == {"main.ts", brought}
    assert len(made.left_there) == 1


async def test_imports_of_names_that_are_one_to_many_a_disk_bring_one(
    remote: RemoteProject, copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"main.ts": 'import "./Util"; import "./util"', "Util.ts": "1", "util.ts": "2"}
    made = await cloned(copy, root, state)
    assert on_disk(root).keys() == {"main.ts", "Util.ts"}
    assert made.left_there.keys() == {"util.ts"}
    assert "Util.ts" in made.left_there["util.ts"]


async def test_compiled_javascript_is_not_brought(
    remote: RemoteProject, listed_copy: WorkingCopy, root: Path, state: State
) -> None:
    remote.files |= {"main.ts": "1", "main.js": "compiled", "hand.js": "written"}
    assert (await cloned(listed_copy, root, state)).files == ["hand.js", "main.ts"]


async def test_the_rules_for_what_was_brought_name_exactly_that(
    remote: RemoteProject, listed_copy: WorkingCopy, root: Path, state: State
) -> None:
    odd = ["data.json", "a b.json", "!x.md", "#x.md", "[x].md", "st*r.md", "deep/data.json", "end\u00a0.md"]
    remote.files |= dict.fromkeys(["main.ts", "hand.js", *odd], "1")
    made = await cloned(listed_copy, root, state)
    for extra in ("other/data.json", "x.md", "star.md", "deep/other.json"):
        (root / extra).parent.mkdir(exist_ok=True)
        (root / extra).write_text("not of the project")
    selection = FileSelection(root, include=tuple(made.include()))
    assert selection.paths() == sorted(["main.ts", "hand.js", *odd])


async def test_an_empty_project_is_an_empty_clone(listed_copy: WorkingCopy, root: Path, state: State) -> None:
    made = await cloned(listed_copy, root, state)
    assert (made.files, made.entry, made.complete) == ([], None, True)


async def test_a_network_that_goes_away_ends_the_clone_with_its_error(
    remote: RemoteProject, each_copy: WorkingCopy, root: Path, state: State
) -> None:
    names = [f"m{number}" for number in range(40)]
    remote.files |= {f"{name}.ts": "" for name in names}
    remote.files["main.ts"] = "\n".join(f'import "./{name}"' for name in names)
    remote.faults = [Fault.NONE] * 3 + [Fault.UNHEARD] * 200
    with pytest.raises(UnreachableError):
        await cloned(each_copy, root, state)
