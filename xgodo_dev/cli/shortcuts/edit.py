"""`xgodo-dev bucket edit`: a bucket's JSON in the editor, checked before it is saved."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from xgodo_dev.cli import interrupts, output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.endpoints import devices, showing
from xgodo_dev.cli.endpoints.platforms import XGODO
from xgodo_dev.cli.endpoints.session import opened
from xgodo_dev.cli.invocation import interactive
from xgodo_dev.cli.shortcuts.editor import edited
from xgodo_dev.cli.terminal.questions import confirm
from xgodo_dev.errors import ArgumentsInvalid, NotFound, RefusedError, UsageError, XgodoError
from xgodo_dev.schema.field_values import problems_of_members
from xgodo_dev.schema.input_schema import InputSchema
from xgodo_dev.schema.patterns import matches
from xgodo_dev.schema.reading import loads, read_schema
from xgodo_dev.schema_keys import BUCKET

_MOST_TOLD = 10
# Nobody reads a file and closes it in less: such an editor only told another program to open it.
_AT_ONCE_S = 1.0


@dataclass(frozen=True)
class _Bucket:
    """A bucket as the platform has it. ``data`` is None where there is none yet."""

    data: dict[str, Any] | None
    schema: InputSchema | None


@click.command(cls=Command, short_help="Edit a bucket in your editor.")
@click.argument("job")
@click.argument("device")
@click.option("--force", is_flag=True, help="Save it also if the bucket has changed meanwhile.")
def edit(job: str, device: str, force: bool) -> int:
    """Open the bucket of the job JOB on DEVICE (an id or a name) as JSON in $VISUAL or $EDITOR, and save it.

    What you wrote is held against the automation's `bucket_schema` first. What can't be saved is kept in a
    file. A bucket that is not there is begun.

    \b
    Examples:
      xgodo-dev bucket edit 68868530c189957861cd698a "Atomic Mammal"
    """
    if not interactive() and not (os.environ.get("VISUAL") or os.environ.get("EDITOR")):
        raise UsageError("There is nobody to edit it.", hint="`xgodo-dev bucket write` takes a file.")
    device_id, bucket = interrupts.run(_read(job, device))
    draft = _draft(job, bucket.data or {})
    before = draft.read_bytes()
    try:
        data = _edited(draft, bucket)
        if data is None:
            return 0
        saved = interrupts.run(_save(job, device_id, bucket, data, force=force))
    except BaseException as error:
        _keep(draft, before, error, f"xgodo-dev bucket write {shlex.join((job, device))}")
        raise
    shutil.rmtree(draft.parent)
    output.note("Saved.")
    showing.show(XGODO.spec.operations["buckets.write"], saved)
    return 0


def _keep(draft: Path, before: bytes, error: BaseException, write: str) -> None:
    """Say where the draft is, so that nothing somebody wrote is lost, whatever keeps it from being saved."""
    is_interrupted = not isinstance(error, Exception) or isinstance(
        error, click.exceptions.Exit | click.Abort
    )
    if not is_interrupted and draft.read_bytes() == before:
        shutil.rmtree(draft.parent)
        return
    way = f"What you wrote is in {draft}."
    if isinstance(error, ArgumentsInvalid):
        way += f" Mend it there, then: `{write} --data-file {shlex.quote(str(draft))}`."
    if isinstance(error, XgodoError):
        error.hint = f"{way} {error.hint}" if error.hint else way
    else:
        output.remark(way)


async def _read(job: str, device: str) -> tuple[str, _Bucket]:
    device_id = await devices.id_of(device)
    async with opened(XGODO) as calls:
        data = None
        try:
            answer = await calls.call("buckets.read", {"job_id": job, "device_id": device_id})
            data = answer["bucket"]["data"]
        except NotFound:
            # No bucket, or no such job: whose details tell.
            pass
        details = await calls.call("jobs.details", {"job_id": job})
    reading = read_schema(details.get(BUCKET), BUCKET)
    return device_id, _Bucket(data, reading.schema)


async def _save(job: str, device_id: str, bucket: _Bucket, data: dict[str, Any], *, force: bool) -> Any:
    """The bucket as it was saved.

    Raises:
        RefusedError: somebody else has changed it since it was read.
    """
    async with opened(XGODO) as calls:
        place = {"job_id": job, "device_id": device_id}
        if not force:
            try:
                now = (await calls.call("buckets.read", place))["bucket"]["data"]
            except NotFound:
                now = None
            if not _same(now, bucket.data):
                raise RefusedError(
                    "The bucket has changed since you opened it, and was not saved.",
                    hint=f"See `xgodo-dev bucket read {job} {device_id}`; to replace it, `bucket write` with "
                    "--data-file.",
                )
        return await calls.call("buckets.write", {**place, "data": data})


def _draft(job: str, data: dict[str, Any]) -> Path:
    """A file with the bucket, in a folder that only its owner reads; it may hold secrets."""
    safe = "".join(each if each.isalnum() else "-" for each in job)[:40]
    folder = Path(tempfile.mkdtemp(prefix="xgodo-dev-bucket-"))
    draft = folder / f"{safe}.json"
    draft.write_text(_text(data), encoding="utf-8")
    return draft


def _edited(draft: Path, bucket: _Bucket) -> dict[str, Any] | None:
    """What was made of it, when that can be saved; None where nothing was changed, and that is said.

    Raises:
        ArgumentsInvalid: it can't be saved, and is not to be edited further.
        XgodoError: no editor runs.
    """
    before = draft.read_bytes()
    while True:
        took = edited(draft)
        content = draft.read_bytes()
        if content == before and took < _AT_ONCE_S:
            output.remark(
                "Nothing was changed when the editor ended. If it is still open, it has to be told to wait, "
                f"as `code --wait` is. The draft is in {draft}."
            )
            return None
        try:
            data = loads(content.decode("utf-8-sig"), unique=True)
            found = list(_problems(data, bucket.schema))
        except UnicodeDecodeError:
            data, found = None, ["It is no UTF-8 text."]
        except ValueError as error:
            data, found = None, [f"It is no JSON: {error}."]
        if content == before or (not found and _same(data, bucket.data)):
            output.note("Nothing was changed.")
            shutil.rmtree(draft.parent)
            return None
        if not found:
            assert isinstance(data, dict)
            return data
        if not interactive():
            raise ArgumentsInvalid(problems=found)
        for each in found[:_MOST_TOLD]:
            output.remark(f"✗ {output.shown(each)}")
        if len(found) > _MOST_TOLD:
            output.remark(f"… and {len(found) - _MOST_TOLD} more")
        if not confirm("Edit it again?", default=True):
            raise ArgumentsInvalid(problems=found)


def _same(one: Any, other: Any) -> bool:
    """Whether both are the same JSON. To Python, 1 and true would be equal."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def _problems(data: Any, schema: InputSchema | None) -> Iterator[str]:
    if not isinstance(data, dict):
        yield "It must be a JSON object."
        return
    if schema is None:
        return
    found = list(problems_of_members(schema.fields, data, (), "member"))
    matching = matches([each.unless for each in found if each.unless])
    for each in found:
        # What can't be found out in time is the platform's to judge.
        if each.unless is None or matching[each.unless] is False:
            yield f"{each.place} {each.message}"


def _text(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"
