from __future__ import annotations

import json

import pytest

from xgodo_dev import places
from xgodo_dev.errors import AuthenticationError, ConfigurationError, UnreachableError, UsageError
from xgodo_dev.platform import credentials, profiles, token_store
from xgodo_dev.platform.credentials import DEFAULT_API_URL, Server, resolve, resolve_mobilerun

URL = "https://platform.example"
pytestmark = pytest.mark.usefixtures("own_home")


def write_emulator_record(text: str) -> None:
    places.emulator_record_file().parent.mkdir(parents=True, exist_ok=True)
    places.emulator_record_file().write_text(text)


OPTION, OPTION_PROFILE, ENVIRONMENT, ENVIRONMENT_PROFILE, PROJECT_PROFILE = (
    "https://option.example",
    "by-option",
    "https://environment.example",
    "by-environment",
    "by-project",
)


@pytest.mark.parametrize(
    ("api_url", "profile", "environment_url", "environment_profile", "project_profile", "address", "name"),
    [
        (None, None, None, None, None, DEFAULT_API_URL, "default"),
        (None, None, None, None, PROJECT_PROFILE, "https://by-project.example", PROJECT_PROFILE),
        (
            None,
            None,
            None,
            ENVIRONMENT_PROFILE,
            PROJECT_PROFILE,
            "https://by-environment.example",
            ENVIRONMENT_PROFILE,
        ),
        (None, None, ENVIRONMENT, ENVIRONMENT_PROFILE, PROJECT_PROFILE, ENVIRONMENT, ENVIRONMENT_PROFILE),
        (None, None, ENVIRONMENT, None, None, ENVIRONMENT, "default"),
        (
            None,
            OPTION_PROFILE,
            ENVIRONMENT,
            ENVIRONMENT_PROFILE,
            None,
            "https://by-option.example",
            OPTION_PROFILE,
        ),
        (OPTION, OPTION_PROFILE, ENVIRONMENT, ENVIRONMENT_PROFILE, PROJECT_PROFILE, OPTION, OPTION_PROFILE),
        (OPTION, None, ENVIRONMENT, None, PROJECT_PROFILE, OPTION, PROJECT_PROFILE),
        ("", "", "", "", "", DEFAULT_API_URL, "default"),
    ],
)
def test_the_address_is_taken_from_whoever_comes_first(
    monkeypatch: pytest.MonkeyPatch,
    api_url: str | None,
    profile: str | None,
    environment_url: str | None,
    environment_profile: str | None,
    project_profile: str | None,
    address: str,
    name: str,
) -> None:
    for each in (OPTION_PROFILE, ENVIRONMENT_PROFILE, PROJECT_PROFILE):
        profiles.add(each, f"https://{each}.example")
    if environment_url is not None:
        monkeypatch.setenv("XGODO_API_URL", environment_url)
    if environment_profile is not None:
        monkeypatch.setenv("XGODO_PROFILE", environment_profile)
    server = resolve(profile, api_url, project_profile)
    assert (server.api_url, server.remote, server.profile) == (address, address, name)


def test_the_profile_of_this_machine_is_used_where_nothing_else_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    profiles.add("work", URL)
    profiles.add("other", "https://other.example")
    assert (resolve().api_url, resolve().selected_by) == (DEFAULT_API_URL, "default")
    profiles.use("work")
    assert (resolve().api_url, resolve().selected_by) == (URL, "profile use")
    assert resolve().is_default
    monkeypatch.setenv("XGODO_PROFILE", "other")
    assert (resolve().profile, resolve().selected_by) == ("other", "XGODO_PROFILE")
    assert resolve(project_profile="work").profile == "other"
    assert not resolve().is_default


def test_an_unknown_profile_is_named_with_those_that_are_there() -> None:
    profiles.add("work", URL)
    with pytest.raises(ConfigurationError, match=r"'wrok'\. Did you mean 'work'") as raised:
        resolve("wrok")
    assert "default, emulator, work" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://xgodo.com/", "https://xgodo.com"),
        ("https://xgodo.com/server/", "https://xgodo.com/server"),
        ("http://127.0.0.1:7878", "http://127.0.0.1:7878"),
        ("http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_an_address_is_kept_without_its_last_slash(given: str, kept: str) -> None:
    assert resolve(api_url=given).api_url == kept


@pytest.mark.parametrize(
    "address",
    [
        "xgodo.com",
        "ftp://xgodo.com",
        "https://",
        "https://:443",
        "https://xgodo.com?a=b",
        "https://xgodo.com#a",
        "http://[::1",
        "http://xgodo.com:port",
        "http://xgodo.com:99999",
        "https://xgodo .com",
        "https://xgodo.com\n",
    ],
)
def test_what_is_no_address_is_a_usage_error(address: str) -> None:
    with pytest.raises(UsageError, match="is not the address of a server"):
        resolve(api_url=address)


@pytest.mark.parametrize("scheme", ["https", "ftp"])
def test_a_password_in_an_address_is_refused_and_not_repeated(scheme: str) -> None:
    with pytest.raises(UsageError) as raised:
        resolve(api_url=f"{scheme}://somebody:hunter2@xgodo.com")
    assert "hunter2" not in str(raised.value)


def test_the_token_of_the_environment_beats_a_stored_one(monkeypatch: pytest.MonkeyPatch) -> None:
    token_store.store(URL, "stored")
    assert resolve(api_url=URL).token == "stored"
    monkeypatch.setenv("XGODO_TOKEN", "  from-environment\n")
    assert resolve(api_url=URL).token == "from-environment"
    monkeypatch.setenv("XGODO_TOKEN", "")
    assert resolve(api_url=URL).token == "stored"


def test_a_token_is_kept_for_its_own_server_only() -> None:
    token_store.store(URL, "stored")
    assert resolve(api_url="https://other.example").token is None


def test_two_profiles_of_one_server_have_their_own_tokens() -> None:
    for name in ("mine", "clients"):
        profiles.add(name, URL)
        token_store.store(credentials.profile_token_key(name, URL), f"of {name}")
    assert resolve("mine").token == "of mine"
    assert resolve("clients", URL).token == "of clients"
    assert resolve(api_url=URL).token is None
    # An address that beats the profile's own is not sent its token.
    assert resolve("mine", "https://other.example").token is None


def test_a_server_does_not_show_its_token() -> None:
    server = Server(profile="p", api_url=URL, remote=URL, token="hunter2")
    assert "hunter2" not in repr(server)
    assert server.required_token() == "hunter2"


def test_without_a_token_the_way_to_sign_in_is_told() -> None:
    with pytest.raises(AuthenticationError) as raised:
        resolve(api_url=URL).required_token()
    assert raised.value.hint is not None
    assert "login" in raised.value.hint


def test_the_emulators_record_gives_address_token_and_a_name_that_outlives_its_port() -> None:
    write_emulator_record(
        json.dumps({"url": "http://127.0.0.1:7878/", "token": "t", "instance": "i-1", "pid": 1})
    )
    server = resolve("emulator")
    assert (server.api_url, server.token, server.remote) == ("http://127.0.0.1:7878", "t", "emulator:i-1")


def test_the_emulators_profile_means_its_mobilerun_and_its_operator_as_well() -> None:
    tokens = {"token": "t", "mobilerun_key": "dr_sk_1", "admin_token": "a"}
    write_emulator_record(json.dumps({"url": "http://127.0.0.1:7878", "instance": "i-1", "pid": 1, **tokens}))
    server = resolve_mobilerun("emulator")
    assert (server.api_url, server.token) == ("http://127.0.0.1:7878/mobilerun/v1", "dr_sk_1")
    xgodo = resolve("emulator")
    # It may stop at any time.
    places.emulator_record_file().unlink()
    assert credentials.admin_token(xgodo) == "a"


def test_mobilerun_has_an_address_and_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XGODO_TOKEN", "xgodo's")
    monkeypatch.setenv("XGODO_API_URL", URL)
    token_store.store(credentials.DEFAULT_MOBILERUN_URL, "kept")
    server = resolve_mobilerun()
    assert (server.api_url, server.token) == (credentials.DEFAULT_MOBILERUN_URL, "kept")
    monkeypatch.setenv("MOBILERUN_API_KEY", "dr_sk_2")
    monkeypatch.setenv("MOBILERUN_API_URL", f"{URL}/v1/")
    server = resolve_mobilerun()
    assert (server.api_url, server.token) == (f"{URL}/v1", "dr_sk_2")


def test_an_address_beats_the_emulator() -> None:
    assert resolve("emulator", URL).api_url == URL


def test_a_project_for_the_emulator_is_that_of_no_other_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XGODO_API_URL", URL)
    server = resolve(project_profile="emulator", token=False)
    assert (server.api_url, server.profile, server.is_emulator) == (URL, "default", False)


def test_no_emulator_is_unreachable() -> None:
    with pytest.raises(UnreachableError, match="No emulator runs"):
        resolve("emulator")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"url": 5, "token": "t", "instance": "i"}',
        '{"url": "http://127.0.0.1:1", "token": null, "instance": "i"}',
        '{"url": "http://127.0.0.1:1", "token": "t", "instance": 1}',
        '{"url": "nonsense", "token": "t", "instance": "i"}',
        '{"url": "http://127.0.0.1:1", "token": "t"}',
        "\udcff",
    ],
)
def test_a_damaged_record_of_the_emulator_is_named(text: str) -> None:
    write_emulator_record("")
    places.emulator_record_file().write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError) as raised:
        resolve("emulator")
    assert str(places.emulator_record_file()) in str(raised.value)


def test_a_record_that_can_not_be_read_is_named() -> None:
    places.emulator_record_file().mkdir(parents=True)
    with pytest.raises(ConfigurationError):
        resolve("emulator")
