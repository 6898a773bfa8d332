"""The guide's examples of the Python clients work as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.emulator.served_emulator import ServedEmulator

ROOT = Path(__file__).parents[2]
EXAMPLES = re.findall(
    r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text(encoding="utf-8"), re.DOTALL
)


def printed(example: str, emulator: ServedEmulator) -> list[str]:
    record = emulator.record
    environment = {
        **{
            name: value for name, value in os.environ.items() if not name.startswith(("XGODO_", "MOBILERUN_"))
        },
        "XGODO_API_URL": record.url,
        "XGODO_TOKEN": record.token,
        "MOBILERUN_API_URL": f"{record.url}/mobilerun/v1",
        "MOBILERUN_API_KEY": record.mobilerun_key,
    }
    command = [sys.executable, "-c", example]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def test_the_blocking_example_runs(emulator: ServedEmulator) -> None:
    assert printed(EXAMPLES[0], emulator)[0].startswith("balance: ")


def test_the_example_that_follows_an_agent_runs(emulator: ServedEmulator) -> None:
    lines = printed(EXAMPLES[1], emulator)
    assert lines[0] == "CreatedEvent"
    assert "'status': 'completed'" in lines[-1]
