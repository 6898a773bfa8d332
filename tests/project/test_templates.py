"""The templates are correct programs: for the compiler, and on the emulator's phone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from xgodo_dev import resources
from xgodo_dev.emulator.phone.engine import Engine, LogLine, Outcome, Program
from xgodo_dev.emulator.phone.screen import Phone
from xgodo_dev.project import scaffold
from xgodo_dev.toolchain import run_report
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.run_report import PLAIN_MARK as MARK
from xgodo_dev.toolchain.tools import Toolchain, find_node
from xgodo_dev.toolchain.typescript import check, compile_file

TEMPLATES = [template.name for template in scaffold.templates()]


@pytest.fixture(params=TEMPLATES)
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A new project of each template."""
    return scaffold.scaffold(
        tmp_path / "app", template=request.param, name="app", project_id=None, force=False
    ).root


@pytest.mark.parametrize("library", [["esnext"], ["esnext", "dom"]], ids="+".join)
async def test_a_new_project_has_no_type_error(
    toolchain: Toolchain, project: Path, library: list[str]
) -> None:
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
    sources = [
        path.relative_to(project).as_posix() for path in project.rglob("*.ts") if ".xgodo" not in path.parts
    ]
    compiled = {
        source.removesuffix(".ts") + ".js": await compile_file(
            toolchain, project, source, declarations=resources.directory("typings")
        )
        for source in sources
    }

    modules = {path: file.javascript for path, file in compiled.items()}
    outcome, logs = await run_on_a_phone(modules, "main.js")

    assert [error for file in compiled.values() for error in file.errors] == []
    assert outcome is Outcome.STOPPED
    assert logs
    assert {log.level for log in logs} == {"log"}


async def test_the_stages_write_the_text_that_the_job_gives_and_count_their_steps(
    toolchain: Toolchain, tmp_path: Path
) -> None:
    root = scaffold.scaffold(
        tmp_path / "app", template="stages", name="app", project_id=None, force=False
    ).root
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
    root = scaffold.scaffold(
        tmp_path / "app", template="stages", name="app", project_id=None, force=False
    ).root
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


async def run_on_a_phone(
    modules: dict[str, str], entry: str, **variables: object
) -> tuple[Outcome, list[LogLine]]:
    logs: list[LogLine] = []
    program = Program(modules=modules, entry=entry, automation_id="test", job_variables=variables)
    async with Engine(find_node()) as engine:
        outcome = await engine.run(program, Phone(), logs.append, lambda: None)
    return outcome, logs
