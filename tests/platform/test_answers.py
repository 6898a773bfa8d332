"""What an answer means, and what is told of it."""

from __future__ import annotations

import json

import pytest

from xgodo_dev.errors import ApiError, ServerUnavailable, XgodoError
from xgodo_dev.platform.answers import Answer, Refusals
from xgodo_dev.platform.credentials import Server

SECRET = "s3cret-token"


def answer(status: int, content: bytes) -> Answer:
    server = Server("default", "https://xgodo.example", "https://xgodo.example", token=SECRET)
    return Answer(server, "GET", "/api/v2/user/balance", status, {}, content)


@pytest.mark.parametrize(
    "document",
    [
        {"error": f"bad request: Authorization: Bearer {SECRET}"},
        {"message": "refused", "errors": [f"Authorization: Bearer {SECRET}"]},
        {"detail": [{"loc": ["header"], "msg": f"Bearer {SECRET}"}]},
    ],
)
@pytest.mark.parametrize("status", [400, 401, 404, 413, 500])
def test_a_server_that_tells_the_token_again_is_not_repeated(
    status: int, document: dict[str, object]
) -> None:
    with pytest.raises(XgodoError) as refused:
        answer(status, json.dumps(document).encode()).result(Refusals(compiles=False))

    assert SECRET not in f"{refused.value!r} {refused.value.__dict__}"


def test_a_compilers_errors_are_told_without_the_token() -> None:
    document = {"success": False, "message": "TypeScript compilation failed", "errors": [f"at {SECRET}"]}
    with pytest.raises(ApiError) as refused:
        answer(400, json.dumps(document).encode()).result(Refusals())

    assert SECRET not in f"{refused.value!r} {refused.value.__dict__}"


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_have_makes_it_no_json(number: str) -> None:
    with pytest.raises(ServerUnavailable, match="no JSON"):
        answer(200, f'{{"balance": {number}}}'.encode()).result(Refusals())
