from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import keyring
import keyring.backend
import keyring.errors
import pytest
from keyring.backends import chainer, fail, null

from xgodo_dev import places
from xgodo_dev.errors import AuthenticationError, ConfigurationError, XgodoError
from xgodo_dev.platform import token_store

URL = "https://platform.example"
pytestmark = pytest.mark.usefixtures("own_home")
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


class Unusable(MemoryKeyring):
    """A keyring that does the same whatever it is asked."""

    def __init__(self, act: Callable[[], None]) -> None:
        super().__init__()
        self._act = act

    def get_password(self, service: str, username: str) -> str | None:
        self._act()
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        self._act()

    def delete_password(self, service: str, username: str) -> None:
        self._act()


class OddError(BaseException):
    """As of a library that was not written in Python."""


def locked() -> None:
    raise keyring.errors.KeyringLocked


def odd() -> None:
    raise OddError("secret")


def nothing() -> None:
    pass


def chained(*backends: keyring.backend.KeyringBackend) -> keyring.backend.KeyringBackend:
    class Chainer(chainer.ChainerBackend):
        priority = 10.0  # type: ignore[assignment]

    # What keyring itself puts together where a system has several.
    Chainer.backends = list(backends)  # type: ignore[assignment]
    return Chainer()


@pytest.fixture
def working_keyring() -> MemoryKeyring:
    backend = MemoryKeyring()
    keyring.set_keyring(backend)
    return backend


def found(key: str = URL) -> str | None:
    kept = token_store.find(key)
    return kept.token if kept else None


def test_a_working_keyring_keeps_the_token_and_no_file_does(working_keyring: MemoryKeyring) -> None:
    assert token_store.store(URL, "t0ken").place == "keyring"
    assert list(working_keyring.passwords.values()) == ["t0ken"]
    assert "t0ken" not in token_store.token_file().read_text()
    assert token_store.places() == {URL: "keyring"}
    assert found() == "t0ken"
    assert token_store.forget(URL) is True
    assert working_keyring.passwords == {}
    assert found() is None


def test_a_token_moves_from_the_file_to_a_keyring_that_works_again() -> None:
    assert token_store.store(URL, "old").place == "file"
    assert token_store.store("https://other.example", "kept").place == "file"
    keyring.set_keyring(MemoryKeyring())
    assert token_store.store(URL, "new").place == "keyring"
    assert found() == "new"
    assert "old" not in token_store.token_file().read_text()
    assert token_store.places() == {URL: "keyring", "https://other.example": "file"}


@pytest.mark.parametrize(
    ("backend", "obstacle"),
    [
        (fail.Keyring(), "there is none"),
        (null.Keyring(), "it keeps nothing"),
        (Unusable(locked), "it is locked"),
        (Unusable(odd), "it failed (OddError)"),
        (Unusable(nothing), "it keeps nothing"),
        (chained(null.Keyring(), Unusable(nothing)), "it keeps nothing"),
        (chained(Unusable(locked)), "it is locked"),
    ],
    ids=["none", "null", "locked", "odd", "forgets", "chained", "chained and locked"],
)
def test_without_a_keyring_that_keeps_it_the_token_is_in_a_file(
    backend: keyring.backend.KeyringBackend, obstacle: str
) -> None:
    keyring.set_keyring(backend)
    assert token_store.store(URL, "t") == token_store.Stored("file", obstacle)
    assert found() == "t"
    assert token_store.forget(URL) is True
    assert found() is None
    assert token_store.forget(URL) is False


def test_a_keyring_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(token_store, "_KEYRING_DEADLINE", 0.05)
    released = threading.Event()
    keyring.set_keyring(Unusable(lambda: bool(released.wait(60)) and None))
    try:
        stored = token_store.store(URL, "t")
        assert (stored.place, found()) == ("file", "t")
        assert "did not answer" in str(stored.obstacle)
    finally:
        released.set()


def test_a_token_in_a_keyring_that_is_locked_later_is_neither_missing_nor_forgotten(
    working_keyring: MemoryKeyring,
) -> None:
    token_store.store(URL, "t")
    keyring.set_keyring(Unusable(locked))
    with pytest.raises(AuthenticationError, match="it is locked"):
        token_store.find(URL)
    with pytest.raises(XgodoError, match="it is locked"):
        token_store.forget(URL)
    assert token_store.places() == {URL: "keyring"}
    # Somebody signs in again, and unlocks it later.
    token_store.store(URL, "in file")
    assert found() == "in file"
    keyring.set_keyring(working_keyring)
    assert token_store.forget(URL) is True
    assert working_keyring.passwords == {}


def test_a_token_that_can_not_be_forgotten_keeps_no_other(working_keyring: MemoryKeyring) -> None:
    token_store.store(URL, "t0ken")
    keyring.set_keyring(Unusable(locked))
    token_store.store("work", "another")
    with pytest.raises(XgodoError, match="stays in the system's keyring"):
        token_store.forget_all()
    assert token_store.places() == {URL: "keyring"}
    keyring.set_keyring(working_keyring)
    assert token_store.forget_all() == [URL]
    assert (working_keyring.passwords, token_store.places()) == ({}, {})


@posix_only
def test_only_the_owner_can_read_what_is_kept() -> None:
    places.config_directory().mkdir(parents=True, mode=0o755)
    before = os.umask(0)
    try:
        token_store.store(URL, "t")
    finally:
        os.umask(before)
    folder = places.config_directory()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in folder.iterdir()}
    assert modes == {"tokens.json": 0o600, ".tokens.json.lock": 0o600}
    token_store.token_file().chmod(0o644)
    assert found() == "t"
    assert stat.S_IMODE(token_store.token_file().stat().st_mode) == 0o600


@posix_only
def test_tokens_that_others_may_read_for_good_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token_store.store(URL, "t")
    token_store.token_file().chmod(0o644)

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    # As the system does where the file is somebody else's.
    monkeypatch.setattr(os, "fchmod", refuse)
    with pytest.raises(ConfigurationError, match="Others may read"):
        token_store.find(URL)


def test_tokens_stored_at_once_are_all_kept_and_whole_at_every_moment() -> None:
    token_store.store(URL, "first")
    stop, bad = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            if found() is None:
                bad.append("missing")

    with ThreadPoolExecutor() as pool:
        reader = pool.submit(read)
        for each in [pool.submit(token_store.store, f"{URL}/{n}", "t" * 2000) for n in range(20)]:
            each.result(20)
        stop.set()
        reader.result(10)
    assert bad == []
    assert len(token_store.places()) == 21


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}', "\udcff"])
def test_a_damaged_token_file_is_named_and_stays(text: str) -> None:
    content = text.encode("utf-8", "surrogateescape")
    places.config_directory().mkdir(parents=True)
    token_store.token_file().write_bytes(content)
    for call in (token_store.find, token_store.forget):
        with pytest.raises(ConfigurationError, match="tokens"):
            call(URL)
    assert token_store.token_file().read_bytes() == content


def test_a_place_that_can_not_be_written_is_named(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (own_home / "file").touch()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(own_home / "file" / "config"))
    assert found() is None
    with pytest.raises(ConfigurationError, match=r"tokens\.json can't be written") as raised:
        token_store.store(URL, "t")
    assert "XDG_CONFIG_HOME" in str(raised.value.hint)


def test_a_link_to_the_file_stays_one(own_home: Path) -> None:
    places.config_directory().mkdir(parents=True)
    (own_home / "elsewhere.json").write_text("{}")
    token_store.token_file().symlink_to(own_home / "elsewhere.json")
    token_store.store(URL, "t")
    assert token_store.token_file().is_symlink()
    assert json.loads((own_home / "elsewhere.json").read_text()) == {URL: "t"}


def test_only_a_token_in_the_keyring_costs_the_start_of_one() -> None:
    token_store.store(URL, "t")
    script = (
        "import sys; from xgodo_dev.platform.credentials import resolve\n"
        f"assert resolve(api_url={URL!r}).token == 't'\nassert resolve().token is None\n"
        "assert 'keyring' not in sys.modules\nassert 'filelock' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
