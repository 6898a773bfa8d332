"""Project files and commits of the emulator, with the real compiler and the real git."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path

import pytest
from served_emulator import ServedEmulator, serve_in_thread

from xgodo_dev.toolchain.tools import Toolchain

PREFIXES = ("/api/v2", "/server/api/v2")
GOOD = "const words: string[] = ['a'];\nconsole.log(words.length);\n"
TYPE_ERROR = "const word: string = 'a';\nconsole.log(word.foo);\n"


def git(folder: Path, *arguments: str) -> str:
    """What the git of this machine says about a folder."""
    finished = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return finished.stdout.strip()


@pytest.mark.parametrize("prefix", PREFIXES)
@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_a_typescript_file_is_stored_with_its_javascript(
    emulator: ServedEmulator, project: str, prefix: str, method: str
) -> None:
    url = f"{prefix}/automation/file/{project}"
    response = emulator.client.request(method, url, json={"path": "stages/Login.ts", "content": GOOD})
    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "path": "stages/Login.ts",
        "compiledPath": "stages/Login.js",
        "compiled": True,
    }
    source = emulator.client.get(url, params={"path": "stages/Login.ts"})
    assert source.json() == {"success": True, "content": GOOD, "path": "stages/Login.ts"}
    javascript = emulator.client.get(url, params={"path": "stages/Login.js"}).json()["content"]
    assert "words" in javascript
    assert "string[]" not in javascript


@pytest.mark.parametrize("path", ["notes.txt", "index.d.ts", "lonely.js", ".gitignore", "données/été.json"])
def test_other_files_are_stored_as_they_are(emulator: ServedEmulator, project: str, path: str) -> None:
    content = "declare const a: number;\r\n\u2028\U0001f600\x00\n"
    response = emulator.write(project, path, content)
    assert response.status_code == 200
    assert response.json() == {"success": True, "path": path, "compiled": False}
    assert (emulator.project_folder(project) / path).read_bytes() == content.encode()
    url = f"/api/v2/automation/file/{project}"
    assert emulator.client.get(url, params={"path": path}).json()["content"] == content


def test_the_device_api_is_known_to_the_compiler(emulator: ServedEmulator, project: str) -> None:
    known = emulator.write(project, "main.ts", "agent.control.stopCurrentAutomation();\n")
    assert known.status_code == 200, known.text
    unknown = emulator.write(project, "main.ts", "agent.control.nosuch();\n")
    assert unknown.status_code == 400
    assert "nosuch" in unknown.json()["errors"][0]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_type_error_is_refused_as_documented_and_the_old_javascript_stays(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    assert emulator.write(project, "main.ts", GOOD).status_code == 200
    compiled = (emulator.project_folder(project) / "main.js").read_bytes()
    url = f"{prefix}/automation/file/{project}"
    response = emulator.client.put(url, json={"path": "main.ts", "content": TYPE_ERROR})
    assert response.status_code == 400
    assert response.json() == {
        "success": False,
        "message": "TypeScript compilation failed",
        "errors": ["Error at 2:18: Property 'foo' does not exist on type 'string'."],
    }
    assert (emulator.project_folder(project) / "main.js").read_bytes() == compiled
    assert emulator.client.get(url, params={"path": "main.ts"}).json()["content"] == TYPE_ERROR


def test_a_syntax_error_is_refused_with_its_place(emulator: ServedEmulator, project: str) -> None:
    response = emulator.write(project, "main.ts", "const a = ;\n")
    assert response.status_code == 400
    assert response.json()["errors"] == ["Error at 1:11: Expression expected."]
    assert not (emulator.project_folder(project) / "main.js").exists()


def test_imports_are_checked_against_what_the_project_holds(emulator: ServedEmulator, project: str) -> None:
    main = "import { count } from './util/count';\nconst text: string = count;\n"
    missing = emulator.write(project, "main.ts", main)
    assert "Cannot find module './util/count'" in missing.json()["errors"][0]
    emulator.write(project, "util/count.ts", "export const count = 1;\n")
    present = emulator.write(project, "main.ts", main)
    assert present.json()["errors"] == ["Error at 2:7: Type 'number' is not assignable to type 'string'."]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_javascript_paired_with_typescript_cannot_be_edited(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    emulator.write(project, "main.ts", GOOD)
    compiled = (emulator.project_folder(project) / "main.js").read_bytes()
    url = f"{prefix}/automation/file/{project}"
    response = emulator.client.put(url, json={"path": "main.js", "content": "mine"})
    assert response.status_code == 400
    assert response.json()["success"] is False
    assert "main.ts" in response.json()["message"]
    assert (emulator.project_folder(project) / "main.js").read_bytes() == compiled


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_file_or_project_that_is_missing_cannot_be_read(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    url = f"{prefix}/automation/file/{project}"
    for _ in ("no project", "no file"):
        response = emulator.client.get(url, params={"path": "other.ts"})
        assert response.status_code == 404
        assert response.json() == {"success": False, "message": "File or automation project not found"}
        emulator.write(project, "main.js", "")


def test_content_may_have_fifty_megabytes_and_not_a_byte_more(emulator: ServedEmulator, project: str) -> None:
    # Two bytes a character: the limit counts bytes.
    largest = "é" * (25 * 1024 * 1024)
    assert emulator.write(project, "large.txt", largest).status_code == 200
    refused = emulator.write(project, "large.txt", largest + "x")
    assert refused.status_code == 400
    assert refused.json() == {"success": False, "message": "content is larger than 50 MB"}
    assert (emulator.project_folder(project) / "large.txt").stat().st_size == 50 * 1024 * 1024


def test_a_body_that_can_hold_no_allowed_content_is_refused_unread(
    emulator: ServedEmulator, project: str
) -> None:
    parts = itertools.repeat(b" " * (4 * 1024 * 1024), 80)
    response = emulator.client.put(f"/api/v2/automation/file/{project}", content=parts)
    assert response.status_code == 413
    assert response.json() == {"success": False, "message": "Request body too large"}
    assert not emulator.project_folder(project).exists()


@pytest.mark.parametrize("prefix", PREFIXES)
def test_a_commit_has_the_hash_that_git_shows(emulator: ServedEmulator, project: str, prefix: str) -> None:
    emulator.write(project, "main.ts", GOOD)
    emulator.write(project, ".gitignore", "*.js\n")
    message = "# Ünïcode\n\nand a body"
    response = emulator.client.post(f"{prefix}/automation/commit/{project}", json={"message": message})
    assert response.status_code == 200
    head = git(emulator.project_folder(project), "rev-parse", "HEAD")
    assert response.json() == {"success": True, "commit": {"hash": head, "message": message}}
    assert git(emulator.project_folder(project), "log", "-1", "--format=%B") == message
    files = git(emulator.project_folder(project), "ls-tree", "-r", "--name-only", "HEAD")
    assert files.splitlines() == [".gitignore", "main.js", "main.ts"]


@pytest.mark.parametrize("prefix", PREFIXES)
def test_nothing_to_commit_is_said_in_the_documented_words(
    emulator: ServedEmulator, project: str, prefix: str
) -> None:
    emulator.write(project, "a.txt", "1")
    assert emulator.commit(project, "x" * 1000).status_code == 200
    emulator.write(project, "a.txt", "1")
    response = emulator.client.post(f"{prefix}/automation/commit/{project}", json={"message": "again"})
    assert response.status_code == 400
    assert response.json() == {"success": False, "message": "No changes to commit"}


def test_files_and_commits_outlive_a_restart(toolchain: Toolchain, tmp_path: Path, project: str) -> None:
    hashes = []
    for version in ("1", "2"):
        with serve_in_thread(tmp_path / "data") as served:
            if hashes:
                url = f"/api/v2/automation/file/{project}"
                assert served.client.get(url, params={"path": "a.txt"}).json()["content"] == "1"
            served.write(project, "a.txt", version)
            hashes.append(served.commit(project, f"version {version}").json()["commit"]["hash"])
    log = git(tmp_path / "data" / "projects" / project, "log", "--format=%H %s")
    assert log.splitlines() == [f"{hashes[1]} version 2", f"{hashes[0]} version 1"]
