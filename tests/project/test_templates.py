"""The templates are correct programs: for the compiler, and on the emulator's phone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from xgodo_dev import resources
from xgodo_dev.emulator.phone.bucket import Bucket
from xgodo_dev.emulator.phone.engine import Engine, LogLine, Outcome, Program
from xgodo_dev.emulator.phone.job_task import JobTask
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.project import config, scaffold, schemas
from xgodo_dev.schema.input_schema import Schemas
from xgodo_dev.toolchain import declarations, run_report
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.node import find_node
from xgodo_dev.toolchain.run_report import PLAIN_MARK as MARK
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check, compile_file

TEMPLATES = [template.name for template in scaffold.templates()]


@pytest.fixture(params=TEMPLATES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A new project of each template."""
    return new_project(tmp_path / "app", request.param)


def new_project(root: Path, template: str) -> Path:
    """A new project with its declarations in place."""
    scaffold.scaffold(root, template=template, name="app", project_id=None, force=False)
    declarations.write(root, schemas.load(config.load(root)))
    return root


@pytest.mark.parametrize("knows_its_schemas", [True, False], ids=["own types", "general types"])
@pytest.mark.parametrize("library", [["esnext"], ["esnext", "dom"]], ids="+".join)
async def test_a_new_project_has_no_type_error(
    toolchain: Toolchain, project: Path, library: list[str], knows_its_schemas: bool
) -> None:
    if not knows_its_schemas:
        declarations.write(project, Schemas())
    settings_file = project / "tsconfig.json"
    settings = json.loads(settings_file.read_bytes())
    settings["compilerOptions"] |= {"lib": library, "noUnusedLocals": True, "noUnusedParameters": True}
    settings_file.write_text(json.dumps(settings), encoding="utf-8")

    assert (await check(toolchain, project)).errors == ()


async def test_the_check_of_a_new_project_sees_its_files_and_the_declarations(
    toolchain: Toolchain, project: Path
) -> None:
    (project / "mistake.ts").write_text("agent.actions.tap('1', 2);\n")

    (error,) = (await check(toolchain, project)).errors

    assert (error.file, error.line, error.code) == ("mistake.ts", 1, "TS2345")


async def test_a_new_project_runs_to_success_as_one_script(toolchain: Toolchain, project: Path) -> None:
    script = (await bundle(toolchain, project, "main.ts", mark=MARK)).code

    outcome, logs = await run_on_a_phone({"automation.js": script}, "automation.js")

    reports = [report for log in logs if (report := run_report.parse(log.message, MARK))]
    assert run_report.EndReport("success", None, None) in reports
    assert outcome is Outcome.STOPPED
    assert {log.level for log in logs} == {"log"}


async def test_a_new_project_runs_file_by_file_as_the_platform_compiles_it(
    toolchain: Toolchain, project: Path
) -> None:
    outcome, logs = await run_on_a_phone(await compiled_by_the_platform(toolchain, project), "main.js")

    assert outcome is Outcome.STOPPED
    assert logs
    assert {log.level for log in logs} == {"log"}


async def test_the_stages_write_the_text_that_the_job_gives_and_count_their_steps(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    root = new_project(tmp_path / "app", "stages")
    script = (await bundle(toolchain, root, "main.ts", mark=MARK)).code

    _, logs = await run_on_a_phone({"automation.js": script}, "automation.js", text="Buy milk")

    messages = [log.message for log in logs if run_report.parse(log.message, MARK) is None]
    assert messages == [
        "Stage openApp",
        "Stage writeNote",
        "Stage checkNote",
        'The app shows the note "Buy milk" (7 steps left)',
    ]


async def test_a_run_of_the_stages_counts_as_failed_when_the_app_is_missing(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    root = new_project(tmp_path / "app", "stages")
    settings = root / "config.ts"
    settings.write_text(settings.read_text().replace('app: "dev.xgodo.notes"', 'app: "com.example.missing"'))
    script = (await bundle(toolchain, root, "main.ts", mark=MARK)).code

    _, logs = await run_on_a_phone({"automation.js": script}, "automation.js")

    (report,) = (
        report
        for log in logs
        if isinstance(report := run_report.parse(log.message, MARK), run_report.EndReport)
    )
    assert report.status == "failed"
    assert "com.example.missing" in (report.error or "")
    assert any(log.level == "error" and "com.example.missing" in log.message for log in logs)


@pytest.fixture
def job_project(tmp_path: Path) -> Path:
    """A new project from the template of jobs."""
    return new_project(tmp_path / "app", "job")


async def test_the_compiler_knows_the_variables_of_the_job_by_its_schemas(
    toolchain: Toolchain, job_project: Path
) -> None:
    (job_project / "mistake.ts").write_text(
        "const { text, count, colour } = agent.arguments.jobVariables;\n"
        "export const lengths: number[] = [text.length, count];\n"
        "agent.utils.bucket.set({ written: '3' });\n"
        "agent.arguments.automationParameters.maxMinutes?.toFixed();\n"
    )

    errors = (await check(toolchain, job_project)).errors

    assert [(error.line, error.code) for error in errors] == [(1, "TS2339"), (2, "TS2322"), (3, "TS2322")]


def test_the_schemas_of_the_job_have_no_odd_places(job_project: Path) -> None:
    loaded = schemas.load(config.load(job_project))

    assert loaded.doubts == ()
    assert all((loaded.automation_parameters, loaded.job_variables, loaded.bucket))


async def test_the_job_submits_its_progress_and_its_result(toolchain: Toolchain, job_project: Path) -> None:
    script = (await bundle(toolchain, job_project, "main.ts", mark=MARK)).code
    task = JobTask("task-1", "job-1")

    outcome, logs = await run_on_a_phone(
        {"automation.js": script}, "automation.js", task=task, text="Milk", count=2
    )

    assert outcome is Outcome.STOPPED
    assert {log.level for log in logs} == {"log"}
    assert [(report.status, report.data, report.finish) for report in task.submissions] == [
        ("running", {"notes": ["Milk 1"], "written": 1}, False),
        ("running", {"notes": ["Milk 1", "Milk 2"], "written": 2}, False),
        ("success", {"notes": ["Milk 1", "Milk 2"], "written": 2}, True),
    ]


async def test_the_next_task_of_the_job_counts_on_from_the_bucket(
    toolchain: Toolchain, job_project: Path
) -> None:
    modules = await compiled_by_the_platform(toolchain, job_project)
    bucket, phone = Bucket(), Phone()
    await bucket.merge({"written": 7, "of another version": True})
    first, second = (JobTask(f"task-{number}", "job-1", bucket) for number in (1, 2))

    await run_on_a_phone(modules, "main.js", task=first, phone=phone, text="Milk", count="2", fresh="true")
    await run_on_a_phone(modules, "main.js", task=second, phone=phone, text="Milk", count="1", fresh="false")

    assert second.submissions[-1].data == {"notes": ["Milk 10"], "written": 10}
    assert second.finished
    assert bucket.read() == {"written": 10, "of another version": True}
    assert notes_on(phone) == ["Milk 10", "Milk 9", "Milk 8"]


async def test_outside_a_job_it_says_what_it_would_have_submitted(
    toolchain: Toolchain, job_project: Path
) -> None:
    modules = await compiled_by_the_platform(toolchain, job_project)
    phone = Phone()

    outcome, logs = await run_on_a_phone(modules, "main.js", phone=phone)

    assert outcome is Outcome.STOPPED
    result = '{"notes":["Hello from Xgodo 1","Hello from Xgodo 2","Hello from Xgodo 3"],"written":3}'
    assert logs[-1].message.startswith(f"Not submitted: success {result} (")
    assert notes_on(phone) == ["Hello from Xgodo 3", "Hello from Xgodo 2", "Hello from Xgodo 1"]


@pytest.mark.parametrize(
    ("timeout", "given", "complaint"),
    [
        (30, {"count": "many"}, "not many"),
        (0.002, {"count": 10_000}, "Not done after 0.0016 minutes."),
    ],
    ids=["nonsense", "out of time"],
)
async def test_a_job_that_fails_submits_why_and_its_run_counts_as_failed(
    toolchain: Toolchain, job_project: Path, timeout: float, given: dict[str, object], complaint: str
) -> None:
    script = (await bundle(toolchain, job_project, "main.ts", mark=MARK)).code
    task = JobTask("task-1", "job-1", timeout=timeout)

    outcome, logs = await run_on_a_phone({"automation.js": script}, "automation.js", task=task, **given)

    assert outcome is Outcome.STOPPED
    assert task.submissions[-1].status == "failed"
    assert complaint in str(task.submissions[-1].data["error"])
    assert task.finished
    (report,) = (
        report
        for log in logs
        if isinstance(report := run_report.parse(log.message, MARK), run_report.EndReport)
    )
    assert (report.status, complaint in (report.error or "")) == ("failed", True)


async def compiled_by_the_platform(toolchain: Toolchain, project: Path) -> dict[str, str]:
    """Each file's JavaScript by itself, checked with the declarations that know no schema."""
    sources = [
        path.relative_to(project).as_posix() for path in project.rglob("*.ts") if ".xgodo" not in path.parts
    ]
    compiled = {
        source.removesuffix(".ts") + ".js": await compile_file(
            toolchain, project, source, declarations=resources.directory("typings")
        )
        for source in sources
    }
    assert [error for file in compiled.values() for error in file.errors] == []
    return {path: file.javascript for path, file in compiled.items()}


def notes_on(phone: Phone) -> list[str]:
    """What the notes app shows, the newest first."""
    phone.launch_app("dev.xgodo.notes")
    return texts(phone.screen_content(), "dev.xgodo.notes:id/item")


def texts(node: dict[str, Any], view_id: str) -> list[str]:
    own = [node["text"]] if node.get("viewId") == view_id else []
    return own + [text for child in node["children"] for text in texts(child, view_id)]


async def run_on_a_phone(
    modules: dict[str, str],
    entry: str,
    *,
    task: JobTask | None = None,
    phone: Phone | None = None,
    **variables: object,
) -> tuple[Outcome, list[LogLine]]:
    logs: list[LogLine] = []
    program = Program(
        modules=modules, entry=entry, automation_id="test", job_variables=variables, job_task=task
    )
    async with Engine(find_node()) as engine:
        outcome = await engine.run(program, phone or Phone(), logs.append, lambda: None)
    return outcome, logs
