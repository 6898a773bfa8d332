"""Schemathesis searches for requests that the emulator answers otherwise than its specs say."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from tests.emulator.served_emulator import ServedEmulator
from xgodo_dev.platform.spec import reading

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]
SEARCH = settings(
    max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, database=None
)
STREAMS = ["tasks.stream", "tasks.attach"]

xgodo = schemathesis.openapi.from_dict(dict(reading.xgodo().document))
mobilerun = schemathesis.openapi.from_dict(dict(reading.mobilerun().document)).exclude(operation_id=STREAMS)


@xgodo.parametrize()
@SEARCH
def test_xgodo_answers_as_its_spec_says(case: Any, emulator: ServedEmulator) -> None:
    case.call_and_validate(
        base_url=emulator.record.url,
        headers={"Authorization": f"Bearer {emulator.record.token}"},
        checks=CHECKS,
    )


@mobilerun.parametrize()
@SEARCH
def test_mobilerun_answers_as_its_spec_says(case: Any, emulator: ServedEmulator) -> None:
    case.call_and_validate(
        base_url=f"{emulator.record.url}/mobilerun/v1",
        headers={"Authorization": f"Bearer {emulator.record.mobilerun_key}"},
        checks=CHECKS,
    )
