"""No token is told to anybody, however it is spelled."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from xgodo_dev import known_tokens

TOKEN = 'a+token/of==nobody"s\\own'


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_tokens, "_known", {TOKEN, TOKEN[:12]})


@pytest.mark.parametrize("spell", [str, quote, lambda text: quote(text, safe=""), json.dumps])
def test_a_token_is_masked_as_it_stands_in_addresses_and_json_too(spell: object) -> None:
    assert callable(spell)
    told = known_tokens.masked(f"before {spell(TOKEN)} after")
    assert told.replace('"', "") == "before ••• after"
