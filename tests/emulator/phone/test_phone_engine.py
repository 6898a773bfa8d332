"""How the engine starts, ends and outlives processes."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from pathlib import Path

import psutil
import pytest
from phone_runs import DEADLINE, Run, program, run, running

from xgodo_dev.emulator.phone.engine import Engine, Outcome
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain.node import find_node


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this test's engines put their processes' folders, and so what tells these from others'."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def children() -> dict[int, psutil.Process]:
    """The processes of this test's engines; another test's emulator may live in this process too."""
    found = {}
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess):
            if child.cwd().startswith(tempfile.gettempdir()):
                found[child.pid] = child
    return found


async def until_children(count: int) -> dict[int, psutil.Process]:
    async with asyncio.timeout(DEADLINE):
        while len(found := children()) != count:  # noqa: ASYNC110 - nobody tells of a process's birth
            await asyncio.sleep(0.01)
    return found


async def test_an_endless_loop_is_killed_by_cancelling_and_never_blocks_the_server(engine: Engine) -> None:
    async with running(engine, "console.log('looping'); while (true) {}") as going:
        await going.first_log()
        # The server's loop turns, however long the program's does.
        async with asyncio.timeout(DEADLINE):
            for _ in range(50):
                await asyncio.sleep(0.001)
        before_cancel = set(children())
    gone = before_cancel - set(children())
    assert len(gone) == 1
    assert not psutil.pid_exists(gone.pop())


async def test_leaving_the_engine_leaves_no_process_and_no_folder(own_folder: Path) -> None:
    async with Engine(find_node()) as engine:
        assert (await run(engine, "console.log(1)")).messages == ["1"]
        going = Run()
        going.start(engine, program("setInterval(() => {}, 1000); console.log('up')"), Phone())
        await going.first_log()
        await until_children(2)
        assert list(own_folder.iterdir()) != []
    assert children() == {}
    assert list(own_folder.iterdir()) == []
    assert going.task is not None
    assert await asyncio.wait_for(going.task, DEADLINE) is Outcome.CRASHED


async def test_leaving_at_once_leaves_no_process() -> None:
    async with Engine(find_node()):
        pass
    assert children() == {}


async def test_a_run_can_be_cancelled_before_anything_has_booted() -> None:
    async with Engine(find_node()) as engine:
        going = Run()
        going.start(engine, program("console.log(1)"), Phone())
        await asyncio.sleep(0)
        await going.cancel()
        assert going.logs == []
        assert (await run(engine, "console.log(2)")).messages == ["2"]
    assert children() == {}


async def test_a_dead_waiting_process_is_replaced(engine: Engine) -> None:
    await run(engine, "0")
    [waiting] = (await until_children(1)).values()
    waiting.kill()
    assert (await run(engine, "console.log('alive')")).messages == ["alive"]


async def test_several_programs_run_at_once(engine: Engine) -> None:
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(run(engine, f"await sleep(50); console.log({number})")) for number in range(3)
        ]
    assert [task.result().messages for task in tasks] == [["0"], ["1"], ["2"]]


async def test_runs_share_nothing_but_the_phone(engine: Engine) -> None:
    phone = Phone()
    await run(engine, "globalThis.left = 1; await agent.actions.launchApp('dev.xgodo.notes')", phone=phone)
    done = await run(
        engine, "console.log(typeof left, (await agent.actions.screenContent()).packageName)", phone=phone
    )
    assert done.messages == ["undefined dev.xgodo.notes"]


async def test_a_program_that_fills_the_memory_crashes_and_says_so(engine: Engine) -> None:
    done = await run(engine, "const all = []; while (true) all.push(new Array(1000).fill({}));")
    assert (done.outcome, done.messages) == (Outcome.CRASHED, ["The automation ran out of memory."])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits what the heap's limit does not count")
async def test_memory_outside_the_heap_is_limited_too(engine: Engine) -> None:
    done = await run(
        engine,
        """const all = [];
try { for (let i = 0; i < 64; i++) all.push(new Uint8Array(64 * 1024 * 1024).fill(1)); }
catch (error) { console.log(error.name, all.length < 32); }""",
    )
    assert done.messages == ["RangeError true"]


async def test_a_flood_of_logs_is_held_back_and_can_be_stopped(engine: Engine) -> None:
    process = psutil.Process()
    before = process.memory_info().rss
    count = 0
    going = Run()
    enough = asyncio.Event()

    def on_log(_line: object) -> None:
        nonlocal count
        count += 1
        if count == 200_000:
            enough.set()

    async def flood() -> Outcome:
        return await engine.run(
            program("const text = 'x'.repeat(100); while (true) console.log(text);"),
            Phone(),
            on_log,
            going.started.set,
        )

    task = asyncio.create_task(flood())
    async with asyncio.timeout(60):
        await enough.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, DEADLINE)
    assert process.memory_info().rss - before < 50 * 1024 * 1024


async def test_a_flood_of_actions_is_held_back_and_can_be_stopped(engine: Engine) -> None:
    async with running(
        engine, "console.log('go'); for (;;) { agent.actions.screenContent().catch(() => {}); await 0; }"
    ) as going:
        await going.first_log()
        await asyncio.sleep(0.2)


async def test_an_error_of_the_caller_ends_the_process(engine: Engine) -> None:
    def refuse(_line: object) -> None:
        raise LookupError("the log is full")

    with pytest.raises(LookupError):
        await engine.run(program("console.log(1); while (true) {}"), Phone(), refuse, lambda: None)
    assert len(children()) <= 1  # the one that waits for a program
    assert (await run(engine, "console.log(2)")).messages == ["2"]


async def test_a_node_that_does_not_run_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ToolchainError, match="no-node"):
        async with Engine(tmp_path / "no-node"):
            pass
