from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import fail, null

from xgodo_dev import places
from xgodo_dev.errors import AuthenticationError, ConfigurationError, UnreachableError, UsageError
from xgodo_dev.platform import credentials
from xgodo_dev.platform.credentials import DEFAULT_API_URL, Server, resolve, resolve_mobilerun

URL = "https://platform.example"
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="file modes")


class MemoryKeyring(keyring.backend.KeyringBackend):
    """A keyring that works, for as long as the test."""

    priority = 1.0  # type: ignore[assignment]

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.passwords.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.passwords[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if (service, username) not in self.passwords:
            raise keyring.errors.PasswordDeleteError("not there")
        del self.passwords[service, username]


class LockedKeyring(MemoryKeyring):
    """A keyring whose owner does not unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked

    def delete_password(self, service: str, username: str) -> None:
        raise keyring.errors.KeyringLocked


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own: no settings, no tokens, and a keyring that does not work."""
    for name in ("XGODO_TOKEN", "XGODO_API_URL", "XGODO_PROFILE", "MOBILERUN_API_KEY", "MOBILERUN_API_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "STATE", "CACHE", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    yield tmp_path
    keyring.set_keyring(before)


@pytest.fixture
def working_keyring() -> MemoryKeyring:
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    return backend


def write_profiles(text: str) -> None:
    places.config_directory().mkdir(parents=True, exist_ok=True)
    (places.config_directory() / "profiles.json").write_text(text)


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
    names = (OPTION_PROFILE, ENVIRONMENT_PROFILE, PROJECT_PROFILE)
    write_profiles(json.dumps({each: {"api_url": f"https://{each}.example"} for each in names}))
    if environment_url is not None:
        monkeypatch.setenv("XGODO_API_URL", environment_url)
    if environment_profile is not None:
        monkeypatch.setenv("XGODO_PROFILE", environment_profile)
    server = resolve(profile, api_url, project_profile)
    assert (server.api_url, server.remote, server.profile) == (address, address, name)


@pytest.mark.parametrize("text", [None, "", "{", "[]", "null", '{"mine": 1}', '{"mine": {"api_url": 1}}'])
def test_an_unknown_profile_is_named(text: str | None) -> None:
    if text is not None:
        write_profiles(text)
    with pytest.raises(ConfigurationError, match="'mine'"):
        resolve("mine")


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
    credentials.store_token(URL, "stored")
    assert resolve(api_url=URL).token == "stored"
    monkeypatch.setenv("XGODO_TOKEN", "  from-environment\n")
    assert resolve(api_url=URL).token == "from-environment"
    monkeypatch.setenv("XGODO_TOKEN", "")
    assert resolve(api_url=URL).token == "stored"


def test_a_token_is_kept_for_its_own_server_only() -> None:
    credentials.store_token(URL, "stored")
    assert resolve(api_url="https://other.example").token is None


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
    credentials.store_token(credentials.DEFAULT_MOBILERUN_URL, "kept")
    server = resolve_mobilerun()
    assert (server.api_url, server.token) == (credentials.DEFAULT_MOBILERUN_URL, "kept")
    monkeypatch.setenv("MOBILERUN_API_KEY", "dr_sk_2")
    monkeypatch.setenv("MOBILERUN_API_URL", f"{URL}/v1/")
    server = resolve_mobilerun()
    assert (server.api_url, server.token) == (f"{URL}/v1", "dr_sk_2")


def test_an_address_beats_the_emulator() -> None:
    assert resolve("emulator", URL).api_url == URL


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


def test_a_working_keyring_keeps_the_token_and_no_file_does(working_keyring: MemoryKeyring) -> None:
    assert credentials.store_token(URL, "t") == "keyring"
    assert list(working_keyring.passwords.values()) == ["t"]
    assert not credentials.token_file().exists()
    assert credentials.stored_token(URL) == "t"


def test_a_token_moves_from_the_file_to_a_keyring_that_works_again() -> None:
    assert credentials.store_token(URL, "old") == "file"
    assert credentials.store_token("https://other.example", "kept") == "file"
    keyring.set_keyring(MemoryKeyring())
    assert credentials.store_token(URL, "new") == "keyring"
    assert credentials.stored_token(URL) == "new"
    assert json.loads(credentials.token_file().read_text()) == {"https://other.example": "kept"}


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, LockedKeyring])
def test_without_a_keyring_that_keeps_it_the_token_is_in_a_file(
    backend: type[keyring.backend.KeyringBackend],
) -> None:
    keyring.set_keyring(backend())
    assert credentials.store_token(URL, "t") == "file"
    assert credentials.stored_token(URL) == "t"
    assert credentials.forget_token(URL) is True
    assert credentials.stored_token(URL) is None
    assert credentials.forget_token(URL) is False


@posix_only
def test_only_the_owner_can_read_the_token_file_and_its_folder() -> None:
    places.config_directory().mkdir(parents=True, mode=0o755)
    before = os.umask(0)
    try:
        credentials.store_token(URL, "t")
    finally:
        os.umask(before)
    file = credentials.token_file()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_token_file_is_whole_at_every_moment() -> None:
    credentials.store_token(URL, "0")
    stop, bad = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            token = credentials.stored_token(URL)
            if token is None:
                bad.append(token)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(100):
        credentials.store_token(URL, str(number) * 2000)
    stop.set()
    reader.join(10)
    assert bad == []


@pytest.mark.parametrize("text", ["{", "[]", "\udcff"])
def test_a_damaged_token_file_is_named_and_stays(text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")
    places.config_directory().mkdir(parents=True)
    credentials.token_file().write_bytes(content)
    for call in (
        lambda: resolve(api_url=URL),
        lambda: credentials.store_token(URL, "t"),
        lambda: credentials.forget_token(URL),
    ):
        with pytest.raises(ConfigurationError, match="tokens"):
            call()
    assert credentials.token_file().read_bytes() == content


def test_forgetting_reaches_keyring_and_file(working_keyring: MemoryKeyring) -> None:
    credentials.store_token(URL, "in keyring")
    keyring.set_keyring(fail.Keyring())
    credentials.store_token(URL, "in file")
    keyring.set_keyring(working_keyring)
    assert credentials.forget_token(URL) is True
    assert credentials.stored_token(URL) is None
    assert working_keyring.passwords == {}


def test_a_token_in_the_file_costs_no_start_of_a_keyring(home: Path) -> None:
    credentials.store_token(URL, "t")
    script = (
        "import sys; from xgodo_dev.platform.credentials import resolve\n"
        f"assert resolve(api_url={URL!r}).token == 't'\nassert 'keyring' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
