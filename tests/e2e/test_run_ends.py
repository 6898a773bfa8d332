"""Runs that end otherwise than by their own stop: `run` notices, and says how."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from tests.e2e.conftest import Emulator, Home, running_emulator
from tests.e2e.watch_process import DEADLINE, Watch


def test_an_error_thrown_in_a_timer_fails_the_run_at_its_line(
    home: Home, project: Path, emulator: Emulator
) -> None:
    (project / "main.ts").write_text(
        "export {};\n"
        "setTimeout(() => {\n"
        '  throw new TypeError("in a timer");\n'
        "}, 20);\n"
        "sleep(60_000).finally(agent.control.stopCurrentAutomation);\n"
    )
    done = home.run("--json", "run", cwd=project, env=emulator.env)
    assert done.returncode == 1, done.stderr
    end = json.loads(done.stdout.splitlines()[-1])
    assert (end["event"], end["status"]) == ("exit", "failed")
    assert "TypeError: in a timer" in end["error"]
    assert "main.ts:3:" in end["error"]


def test_a_run_that_talks_until_somebody_ends_it_counts_as_stopped(
    home: Home, project: Path, emulator: Emulator
) -> None:
    (project / "main.ts").write_text(
        'for (;;) {\n  console.log("still here");\n  await sleep(50);\n}\n', encoding="utf-8"
    )
    process = home.start("--json", "run", cwd=project, env=emulator.env)
    try:
        run = Watch(process)
        spoken = 0

        def has_talked_for_a_while(_: object) -> bool:
            nonlocal spoken
            spoken += 1
            # The device's record is asked for once within that time, and long answered.
            return spoken > 60

        run.until("log", has_talked_for_a_while)
        with httpx.Client(headers={"Authorization": f"Bearer {emulator.token}"}, timeout=DEADLINE) as client:
            devices = client.get(f"{emulator.url}/api/v2/devices").json()
            ended = client.post(
                f"{emulator.url}/api/v2/devices/stopAllAutomations",
                json={"device_id": devices[0]["remote_device_id"]},
            )
        assert ended.json()["success"] is True
        end = run.until("exit")
        assert end["status"] == "stopped"
        assert process.wait(timeout=DEADLINE) == 1
    finally:
        process.kill()
        process.wait()


def test_a_build_never_replaces_what_is_no_build(home: Home, project: Path) -> None:
    entry = (project / "main.ts").read_text()
    refused = home.json("build", "-o", "main.ts", cwd=project, exit_code=3)
    assert refused["error"]["code"] == "refused"
    assert (project / "main.ts").read_text() == entry
    assert not (project / "main.ts.map").exists()
    first = home.json("build", "-o", "../out.js", cwd=project)
    assert home.json("build", "-o", "../out.js", cwd=project)["bytes"] == first["bytes"]
    (project.parent / "other.js.map").write_text("mine")
    home.json("build", "-o", "../other.js", cwd=project, exit_code=3)
    assert not (project.parent / "other.js").exists()


def test_a_build_that_a_push_would_send_is_pointed_out(home: Home, project: Path) -> None:
    assert "a push will send it" in home.run("build", "-o", "out.js", cwd=project).stderr
    assert "a push will send it" not in home.run("build", "-o", "../out.js", cwd=project).stderr
    assert "a push will send it" not in home.run("build", cwd=project).stderr


def test_every_import_that_leads_nowhere_is_named_with_its_importer(home: Home, project: Path) -> None:
    (project / "main.ts").write_text('import "fs";\nimport "./gone";\nimport "left-pad";\n')
    refused = home.json("build", cwd=project, exit_code=1)["error"]
    assert [line.partition(": ")[0] for line in refused["errors"]] == [
        "main.ts:1:8",
        "main.ts:2:8",
        "main.ts:3:8",
    ]
    said = home.run("build", cwd=project).stderr
    assert 'main.ts:1:8: Could not resolve "fs": a module of Node.js' in said
    assert 'main.ts:3:8: Could not resolve "left-pad"' in said


def test_a_run_that_is_over_before_anybody_looks_is_noticed(home: Home, project: Path) -> None:
    (project / "main.ts").write_text('console.log("only this");\n')
    with running_emulator(home, home.folder / "emulator-data"):
        # By its profile it is known to tell what runs.
        (project / "xgodo.toml").write_text('[project]\nid = "83ba7359-d8eb-4374-8ecb-055af01fddfe"\n')
        done = home.run("--json", "--profile", "emulator", "run", cwd=project)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["status"] == "success"
