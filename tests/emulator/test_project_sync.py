"""Listing, reading and syncing a project's files over the project API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from project_api import PREFIXES, ProjectApi, blob_hash
from served_emulator import ServedEmulator

MAIN = b"import { count } from './lib/count';\nconsole.log(count + 1);\n"
COUNT = b"export const count: number = 1;\n"


@pytest.fixture
def api(emulator: ServedEmulator, project: str) -> ProjectApi:
    return ProjectApi(emulator, project)


@pytest.mark.parametrize("prefix", PREFIXES)
def test_the_first_sync_makes_a_project_with_javascript_beside_typescript(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    api = ProjectApi(emulator, project, prefix)
    # The imported file comes last: all are stored before one is compiled.
    updated = api.sync({"main.ts": MAIN, "notes.txt": b"\xff\0\r\n", "lib/count.ts": COUNT})
    assert updated == [
        {"path": "main.ts", "hash": blob_hash(MAIN), "compiled": True},
        {"path": "notes.txt", "hash": blob_hash(b"\xff\0\r\n")},
        {"path": "lib/count.ts", "hash": blob_hash(COUNT), "compiled": True},
    ]
    folder = emulator.project_folder(project)
    stored = {path: (folder / path).read_bytes() for path in ("main.ts", "main.js", "notes.txt")}
    assert stored["notes.txt"] == b"\xff\0\r\n"
    files = {file["path"]: file for file in api.get("/files")["files"]}
    assert list(files) == ["lib/count.js", "lib/count.ts", "main.js", "main.ts", "notes.txt"]
    for path, content in stored.items():
        assert files[path] == {"path": path, "hash": blob_hash(content), "size": len(content)}
    assert api.get("/file", path="main.ts") == {"success": True, "content": MAIN.decode()}
    assert api.get("/file", path="main.js")["content"].encode() == stored["main.js"]


def test_what_does_not_compile_is_stored_and_its_old_javascript_stays(api: ProjectApi) -> None:
    api.sync({"main.ts": MAIN, "lib/count.ts": COUNT})
    before = api.hashes()
    broken = b"export const count: string = 1;\n"
    fine = b"export const other = 2;\n"
    assert api.sync({"lib/count.ts": broken, "lib/other.ts": fine}) == [
        {
            "path": "lib/count.ts",
            "hash": blob_hash(broken),
            "compiled": False,
            "errors": ["Error at 1:14: Type 'number' is not assignable to type 'string'."],
        },
        {"path": "lib/other.ts", "hash": blob_hash(fine), "compiled": True},
    ]
    after = api.hashes()
    assert after["lib/count.ts"] == blob_hash(broken)
    assert after["lib/count.js"] == before["lib/count.js"]


def test_a_stored_file_is_listed_with_its_new_hash_at_once(api: ProjectApi) -> None:
    for number in range(50):
        content = f"{number % 10}".encode()
        api.sync({"a.txt": content})
        assert api.hashes() == {"a.txt": blob_hash(content)}


def test_neither_git_nor_links_are_listed(api: ProjectApi, emulator: ServedEmulator, tmp_path: Path) -> None:
    api.sync({"a.txt": b"1", "deep/er/b.txt": b"2", ".gitignore": b"*.txt\n"})
    folder = emulator.project_folder(api.project)
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    (folder / os.fsdecode(b"\xff.txt")).write_text("no Unicode")
    assert (folder / ".git").is_dir()
    assert sorted(api.hashes()) == [".gitignore", "a.txt", "deep/er/b.txt"]


@pytest.mark.parametrize("content", ["%%%", "QQ", "QQ=", "Q Q=", "QUI=\n", "ä", "QQ==QQ=="])
def test_content_that_is_no_base64_is_refused_with_nothing_stored(api: ProjectApi, content: str) -> None:
    files = [{"path": "good.txt", "content": "QQ=="}, {"path": "bad.txt", "content": content}]
    response = api.request("POST", "/sync", json={"files": files})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "files[1].content is not base64"}
    assert not api.emulator.project_folder(api.project).exists()


@pytest.mark.parametrize(
    "paths",
    [
        ["../out.txt"],
        [".git/config"],
        ["/etc/passwd"],
        ["a\\b"],
        ["folder", "folder/file.txt"],
        ["folder/file.txt", "folder"],
        ["main.ts", "main.js/file.txt"],
    ],
)
def test_one_bad_path_is_named_and_nothing_is_stored(api: ProjectApi, paths: list[str]) -> None:
    response = api.send({"good.txt": b"1", **dict.fromkeys(paths, b"")})
    assert response.status_code == 400
    message = response.json()["message"]
    assert message.startswith("Invalid path ")
    assert any(repr(path) in message for path in paths)
    assert not api.emulator.project_folder(api.project).exists()


def test_a_path_cannot_be_given_twice(api: ProjectApi) -> None:
    files = [{"path": "a.txt", "content": ""}, {"path": "a.txt", "content": "QQ=="}]
    response = api.request("POST", "/sync", json={"files": files})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "'a.txt' is given twice"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "files is required"),
        ({"files": {}}, "files must be an array of objects"),
        ({"files": ["a.txt"]}, "files must be an array of objects"),
        ({"files": [{"content": ""}]}, "files[0].path is required"),
        ({"files": [{"path": "", "content": ""}]}, "files[0].path must not be empty"),
        ({"files": [{"path": "a", "content": ""}, {"path": "b"}]}, "files[1].content is required"),
        ({"files": [{"path": "a", "content": 1}]}, "files[0].content must be a string"),
    ],
)
def test_a_sync_of_another_form_is_told_what_is_wrong(api: ProjectApi, body: Any, message: str) -> None:
    response = api.request("POST", "/sync", json=body)
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": message}


def test_a_stale_copy_of_compiled_javascript_is_passed_over_and_said(api: ProjectApi) -> None:
    api.sync({"main.ts": b"export const a = 1;\n"})
    compiled = api.hashes()["main.js"]
    updated = api.sync(
        {"main.js": b"stale", "new.js": b"too", "new.ts": b"let a: string = 1;\n", "own.js": b"1"}
    )
    by_path = {file["path"]: file for file in updated}
    assert by_path["main.js"] == {
        "path": "main.js",
        "hash": compiled,
        "errors": ["Cannot edit main.js directly: it is compiled from main.ts"],
    }
    assert by_path["new.js"]["hash"] == "0" * 40
    assert by_path["own.js"] == {"path": "own.js", "hash": blob_hash(b"1")}
    hashes = api.hashes()
    assert hashes["main.js"] == compiled
    assert "new.js" not in hashes


def test_a_sync_of_nothing_makes_no_project(api: ProjectApi) -> None:
    assert api.send({}).status_code == 404
    api.sync({"a.txt": b"1"})
    assert api.sync({}) == []


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("GET", "/files", None),
        ("GET", "/types/arguments", None),
        ("GET", "/git/status", None),
        ("GET", "/git/history", None),
        ("GET", "/git/diff-working/abcdef0", None),
        ("POST", "/commit", {"message": "m"}),
        ("PATCH", "/options", {}),
    ],
)
@pytest.mark.parametrize("project_id", ["83ba7359-0000-4374-8ecb-055af01fddfe", "not-an-id"])
def test_a_project_never_written_to_is_not_found(
    emulator: ServedEmulator, prefix: str, method: str, path: str, body: Any, project_id: str
) -> None:
    response = ProjectApi(emulator, project_id, prefix).request(method, path, json=body)
    assert response.status_code == 404
    assert response.json() == {"success": False, "message": "Automation project not found or access denied"}


def test_a_sync_to_an_id_of_no_known_form_is_not_found(emulator: ServedEmulator) -> None:
    assert ProjectApi(emulator, "not-an-id").send({"a.txt": b""}).status_code == 404
    assert not emulator.project_folder("not-an-id").exists()


def test_a_missing_file_is_not_found(api: ProjectApi) -> None:
    for _ in ("no project", "no file"):
        response = api.request("GET", "/file", params={"path": "gone.txt"})
        assert response.status_code == 404
        assert response.json() == {"success": False, "message": "File or automation project not found"}
        api.sync({"a.txt": b""})
