"""The real process, killed with SIGKILL in the middle of what it does, again and again."""

from __future__ import annotations

import asyncio
import random
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND, Home
from tests.scripted_server import TOKEN, Request, scripted_server
from tests.sync.conftest import KINDS, working_copy
from tests.sync.history import PATHS, PLACES, Delete, Rename, Save, World
from tests.sync.remote_project import PROJECT, RemoteProject
from xgodo_dev.sync.pull import Strategy

# At which steps a process may die is searched by `tests/sync/test_histories.py`, in less time.
KILLS = 8
# Seconds, for a machine with much else to do: in peace it takes ten.
DEADLINE = 300.0
COMMANDS = (
    ["push", "--no-check", "--accept-deletes"],
    ["push", "--no-check", "--accept-deletes"],
    ["pull", "--accept-deletes"],
    ["pull", "--accept-deletes"],
    ["push", "--no-check", "--accept-deletes", "--force"],
    ["pull", "--accept-deletes", "--theirs"],
    ["pull", "--accept-deletes", "--ours"],
    ["status", "--remote"],
)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
@pytest.mark.timeout(DEADLINE + 60)
@pytest.mark.parametrize("kind", KINDS)
async def test_a_process_killed_at_any_moment_loses_nothing(home: Home, kind: str) -> None:
    chance = random.Random(kind)
    async with scripted_server() as server:
        remote = RemoteProject(server)
        environment = {**home.environment, "XGODO_TOKEN": TOKEN, "XGODO_API_URL": server.url}
        root = home.folder / "project"
        async with working_copy(remote, root, kind, key=f"{server.url}#{PROJECT}") as copy:
            (root / "xgodo.toml").write_text(f'[project]\nid = "{PROJECT}"\n')
            world = World(remote, copy)
            kills = 0
            async with asyncio.timeout(DEADLINE):
                while kills < KILLS:
                    live_a_little(world, chance)
                    kills += await run_and_kill(world, chance, root, environment)
                    world.reopen()
                    world.check()
            await world.finish(Strategy.OURS)


def live_a_little(world: World, chance: random.Random) -> None:
    for _ in range(chance.randint(2, 8)):
        who, path = chance.choice(["we", "they"]), chance.choice(PATHS)
        if chance.random() < 0.1:
            world.act(Delete(who, path))
        elif chance.random() < 0.1:
            world.act(Rename(who, path, chance.choice(PATHS)))
        else:
            world.act(Save(who, path, chance.choice([*range(PLACES), None]), chance.random() < 0.8))


async def run_and_kill(world: World, chance: random.Random, root: Path, environment: dict[str, str]) -> bool:
    """Run one command; kill it around one of its requests. Whether it was killed before its end."""
    requests, fatal = 0, chance.randint(1, 8)
    # Before the server acts, right after, or when the answer has been worked on for a moment.
    pause = chance.choice([None, 0.0, 0.002, 0.005, 0.01, 0.02])
    loop = asyncio.get_running_loop()
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *chance.choice(COMMANDS),
        cwd=root,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )

    def kill() -> None:
        if process.returncode is None:
            process.kill()

    def before_request(request: Request) -> None:
        nonlocal requests
        requests += 1
        world.note_look(request)
        if requests == fatal:
            if pause is None:
                kill()
            else:
                loop.call_later(pause, kill)

    world.remote.before_request = before_request
    try:
        return await process.wait() == -signal.SIGKILL
    finally:
        kill()
        world.remote.before_request = world.note_look
