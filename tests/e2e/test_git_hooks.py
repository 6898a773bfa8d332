"""The installed hooks, called by git itself."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path

import pytest

from tests.e2e.conftest import SMALL_PROJECT, of_documented, of_listed
from tests.e2e.git_copy import GitCopy, in_git
from tests.e2e.working_copies import Copy, OnServer

UTIL = SMALL_PROJECT["util.ts"]
TYPE_ERROR = 'export const one: number = "one";\n'


@pytest.fixture
def ada(copy: Copy) -> GitCopy:
    """A repository with the hooks, and a bare one to push to."""
    made = in_git(copy)
    made.git("init", "-q", "--bare", made.home.folder / "origin.git")
    made.git("remote", "add", "origin", made.home.folder / "origin.git")
    made.json("hooks", "install")
    return made


@of_documented
def test_a_commit_with_type_errors_is_not_made(ada: GitCopy) -> None:
    ada.write("util.ts", TYPE_ERROR)
    refused = ada.try_git("commit", "-am", "Broken")
    assert refused.returncode == 1
    assert "util.ts(1,14): error TS2322" in refused.stderr
    assert "`git commit --no-verify`" in refused.stderr
    # What is committed counts, and not what is on the disk.
    ada.git("add", "util.ts")
    ada.write("util.ts", UTIL)
    assert "TS2322" in ada.try_git("commit", "-m", "Broken").stderr
    ada.write("main.ts", 'import "./new";\n')
    ada.write("new.ts", "export {};\n")
    assert "Cannot find module" in ada.try_git("commit", "-am", "Forgotten").stderr
    ada.git("add", "new.ts")
    ada.git("commit", "-aqm", "Whole")
    ada.write("util.ts", TYPE_ERROR)
    ada.write("README.md", "Unlike util.ts, this is committed.\n")
    ada.git("add", "README.md")
    ada.git("commit", "-qm", "Say more")
    ada.git("commit", "-aqm", "On purpose", "--no-verify")
    assert ada.git("status", "--short") == ""


@of_documented
def test_hooks_are_installed_and_taken_out_for_all_worktrees_and_projects(ada: GitCopy) -> None:
    tree = ada.home.folder / "tree"
    ada.git("worktree", "add", "-q", tree)
    told = ada.home.json("hooks", "install", "--check", cwd=tree)
    assert [(hook["name"], hook["state"]) for hook in told["hooks"]] == [
        ("pre-commit", "unchanged"),
        ("pre-push", "unchanged"),
    ]
    shutil.copytree(ada.root, tree / "apps/second", ignore=shutil.ignore_patterns(".git", ".xgodo"))
    (tree / "apps/second/util.ts").write_text(TYPE_ERROR)
    ada.git("-C", tree, "add", ".")
    refused = ada.try_git("-C", tree, "commit", "-m", "Broken")
    assert "the type check of apps/second, as it is staged, found 1 error" in refused.stderr
    assert ada.home.json("hooks", "uninstall", cwd=tree)["changed"] is True
    ada.git("-C", tree, "commit", "-qm", "Broken")
    missing = ada.json("hooks", "install", "--check", exit_code=1)
    assert missing["error"]["code"] == "hooks-missing"
    ada.git("config", "core.hooksPath", ".husky/_")
    managed = ada.json("hooks", "install", exit_code=3)
    assert managed["error"]["code"] == "hooks-managed"
    assert managed["hooks"][1]["add"] == 'xgodo-dev hooks run pre-push "$@"\n'
    assert managed["hooks"][1]["file"] == str(ada.root / ".husky/pre-push")


@of_listed
def test_what_is_pushed_to_git_is_pushed_and_committed_on_the_platform(
    ada: GitCopy, remote: OnServer
) -> None:
    before = ada.git("rev-parse", "HEAD")
    ada.git("push", "-q", "origin", "main")
    assert remote.commits() == ["Begin"]
    ada.write("util.ts", UTIL + "// first\n")
    ada.git("commit", "-qam", "First")
    ada.write("util.ts", UTIL + "// second\n")
    ada.git("commit", "-qam", "Second\n\nand why")
    ada.write("util.ts", UTIL + "// not committed yet\n")
    pushed = ada.try_git("push", "origin", "main")
    assert pushed.returncode == 0, pushed.stderr
    assert " is on the platform as " in pushed.stderr
    assert remote.read("util.ts") == UTIL + "// second\n"
    assert remote.commits()[0] == "Second\n\nand why\n\nAlso:\n- First"
    newest, oldest = ada.json("log")["commits"]
    assert (newest["git"]["hash"], oldest["git"]["hash"]) == (ada.git("rev-parse", "HEAD"), before)
    assert ada.states() == {"util.ts": "local"}
    ada.git("tag", "v1")
    ada.git("push", "-q", "origin", "v1", "HEAD:refs/notes/x")
    ada.git("push", "-q", "origin", "--delete", "v1")
    ada.git("push", "-q", "origin", "main:copy")
    assert len(remote.commits()) == 2
    # Whatever the remote and the branch are called.
    ada.git("config", "remote.--help.url", ada.home.folder / "origin.git")
    ada.write("util.ts", UTIL + "// third\n")
    ada.git("commit", "-qam", "Third")
    odd = os.fsdecode(b"refs/heads/caf\xe9\xc2\xa0noir")
    ada.git("push", "-q", "--", "--help", f"HEAD:{odd}")
    assert remote.commits()[0] == "Third"


@of_listed
def test_a_push_replaces_what_its_commits_build_on_and_does_not_happen_where_it_would_replace_more(
    ada: GitCopy, remote: OnServer
) -> None:
    ada.git("push", "-q", "origin", "main")
    for number in (1, 2):
        ada.write("util.ts", UTIL + f"// {number}\n")
        ada.git("commit", "-qam", f"Change {number}")
    # As a colleague who has pulled the first commit may have pushed it.
    remote.write("util.ts", UTIL + "// 1\n")
    ada.git("push", "-q", "origin", "main")
    assert remote.read("util.ts") == UTIL + "// 2\n"
    remote.write("util.ts", UTIL + "// theirs\n")
    ada.write("util.ts", UTIL + "// ours\n")
    ada.git("commit", "-qam", "Ours")
    refused = ada.try_git("push", "origin", "main")
    assert refused.returncode == 1
    assert "util.ts" in refused.stderr
    assert "git push --no-verify" in refused.stderr
    assert ada.git("ls-remote", "origin", "main").split()[0] == ada.git("rev-parse", "HEAD~")
    assert remote.read("util.ts") == UTIL + "// theirs\n"
    ada.write("util.ts", TYPE_ERROR)
    ada.git("commit", "-qam", "Broken", "--no-verify")
    refused = ada.try_git("push", "origin", "main")
    assert refused.returncode == 1
    assert "TS2322" in refused.stderr
    assert "commit it, and push again" in refused.stderr
    assert "--no-check" not in refused.stderr


@of_listed
def test_each_branch_goes_to_its_own_project(ada: GitCopy, remote: OnServer) -> None:
    staging = OnServer(remote.emulator, str(uuid.uuid4()))
    ada.write(
        "xgodo.toml",
        ada.read("xgodo.toml") + f'\n[branches.main]\nproject = "{remote.id}"\n'
        f'[branches."stag*"]\nproject = "{staging.id}"\n',
    )
    ada.git("commit", "-qam", "Map branches")
    ada.git("branch", "other")
    ada.git("checkout", "-qb", "staging")
    ada.write("util.ts", UTIL + "// staged\n")
    ada.git("commit", "-qam", "Stage")
    told = ada.try_git("push", "origin", "main", "staging", "other").stderr
    assert "is not sent to the platform: [branches]" in told
    assert (remote.commits(), remote.read("util.ts")) == (["Map branches\n\nAlso:\n- Begin"], UTIL)
    assert staging.read("util.ts") == UTIL + "// staged\n"
    # It is the branch there that counts.
    ada.git("push", "-q", "origin", "staging:main")
    assert remote.read("util.ts") == UTIL + "// staged\n"
    refused = ada.try_git("push", "origin", "other:stag-1", "staging:stag-2")
    assert "go to the same project" in refused.stderr
    notes = ada.git("notes", "--ref=xgodo", "show", "staging").splitlines()
    assert [line.split()[2] for line in notes] == [f"project={staging.id}", f"project={remote.id}"]


@of_documented
def test_hooks_of_other_people_are_called_first_and_read_what_git_says(ada: GitCopy, tmp_path: Path) -> None:
    ada.json("hooks", "uninstall")
    theirs = ada.root / ".git/hooks/pre-push"
    theirs.write_text(f'#!/bin/sh\n{{ echo "$1"; cat; }} > {tmp_path}/heard\nexit 7\n')
    theirs.chmod(0o755)
    installed = ada.json("hooks", "install")
    assert json.dumps(installed).count("before-xgodo") == 1
    assert ada.try_git("push", "origin", "main").returncode == 1
    heard = (tmp_path / "heard").read_text().split()
    assert heard == ["origin", "refs/heads/main", ada.git("rev-parse", "main"), "refs/heads/main", "0" * 40]
