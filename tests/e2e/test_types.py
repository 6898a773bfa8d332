"""`types`, and what schemas mean to `check`, `run`, `watch` and `clone`."""

from __future__ import annotations

import json
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.conftest import DOCUMENTED, LISTED, Emulator, Home, new_copy
from tests.e2e.scripted_project import Failing
from tests.e2e.watch_process import Watch
from tests.e2e.working_copies import Copy
from tests.scripted_server import Answer, Request, json_answer, page
from tests.sync.remote_project import PROJECT

ARGUMENTS = ".xgodo/types/arguments.d.ts"
SCHEMAS = "xgodo.schemas.json"
USE = "console.log(JSON.stringify(agent.arguments));\nstopCurrentAutomation();\n"
COUNT = {"fields": [{"name": "count", "type": "number", "required": True, "max": 9}]}
EMAIL = {"fields": [{"name": "email", "type": "string", "required": True}]}
TRIES = {"fields": [{"name": "tries", "type": "number", "integer": True, "defaultValue": 3}]}
NONE: dict[str, Any] = {
    "automation_parameters_schema": None,
    "job_variables_schema": None,
    "bucket_schema": None,
}


def with_schemas(copy: Copy, **schemas: object) -> None:
    copy.write(SCHEMAS, json.dumps({f"{name}_schema": schema for name, schema in schemas.items()}))


class Platform:
    """What a server answers, by path; whatever else is asked for it does not know."""

    def __init__(self, failing: Failing) -> None:
        self.answers: dict[str, Answer] = {}
        self.requests = failing.server.requests
        failing.server.handler = self._handle

    async def _handle(self, request: Request) -> Answer:
        return self.answers.get(request.path, page(404, f"Cannot {request.method} {request.path}"))

    def job(self, **members: object) -> None:
        self.answers["/api/v2/jobs/details"] = json_answer(
            {"_id": "68910c4a", "job_id": "68910c4a", "automation_id": PROJECT, **members}
        )

    def project(self, **members: object) -> None:
        prefix = f"/server/api/v2/automation-project/{PROJECT}"
        self.answers[f"{prefix}/files"] = json_answer({"success": True, "files": []})
        details = {"id": PROJECT, "name": "app", "description": "", **members}
        self.answers[prefix] = json_answer({"success": True, "project": details})


@pytest.fixture
def platform(failing: Failing) -> Platform:
    return Platform(failing)


def test_the_declarations_are_made_offline_and_without_a_token(scripted: Copy) -> None:
    with_schemas(scripted, job_variables=EMAIL)
    nowhere = {"XGODO_API_URL": "http://127.0.0.1:9", "XGODO_TOKEN": ""}

    first = scripted.home.json("types", cwd=scripted.root, env=nowhere)
    again = scripted.home.json("types", cwd=scripted.root, env=nowhere)

    assert first["changed"] is True
    assert {ARGUMENTS, ".xgodo/types/index.d.ts"} <= set(first["files"])
    assert again == {"files": [], "changed": False, "warnings": []}
    assert "email: string;" in scripted.read(ARGUMENTS)


def test_asking_whether_they_are_up_to_date_writes_nothing_and_answers_by_the_exit_code(
    scripted: Copy,
) -> None:
    scripted.json("types")
    assert scripted.json("types", "--check")["changed"] is False
    with_schemas(scripted, job_variables=EMAIL)
    before = scripted.read(ARGUMENTS)

    told = scripted.json("types", "--check", exit_code=1)

    assert told == {"files": [ARGUMENTS], "changed": True, "warnings": []}
    assert scripted.read(ARGUMENTS) == before
    assert scripted.run("types", "--check").stdout == f"would change {ARGUMENTS}\n"
    assert scripted.run("types").stdout == f"wrote {ARGUMENTS}\n"
    assert scripted.run("types").stdout == ""


def test_a_check_knows_the_schemas_as_they_are_now(scripted: Copy) -> None:
    scripted.write("main.ts", "const n: number = agent.arguments.jobVariables.count;\nconsole.log(n);\n")
    with_schemas(scripted, job_variables=EMAIL)
    (error,) = scripted.json("check", exit_code=1)["errors"]
    assert "Property 'count' does not exist" in error["message"]

    with_schemas(scripted, job_variables=COUNT)

    assert scripted.json("check")["ok"] is True


def test_what_is_odd_in_the_schemas_is_pointed_out(scripted: Copy) -> None:
    with_schemas(scripted, job_variables={"fields": [{"name": "a b", "type": "sting"}]})

    told = scripted.run("check")

    assert told.returncode == 0
    assert 'job_variables_schema.fields[0] ("a b"): there is no type "sting"' in told.stderr
    assert len(scripted.json("types")["warnings"]) == 2
    assert '"a b"?: any;' in scripted.read(ARGUMENTS)


@pytest.mark.parametrize("command", [["check"], ["types"], ["run"], ["watch"]])
def test_a_schema_that_can_not_be_used_is_an_error_of_what_needs_it(
    scripted: Copy, platform: Platform, command: list[str]
) -> None:
    scripted.write(SCHEMAS, '{"bucket_schema": 1}')

    refused = scripted.json(*command, exit_code=2)["error"]

    assert refused["code"] == "configuration"
    assert f"{SCHEMAS}: bucket_schema must be an object with `fields`" in refused["message"]
    assert not (scripted.root / ".xgodo" / "types").exists()


def test_commands_that_need_no_schema_do_not_mind_a_broken_one(scripted: Copy) -> None:
    scripted.write(SCHEMAS, "{")

    assert scripted.json("backup", "list") == {"backups": []}


@pytest.fixture
def project_on(home: Home, emulators: Callable[[str], Emulator]) -> Callable[[str], Copy]:
    """A project of its own on an emulator of that kind, pushed."""

    def made(kind: str) -> Copy:
        copy = new_copy(home, emulators(kind), str(uuid.uuid4()), home.folder / "ada", {"main.ts": USE})
        copy.json("push", "--no-check")
        return copy

    return made


def set_on(copy: Copy, **schemas: object) -> None:
    """Give the project schemas on the platform, as its own client does."""
    answer = httpx.patch(
        f"{copy.env['XGODO_API_URL']}/server/api/v2/automation-project/{copy.project_id}/options",
        json={f"{name}_schema": schema for name, schema in schemas.items()},
        headers={"Authorization": f"Bearer {copy.env['XGODO_TOKEN']}"},
        verify=False,
        timeout=60,
    )
    assert answer.status_code == 200, answer.text


def test_the_schemas_of_the_project_come_from_the_platform(project_on: Callable[[str], Copy]) -> None:
    copy = project_on(LISTED)
    set_on(copy, automation_parameters=TRIES, job_variables=EMAIL)

    told = copy.json("types", "--remote")

    assert told["files"][0] == SCHEMAS and ARGUMENTS in told["files"]
    assert json.loads(copy.read(SCHEMAS)) == {
        "automation_parameters_schema": TRIES,
        "job_variables_schema": EMAIL,
    }
    assert "email: string;" in copy.read(ARGUMENTS) and "tries?: number;" in copy.read(ARGUMENTS)
    assert copy.json("types", "--remote")["changed"] is False
    # Nobody edited it here, so it follows what changes there.
    set_on(copy, job_variables=COUNT)
    assert copy.json("types", "--remote", "--check", exit_code=1)["files"] == [SCHEMAS, ARGUMENTS]
    assert json.loads(copy.read(SCHEMAS))["job_variables_schema"] == EMAIL
    assert copy.json("types", "--remote")["files"] == [SCHEMAS, ARGUMENTS]
    assert "count: number;" in copy.read(ARGUMENTS)


def test_a_server_that_tells_no_schemas_is_an_error_that_names_the_other_way(
    project_on: Callable[[str], Copy],
) -> None:
    copy = project_on(DOCUMENTED)

    refused = copy.json("types", "--remote", exit_code=1)["error"]

    assert "does not tell a project's schemas" in refused["message"]
    assert "types --job ID" in refused["hint"]


def test_the_schemas_come_from_a_job_as_well(scripted: Copy, platform: Platform) -> None:
    platform.job(automation_parameters_schema=TRIES, job_variables_schema=None, bucket_schema=EMAIL)

    told = scripted.run("types", "--job", "68910c4a")

    assert (told.returncode, "note" in told.stderr) == (0, False)
    assert platform.requests[-1].query == {"job_id": "68910c4a"}
    assert json.loads(scripted.read(SCHEMAS)) == NONE | {
        "automation_parameters_schema": TRIES,
        "bucket_schema": EMAIL,
    }
    text = scripted.read(ARGUMENTS)
    assert "email: string;" in text.partition("interface Bucket")[2]


def test_what_a_server_does_not_tell_stays_as_it_is_here(scripted: Copy, platform: Platform) -> None:
    scripted.write(SCHEMAS, json.dumps({"$schema": "mine", "bucket_schema": EMAIL}))
    platform.project(automation_parameters_schema=TRIES, job_variables_schema=None)

    scripted.json("types", "--remote")

    assert json.loads(scripted.read(SCHEMAS)) == {
        "$schema": "mine",
        "bucket_schema": EMAIL,
        "automation_parameters_schema": TRIES,
        "job_variables_schema": None,
    }


@pytest.mark.parametrize(
    ("answer", "exit_code", "said"),
    [
        (json_answer({"job_id": "68910c4a", "automation_id": None}), 1, "has no automation"),
        (json_answer({"job_id": "68910c4a", **NONE}), 1, "has no automation"),
        (json_answer({"job_id": "other", "automation_id": PROJECT, **NONE}), 5, "answered for the job other"),
        (json_answer({"error": "Job not found"}, 404), 1, "Job not found"),
        (json_answer({"error": "no"}, 401), 4, "no"),
        (json_answer({"automation_id": PROJECT, "bucket_schema": {"fields": [1]}}), 5, "can't be used"),
        (json_answer([]), 5, "an unknown shape"),
    ],
)
def test_a_job_that_tells_no_schemas_is_an_error_and_changes_nothing(
    scripted: Copy, platform: Platform, answer: Answer, exit_code: int, said: str
) -> None:
    platform.answers["/api/v2/jobs/details"] = answer

    refused = scripted.json("types", "--job", "68910c4a", exit_code=exit_code)["error"]

    assert said in refused["message"]
    assert not (scripted.root / SCHEMAS).exists()


def test_a_job_of_another_automation_is_pointed_out(scripted: Copy, platform: Platform) -> None:
    platform.job(automation_id="other", **NONE)

    assert "that job's automation is other" in scripted.run("types", "--job", "68910c4a").stderr


def test_where_the_settings_win_what_was_fetched_is_said_to_be_unused(
    scripted: Copy, platform: Platform
) -> None:
    platform.job(**NONE | {"job_variables_schema": EMAIL})
    settings = scripted.read("xgodo.toml")
    scripted.write("xgodo.toml", f'{settings}[schemas]\njob_variables = "own.json"\n')
    scripted.write("own.json", json.dumps(COUNT))

    told = scripted.run("types", "--job", "68910c4a")

    assert "[schemas] in xgodo.toml decides about job_variables, not the server" in told.stderr
    assert "count: number;" in scripted.read(ARGUMENTS)


@pytest.mark.parametrize("edit", [json.dumps({"job_variables_schema": COUNT}), "{ not json"])
@pytest.mark.parametrize("fetched_before", [True, False])
def test_an_edit_of_the_schemas_is_refused_and_with_force_it_is_kept(
    scripted: Copy, platform: Platform, edit: str, fetched_before: bool
) -> None:
    platform.job(**NONE | {"job_variables_schema": EMAIL})
    if fetched_before:
        scripted.json("types", "--job", "68910c4a")
    scripted.write(SCHEMAS, edit)

    refused = scripted.json("types", "--job", "68910c4a", exit_code=3)["error"]
    assert (refused["code"], "job_variables_schema" in refused["message"]) == ("refused", True)
    assert scripted.read(SCHEMAS) == edit

    assert scripted.json("types", "--job", "68910c4a", "--force")["files"][0] == SCHEMAS
    assert json.loads(scripted.read(SCHEMAS))["job_variables_schema"] == EMAIL
    assert scripted.backups(SCHEMAS) == [edit]
    (backup,) = scripted.json("backup", "list")["backups"]
    assert scripted.json("backup", "restore", backup["id"])["restored"] == [SCHEMAS]
    assert scripted.read(SCHEMAS) == edit


def test_a_check_that_would_meet_an_edit_writes_nothing_and_so_refuses_nothing(
    scripted: Copy, platform: Platform
) -> None:
    platform.job(**NONE | {"job_variables_schema": EMAIL})
    edit = json.dumps({"job_variables_schema": COUNT})
    scripted.write(SCHEMAS, edit)

    answer = scripted.json("types", "--job", "68910c4a", "--check", exit_code=1)
    told = scripted.run("types", "--job", "68910c4a", "--check")

    assert answer["files"][0] == SCHEMAS
    (said,) = answer["warnings"]
    assert "job_variables_schema would be replaced. Without --force that is refused." in said
    assert said in told.stderr
    assert scripted.read(SCHEMAS) == edit


def test_where_there_is_no_schema_the_ways_to_one_are_named(scripted: Copy, platform: Platform) -> None:
    platform.job(**NONE)

    here = scripted.run("types")
    there = scripted.run("types", "--job", "68910c4a")

    for way in ("has no schema", "`types --remote`", "`types --job ID`", SCHEMAS):
        assert way in here.stderr
    assert "has no schema" in there.stderr
    assert "--remote" not in there.stderr


def test_another_layout_of_the_same_schemas_is_no_edit(scripted: Copy, platform: Platform) -> None:
    platform.job(**NONE | {"job_variables_schema": EMAIL})
    scripted.json("types", "--job", "68910c4a")
    scripted.write(SCHEMAS, json.dumps(json.loads(scripted.read(SCHEMAS)), indent=7, sort_keys=True))
    platform.job(**NONE | {"job_variables_schema": COUNT})

    scripted.json("types", "--job", "68910c4a")

    assert json.loads(scripted.read(SCHEMAS))["job_variables_schema"] == COUNT
    assert scripted.backups(SCHEMAS) == []


@pytest.mark.parametrize(
    "options", [["--remote", "--job", "1"], ["--job", " "], ["--force"], ["--check", "--force"]]
)
def test_options_that_contradict_each_other_are_refused(scripted: Copy, options: list[str]) -> None:
    assert scripted.json("types", *options, exit_code=2)["error"]["code"] == "usage"


def test_a_clone_brings_the_schemas_of_the_project(project_on: Callable[[str], Copy]) -> None:
    ada = project_on(LISTED)
    set_on(ada, job_variables=EMAIL)

    ada.home.json("clone", ada.project_id, "bob", env=ada.env)

    bob = Copy(ada.home, ada.home.folder / "bob", ada.env)
    assert json.loads(bob.read(SCHEMAS))["job_variables_schema"] == EMAIL
    assert "email: string;" in bob.read(ARGUMENTS)
    # It is known to be the platform's, so it may be replaced by what comes from there later.
    set_on(ada, job_variables=COUNT)
    assert bob.json("types", "--remote")["files"] == [SCHEMAS, ARGUMENTS]


def test_a_run_takes_defaults_and_types_from_the_schemas(
    project_on: Callable[[str], Copy],
) -> None:
    copy = project_on(DOCUMENTED)
    with_schemas(copy, automation_parameters=TRIES, job_variables=EMAIL)

    done = copy.run("--json", "run", "--var", "email=007")

    logs = [event for event in map(json.loads, done.stdout.splitlines()) if event["event"] == "log"]
    assert json.loads(logs[0]["message"]) == {
        "automationParameters": {"tries": 3},
        "jobVariables": {"email": "007"},
    }


def test_arguments_that_do_not_fit_are_all_told_before_anything_is_asked_or_launched(
    scripted: Copy, platform: Platform
) -> None:
    # Not even that this does not type-check is told before.
    scripted.write("main.ts", 'const n: number = "";\n')
    scripted.write("args.json", json.dumps({"automationParameters": {"tires": 2}}))
    scripted.write("xgodo.toml", scripted.read("xgodo.toml") + "[run.variables]\ncount = 10\n")
    with_schemas(scripted, automation_parameters=TRIES, job_variables=COUNT)

    refused = scripted.json(
        "run", "--param", "tries=1.5", "--var", "email=x", "--args", "args.json", exit_code=2
    )["error"]

    assert refused["code"] == "arguments-invalid"
    assert refused["problems"] == [
        "tries (--param): must be a whole number, not 1.5.",
        "tires (`automationParameters` in args.json): there is no such parameter. Did you mean `tries`?",
        "count ([run.variables] in xgodo.toml): must be at most 9, not 10.",
        "email (--var): there is no such job variable.",
    ]
    assert all(problem in refused["message"] for problem in refused["problems"])
    assert platform.requests == []


@pytest.fixture
def watching(project_on: Callable[[str], Copy]) -> Iterator[Callable[..., tuple[Copy, Watch]]]:
    started: list[subprocess.Popen[str]] = []

    def start(*options: str) -> tuple[Copy, Watch]:
        copy = project_on(DOCUMENTED)
        with_schemas(copy, job_variables=EMAIL)
        process = copy.home.start("--json", "watch", *options, cwd=copy.root, env=copy.env)
        started.append(process)
        return copy, Watch(process)

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=60)


USE_OF_COUNT = "const n: number = agent.arguments.jobVariables.count;\nconsole.log(n);\n"


def of(root: Path, name: str, content: object) -> None:
    (root / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")


def test_a_saved_schema_counts_in_the_check_that_follows(watching: Callable[..., tuple[Copy, Watch]]) -> None:
    copy, watch = watching("--no-push")
    watch.until("check", lambda event: event["ok"])
    of(copy.root, "main.ts", USE_OF_COUNT)
    watch.until("check", lambda event: not event["ok"])

    of(copy.root, SCHEMAS, {"job_variables_schema": COUNT})
    watch.until("check", lambda event: event["ok"])

    # What can't be used changes nothing, and is told.
    of(copy.root, SCHEMAS, {"job_variables_schema": 1})
    assert "The schemas in use stay as they were" in watch.until("warning")["message"]
    watch.until("check", lambda event: event["ok"])
    assert "count: number;" in copy.read(ARGUMENTS)

    # A file that is excluded from everything else is watched from the moment the settings name it.
    settings = copy.read("xgodo.toml").replace("[sync]", '[sync]\nexclude = ["own/"]')
    of(copy.root, SCHEMAS, {"job_variables_schema": EMAIL})
    watch.until("check", lambda event: not event["ok"])
    (copy.root / "own").mkdir()
    of(copy.root, "own/variables.json", EMAIL)
    of(copy.root, "xgodo.toml", settings + '[schemas]\njob_variables = "own/variables.json"\n')
    watch.until("change", lambda event: "xgodo.toml" in event["paths"])
    watch.until("check", lambda event: not event["ok"])
    of(copy.root, "own/variables.json", COUNT)
    watch.until("change", lambda event: event["paths"] == ["own/variables.json"])
    watch.until("check", lambda event: event["ok"])

    assert watch.end(signal.SIGINT) == 130


def test_what_can_not_be_started_is_told_and_the_loop_goes_on(
    watching: Callable[..., tuple[Copy, Watch]],
) -> None:
    copy, watch = watching("--run")

    message = watch.until("warning")["message"]
    watch.until("check", lambda event: event["ok"])

    assert message.splitlines() == [
        "Not launched: email (job variable): is required, and not given.",
        "Give what is missing with `--var NAME=VALUE` or in [run.variables] of xgodo.toml.",
    ]
    of(copy.root, "xgodo.toml", copy.read("xgodo.toml") + '[run.variables]\nemail = "a@b"\n')
    logged = watch.until("log")
    assert json.loads(logged["message"])["jobVariables"] == {"email": "a@b"}
    assert [event["event"] for event in watch.seen].count("launch") == 1
    assert watch.end(signal.SIGINT) == 130


# As a server may tell it: matched by an engine that tries every way, it takes longer than anybody lives.
ENDLESS = {"fields": [{"name": "a", "type": "string", "pattern": "^(a+)+$", "defaultValue": "a" * 40 + "!"}]}


def test_a_pattern_that_takes_for_ever_is_nothing_to_a_check(scripted: Copy) -> None:
    with_schemas(scripted, automation_parameters=ENDLESS)

    assert scripted.json("check")["ok"] is True


def test_a_run_starts_though_a_pattern_takes_for_ever_and_says_so(project_on: Callable[[str], Copy]) -> None:
    copy = project_on(DOCUMENTED)
    with_schemas(copy, automation_parameters=ENDLESS)

    events = [json.loads(line) for line in copy.run("--json", "run").stdout.splitlines()]

    (warning,) = [event["message"] for event in events if event["event"] == "warning"]
    assert "takes too long to find out" in warning
    assert "launch" in [event["event"] for event in events]


def test_a_watch_goes_on_though_a_pattern_takes_for_ever(
    watching: Callable[..., tuple[Copy, Watch]],
) -> None:
    copy, watch = watching("--run")
    watch.until("check", lambda event: event["ok"])

    with_schemas(copy, automation_parameters=ENDLESS)
    assert "takes too long to find out" in watch.until("warning")["message"]
    watch.until("launch")
    of(copy.root, "main.ts", USE + "// again\n")
    watch.until("launch")

    said = [event for event in watch.seen if "takes too long" in str(event.get("message"))]
    assert len(said) == 1
    assert watch.end(signal.SIGINT) == 130
