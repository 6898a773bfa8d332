"""`xgodo-dev tasks submit`: hands in one task, or makes planned tasks of a table."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import click

from xgodo_dev import places
from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.endpoints import devices, given_files, progress
from xgodo_dev.cli.endpoints.endpoint_command import EndpointCommand
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.session import opened, server_of
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.shortcuts import submission_journal
from xgodo_dev.cli.shortcuts.input_table import Row, of_csv, of_jsonl
from xgodo_dev.cli.shortcuts.submission_journal import Journal
from xgodo_dev.cli.shortcuts.submitting import batches, submit
from xgodo_dev.errors import XgodoError
from xgodo_dev.schema.input_schema import InputSchema
from xgodo_dev.schema.reading import read_schema
from xgodo_dev.schema_keys import VARIABLES

_TABLES = ("csv", "jsonl")
_OF_TABLES = ("device", "run_immediately", "dry_run", "again")


def make_submit() -> click.Command:
    """The command."""
    return SubmitCommand()


class SubmitCommand(EndpointCommand):
    """The operation `tasks.submit`, and what makes planned tasks of a table instead."""

    def __init__(self) -> None:
        super().__init__(XGODO.spec.operations["tasks.submit"], XGODO)
        for parameter in self.params:
            if parameter.name == "given_job_proof":
                # A table has none; without one `values` asks for it.
                parameter.required = False
        self.params[1:1] = [
            click.Option(
                ["--csv"],
                metavar="FILE",
                help="Planned tasks from a table whose first line names the job variables; - is stdin.",
            ),
            click.Option(
                ["--jsonl"],
                metavar="FILE",
                help="Planned tasks from lines of JSON, an object each; - is stdin.",
            ),
            click.Option(
                ["-d", "--device"],
                metavar="DEVICE",
                help="With a table: only this device is given the tasks. An id or a name.",
            ),
            click.Option(
                ["--run-immediately/--no-run-immediately"],
                default=None,
                help="With a table: have the platform assign the tasks at once.",
            ),
            click.Option(
                ["--dry-run"], is_flag=True, help="With a table: check it and show the inputs; send nothing."
            ),
            click.Option(
                ["--again"], is_flag=True, help="With a table: also if the same was submitted before."
            ),
        ]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(
                "With --csv or --jsonl it makes planned tasks of a table's rows instead, in batches. "
                "Columns are job variables, typed by the job's schema; all of it is checked before anything "
                "is sent. After a failure the same command goes on where it stopped: nothing is sent twice."
            )

    def more_examples(self, program: str) -> list[str]:
        return [
            f"{program} tasks submit --job-id JOB --csv accounts.csv --dry-run",
            f"{program} tasks submit --job-id JOB --csv accounts.csv -d 'Atomic Mammal'",
        ]

    def carry_out(self, **given: Any) -> int:
        """Hand in one task; with a table, make planned tasks."""
        tables = [name for name in _TABLES if given.get(name) is not None]
        if not tables:
            strange = [name for name in _OF_TABLES if given.get(name)]
            if strange:
                raise click.UsageError(f"--{strange[0].replace('_', '-')} goes with --csv or --jsonl.")
            if given.get("given_job_proof") is None:
                raise click.UsageError("Missing option '--job-proof', or --csv or --jsonl for planned tasks.")
            return super().carry_out(**given)
        of_one_task = [
            each.parameter.option
            for each in self.arguments
            if each.parameter.name != "job_id"
            and any(given.get(p.name or "") for p in each.click_parameters())
        ]
        if len(tables) > 1 or of_one_task:
            other = of_one_task[0] if of_one_task else "--jsonl"
            raise click.UsageError(f"--{tables[0]} excludes {other}.")
        _submit_table(given, tables[0])
        return 0


def _submit_table(given: Mapping[str, Any], kind: str) -> None:
    text = given_files.text_of(given[kind])
    job_id = given["given_job_id"]
    schema = interrupts.run(_schema(job_id))
    if schema is None:
        as_text = "values are sent as text, unchecked" if kind == "csv" else "nothing is checked"
        output.note(f"This job has no schema: {as_text}.")
    rows = (of_csv if kind == "csv" else of_jsonl)(text, schema)
    inputs = [row.input for row in rows]
    if given["dry_run"]:
        _show_inputs(job_id, rows)
        return
    device = interrupts.run(_device(given["device"])) if given["device"] else None
    options = {"remote_device_id": device} if device else {}
    if given["run_immediately"] is not None:
        options["run_immediately"] = given["run_immediately"]
    name = submission_journal.name_of(server_of(XGODO, token=False).remote, job_id, device, inputs)
    with submission_journal.opened(places.submissions_directory(), name, job_id, len(inputs)) as journal:
        if journal.submission.finished and given["again"]:
            journal.begin_anew()
        if journal.submission.finished:
            when = time.strftime("%Y-%m-%d %H:%M", time.localtime(journal.submission.finished))
            output.remark(
                f"All of it was submitted before ({when}): nothing was sent. --again sends it anew."
            )
            _show(journal, before=len(inputs))
            return
        before = len(inputs) - len(journal.submission.missing)
        if before:
            output.note(f"{before} of {len(inputs)} arrived before.")
        try:
            interrupts.run(_send(journal, inputs, options))
        except XgodoError as error:
            error.hint = _way_on(journal)
            raise
        except click.exceptions.Exit:
            output.remark(_way_on(journal))
            raise
        _show(journal, before=before)


async def _schema(job_id: str) -> InputSchema | None:
    """What the job's automation has its variables be."""
    async with opened(XGODO) as calls:
        job = await calls.call("jobs.details", {"job_id": job_id})
    reading = read_schema(job.get(VARIABLES), VARIABLES)
    for each in (*reading.faults, *reading.doubts):
        output.note(f"{output.shown(each)}")
    return reading.schema


async def _device(name: str) -> str:
    return await devices.id_of(name)


async def _send(journal: Journal, inputs: list[str], options: Mapping[str, Any]) -> None:
    def told(_room: int) -> str:
        return f"{len(inputs) - len(journal.submission.missing)} of {len(inputs)} planned tasks"

    async with opened(XGODO, has_progress=True) as calls:
        with progress.line(told) as line:
            await submit(calls, journal, inputs, options, line.redraw)


def _way_on(journal: Journal) -> str:
    """What arrived before it broke off, and what to do."""
    submission = journal.submission
    told = f"{len(submission.ids) - len(submission.missing)} of {len(submission.ids)} planned tasks arrived"
    told += ", and perhaps some that nobody heard of" if submission.asked else ""
    return f"{told}. Run the same command again: it goes on from there, and sends nothing twice."


def _show(journal: Journal, *, before: int) -> None:
    submission = journal.submission
    count = len(submission.ids)
    if invocation().json:
        output.json_document(
            {"job_id": submission.job_id, "added": count - before, "planned_task_ids": submission.ids}
        )
    elif count > before:
        many = "planned task" if count - before == 1 else "planned tasks"
        output.result(f"Added {count - before} {many} to job {output.shown(submission.job_id)}.")


def _show_inputs(job_id: str, rows: list[Row]) -> None:
    inputs = [row.input for row in rows]
    count = sum(1 for _ in batches(range(len(inputs)), inputs))
    if invocation().json:
        output.json_document({"job_id": job_id, "inputs": inputs, "batches": count})
        return
    for each in inputs:
        output.result(output.shown(each))
    output.note(
        f"{len(inputs)} planned tasks in {count} {'batch' if count == 1 else 'batches'}; nothing was sent."
    )
