"""Schemathesis searches for requests that the emulator answers otherwise than its specs say.

Of the texts that it makes up where an id belongs, every other one is replaced by the id of something that is
there, since nearly all requests would otherwise end where the id is looked up.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.endpoints.world import World
from xgodo_dev.platform.spec import reading

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
SEARCH = settings(max_examples=10, suppress_health_check=list(HealthCheck), derandomize=True, database=None)

xgodo = schemathesis.openapi.from_dict(dict(reading.xgodo().document))
mobilerun = schemathesis.openapi.from_dict(dict(reading.mobilerun().document))


@pytest.fixture(scope="session")
def known_to_xgodo(world: World) -> Mapping[str, object]:
    """The ids of things, by the names of parameters."""
    job, device = world.bucket()
    task = world.task(world.job())
    planned = world.planned_task(world.job())
    return {
        "id": world.project,
        "automationId": world.project,
        "job_id": job,
        "device_id": device,
        "deviceId": device,
        "remote_device_id": device,
        "device_ids": [device],
        "connection_id": world.connection(),
        "task_id": task,
        "task_ids": [task],
        "JobTasks_Ids": [task, planned],
        "planned_task_ids": [planned],
        "filename": world.upload(),
        "path": "main.ts",
    }


@pytest.fixture(scope="session")
def known_to_mobilerun(world: World) -> Mapping[str, object]:
    """The same at Mobilerun."""
    task = world.completed_task
    return {
        "deviceId": world.cloud_device(),
        "task_id": task,
        "taskId": task,
        "hook_id": world.hook(),
        "index": 0,
        "llmModel": "google/gemini-3-flash",
    }


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    """Keeps its connection: to connect takes longer than most requests, of which there are thousands."""
    with requests.Session() as opened:
        opened.trust_env = False
        yield opened


@xgodo.parametrize()
@SEARCH
def test_xgodo_answers_as_its_spec_says(
    case: Any, world: World, session: requests.Session, known_to_xgodo: Mapping[str, object]
) -> None:
    use(known_to_xgodo, case)
    record = world.emulator.record
    headers = {"Authorization": f"Bearer {record.token}", "X-Admin-Token": record.admin_token}
    case.call_and_validate(base_url=record.url, session=session, headers=headers, checks=CHECKS)


@mobilerun.parametrize()
@SEARCH
def test_mobilerun_answers_as_its_spec_says(
    case: Any, world: World, session: requests.Session, known_to_mobilerun: Mapping[str, object]
) -> None:
    use(known_to_mobilerun, case)
    record = world.emulator.record
    headers = {"Authorization": f"Bearer {record.mobilerun_key}"}
    base_url = f"{record.url}/mobilerun/v1"
    case.call_and_validate(base_url=base_url, session=session, headers=headers, checks=CHECKS)


def use(known: Mapping[str, object], case: Any) -> None:
    """Put known ids into the request, where it has values of their kind; the same each time."""
    for part in (case.path_parameters, case.query, case.body):
        if not isinstance(part, dict):
            continue
        for name, value in part.items():
            fits = name in known and type(value) is type(known[name])
            if fits and zlib.crc32(f"{name} {value}".encode("utf-8", "surrogatepass")) % 2:
                part[name] = known[name]
        # Where no phone is free, the platform tries for up to 15 seconds.
        if part.get("run_immediately") is True:
            part["run_immediately"] = False
