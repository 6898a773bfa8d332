"""For each endpoint, a request that works: what has to be there first, and what is given."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.endpoints.world import World

Arguments = Mapping[str, Any]
"""By the platform's names."""


@dataclass(frozen=True)
class Given:
    """What an endpoint is asked with."""

    arguments: Arguments
    token: str | None = None
    """Where it is not the account's."""
    words: tuple[str, ...] | None = None
    """The command line, where it takes the content of a file that the arguments hold."""


Scenario = Callable[[World, Path], Given]
"""Makes what has to be there; the path is a folder of the test's own."""

_JOB = {
    "title": "Software Developer",
    "category": "Engineering",
    "description": "We are looking for a skilled software developer...",
    "proof": "Sample proof text.",
    "Target_Workers": ["worldwide"],
    "few_times": True,
    "duration": 60,
    "positions": 3,
    "job_price": 0.01,
}
_TASK = {"task": "Look at the weather", "llmModel": "google/gemini-3-flash", "reasoning": False}
_MOMENTS = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}


def _of(make: Callable[[World], Arguments]) -> Scenario:
    return lambda world, _: Given(make(world))


def _just(arguments: Arguments) -> Scenario:
    return lambda _, __: Given(arguments)


def _upload(_: World, folder: Path) -> Given:
    file = folder / "note.txt"
    file.write_bytes(b"a note")
    return Given({"file": file})


def _task_of(world: World, status: str | None = None, name: str = "task_id") -> Arguments:
    job = world.job()
    return {name: world.task(job, status=status)}


def _reinitiated(world: World) -> Arguments:
    job = world.job()
    world.planned_task(job)
    return {"task_ids": [world.task(job, status="declined")]}


def _judged(world: World) -> Arguments:
    job = world.job()
    return {"JobTasks_Ids": [world.task(job)], "status": "confirmed", "job_id": job, "comment": "Good."}


def _applied(world: World) -> Arguments:
    return {"job_id": world.job(token=world.colleague)}


def _withdrawals(world: World) -> Arguments:
    world.withdrawal()
    return {"page": 1, "limit": 5}


def _launch(world: World) -> Arguments:
    return {
        "device_ids": [world.devices[1]],
        "automationId": world.project,
        "command": "stop",
        "automationParameters": {"maxRetries": 3},
    }


def _launch_direct(world: World) -> Arguments:
    return {
        "device_id": world.devices[1],
        "launch_id": str(uuid.uuid4()),
        "command": "start",
        "code": "console.log(1);",
        "automationParameters": {"maxRetries": 3},
        "jobVariables": {"targetUrl": "https://example.com"},
    }


def _synced(world: World, folder: Path) -> Given:
    file = folder / "two.ts"
    file.write_bytes(b"export const two = 2;\n")
    content = base64.b64encode(file.read_bytes()).decode()
    return Given(
        {"id": world.project, "files": [{"path": "two.ts", "content": content}]},
        words=("projects", "sync", world.project, "--files", f"path=two.ts,content={file}"),
    )


def _bucket(world: World) -> Arguments:
    job, device = world.bucket()
    return {"job_id": job, "device_id": device}


def _bucket_job(world: World) -> Arguments:
    return {"job_id": world.bucket()[0]}


def _template(world: World) -> Arguments:
    templates = world.ask("GET", "/server/api/v2/templates")["templates"]
    return {"id": world.project, "template_id": templates[0]["id"]}


def _commit_shown(world: World) -> Arguments:
    history = world.ask("GET", f"/server/api/v2/automation-project/{world.project}/git/history")
    return {"id": world.project, "hash": history["commits"][0]["hash"]}


XGODO: Mapping[str, Scenario] = {
    "jobs.applicants": _of(lambda world: {"job_id": world.job(), "status": "confirmed", "order": "asc"}),
    "jobs.update_applicants": _of(_judged),
    "jobs.details": _of(lambda world: {"job_id": world.job()}),
    "jobs.check_uniqueness": _just({"search": "developer", "option": "word"}),
    "jobs.list_mine": _just({"page": 1, "limit": 5, "orientation": "asc"}),
    "jobs.submit": _just(_JOB),
    "jobs.update_status": _of(lambda world: {"job_id": world.job(), "status": "inactive"}),
    "tasks.apply": _of(_applied),
    "tasks.details": _just({"page": 1, "limit": 5}),
    "tasks.submit": _of(lambda world: {**_applied(world), "job_proof": "done"}),
    "tasks.delete": _of(lambda world: _task_of(world, "declined")),
    "planned_tasks.list": _of(lambda world: {"job_id": world.job(), "limit": 5, "sortOrder": "asc"}),
    "planned_tasks.submit": _of(lambda world: {"job_id": world.job(), "inputs": ["a", '{"name": "b"}']}),
    "planned_tasks.delete": _of(lambda world: {"planned_task_ids": [world.planned_task(world.job())]}),
    "planned_tasks.reinitiate": _of(_reinitiated),
    "payments.withdraw": _just({"amount": 10, "wallet_address": "0x1234567890abcdef"}),
    "payments.withdrawals": _of(_withdrawals),
    "user.balance": _just({}),
    "user.me": _just({}),
    "devices.list": _just({}),
    "devices.market": _just({"sortDirection": "desc"}),
    "devices.verified_phone_number": lambda world, _: Given({}, token=world.agent_token),
    "devices.launch_automation": _of(_launch),
    "devices.launch_direct_automation": _of(_launch_direct),
    "devices.stop_all_automations": _of(lambda world: {"device_id": world.devices[1]}),
    "devices.automation_logs": _of(
        lambda world: {"device_id": world.devices[1], "automation_ids": [str(uuid.uuid4())]}
    ),
    "proxies.list": _just({}),
    "proxies.create": _of(lambda world: {"device_id": world.devices[0], "name": "client-A"}),
    "proxies.delete": _of(lambda world: {"connection_id": world.connection()}),
    "proxies.rotate_password": _of(lambda world: {"connection_id": world.connection()}),
    "proxies.associate": _of(
        lambda world: {"connection_id": world.connection(), "device_id": world.devices[1]}
    ),
    "proxies.dissociate": _of(lambda world: {"connection_id": world.connection()}),
    "proxies.blacklist": _of(lambda world: {"connection_id": world.connection()}),
    "proxies.block": _of(
        lambda world: {"connection_id": world.connection(), "domains": ["example.com", "tracker.io"]}
    ),
    "proxies.unblock": _of(lambda world: {"connection_id": world.connection(), "domains": ["example.com"]}),
    "proxies.logs": _just({**_MOMENTS, "limit": 10, "action": "blocked"}),
    "proxies.bandwidth": _just({**_MOMENTS, "groupBy": "hour"}),
    "admin.proxies": _just({}),
    "buckets.list": _of(lambda world: {**_bucket_job(world), "limit": 5}),
    "buckets.delete_all": _of(_bucket_job),
    "buckets.read": _of(_bucket),
    "buckets.write": _of(lambda world: {**_bucket(world), "data": {"count": 2, "name": "b"}}),
    "buckets.delete": _of(_bucket),
    "device_bucket.read": _of(lambda world: {"remote_device_id": world.devices[0]}),
    "device_bucket.merge": _of(
        lambda world: {"remote_device_id": world.devices[0], "data": {"username": "user@example.com"}}
    ),
    "files.upload": _upload,
    "files.download": _of(lambda world: {"filename": world.upload()}),
    "automation.read_file": _of(lambda world: {"id": world.project, "path": "main.ts"}),
    "automation.write_file": _of(
        lambda world: {"id": world.project, "path": "one.ts", "content": "export const one = 1;\n"}
    ),
    "automation.commit": _of(lambda world: {"id": world.changed_project(), "message": "Add a note"}),
    "projects.list": _just({}),
    "projects.get": _of(lambda world: {"id": world.project}),
    "projects.files": _of(lambda world: {"id": world.project}),
    "projects.read_file": _of(lambda world: {"id": world.project, "path": "main.ts"}),
    "projects.sync": _synced,
    "projects.commit": _of(lambda world: {"id": world.changed_project(), "message": "Add a note"}),
    "projects.change_options": _of(lambda world: {"id": world.project, "job_variables_schema": None}),
    "projects.argument_types": _of(lambda world: {"id": world.project}),
    "projects.apply_template": _of(_template),
    "projects.git_status": _of(lambda world: {"id": world.project}),
    "projects.history": _of(lambda world: {"id": world.project, "limit": 5}),
    "projects.diff_working": _of(_commit_shown),
    "templates.list": _just({}),
    "platform_types.node": _just({}),
    "platform_types.bootstrap": _just({}),
}

MOBILERUN: Mapping[str, Scenario] = {
    "devices.list": _just({"state": ["ready", "assigned"], "pageSize": 5, "orderByDirection": "asc"}),
    "devices.provision": _just({"name": "my-device", "apps": ["com.example.app"], "country": "US"}),
    "devices.count": _just({}),
    "devices.get": _of(lambda world: {"deviceId": world.cloud_device()}),
    "devices.wait": _of(lambda world: {"deviceId": world.cloud_device()}),
    "devices.terminate": _of(lambda world: {"deviceId": world.cloud_device()}),
    "devices.tasks": _of(lambda world: {"deviceId": world.cloud_device(), "pageSize": 5}),
    "tasks.list": _just({"status": "completed", "pageSize": 5}),
    "tasks.run": _of(lambda world: {**_TASK, "deviceId": world.cloud_device()}),
    "tasks.stream": _of(lambda world: {**_TASK, "deviceId": world.cloud_device()}),
    "tasks.get": _of(lambda world: {"task_id": world.completed_task}),
    "tasks.status": _of(lambda world: {"task_id": world.completed_task}),
    "tasks.cancel": _of(lambda world: {"task_id": world.agent_task("wait")}),
    "tasks.attach": _of(lambda world: {"task_id": world.agent_task("Look at the weather")}),
    "tasks.trajectory": _of(lambda world: {"task_id": world.completed_task}),
    "tasks.screenshots": _of(lambda world: {"task_id": world.completed_task}),
    "tasks.screenshot": _of(lambda world: {"task_id": world.completed_task, "index": 0}),
    "tasks.ui_states": _of(lambda world: {"task_id": world.completed_task}),
    "tasks.ui_state": _of(lambda world: {"task_id": world.completed_task, "index": 0}),
    "models.list": _just({}),
    "apps.list": _just({"source": "all", "pageSize": 5, "order": "asc"}),
    "feedback.submit": _just({"title": "Great", "feedback": "It worked perfectly for me.", "rating": 5}),
    "hooks.subscribe": _just(
        {"targetUrl": "http://127.0.0.1:9/hook", "events": ["completed", "failed"], "service": "other"}
    ),
    "hooks.list": _of(lambda world: {"page": 1} if world.hook() else {}),
    "hooks.get": _of(lambda world: {"hook_id": world.hook()}),
    "hooks.edit": _of(lambda world: {"hook_id": world.hook(), "events": ["failed"], "state": "active"}),
    "hooks.unsubscribe": _of(lambda world: {"hook_id": world.hook()}),
}
