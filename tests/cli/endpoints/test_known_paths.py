"""Which operation a request is, and what a wrong path may have meant."""

from __future__ import annotations

import pytest

from xgodo_dev.cli.endpoints.known_paths import find, meant, plain
from xgodo_dev.platform.spec import reading


def test_a_path_is_the_operation_with_the_fewest_parameters() -> None:
    found = find(reading.mobilerun(), "GET", "/devices/count")
    assert found is not None
    assert found[0].id == "devices.count"
    found = find(reading.xgodo(), "PUT", "/api/v2/bucket/j/a%2Fb")
    assert found is not None
    assert (found[0].id, found[1]) == ("buckets.write", {"job_id": "j", "device_id": "a/b"})
    assert find(reading.xgodo(), "GET", "/api/v2/nothing") is None


@pytest.mark.parametrize(
    ("method", "path", "near"),
    [
        ("GET", "/api/v2/user/balanc", ["GET /api/v2/user/balance"]),
        ("POST", "/api/v2/user/balance", ["GET /api/v2/user/balance"]),
        ("DELETE", "/api/v2/buckets/j1", ["DELETE /api/v2/bucket/{job_id}", "GET /api/v2/bucket/{job_id}"]),
        ("POST", "/api/v2/jobs/check-uniqueness", ["POST /api/v2/jobs/check-uniquenes"]),
        ("GET", "/api/v2/zzz/qqq", []),
    ],
)
def test_near_misses_are_told(method: str, path: str, near: list[str]) -> None:
    assert meant(reading.xgodo(), method, path) == near


@pytest.mark.parametrize(
    "path",
    [
        "/api/v2/payments/withdraw",
        "/server/api/v2/payments/withdraw",
        "/api/v2/payments/withdraw/",
        "//api/v2//payments/withdraw",
        "/api/v2/payments/%77ithdraw",
        "/api/v2/Payments/WITHDRAW",
        "/api/v2/jobs/../payments/./withdraw",
    ],
)
def test_a_path_is_known_however_it_is_spelled(path: str) -> None:
    found = find(reading.xgodo(), "POST", path)
    assert found is not None
    assert found[0].id == "payments.withdraw"


def test_a_parameter_keeps_its_case() -> None:
    found = find(reading.xgodo(), "GET", "/API/v2/files/temp/Note.TXT")
    assert found is not None
    assert found[1] == {"filename": "Note.TXT"}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ("/api/v2/user/balance", "/api/v2/user/balance"),
        ("//evil/x", "/evil/x"),
        ("/a/./b/../c/", "/a/c"),
        ("/a/%2e%2e/b", "/b"),
        ("/bucket/j/a%2Fb", "/bucket/j/a%2Fb"),
        ("", "/"),
    ],
)
def test_a_path_is_sent_without_empty_parts_and_dots(given: str, sent: str) -> None:
    assert plain(given) == sent
