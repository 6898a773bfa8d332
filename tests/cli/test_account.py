"""Whether a token works, as a server says it."""

from __future__ import annotations

import pytest

from tests.scripted_server import json_answer, scripted_server
from xgodo_dev.cli.account import verified
from xgodo_dev.errors import AuthenticationError


@pytest.mark.parametrize("status", [401, 403])
async def test_a_token_that_may_not_see_its_own_balance_is_refused(status: int) -> None:
    async with scripted_server() as server:
        server.answers = [json_answer({"success": False, "error": "Token revoked"}, status)]

        with pytest.raises(AuthenticationError, match="Token revoked"):
            await verified(server.server, mobilerun=False)
