"""Order and persistence of writes, with a compiler that waits at a gate."""

from __future__ import annotations

import asyncio
import subprocess
import uuid
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from xgodo_dev.emulator.compiler import Compile, Compiler, platform_compile
from xgodo_dev.emulator.database import Database
from xgodo_dev.emulator.project_owners import TABLES, ProjectOwners
from xgodo_dev.emulator.projects import ProjectStore, WrittenFile
from xgodo_dev.emulator.refusals import CompilationFailed, NothingToCommit, Stopping
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import CompiledFile

PROJECT = "68a1f0c2d4e5f6a7b8c9d0e1"
DEADLINE = 60


class Gate:
    """The real compilation, each call held until ``opened``."""

    def __init__(self, compile_some: Compile) -> None:
        self._compile_some = compile_some
        self._reached = asyncio.Event()
        self.opened = asyncio.Event()
        self.asked: list[list[str]] = []

    async def compile(self, root: Path, paths: Sequence[str]) -> Mapping[str, CompiledFile]:
        """Waits at the gate, then compiles."""
        self.asked.append(list(paths))
        self._reached.set()
        await within_deadline(self.opened.wait())
        return await self._compile_some(root, paths)

    async def reached(self) -> None:
        """Returns once a compilation waits."""
        await within_deadline(self._reached.wait())


async def within_deadline(event: Awaitable[object]) -> None:
    """Waits for what has to come."""
    async with asyncio.timeout(DEADLINE):
        await event


@pytest.fixture
def gate(toolchain: Toolchain) -> Gate:
    """A closed gate before the real compiler."""
    return Gate(platform_compile(toolchain))


@pytest_asyncio.fixture
async def compiler(gate: Gate) -> AsyncIterator[Compiler]:
    """Compiles through the gate."""
    async with Compiler(gate.compile) as compiler:
        yield compiler


@pytest.fixture
def store(tmp_path: Path, compiler: Compiler) -> ProjectStore:
    """An empty store below ``tmp_path``."""
    return new_store(tmp_path, compiler)


def new_store(tmp_path: Path, compiler: Compiler) -> ProjectStore:
    """A store as a newly started emulator has it."""
    for name in ("projects", "staging"):
        (tmp_path / name).mkdir(exist_ok=True)
    owners = ProjectOwners(Database(tmp_path / "platform.db", [TABLES]), otherwise="owner")
    return ProjectStore(
        tmp_path / "projects", "owner", staging=tmp_path / "staging", compiler=compiler, owners=owners
    )


def file(tmp_path: Path, path: str) -> Path:
    """A file of the project on disk."""
    return tmp_path / "projects" / PROJECT / path


def git(folder: Path, *arguments: str) -> bytes:
    """What the git of this machine prints."""
    return subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True).stdout


async def test_bytes_are_stored_while_the_compilation_still_waits(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    writing = asyncio.create_task(store.write(PROJECT, "main.ts", b"export const a = 1;\n"))
    await gate.reached()
    assert file(tmp_path, "main.ts").read_bytes() == b"export const a = 1;\n"
    assert not file(tmp_path, "main.js").exists()
    gate.opened.set()
    assert (await writing).compiled_path == "main.js"
    assert file(tmp_path, "main.js").exists()


async def test_a_newer_write_of_a_path_is_what_both_writers_are_answered_with(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    older = asyncio.create_task(store.write(PROJECT, "main.ts", b"export const a: string = 1;\n"))
    await gate.reached()
    newer = asyncio.create_task(store.write(PROJECT, "main.ts", b"export const newer = 2;\n"))
    gate.opened.set()
    assert await older == await newer
    assert "newer = 2" in file(tmp_path, "main.js").read_text()


async def test_a_slow_older_compilation_never_replaces_newer_javascript(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    finished = asyncio.Event()
    stopped = asyncio.Event()

    async def first_one_stalls(root: Path, paths: Sequence[str]) -> Mapping[str, CompiledFile]:
        compiled = await platform_compile(toolchain)(root, paths)
        if "older" in compiled["main.ts"].javascript:
            finished.set()
            try:
                await within_deadline(asyncio.Event().wait())
            except asyncio.CancelledError:
                stopped.set()
                raise
        return compiled

    async with Compiler(first_one_stalls) as compiler:
        store = new_store(tmp_path, compiler)
        older = asyncio.create_task(store.write(PROJECT, "main.ts", b"export const older = 1;\n"))
        await within_deadline(finished.wait())
        await store.write(PROJECT, "main.ts", b"export const newer = 2;\n")
        assert stopped.is_set()
        assert await older == WrittenFile("main.ts", "main.js")
    assert "newer = 2" in file(tmp_path, "main.js").read_text()


async def test_writes_of_one_path_are_stored_in_the_order_they_came(
    store: ProjectStore, tmp_path: Path
) -> None:
    async with asyncio.TaskGroup() as writers:
        for number in range(50):
            writers.create_task(store.write(PROJECT, "a.txt", str(number).encode()))
    assert file(tmp_path, "a.txt").read_bytes() == b"49"


async def test_different_files_compile_without_waiting_for_each_other_to_be_written(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    writing = [asyncio.create_task(store.write(PROJECT, f"{name}.ts", b"export {};\n")) for name in "abcdef"]
    await gate.reached()
    assert all(file(tmp_path, f"{name}.ts").exists() for name in "abcdef")
    gate.opened.set()
    assert [(await written).compiled_path for written in writing] == [f"{name}.js" for name in "abcdef"]


async def test_stopping_answers_whoever_waits_for_a_compilation(
    store: ProjectStore, gate: Gate, compiler: Compiler, tmp_path: Path
) -> None:
    writing = asyncio.create_task(store.write(PROJECT, "main.ts", b"export {};\n"))
    await gate.reached()
    await compiler.stop()
    with pytest.raises(Stopping):
        await writing
    assert file(tmp_path, "main.ts").exists()
    assert not file(tmp_path, "main.js").exists()


async def test_the_files_of_a_sync_are_compiled_in_one_run(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    gate.opened.set()
    names = [f"part{number}.ts" for number in range(40)]
    files = {"readme.md": b"", "types.d.ts": b"", **dict.fromkeys(names, b"export {};\n")}
    stored = await store.sync(PROJECT, files)
    assert gate.asked == [names]
    assert [file.path for file in stored if file.compiled] == names
    assert all(file(tmp_path, name.removesuffix(".ts") + ".js").exists() for name in names)


async def test_a_write_beside_a_running_sync_is_what_both_are_answered_with(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    older = asyncio.create_task(
        store.sync(PROJECT, {"a.ts": b"export const older = 1;\n", "b.ts": b"export const other = 1;\n"})
    )
    await gate.reached()
    newer = asyncio.create_task(store.write(PROJECT, "a.ts", b"export const newer: string = 2;\n"))
    gate.opened.set()
    with pytest.raises(CompilationFailed):
        await newer
    assert [(stored.path, stored.compiled) for stored in await older] == [("a.ts", False), ("b.ts", True)]
    assert not file(tmp_path, "a.js").exists()
    assert "other" in file(tmp_path, "b.js").read_text()


async def test_a_slow_older_sync_never_replaces_newer_javascript(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    compiled_older = asyncio.Event()
    go_on = asyncio.Event()

    async def first_one_stalls(root: Path, paths: Sequence[str]) -> Mapping[str, CompiledFile]:
        compiled = await platform_compile(toolchain)(root, paths)
        if len(paths) == 2:
            compiled_older.set()
            await within_deadline(go_on.wait())
        return compiled

    async with Compiler(first_one_stalls) as compiler:
        store = new_store(tmp_path, compiler)
        older = asyncio.create_task(
            store.sync(PROJECT, dict.fromkeys(("a.ts", "b.ts"), b"export const older = 1;\n"))
        )
        await within_deadline(compiled_older.wait())
        await store.write(PROJECT, "a.ts", b"export const newer = 2;\n")
        go_on.set()
        assert [stored.compiled for stored in await older] == [True, True]
    assert "newer = 2" in file(tmp_path, "a.js").read_text()
    assert "older = 1" in file(tmp_path, "b.js").read_text()


async def test_a_sync_whose_files_are_all_written_again_is_stopped(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    begun = asyncio.Event()
    stopped = asyncio.Event()

    async def first_one_never_ends(root: Path, paths: Sequence[str]) -> Mapping[str, CompiledFile]:
        if len(paths) == 2:
            begun.set()
            try:
                await within_deadline(asyncio.Event().wait())
            except asyncio.CancelledError:
                stopped.set()
                raise
        return await platform_compile(toolchain)(root, paths)

    async with Compiler(first_one_never_ends) as compiler:
        store = new_store(tmp_path, compiler)
        older = asyncio.create_task(store.sync(PROJECT, dict.fromkeys(("a.ts", "b.ts"), b"export {};\n")))
        await within_deadline(begun.wait())
        await store.write(PROJECT, "a.ts", b"export const newer = 2;\n")
        assert not stopped.is_set()
        await store.write(PROJECT, "b.ts", b"export const newer = 2;\n")
        assert [stored.compiled for stored in await older] == [True, True]
        assert stopped.is_set()


async def test_a_file_deleted_while_it_waits_for_the_compiler_gets_no_javascript(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    writing = asyncio.create_task(store.write(PROJECT, "alone.ts", b"export {};\n"))
    syncing = asyncio.create_task(store.sync(PROJECT, dict.fromkeys(("a.ts", "b.ts"), b"export {};\n")))
    await gate.reached()
    await store.delete(PROJECT, "alone.ts")
    await store.delete(PROJECT, "a.ts")
    gate.opened.set()
    assert await writing == WrittenFile("alone.ts", None)
    assert [(stored.path, stored.compiled) for stored in await syncing] == [("a.ts", None), ("b.ts", True)]
    names = {entry.name for entry in (tmp_path / "projects" / PROJECT).iterdir()}
    assert names == {".git", "b.ts", "b.js"}


async def test_nothing_of_a_persons_git_reaches_the_repositories(
    store: ProjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    git(theirs, "init", "--quiet")
    before = sorted(path.relative_to(theirs) for path in theirs.rglob("*"))
    hook = tmp_path / "hooks" / "pre-commit"
    hook.parent.mkdir()
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    configuration = tmp_path / "gitconfig"
    configuration.write_text(
        "[user]\n\tuseConfigOnly = true\n[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = false\n"
        f"[core]\n\tautocrlf = true\n\thooksPath = {hook.parent}\n"
    )
    monkeypatch.setenv("HOME", "")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(configuration))
    monkeypatch.setenv("GIT_DIR", str(theirs / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(theirs))
    monkeypatch.setenv("GIT_INDEX_FILE", str(theirs / ".git" / "index"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(theirs / ".git" / "objects"))
    monkeypatch.delenv("GIT_AUTHOR_NAME", raising=False)
    monkeypatch.delenv("EMAIL", raising=False)

    await store.write(PROJECT, "a.txt", b"one\r\n")
    made = await store.commit(PROJECT, "first")

    monkeypatch.undo()
    root = tmp_path / "projects" / PROJECT
    assert git(root, "cat-file", "blob", "HEAD:a.txt") == b"one\r\n"
    assert git(root, "rev-parse", "HEAD").decode().strip() == made.hash
    assert sorted(path.relative_to(theirs) for path in theirs.rglob("*")) == before


async def test_a_lock_left_by_a_killed_emulator_does_not_stop_the_next_one(
    store: ProjectStore, compiler: Compiler, tmp_path: Path
) -> None:
    await store.write(PROJECT, "a.txt", b"1")
    await store.commit(PROJECT, "first")
    (tmp_path / "projects" / PROJECT / ".git" / "index.lock").touch()
    restarted = new_store(tmp_path, compiler)
    await restarted.write(PROJECT, "a.txt", b"2")
    assert len((await restarted.commit(PROJECT, "second")).hash) == 40


async def test_commits_at_the_same_time_follow_one_another(store: ProjectStore) -> None:
    await store.write(PROJECT, "a.txt", b"1")
    results = await asyncio.gather(
        *(store.commit(PROJECT, f"number {number}") for number in range(4)), return_exceptions=True
    )
    assert sum(isinstance(result, NothingToCommit) for result in results) == 3
    assert sum(not isinstance(result, BaseException) for result in results) == 1


async def test_a_file_that_fails_to_compile_can_be_committed(
    store: ProjectStore, gate: Gate, tmp_path: Path
) -> None:
    gate.opened.set()
    with pytest.raises(CompilationFailed):
        await store.write(PROJECT, "main.ts", b"const a: string = 1;\n")
    await store.commit(PROJECT, "as it is")


async def test_the_two_forms_of_ids_are_kept_apart(store: ProjectStore, tmp_path: Path) -> None:
    other = str(uuid.uuid4())
    await store.write(PROJECT, "a.txt", b"1")
    await store.write(other, "a.txt", b"2")
    assert (store.read(PROJECT, "a.txt"), store.read(other, "a.txt")) == ("1", "2")
    await store.write(other.upper(), "a.txt", b"3")
    assert store.read(other, "a.txt") == "3"
