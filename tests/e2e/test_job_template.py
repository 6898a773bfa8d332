"""The template of jobs, from its making to its run, by the installed command."""

from __future__ import annotations

import json

from tests.e2e.conftest import Emulator, Home


def test_a_project_of_the_job_template_runs_to_success_before_anything_is_set(
    home: Home, own_emulator: Emulator
) -> None:
    root = home.folder / "my-job"
    home.json("init", root, "--template", "job")
    assert home.json("check", cwd=root)["errors"] == []

    done = home.run(
        "--json", "--profile", "emulator", "run", "--var", "count=1", cwd=root, env=own_emulator.env
    )

    assert done.returncode == 0, (done.stdout, done.stderr)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1]["status"] == "success"
    logs = [event for event in events if event["event"] == "log"]
    assert logs[-1]["message"].startswith(
        'Not submitted: success {"notes":["Hello from Xgodo 1"],"written":1} ('
    )
    assert {log["source"]["file"] for log in logs} == {"main.ts", "task.ts"}


def test_the_job_templates_schemas_decide_what_it_may_be_run_with(home: Home, own_emulator: Emulator) -> None:
    root = home.folder / "my-job"
    home.json("init", root, "--template", "job")

    refused = home.json(
        "--profile", "emulator", "run", "--var", "count=many", "--var", "colour=red",
        cwd=root, env=own_emulator.env, exit_code=2,
    )["error"]  # fmt: skip

    assert "count" in json.dumps(refused)
    assert "colour" in json.dumps(refused)
