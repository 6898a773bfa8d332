"""A client is made of what the arguments and the environment name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.scripted_server import ScriptedServer, json_answer
from xgodo_dev import places
from xgodo_dev.errors import AuthenticationError, UnreachableError
from xgodo_dev.platform.clients import Mobilerun, Xgodo


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for platform in ("XGODO", "MOBILERUN"):
        for name in ("TOKEN", "API_URL", "PROFILE", "API_KEY", "ADMIN_TOKEN"):
            monkeypatch.delenv(f"{platform}_{name}", raising=False)
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


async def test_arguments_name_the_server_the_token_and_who_asks(remote: ScriptedServer) -> None:
    remote.answers = [json_answer([])]
    async with Xgodo.connect(api_url=f"{remote.url}/", token="given", user_agent="mine/1") as xgodo:
        await xgodo.devices.list()
    (request,) = remote.requests
    assert request.headers["authorization"] == "Bearer given"
    assert request.headers["user-agent"] == "mine/1"


async def test_the_environment_names_them_where_nothing_is_given(
    remote: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers = [json_answer({"total": 0, "proxies": []}), json_answer({"data": [], "object": "list"})]
    monkeypatch.setenv("XGODO_API_URL", remote.url)
    monkeypatch.setenv("XGODO_TOKEN", "kept")
    monkeypatch.setenv("XGODO_ADMIN_TOKEN", "operator")
    monkeypatch.setenv("MOBILERUN_API_URL", f"{remote.url}/v1")
    monkeypatch.setenv("MOBILERUN_API_KEY", "dr_sk_key")
    async with Xgodo.connect() as xgodo, Mobilerun.connect() as mobilerun:
        await xgodo.admin.proxies()
        await mobilerun.models.list()
    xgodos, mobileruns = remote.requests
    assert xgodos.headers["authorization"] == "Bearer kept"
    assert xgodos.headers["x-admin-token"] == "operator"
    assert (mobileruns.path, mobileruns.headers["authorization"]) == ("/v1/models", "Bearer dr_sk_key")


async def test_the_profile_emulator_means_the_one_that_runs_here(remote: ScriptedServer) -> None:
    with pytest.raises(UnreachableError):
        Mobilerun.connect(profile="emulator")
    tokens = {"token": "account", "admin_token": "operator", "mobilerun_key": "dr_sk_key"}
    places.emulator_record_file().parent.mkdir(parents=True)
    places.emulator_record_file().write_text(
        json.dumps({"url": remote.url, "instance": "i", "pid": 1, "data": "/tmp", **tokens})
    )
    remote.answers = [json_answer({"total": 0, "proxies": []}), json_answer({"data": [], "object": "list"})]
    async with Xgodo.connect(profile="emulator") as xgodo, Mobilerun.connect(profile="emulator") as mobilerun:
        await xgodo.admin.proxies()
        await mobilerun.models.list()
    xgodos, mobileruns = remote.requests
    assert xgodos.headers["x-admin-token"] == "operator"
    assert (mobileruns.path, mobileruns.headers["authorization"]) == (
        "/mobilerun/v1/models",
        "Bearer dr_sk_key",
    )


def test_nobody_signed_in_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    with pytest.raises(AuthenticationError) as raised:
        Mobilerun.connect(api_url="http://127.0.0.1:1/v1")
    assert "MOBILERUN_API_KEY" in str(raised.value.hint)
