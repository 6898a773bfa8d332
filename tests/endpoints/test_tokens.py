"""Nothing is told to whoever has no token, or another platform's."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.emulator.served_emulator import ServedEmulator
from tests.endpoints.faces import ENDPOINTS
from tests.spec_conformance import MOBILERUN, hold_against_specs
from xgodo_dev.platform.spec.reading import Operation


@pytest.mark.parametrize(("platform", "operation"), ENDPOINTS)
def test_an_endpoint_answers_to_its_own_token_only(
    platform: str, operation: Operation, emulator: ServedEmulator
) -> None:
    path = re.sub(r"\{[^}]*\}", "1", operation.path)
    address = f"{emulator.record.url}{MOBILERUN if platform == 'mobilerun' else ''}{path}"
    another = emulator.record.token if platform == "mobilerun" else emulator.record.mobilerun_key
    with httpx.Client(trust_env=False, event_hooks={"response": [hold_against_specs]}) as client:
        for headers in ({}, {"Authorization": f"Bearer {another}", "X-Admin-Token": another}):
            assert client.request(operation.method, address, headers=headers).status_code == 401
