"""`xgodo-dev tasks submit`: hands in one task, or makes planned tasks of a table."""

from __future__ import annotations

import math
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
from xgodo_dev.cli.shortcuts.submitting import Table, batches, send, settle
from xgodo_dev.errors import XgodoError
from xgodo_dev.schema.input_schema import InputSchema
from xgodo_dev.schema.reading import read_schema
from xgodo_dev.schema_keys import VARIABLES

_TABLES = ("csv", "jsonl")
# Of a job's tasks, those that hold a position whatever becomes of the others.
_HOLDERS = ("confirmed", "running", "pending")
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
                ["--again"], is_flag=True, help="With a table: also the rows that were submitted before."
            ),
        ]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help_text(ctx, formatter)
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(
                "With --csv or --jsonl it makes planned tasks of a table's rows instead, in batches. "
                "Columns are job variables, typed by the job's schema; all of it is checked before anything "
                "is sent. Rows that were submitted before are left out, as far as this machine has "
                "noted it in the last 30 days. "
                "After a failure the same command goes on where it stopped: what is not known to have "
                "arrived is looked for first."
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
    job, schema = interrupts.run(_job(job_id))
    if schema is None:
        as_text = "values are sent as text, unchecked" if kind == "csv" else "nothing is checked"
        output.note(f"This job has no schema: {as_text}.")
    rows = (of_csv if kind == "csv" else of_jsonl)(text, schema)
    inputs = [row.input for row in rows]
    device = interrupts.run(_device(given["device"])) if given["device"] else None
    options = {"remote_device_id": device} if device else {}
    if given["run_immediately"] is not None:
        options["run_immediately"] = given["run_immediately"]
    table = Table(job_id, inputs, device, options)
    # However the id was typed, the platform spells it in one way.
    server = server_of(XGODO, token=False).remote
    file = submission_journal.file_of(places.submissions_directory(), server, str(job.get("_id") or job_id))
    if given["dry_run"]:
        _show_inputs(job_id, rows)
        if not given["again"]:
            _tell_of_those_before(Journal(file), table)
        return
    with submission_journal.opened(file) as journal:
        try:
            if journal.asked is not None:
                found = interrupts.run(_settle(journal, job_id))
                output.remark(f"Of the request that was not heard before, {found} planned tasks were found.")
            if given["again"]:
                journal.begin_anew(table.rows)
            _tell_of_those_before(journal, table)
            before = _count(journal, table)
            interrupts.run(_send(journal, table, _positions(job)))
        except XgodoError as error:
            error.hint = " ".join(filter(None, [error.hint, _way_on(journal, table)]))
            raise
        except click.exceptions.Exit:
            output.remark(f"Interrupted. {_way_on(journal, table)}")
            raise
        _show(journal, table, before=before)


async def _job(job_id: str) -> tuple[Mapping[str, Any], InputSchema | None]:
    """The job, and what its automation has its variables be."""
    async with opened(XGODO) as calls:
        job = await calls.call("jobs.details", {"job_id": job_id})
    reading = read_schema(job.get(VARIABLES), VARIABLES)
    for each in (*reading.faults, *reading.doubts):
        output.note(f"{output.shown(each)}")
    return job, reading.schema


def _positions(job: Mapping[str, Any]) -> int | None:
    """How many more tasks the job takes at most, those that wait included."""
    try:
        return int(job["positions"]) - sum(int(job[f"tasks_{each}_count"]) for each in _HOLDERS)
    except (KeyError, TypeError, ValueError):
        return None


async def _device(name: str) -> str:
    return await devices.id_of(name)


async def _settle(journal: Journal, job_id: str) -> int:
    def waiting(seconds: float) -> None:
        output.remark(
            f"What was sent last may still arrive: it is known in {math.ceil(seconds)} s at the latest."
        )

    async with opened(XGODO) as calls:
        return await settle(calls, journal, job_id, waiting)


async def _send(journal: Journal, table: Table, positions: int | None) -> None:
    def told(_room: int) -> str:
        return f"{_count(journal, table)} of {len(table.inputs)} planned tasks"

    async with opened(XGODO, has_progress=True) as calls:
        with progress.line(told) as line:
            await send(calls, journal, table, line.redraw, positions=positions)


def _count(journal: Journal, table: Table) -> int:
    """How many of the table's rows are known to have arrived."""
    return sum(1 for each in journal.known(table.rows) if each)


def _tell_of_those_before(journal: Journal, table: Table) -> None:
    """Say which rows are not sent, and why."""
    known = [each for each in journal.known(table.rows) if each]
    if not known:
        return
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(max(each.at for each in known)))
    left = len(table.inputs) - len(known)
    if left == 0:
        output.remark(f"All of it was submitted before ({when}): nothing is sent. --again sends it anew.")
        return
    others = "the other one is" if left == 1 else f"the other {left} are"
    were = "was" if len(known) == 1 else "were"
    output.remark(
        f"{len(known)} of these {len(table.inputs)} rows {were} submitted before ({when}): only {others} "
        "sent. --again sends all of them."
    )


def _way_on(journal: Journal, table: Table) -> str:
    """What arrived before it broke off, and what to do."""
    told = f"{_count(journal, table)} of {len(table.inputs)} planned tasks arrived"
    if journal.asked is not None:
        told += f"; of {len(journal.asked.rows)} it is not known"
    return f"{told}. The same command goes on from there, and looks first what has arrived."


def _show(journal: Journal, table: Table, *, before: int) -> None:
    ids = [each.id if each else None for each in journal.known(table.rows)]
    count = sum(1 for each in ids if each)
    if invocation().json:
        output.json_document({"job_id": table.job_id, "added": count - before, "planned_task_ids": ids})
    elif count > before:
        many = "planned task" if count - before == 1 else "planned tasks"
        output.result(f"Added {count - before} {many} to job {output.shown(table.job_id)}.")


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
