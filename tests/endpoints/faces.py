"""Every endpoint, and how a test confirms that one of the toolkit's faces has reached it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.endpoints import reached, scenarios
from tests.endpoints.reached import Reached
from tests.endpoints.traffic import Traffic
from xgodo_dev.platform.spec import reading
from xgodo_dev.platform.spec.reading import Operation, Spec

SPECS: Mapping[str, Spec] = {"xgodo": reading.xgodo(), "mobilerun": reading.mobilerun()}
SCENARIOS = {"xgodo": scenarios.XGODO, "mobilerun": scenarios.MOBILERUN}
ENDPOINTS = [
    pytest.param(platform, operation, id=f"{platform}-{operation.id}")
    for platform, spec in SPECS.items()
    for operation in spec.operations.values()
    if not operation.hidden
]


def confirm(
    platform: str,
    operation: Operation,
    column: str,
    traffic: Traffic,
    mark: int,
    request: pytest.FixtureRequest,
) -> None:
    """Fail unless the traffic since ``mark`` shows it, and note what it shows."""
    exchanges = traffic.since(mark)
    assert [problem for each in exchanges for problem in each.problems] == []
    seen = [
        Reached(platform, operation.id, column, each.status, request.node.nodeid)
        for each in exchanges
        if (each.platform, each.operation, each.column) == (platform, operation.id, column) and each.worked
    ]
    assert seen
    reached.record(request.node, seen)
