"""Every endpoint through the installed command, over a real socket."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import COMMAND
from tests.emulator.served_emulator import DEADLINE
from tests.endpoints.faces import ENDPOINTS, SCENARIOS, SPECS, confirm
from tests.endpoints.scenarios import Given
from tests.endpoints.traffic import Traffic
from tests.endpoints.world import World
from xgodo_dev.cli.endpoints import arguments, command_lines
from xgodo_dev.platform.spec.reading import Operation


@pytest.mark.parametrize(("platform", "operation"), ENDPOINTS)
def test_the_command_line_reaches_it(
    platform: str,
    operation: Operation,
    world: World,
    traffic: Traffic,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    given = SCENARIOS[platform][operation.id](world, tmp_path)
    of_command = arguments.arguments(operation, SPECS[platform])
    words = list(given.words or command_lines.words(operation, of_command, given.arguments) or ())
    assert words
    if platform == "mobilerun":
        words.insert(0, "mobilerun")
    if operation.confirm:
        words.append("--yes")
    if operation.downloads:
        words += ["--output", str(tmp_path / "downloaded")]
    mark = traffic.mark()
    done = subprocess.run(
        [COMMAND, "--json", *words],
        env=environment(world, given, tmp_path),
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    documents = [json.loads(line) for line in done.stdout.splitlines()]
    assert documents or operation.success.content_type is None
    confirm(platform, operation, "command", traffic, mark, request)


def environment(world: World, given: Given, folder: Path) -> dict[str, str]:
    record = world.emulator.record
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {
        **kept,
        "HOME": str(folder),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "XGODO_API_URL": record.url,
        "XGODO_TOKEN": given.token or record.token,
        "XGODO_ADMIN_TOKEN": record.admin_token,
        "MOBILERUN_API_URL": f"{record.url}/mobilerun/v1",
        "MOBILERUN_API_KEY": record.mobilerun_key,
    }
