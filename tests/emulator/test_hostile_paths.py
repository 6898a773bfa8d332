"""No path, whatever it is, makes the emulator write outside of a project or into its repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from served_emulator import ServedEmulator

from xgodo_dev.emulator.project_path import check_path, locate
from xgodo_dev.emulator.refusals import PathRefused

HOSTILE = [
    "/etc/passwd",
    "//server/share",
    "..",
    "../a",
    "a/../../b",
    "a/..",
    "./a",
    "a/./b",
    "a//b",
    "a/",
    "..\\a",
    "a\\b",
    "C:/a",
    "c:a",
    "a\0b",
    "a\nb",
    "a\x7f",
    ".git/config",
    ".git",
    ".GIT/hooks/pre-commit",
    "a/.Git/config",
    ".git./config",
    ".git /config",
    ".git. ./config",
    ".g\u200cit/config",
    "git~1/config",
    "GIT~12/config",
    "x" * 256,
    "é" * 128,
    "/".join(["folder"] * 200),
]

PIECES = st.sampled_from(
    ["..", ".", "", "/", "\\", ".git", ".GIT", "git~1", "a", "b.ts", "\0", ":", " ", "\u200d", "é", "C:", "~"]
)
PATHS = st.one_of(
    st.text(max_size=40),
    st.lists(PIECES, max_size=8).map("/".join),
    st.lists(PIECES, max_size=8).map("".join),
)


@pytest.mark.parametrize("path", HOSTILE)
@pytest.mark.parametrize("prefix", ["/api/v2", "/server/api/v2"])
def test_a_hostile_path_is_refused_and_nothing_is_written(
    emulator: ServedEmulator, project: str, prefix: str, path: str
) -> None:
    url = f"{prefix}/automation/file/{project}"
    written = emulator.client.put(url, json={"path": path, "content": "planted"})
    assert written.status_code == 400
    assert written.json()["message"].startswith("Invalid path: ")
    assert not emulator.project_folder(project).exists()
    read = emulator.client.get(url, params={"path": path})
    assert read.status_code == 400


@given(PATHS)
@example(".g\u200dit/x")
@settings(max_examples=400)
def test_an_accepted_path_stays_below_the_root_and_out_of_the_repository(path: str) -> None:
    root = Path("/nowhere/project")
    try:
        target = locate(root, check_path(path))
    except PathRefused:
        return
    assert os.path.normpath(target) == str(target)
    assert root in target.parents
    assert target.relative_to(root).as_posix() == path
    assert ".git" not in {part.casefold() for part in target.relative_to(root).parts}


@given(PATHS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_every_accepted_path_can_be_committed(emulator: ServedEmulator, path: str) -> None:
    # Both answers come from the emulator itself: a path that git refuses would be a failure of its own, 500.
    project = "00000000-0000-4000-8000-000000000001"
    folder = emulator.project_folder(project)
    response = emulator.client.put(
        f"/api/v2/automation/file/{project}", json={"path": path, "content": os.urandom(8).hex()}
    )
    assert response.status_code in {200, 400}, response.text
    if response.status_code == 200:
        assert (folder / path).is_file()
        committed = emulator.commit(project, "m")
        assert committed.status_code == 200, (path, committed.text)


def test_symbolic_links_are_never_followed(emulator: ServedEmulator, project: str, tmp_path: Path) -> None:
    emulator.write(project, "a.txt", "1")
    outside = tmp_path / "outside"
    outside.mkdir()
    secret = outside / "secret.txt"
    secret.write_text("secret")
    (emulator.project_folder(project) / "folder").symlink_to(outside)
    (emulator.project_folder(project) / "link.txt").symlink_to(secret)
    url = f"/api/v2/automation/file/{project}"
    for path in ("folder/new.txt", "folder/secret.txt", "folder/deeper/new.txt", "link.txt"):
        assert emulator.write(project, path, "planted").status_code == 400
        assert emulator.client.get(url, params={"path": path}).status_code == 400
    assert [file.name for file in outside.iterdir()] == ["secret.txt"]
    assert secret.read_text() == "secret"


def test_a_file_and_a_folder_cannot_have_one_name(emulator: ServedEmulator, project: str) -> None:
    emulator.write(project, "folder/a.txt", "1")
    assert emulator.write(project, "folder", "2").status_code == 400
    assert emulator.write(project, "folder/a.txt/b.txt", "3").status_code == 400
    url = f"/api/v2/automation/file/{project}"
    assert emulator.client.get(url, params={"path": "folder"}).status_code == 400
    assert emulator.client.get(url, params={"path": "folder/a.txt"}).json()["content"] == "1"


def test_a_folder_where_javascript_should_go_is_not_an_emulator_failure(
    emulator: ServedEmulator, project: str
) -> None:
    emulator.write(project, "main.js/a.txt", "1")
    response = emulator.write(project, "main.ts", "export {};\n")
    assert response.status_code == 400
    assert response.json()["message"].startswith("Invalid path: ")
