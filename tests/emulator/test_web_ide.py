"""What the web IDE does with a project, and how a client of the newer API sees it."""

from __future__ import annotations

import pytest
from project_api import ProjectApi
from served_emulator import ServedEmulator

PREFIXES = ("/api/v1", "/server/api/v1")
GOOD = "export const a: number = 1;\n"


@pytest.fixture(params=PREFIXES)
def ide(request: pytest.FixtureRequest, emulator: ServedEmulator, project: str) -> ProjectApi:
    """A project as the web IDE has it."""
    return ProjectApi(emulator, project, request.param)


def test_an_edit_is_stored_compiled_and_seen_by_others(ide: ProjectApi) -> None:
    written = ide.request("PUT", "/file", json={"path": "lib/a.ts", "content": GOOD})
    assert written.status_code == 200
    assert written.json() == {
        "success": True,
        "path": "lib/a.ts",
        "compiledPath": "lib/a.js",
        "compiled": True,
    }
    assert ide.get("/file", path="lib/a.ts")["content"] == GOOD
    assert sorted(ProjectApi(ide.emulator, ide.project).hashes()) == ["lib/a.js", "lib/a.ts"]


def test_folders_and_files_are_listed_with_compiled_javascript_marked(ide: ProjectApi) -> None:
    for path in ("lib/deep/a.ts", "own.js"):
        ide.request("PUT", "/file", json={"path": path, "content": "export {};\n"})
    assert ide.get("/files")["files"] == [
        {"path": "lib", "type": "directory"},
        {"path": "lib/deep", "type": "directory"},
        {"path": "lib/deep/a.js", "type": "file", "isPairedJs": True},
        {"path": "lib/deep/a.ts", "type": "file", "isPairedJs": False},
        {"path": "own.js", "type": "file", "isPairedJs": False},
    ]


def test_a_deleted_file_takes_its_javascript_and_empty_folders_along(ide: ProjectApi) -> None:
    for path in ("lib/deep/a.ts", "lib/b.txt"):
        ide.request("PUT", "/file", json={"path": path, "content": GOOD})
    ide.request("POST", "/git/commit", json={"message": "both"})
    deleted = ide.request("DELETE", "/file", params={"path": "lib/deep/a.ts"})
    assert deleted.status_code == 200
    assert deleted.json() == {"success": True, "path": "lib/deep/a.ts"}
    assert [entry["path"] for entry in ide.get("/files")["files"]] == ["lib", "lib/b.txt"]
    assert ide.changes() == {"lib/deep/a.js": "deleted", "lib/deep/a.ts": "deleted"}
    committed = ide.request("POST", "/git/commit", json={"message": "one"})
    assert len(committed.json()["commit"]["hash"]) == 40
    assert ide.changes() == {}


def test_compiled_javascript_cannot_be_deleted_alone(ide: ProjectApi) -> None:
    ide.request("PUT", "/file", json={"path": "a.ts", "content": GOOD})
    refused = ide.request("DELETE", "/file", params={"path": "a.js"})
    assert refused.status_code == 400
    assert refused.json()["message"] == "Cannot edit a.js directly: it is compiled from a.ts"


def test_what_is_not_there_cannot_be_deleted(ide: ProjectApi) -> None:
    for _ in ("no project", "no file"):
        response = ide.request("DELETE", "/file", params={"path": "lib/gone.ts"})
        assert response.status_code == 404
        assert response.json() == {"success": False, "message": "File or automation project not found"}
        ide.request("PUT", "/file", json={"path": "lib/a.txt", "content": ""})
    assert ide.request("DELETE", "/file", params={"path": "lib"}).status_code == 400


@pytest.mark.parametrize("path", ["..", "../x", ".git/HEAD", "/etc/passwd", ""])
def test_a_hostile_path_deletes_nothing(ide: ProjectApi, path: str) -> None:
    ide.request("PUT", "/file", json={"path": "a.txt", "content": ""})
    assert ide.request("DELETE", "/file", params={"path": path}).status_code == 400
    assert (ide.emulator.project_folder(ide.project) / ".git" / "HEAD").is_file()


def test_every_route_needs_the_token(ide: ProjectApi) -> None:
    for method, path in (
        *(("GET", path) for path in ("/files", "/file", "/git/status")),
        *(("PUT", "/file"), ("DELETE", "/file"), ("POST", "/git/commit")),
    ):
        response = ide.request(method, path, headers={"Authorization": "Bearer wrong"})
        assert response.status_code == 401
        assert response.json()["success"] is False
