"""Whether a token works, as a server says it."""

from __future__ import annotations

import pytest

from tests.scripted_server import json_answer, scripted_server
from xgodo_dev.cli.account import verified
from xgodo_dev.cli.app import main
from xgodo_dev.errors import AuthenticationError


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_may_not_see_its_own_balance_is_refused(status: int) -> None:
    async with scripted_server() as server:
        server.answers = [json_answer({"success": False, "error": "Token revoked"}, status)]

        with pytest.raises(AuthenticationError, match="Token revoked"):
            await verified(server.server, mobilerun=False)


@pytest.mark.parametrize("words", [["login"], ["logout"], ["logout", "--all"], ["whoami", "--mobilerun"]])
@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_what_is_typed_where_no_argument_is_taken_is_not_repeated(
    words: list[str], as_json: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*as_json, *words, "never-to-be-seen-4711", "nor-this"])
    assert ended.value.code == 2
    shown = capsys.readouterr()
    assert "No token is taken from the command line" in shown.out + shown.err
    assert "never-to-be-seen" not in shown.out + shown.err
    assert "nor-this" not in shown.out + shown.err
