"""A project that the platform's own command-line client made is worked on as it stands."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.e2e.conftest import LISTED, SMALL_PROJECT, Emulator, Home
from tests.e2e.working_copies import Copy, OnServer
from tests.platform_settings import COMPILER_OPTIONS
from xgodo_dev.project.files import blob_hash

pytestmark = pytest.mark.parametrize("server", [LISTED], indirect=True)
# As that client writes them.
TSCONFIG = {"compilerOptions": COMPILER_OPTIONS}
GITIGNORE = "dist/\n\n# Xgodo CLI\n.xgodo/\ntypes/\n*.js\n"
OTHERS = {"README.md": "read me\n", "types.d/words.ts": "export type Word = string;\n"}
UTIL = SMALL_PROJECT["util.ts"]


@pytest.fixture
def synced(home: Home, server: Emulator, remote: OnServer) -> Copy:
    """A folder after that client's `sync`: everything there is here, compiled JavaScript too."""
    for path in ("util.ts", "side.js", "main.ts", *OTHERS):
        remote.write(path, (SMALL_PROJECT | OTHERS)[path])
    copy = Copy(home, home.folder / "theirs", server.env)
    with httpx.Client(
        base_url=f"{server.url}/server/api/v2",
        headers={"Authorization": f"Bearer {server.token}"},
        verify=False,
        timeout=60,
    ) as client:
        project = f"/automation-project/{remote.id}"
        for name, path in (
            ("node-types", "/types/node-types"),
            ("bootstrap", "/types/bootstrap"),
            ("arguments", f"{project}/types/arguments"),
        ):
            copy.write(f"types/{name}.ts", client.get(path).json()["content"])
        listed = client.get(f"{project}/files").json()["files"]
    for file in listed:
        copy.write(file["path"], remote.read(file["path"]) or "")
    copy.write(".gitignore", GITIGNORE)
    copy.write("tsconfig.json", json.dumps(TSCONFIG))
    hashes = {file["path"]: file["hash"] for file in listed}
    hashes["tsconfig.json"] = blob_hash(json.dumps(TSCONFIG).encode())
    copy.write(".xgodo/hashes.json", json.dumps(hashes))
    copy.write(
        ".xgodo/project.json",
        json.dumps(
            {
                "id": remote.id,
                "name": "Theirs",
                "apiUrl": f"{server.url}/server",
                "lastSync": "2026-01-01T00:00:00.000Z",
            }
        ),
    )
    return copy


def without_compiled(copy: Copy) -> None:
    """As the client's later `pull` leaves it: JavaScript made from TypeScript stays there."""
    for path in ("main.js", "util.js", "types.d/words.js"):
        copy.delete(path)


@pytest.mark.parametrize("as_left_by", [lambda copy: None, without_compiled], ids=["sync", "pull"])
def test_nothing_differs_and_nothing_is_sent(
    synced: Copy, remote: OnServer, as_left_by: Callable[[Copy], None]
) -> None:
    as_left_by(synced)
    before = synced.files()
    assert synced.states() == {}
    assert synced.states("--remote") == {}
    assert synced.json("check")["ok"] is True
    assert synced.json("push")["pushed"] == []
    assert synced.json("pull") == {"pulled": [], "merged": [], "conflicts": []}
    assert synced.files() == before


def test_it_is_edited_pushed_and_committed(synced: Copy, remote: OnServer) -> None:
    synced.write_all({"util.ts": UTIL + "// more\n", "types.d/words.ts": "export type Word = number;\n"})
    assert synced.states() == {"types.d/words.ts": "local", "util.ts": "local"}
    assert synced.json("push")["pushed"] == ["types.d/words.ts", "util.ts"]
    synced.write("main.ts", 'const one: number = "one";\n')
    assert synced.json("push", exit_code=1)["error"]["code"] == "check-failed"
    synced.write("main.ts", "export {};\n")
    assert synced.json("commit", "-m", "From here")["pushed"] == ["main.ts"]
    assert remote.commits() == ["From here"]
    assert [each["message"] for each in synced.json("log")["commits"]] == ["From here"]


def test_an_edit_on_the_server_since_its_last_sync_is_pulled_and_never_overwritten(
    synced: Copy, remote: OnServer
) -> None:
    remote.write_all({"util.ts": UTIL + "// theirs\n", "side.js": "// theirs\n"})
    synced.write("side.js", "// ours\n")
    refused = synced.json("push", exit_code=3)
    assert (refused["pushed"], refused["conflicts"]) == ([], ["side.js"])
    assert synced.states("--remote") == {"side.js": "conflict", "util.ts": "remote"}
    pulled = synced.json("pull", exit_code=3)
    assert (pulled["pulled"], pulled["conflicts"]) == (["util.ts"], ["side.js"])
    assert synced.read("util.ts") == UTIL + "// theirs\n"
    assert synced.read("side.js") == "// ours\n"
    assert remote.read("side.js") == "// theirs\n"


def test_a_file_deleted_since_its_last_sync_is_not_brought_back(synced: Copy, remote: OnServer) -> None:
    synced.delete("side.js")
    assert synced.states() == {"side.js": "deleted-local"}
    assert synced.json("pull")["pulled"] == []
    assert not (synced.root / "side.js").exists()


def test_a_rebuild_does_not_begin_with_what_that_client_knew_long_ago(synced: Copy, remote: OnServer) -> None:
    synced.write("util.ts", UTIL + "// more\n")
    synced.json("push")
    synced.write("util.ts", UTIL + "// still more\n")
    remote.write("util.ts", UTIL)
    for options in (["--rebuild"], []):
        assert synced.states(*options) == {"util.ts": "conflict"}
    assert synced.json("push", "--no-check", exit_code=3)["conflicts"] == ["util.ts"]
    assert remote.read("util.ts") == UTIL


def test_another_server_is_refused_with_the_way_out(synced: Copy, server: Emulator) -> None:
    unselected = Copy(synced.home, synced.root, {"XGODO_TOKEN": server.token})
    refused = unselected.json("status", "--remote", exit_code=2)["error"]
    assert server.url in refused["message"]
    assert refused["hint"] == f"If you trust it, say --api-url {server.url}."
    assert unselected.json("status", "--api-url", server.url) == {"changes": [], "clean": True}


def test_a_list_of_hashes_that_can_not_be_read_is_named(synced: Copy) -> None:
    synced.write(".xgodo/hashes.json", "{")
    refused = synced.json("status", exit_code=2)["error"]
    assert "hashes.json" in refused["message"]
    synced.delete(".xgodo/hashes.json")
    assert synced.states("--remote") == {}


def test_it_works_from_a_folder_below(synced: Copy) -> None:
    synced.write("util.ts", UTIL + "// more\n")
    assert synced.json("push", "-C", Path("types.d"))["pushed"] == ["util.ts"]
