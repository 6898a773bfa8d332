"""Every endpoint through the command line, over a real socket: one of each kind by the installed command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.endpoints.command import environment, run_here, run_installed, settle_in
from tests.endpoints.faces import ENDPOINTS, SCENARIOS, SPECS, confirm
from tests.endpoints.traffic import Traffic
from tests.endpoints.world import World
from xgodo_dev.cli.endpoints import arguments, command_lines
from xgodo_dev.platform.spec.reading import Operation


def _one_of_each_kind() -> set[tuple[str, str]]:
    """One endpoint of each section, and of each way in which a command works with one."""
    chosen: dict[object, tuple[str, str]] = {}
    for platform, spec in SPECS.items():
        for operation in spec.operations.values():
            kinds = {
                operation.section: True,
                "upload": any(each.place == "file" for each in operation.parameters),
                "download": operation.downloads,
                "stream": operation.streams,
                "confirmation": bool(operation.confirm),
            }
            for kind, is_one in kinds.items():
                if is_one and not operation.hidden:
                    chosen.setdefault((platform, kind), (platform, operation.id))
    return set(chosen.values())


# A process takes longer than all that an endpoint does.
IN_A_PROCESS = _one_of_each_kind()


@pytest.mark.parametrize(("platform", "operation"), ENDPOINTS)
def test_the_command_line_reaches_it(
    platform: str,
    operation: Operation,
    world: World,
    traffic: Traffic,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
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
    settings = environment(world, given, tmp_path)
    if (platform, operation.id) in IN_A_PROCESS:
        done = run_installed(["--json", *words], settings, tmp_path)
    else:
        settle_in(settings, tmp_path, monkeypatch)
        done = run_here(["--json", *words], capsys)
    assert done.code == 0, (words, done)
    documents = [json.loads(line) for line in done.out.splitlines()]
    assert documents or operation.success.content_type is None
    confirm(platform, operation, "command", traffic, mark, request)
