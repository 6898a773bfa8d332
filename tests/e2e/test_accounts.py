"""Signing in and out, profiles, and what the platform's own client leaves to be taken over."""

from __future__ import annotations

import json
import stat
import sys
from pathlib import Path

import pexpect
import pytest

from tests.e2e.conftest import COMMAND, Emulator, Home
from tests.e2e.scripted_project import Failing
from tests.scripted_server import Answer, Request, json_answer


def sign_in_with_the_platforms_client(home: Home, api_url: str, token: str) -> Path:
    file = home.folder / ".config" / "xgodo" / "config.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"apiKey": token, "apiUrl": f"{api_url}/server", "user": {"name": "Ada"}}))
    return file


def test_a_token_is_verified_then_kept_for_its_owner_alone_and_never_shown(
    home: Home, emulator: Emulator
) -> None:
    address = ("--api-url", emulator.url)
    for wrong, exit_code in (("not-the-token\n", 4), ("two words\n", 2)):
        assert home.run(*address, "login", "--token-stdin", input=wrong).returncode == exit_code
    argued = home.run(*address, "login", emulator.token)
    assert (argued.returncode, emulator.token in argued.stderr) == (2, False)
    assert "--token-stdin" in argued.stderr
    done = home.run(*address, "-v", "login", "--token-stdin", input=emulator.token + "\n")
    assert done.returncode == 0, done.stderr
    assert "no keyring works here" in done.stderr
    assert emulator.token not in done.stdout + done.stderr
    kept = home.folder / ".config" / "xgodo-dev" / "tokens.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    told = home.json(*address, "whoami")
    assert (told["token_from"], told["user"]["name"]) == ("file", "Emulator")
    assert told["balance"] >= 0
    assert home.json(*address, "logout")["forgotten"] is True
    assert home.json(*address, "whoami", exit_code=4)["error"]["code"] == "authentication"


@pytest.mark.parametrize("address", ["http://xgodo.example.com", "http://127.0.0.1:{port}"])
def test_signing_in_says_where_others_can_read_the_token_on_its_way(
    home: Home, failing: Failing, address: str
) -> None:
    async def answer(_request: Request) -> Answer:
        return json_answer({"success": True, "balance": 1})

    failing.server.handler = answer
    address = address.format(port=failing.server.url.rpartition(":")[2])
    done = home.run(
        *("--api-url", address, "login", "--token-stdin"),
        input="a-token-of-nobody",
        env={"HTTP_PROXY": failing.server.url, "NO_PROXY": ""},
    )
    assert done.returncode == 0, done.stderr
    assert ("is not encrypted" in done.stderr) == ("example.com" in address)


def test_a_profile_is_made_by_signing_in_and_used_where_it_is_named(home: Home, emulator: Emulator) -> None:
    address = ("--profile", "work", "--api-url", emulator.url)
    assert home.json(*address, "login", "--token-stdin", input=emulator.token)["profile"] == "work"
    listed = home.json("profile", "list")
    assert listed["in_use"]["selected_by"] == "default"
    assert {each["name"]: each["token"] for each in listed["profiles"]} == {
        "default": None,
        "emulator": None,
        "work": "file",
    }
    (home.folder / "project").mkdir()
    (home.folder / "project" / "xgodo.toml").write_text('[project]\nprofile = "work"\n')
    here = home.json("whoami", cwd=home.folder / "project")
    assert (here["profile"], here["selected_by"], here["api_url"]) == ("work", "xgodo.toml", emulator.url)
    home.json("profile", "use", "work")
    assert home.run("profile", "remove", "work").returncode == 2
    assert home.json("profile", "remove", "work", "--yes") == {"removed": "work", "token_forgotten": True}
    assert home.json("profile", "list")["in_use"]["profile"] == "default"
    assert (home.folder / ".config/xgodo-dev/tokens.json").read_text() == "{}"


def test_the_token_of_the_platforms_client_is_taken_over_when_asked(home: Home, emulator: Emulator) -> None:
    taking = ("login", "--from-platform-client")
    file = sign_in_with_the_platforms_client(home, emulator.url, "expired")
    before = file.read_bytes()
    refused = home.json(*taking, exit_code=4)["error"]["message"]
    assert str(file) in refused
    assert file.read_bytes() == before
    file.write_bytes(before.replace(b"expired", emulator.token.encode()))
    made = home.json(*taking, "--profile", "work")
    assert (made["profile"], made["api_url"]) == ("work", emulator.url)
    other = home.json(*taking, "--api-url", "https://other.example", exit_code=2)
    assert emulator.url in other["error"]["message"]
    assert home.json("logout", "--all") == {"forgotten": True, "servers": [emulator.url]}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_at_a_terminal_the_token_of_the_platforms_client_is_offered(
    home: Home, emulator: Emulator, answer: str
) -> None:
    taken = emulator.token if answer == "yes" else "never-tried"
    sign_in_with_the_platforms_client(home, emulator.url, taken)
    login = pexpect.spawn(
        str(COMMAND), ["--api-url", emulator.url, "login"], env=home.environment, encoding="utf-8", timeout=60
    )
    try:
        login.expect("signed in as Ada. Take over its token")
        login.sendline(answer)
        if answer == "no":
            login.expect("API token: ")
            login.sendline(emulator.token)
        login.expect(r"Signed in to [^\n]* as Emulator")
        login.expect(pexpect.EOF)
    finally:
        login.close()
    assert login.exitstatus == 0
    assert emulator.token not in str(login.before)
