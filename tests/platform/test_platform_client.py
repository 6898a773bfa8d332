from __future__ import annotations

import json

import pytest

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.platform import platform_client

pytestmark = pytest.mark.usefixtures("own_home")


def write(text: str) -> None:
    file = places.platform_client_login_file()
    file.parent.mkdir(parents=True)
    file.write_text(text)


def test_who_never_used_the_platforms_client_is_not_signed_in_there() -> None:
    assert platform_client.login() is None


@pytest.mark.parametrize(
    ("content", "api_url", "account"),
    [
        ({"apiUrl": "https://xgodo.com/server", "user": {"name": "Ada", "email": "a@b.c"}}, None, "a@b.c"),
        ({"apiUrl": "https://x.example/server/", "user": {"name": "Ada"}}, "https://x.example", "Ada"),
        ({"user": None}, None, None),
    ],
)
def test_its_address_is_read_without_what_is_the_project_apis(
    content: dict[str, object], api_url: str | None, account: str | None
) -> None:
    write(json.dumps({"apiKey": " k3y ", **content}))
    login = platform_client.login()
    assert login
    assert (login.token, login.api_url, login.account) == ("k3y", api_url or "https://xgodo.com", account)
    assert "k3y" not in repr(login)


def test_who_signed_out_there_is_not_signed_in() -> None:
    write('{"apiUrl": "https://xgodo.com/server"}')
    assert platform_client.login() is None


@pytest.mark.parametrize("text", ["", "[]", '{"apiKey": 1}', '{"apiKey": "secret", "apiUrl": 1}', '{"secret'])
def test_another_content_is_named_and_not_repeated(text: str) -> None:
    write(text)
    with pytest.raises(ConfigurationError) as raised:
        platform_client.login()
    assert str(places.platform_client_login_file()) in str(raised.value)
    assert "secret" not in str(raised.value)
