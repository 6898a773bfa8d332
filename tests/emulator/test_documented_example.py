"""The usage example of the platform's automation control API documentation, run as it is printed there.

Its address, token and device are ours; ``clock.mjs`` shortens its two seconds and its minute from outside.
"""

from __future__ import annotations

import asyncio
import contextlib
from asyncio.subprocess import PIPE
from pathlib import Path

from served_emulator import DEADLINE, ServedEmulator

from xgodo_dev.toolchain.bundle import strip_types
from xgodo_dev.toolchain.node import find_node
from xgodo_dev.toolchain.tools import Toolchain

FOLDER = Path(__file__).parent / "documented_example"


async def test_the_documented_usage_example_prints_the_logs_of_its_automation(
    emulator: ServedEmulator, toolchain: Toolchain, tmp_path: Path
) -> None:
    text = (FOLDER / "example.ts").read_text()
    for printed, ours in (
        ("https://xgodo.com", emulator.record.url),
        ("your_api_token", emulator.record.token),
        ("device_123456", emulator.device_id()),
    ):
        assert text.count(f'"{printed}"') == 1
        text = text.replace(f'"{printed}"', f'"{ours}"')
    script = tmp_path / "example.mjs"
    # Older versions of Node.js run no TypeScript.
    script.write_text(await strip_types(toolchain, text))

    clock = (FOLDER / "clock.mjs").as_uri()
    process = await asyncio.create_subprocess_exec(
        find_node(), "--import", clock, script, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    assert process.stdin and process.stdout and process.stderr
    lines: list[str] = []
    try:
        async with asyncio.timeout(DEADLINE):
            async for line in process.stdout:
                lines.append(line.decode().rstrip("\n"))
                if lines[-1] == "[log] Done!":
                    process.stdin.close()
            errors = await process.stderr.read()
            status = await process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    assert (status, errors.decode()) == (0, "")
    assert lines[0].startswith("Automation started with launch ID: ")
    assert lines[1:] == [
        "[log] Max retries: 3",
        "[log] Target URL: https://example.com",
        "[log] Done!",
        "Automation stopped",
    ]
