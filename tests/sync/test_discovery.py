from __future__ import annotations

import asyncio
import json

import pytest

from tests.scripted_server import page
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import Fault, RemoteProject
from xgodo_dev.errors import UnreachableError
from xgodo_dev.platform.answers import RouteMissing
from xgodo_dev.sync.discovery import Discovery
from xgodo_dev.sync.remote import AT_ONCE


async def follow(
    remote: RemoteProject, copy: WorkingCopy, main: str, *known: str
) -> tuple[list[str], Discovery]:
    """The files found from ``main``, sorted, and what else there is to say."""
    remote.files["main.ts"] = main
    discovery = Discovery(copy.remote)
    found = [each async for each in discovery.follow({"main.ts": main.encode()}, known)]
    assert len(dict(found)) == len(found), "each file once"
    assert all(content == remote.files[path].encode() for path, content in found)
    return sorted(path for path, _ in found), discovery


def asked(remote: RemoteProject) -> list[str]:
    return [request.query["path"] for request in remote.seen]


@pytest.mark.parametrize(
    ("specifier", "there", "found"),
    [
        ("./a", ["a.ts"], ["a.ts"]),
        ("./a", ["a.js"], ["a.js"]),
        ("./a", ["a.d.ts"], ["a.d.ts"]),
        ("./a", ["a/index.ts"], ["a/index.ts"]),
        ("./a", ["a/index.js"], ["a/index.js"]),
        ("./a/", ["a/index.ts", "a.ts"], ["a/index.ts"]),
        ("./a", ["a.ts", "a.js", "a/index.ts"], ["a.ts"]),
        ("./a.js", ["a.ts"], ["a.ts"]),
        ("./a.js", ["a.js"], ["a.js"]),
        ("./a.js", ["a.js", "a.ts"], ["a.ts"]),
        ("./a.ts", ["a.ts"], ["a.ts"]),
        ("./deep/../a", ["a.ts"], ["a.ts"]),
        ("./data.json", ["data.json"], ["data.json"]),
        ("./ünïcode", ["ünïcode.ts"], ["ünïcode.ts"]),
    ],
)
async def test_an_import_leads_to_the_file_that_it_means(
    remote: RemoteProject, copy: WorkingCopy, specifier: str, there: list[str], found: list[str]
) -> None:
    remote.files |= dict.fromkeys(there, "")
    paths, discovery = await follow(
        remote, copy, f"import x from {json.dumps(specifier, ensure_ascii=False)}"
    )
    assert paths == found
    assert discovery.missing == {}


@pytest.mark.parametrize(
    "statement",
    [
        "import {{ a }} from '{}'",
        "import type {{ A }} from '{}'",
        "import '{}'",
        "export * from '{}'",
        "const a = await import('{}')",
        "const a = require('{}')",
        "import a = require('{}')",
    ],
)
async def test_every_kind_of_import_is_followed(
    remote: RemoteProject, copy: WorkingCopy, statement: str
) -> None:
    remote.files["a.ts"] = ""
    assert (await follow(remote, copy, statement.format("./a")))[0] == ["a.ts"]


async def test_imports_are_followed_through_folders_and_back(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files |= {
        "src/a.ts": 'import "./b"; import "../lib"',
        "src/b.ts": 'import "../data/x.json"',
        "lib/index.ts": 'export * from "./deep/c.js"',
        "lib/deep/c.ts": "",
        "data/x.json": '{"not": "import \\"./y\\""}',
        "unused.ts": "",
    }
    paths, discovery = await follow(remote, copy, 'import "./src/a"')
    assert paths == ["data/x.json", "lib/deep/c.ts", "lib/index.ts", "src/a.ts", "src/b.ts"]
    assert (discovery.missing, discovery.unfetchable) == ({}, {})


async def test_circles_end(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.files |= {"a.ts": 'import "./b"; import "./a"', "b.ts": 'import "./a"; import "./main"'}
    assert (await follow(remote, copy, 'import "./a"; import "./main"'))[0] == ["a.ts", "b.ts"]
    assert sorted(asked(remote)) == ["a.ts", "b.ts"]


async def test_no_path_is_asked_for_twice(remote: RemoteProject, copy: WorkingCopy) -> None:
    names = [f"m{number}" for number in range(10)]
    body = "\n".join(f'import "./{name}"' for name in (*names, "missing"))
    remote.files |= {f"{name}.ts": body for name in names}
    await follow(remote, copy, body)
    assert len(set(asked(remote))) == len(asked(remote))


async def test_files_that_are_known_are_neither_asked_for_nor_followed(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": 'import "./c"', "b.ts": "", "c.ts": ""}
    paths, discovery = await follow(remote, copy, 'import "./a"; import "./b"', "a.ts")
    assert (paths, discovery.missing) == (["b.ts"], {})
    assert asked(remote) == ["b.ts"]


async def test_comments_and_texts_hold_no_imports(remote: RemoteProject, copy: WorkingCopy) -> None:
    remote.files["a.ts"] = ""
    main = '// import "./a"\n/* require("./a") */\nconst text = \'import "./a"\''
    assert (await follow(remote, copy, main))[0] == []
    assert asked(remote) == []


async def test_packages_are_not_asked_for(remote: RemoteProject, copy: WorkingCopy) -> None:
    await follow(remote, copy, 'import "fs"; import "@x/y"; import "/abs"; import "https://x/y"')
    assert asked(remote) == []


async def test_an_import_that_leads_nowhere_is_said_and_ends_nothing(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files["src/a.ts"] = 'import "./gone"; import "../data.json"'
    paths, discovery = await follow(remote, copy, 'import "./gone"; import "./src/a"')
    assert paths == ["src/a.ts"]
    assert discovery.missing.keys() == {
        "./gone in main.ts",
        "./gone in src/a.ts",
        "../data.json in src/a.ts",
    }


@pytest.mark.parametrize(
    "specifier",
    [
        "../outside",
        "./../../etc/passwd",
        "./.git/config.json",
        "./.xgodo/state.json",
        "./node_modules/x",
        "./con",
        "./a\\..\\b",
        "./\\u002e\\u002e/outside",
        "./c:/x",
        "./a\u0000b",
        "./" + "x" * 300,
    ],
)
async def test_a_hostile_import_is_never_asked_for(
    remote: RemoteProject, copy: WorkingCopy, specifier: str
) -> None:
    paths, _ = await follow(remote, copy, f'import "{specifier}"')
    assert paths == []
    assert asked(remote) == []


async def test_a_file_that_can_not_be_had_is_said_and_the_others_are_found(
    remote: RemoteProject, copy: WorkingCopy
) -> None:
    remote.files |= {"a.ts": "", "b.ts": ""}
    remote.refuse_reading = {"a.ts"}
    paths, discovery = await follow(remote, copy, 'import "./a"; import "./b"')
    assert paths == ["b.ts"]
    assert discovery.unfetchable == {"a.ts": "Invalid path"}
    assert discovery.missing == {}


async def test_what_a_server_that_lists_can_not_hand_out_is_said(
    remote: RemoteProject, listed_copy: WorkingCopy
) -> None:
    remote.binaries["data.json"] = b"\xff"
    _, discovery = await follow(remote, listed_copy, 'import "./data.json"')
    assert discovery.unfetchable.keys() == {"data.json"}


async def test_several_files_are_read_at_once_but_not_all(remote: RemoteProject, copy: WorkingCopy) -> None:
    names = [f"m{number}" for number in range(3 * AT_ONCE)]
    remote.files |= {f"{name}.ts": "" for name in names}
    under_way = most = 0
    full = asyncio.Event()
    handle = remote.server.handler

    async def handler(request):  # type: ignore[no-untyped-def]
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        if most == AT_ONCE and not full.is_set():
            # Time for one more to come, if anything let it.
            await asyncio.sleep(0.05)
            full.set()
        await full.wait()
        under_way -= 1
        return await handle(request)

    remote.server.handler = handler
    async with asyncio.timeout(60):
        await follow(remote, copy, "\n".join(f'import "./{name}"' for name in names))
    assert most == AT_ONCE


@pytest.mark.parametrize(("answer", "kind"), [(None, UnreachableError), (page(404), RouteMissing)])
async def test_a_failure_of_the_server_ends_it_and_leaves_no_task(
    remote: RemoteProject, copy: WorkingCopy, answer: object, kind: type[Exception]
) -> None:
    if answer is None:
        remote.faults = [Fault.UNHEARD] * 100
    else:
        remote.server.handler = remote.server._next_answer
        remote.server.answers = [answer]  # type: ignore[list-item]
    with pytest.raises(kind):
        await follow(remote, copy, "\n".join(f'import "./m{number}"' for number in range(20)))
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert not [task for task in others if "xgodo_dev" in repr(task)]
