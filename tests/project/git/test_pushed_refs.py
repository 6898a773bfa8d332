"""What git tells a pre-push hook, and what of it concerns a project."""

from __future__ import annotations

import pytest

from xgodo_dev.errors import UsageError
from xgodo_dev.project.git.pushed_refs import (
    LONGEST_MESSAGE,
    PushedRef,
    joint_message,
    of_framework,
    parse,
    project_folders,
)

OLD, NEW, NOTHING = "a" * 40, "b" * 40, "0" * 40


@pytest.mark.parametrize(
    ("line", "expected", "branch"),
    [
        (f"refs/heads/x {NEW} refs/heads/main {OLD}", PushedRef(NEW, "refs/heads/main", OLD), "main"),
        (f"HEAD {NEW} refs/heads/a/b {NOTHING}", PushedRef(NEW, "refs/heads/a/b", None), "a/b"),
        (f"HEAD@{{2 days ago}} {NEW} refs/heads/main {OLD}", PushedRef(NEW, "refs/heads/main", OLD), "main"),
        (
            f"refs/heads/a\u00a0b {NEW} refs/heads/a\u00a0b\u2028c {OLD}",
            PushedRef(NEW, "refs/heads/a\u00a0b\u2028c", OLD),
            "a\u00a0b\u2028c",
        ),
        (f"(delete) {NOTHING} refs/heads/main {OLD}", PushedRef(None, "refs/heads/main", OLD), None),
        (f"refs/tags/v1 {NEW} refs/tags/v1 {NOTHING}", PushedRef(NEW, "refs/tags/v1", None), None),
        (f"refs/notes/xgodo {NEW} refs/notes/xgodo {OLD}", PushedRef(NEW, "refs/notes/xgodo", OLD), None),
    ],
)
def test_only_a_branch_that_is_not_deleted_is_one_to_send(
    line: str, expected: PushedRef, branch: str | None
) -> None:
    assert parse(f"{line}\n\n") == [expected]
    assert parse(line)[0].branch == branch


def test_other_lines_are_refused() -> None:
    with pytest.raises(UsageError, match="lines of git"):
        parse("hello\n")
    assert parse("") == []


def test_the_pre_commit_framework_tells_its_one_branch_by_its_environment() -> None:
    told = {"PRE_COMMIT_TO_REF": NEW, "PRE_COMMIT_FROM_REF": OLD, "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/x"}
    assert of_framework(told) == [PushedRef(NEW, "refs/heads/x", OLD)]
    assert of_framework({}) == []


def test_a_path_belongs_to_the_nearest_project_above_it() -> None:
    projects = {"phones", "phones/inner", "other"}
    paths = ["README.md", "phones/main.ts", "phones/inner/deep/er/x.ts", "otherwise/x.ts"]
    assert project_folders(paths, projects.__contains__) == ["phones", "phones/inner"]
    assert project_folders(["main.ts", "a/b.ts"], lambda folder: folder == "") == [""]


def test_several_messages_become_one_that_the_platform_takes() -> None:
    assert joint_message(["Only one\n\nwith a body\n"]) == "Only one\n\nwith a body"
    assert joint_message([""]) == "(no message)"
    assert joint_message(["Newest\n\nbody\n", "Second\n\nbody", ""]) == (
        "Newest\n\nbody\n\nAlso:\n- Second\n- (no message)"
    )
    many = joint_message([f"Commit {number}" for number in range(300)])
    assert many.startswith("Commit 0\n\nAlso:\n- Commit 1\n")
    assert many.splitlines()[-1] == f"- and {299 - (len(many.splitlines()) - 4)} more"
    assert len(many) <= LONGEST_MESSAGE
    assert len(joint_message(["x" * 2000, "second"])) == LONGEST_MESSAGE
