"""Tasks in lines as they are followed."""

from __future__ import annotations

import click

from xgodo_dev.cli.shortcuts.watch import line_of
from xgodo_dev.cli.view import cells

_TASK = {
    "_id": "6b0325143939c7b168f3d080",
    "status": "pending",
    "added": "2026-04-25T13:22:11Z",
    "device_name": "Atomic Mammal",
    "planned_task": '{"email":"somebody@mail.example","password":"correct horse battery staple"}',
}


def test_a_task_is_one_line_with_its_input_before_its_id() -> None:
    narrow, wide, whole = (click.unstyle(line_of(_TASK, width)) for width in (80, 200, None))
    assert cells.width(narrow) == 80
    assert narrow.endswith('Mammal     {"email":"somebody@mail.exa…')
    assert wide.endswith(f"correct horse …  {_TASK['_id']}")
    assert whole.endswith(f"  {_TASK['planned_task']}  {_TASK['_id']}")
