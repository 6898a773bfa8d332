"""Which server to talk to, as whom: profiles, stored tokens, the environment.

Mobilerun is another server, with a key of its own: see :func:`resolve_mobilerun`.

Precedence of the address: ``--api-url``, ``--profile``, ``XGODO_API_URL``, ``XGODO_PROFILE``, the
project's own ``profile``, the default profile. The profile ``emulator`` always means the emulator
that runs on this machine, with the token it keeps there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from xgodo_dev import places
from xgodo_dev.errors import AuthenticationError, ConfigurationError, UnreachableError, UsageError

DEFAULT_API_URL = "https://xgodo.com"
DEFAULT_MOBILERUN_URL = "https://api.mobilerun.ai/v1"
DEFAULT_PROFILE = "default"
EMULATOR_PROFILE = "emulator"
_EMULATORS_MOBILERUN = "/mobilerun/v1"
_KEYRING_SERVICE = "xgodo-dev"


@dataclass(frozen=True)
class Server:
    """A server and the right to use it."""

    profile: str
    api_url: str
    """The base before ``/api/v2``, without a slash at its end."""
    remote: str
    """Names this server in a project's state; the same over restarts even where the address changes."""
    token: str | None = field(default=None, repr=False)
    admin_token: str | None = field(default=None, repr=False)
    """The emulator's own; see :func:`admin_token`."""
    credential_source: str = "the token given"
    """Where the token comes from, as a person would say."""
    is_default: bool = False
    """Whether nothing but the built-in default selected it."""
    sign_in_hint: str | None = None
    """How to get a token that it takes, where that is not `xgodo-dev login`."""
    address_hint: str = "Check --api-url: it is the part before /api/v2."
    """What to do where it does not know an endpoint at all."""

    @property
    def is_emulator(self) -> bool:
        """Whether it is the emulator of this machine, selected by its profile."""
        return self.profile == EMULATOR_PROFILE

    def state_key(self, project_id: str) -> str:
        """Names a project of this server in the state of a local one."""
        return f"{self.remote}#{project_id}"

    def required_token(self) -> str:
        """The token.

        Raises:
            AuthenticationError: nobody is signed in, or what is kept as the token can't be one.
        """
        if not self.token:
            raise AuthenticationError(f"Not signed in to {self.api_url}.", hint=self.sign_in_hint)
        if not self.token.isascii() or not self.token.isprintable():
            # Said here, without the token: what HTTP libraries say about such a header contains it.
            raise AuthenticationError(f"The token for {self.api_url} holds characters that no token has.")
        return self.token


def resolve(
    profile: str | None = None,
    api_url: str | None = None,
    project_profile: str | None = None,
    *,
    token: bool = True,
) -> Server:
    """The server that the options, the environment and the project's settings name.

    With ``token``, also the right to use it; looking that up may take a while (a keyring).

    Raises:
        UnreachableError: the emulator is named but none runs.
        UsageError, ConfigurationError: the address or the profile is not usable.
    """
    address = api_url or (None if profile else os.environ.get("XGODO_API_URL")) or None
    name = profile or os.environ.get("XGODO_PROFILE") or project_profile or DEFAULT_PROFILE
    if address is None and name == EMULATOR_PROFILE:
        return _emulator(_emulator_record())
    is_default = address is None and name == DEFAULT_PROFILE
    if address is None:
        address = _profile_address(name)
    address = checked_address(address)
    from_environment = os.environ.get("XGODO_TOKEN", "").strip()
    return Server(
        profile=name,
        api_url=address,
        remote=address,
        is_default=is_default,
        token=(from_environment or stored_token(address)) if token else None,
        credential_source="XGODO_TOKEN" if from_environment else "the token kept by `login`",
    )


def resolve_mobilerun(
    profile: str | None = None,
    api_url: str | None = None,
    project_profile: str | None = None,
    *,
    token: bool = True,
) -> Server:
    """Mobilerun's server, as :func:`resolve` finds Xgodo's; of the profile ``emulator``, the emulator's.

    Its address is the base with ``/v1``; ``MOBILERUN_API_URL`` and ``MOBILERUN_API_KEY`` stand for the
    environment's part. Other profiles say nothing about Mobilerun.

    Raises:
        UnreachableError: the emulator is named but none runs.
        UsageError, ConfigurationError: the address is not usable.
    """
    address = api_url or (None if profile else os.environ.get("MOBILERUN_API_URL")) or None
    name = profile or os.environ.get("XGODO_PROFILE") or project_profile or DEFAULT_PROFILE
    if address is None and name == EMULATOR_PROFILE:
        record = _emulator_record()
        return replace(
            _emulator(record),
            api_url=f"{record['url']}{_EMULATORS_MOBILERUN}",
            token=_optional(record, "mobilerun_key"),
            credential_source="the emulator's own key",
        )
    address = checked_address(address or DEFAULT_MOBILERUN_URL)
    from_environment = os.environ.get("MOBILERUN_API_KEY", "").strip()
    return Server(
        profile=name,
        api_url=address,
        remote=address,
        is_default=address == DEFAULT_MOBILERUN_URL,
        token=(from_environment or stored_token(address)) if token else None,
        credential_source="MOBILERUN_API_KEY" if from_environment else "the key kept by `login --mobilerun`",
        sign_in_hint="Sign in with `xgodo-dev login --mobilerun`, or set MOBILERUN_API_KEY.",
        address_hint="Check MOBILERUN_API_URL: it ends with /v1.",
    )


def with_token(server: Server, token: str) -> Server:
    """The server with a token that was given, in place of what is kept for it."""
    return replace(server, token=token, credential_source="the token given")


def admin_token(server: Server) -> str | None:
    """The platform's admin token: the emulator's own, or ``XGODO_ADMIN_TOKEN``."""
    if server.is_emulator:
        return server.admin_token
    return os.environ.get("XGODO_ADMIN_TOKEN", "").strip() or None


def checked_address(address: str) -> str:
    """``address`` without a slash at its end.

    Raises:
        UsageError: it is no HTTP address.
    """
    if "@" in address:
        # Not repeated in the message: what stands before the @ may be a password.
        raise UsageError(
            "An address must not carry a user or password.", hint="Sign in with `xgodo-dev login`."
        )
    try:
        parts = urlsplit(address)
        # Reading the port checks it.
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or "?" in address or "#" in address or not address.isprintable() or " " in address:
        raise UsageError(
            f"{address!r} is not the address of a server.",
            hint=f"Give the part before /api/v2, such as {DEFAULT_API_URL}.",
        )
    return address.rstrip("/")


def store_token(api_url: str, token: str) -> Literal["keyring", "file"]:
    """Keep ``token`` for ``api_url``: in the system's keyring, else in a file only its owner reads."""
    import keyring
    import keyring.errors

    try:
        keyring.set_password(_KEYRING_SERVICE, api_url, token)
        if keyring.get_password(_KEYRING_SERVICE, api_url) == token:
            _write_token_file({key: kept for key, kept in _token_file().items() if key != api_url})
            return "keyring"
    except keyring.errors.KeyringError:
        # No keyring here (a server, a container) or it stays locked: the file is the documented fallback.
        pass
    _write_token_file({**_token_file(), api_url: token})
    return "file"


def stored_token(api_url: str) -> str | None:
    """The token kept for ``api_url``, or None. The file is asked first: it costs no keyring start-up."""
    in_file = _token_file().get(api_url)
    if in_file:
        return in_file
    import keyring
    import keyring.errors

    try:
        return keyring.get_password(_KEYRING_SERVICE, api_url)
    except keyring.errors.KeyringError:
        return None


def forget_token(api_url: str) -> bool:
    """Remove the token kept for ``api_url`` wherever it is; whether there was one."""
    import keyring
    import keyring.errors

    tokens = _token_file()
    forgotten = tokens.pop(api_url, None) is not None
    if forgotten:
        _write_token_file(tokens)
    try:
        # Asked first: some backends delete what isn't there without a word.
        if keyring.get_password(_KEYRING_SERVICE, api_url) is not None:
            keyring.delete_password(_KEYRING_SERVICE, api_url)
            forgotten = True
    except keyring.errors.KeyringError:
        pass
    return forgotten


def token_file() -> Path:
    """Where tokens are kept when no keyring works."""
    return places.config_directory() / "tokens.json"


def _emulator_record() -> Mapping[str, Any]:
    """What the emulator of this machine says about itself, with a usable ``url``, ``instance`` and ``token``.

    Raises:
        UnreachableError: none runs.
        ConfigurationError: what stands there can't be used.
    """
    record_file = places.emulator_record_file()
    try:
        record = json.loads(record_file.read_text(encoding="utf-8"))
        if not all(isinstance(record[name], str) for name in ("url", "instance", "token")):
            raise TypeError("its members must be text")
        return {**record, "url": checked_address(record["url"])}
    except FileNotFoundError:
        raise UnreachableError(
            "No emulator runs on this machine.",
            hint="Start one with `xgodo-dev emulator start --detach`, or let `watch --emulator` do it.",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, UsageError) as error:
        raise ConfigurationError(
            f"{record_file} does not describe an emulator: {error}.",
            hint="Remove that file and start the emulator again.",
        ) from error


def _emulator(record: Mapping[str, Any]) -> Server:
    return Server(
        profile=EMULATOR_PROFILE,
        api_url=record["url"],
        remote=f"emulator:{record['instance']}",
        token=record["token"],
        admin_token=_optional(record, "admin_token"),
        credential_source="the emulator's own token",
    )


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def _profile_address(name: str) -> str:
    if name == DEFAULT_PROFILE:
        return DEFAULT_API_URL
    profiles_file = places.config_directory() / "profiles.json"
    try:
        address = json.loads(profiles_file.read_text(encoding="utf-8"))[name]["api_url"]
    except FileNotFoundError:
        address = None
    except (ValueError, KeyError, TypeError):
        address = None
    if not isinstance(address, str):
        raise ConfigurationError(
            f"There is no profile {name!r}.",
            hint=f"Known without setup: {DEFAULT_PROFILE}, {EMULATOR_PROFILE}. "
            "Another server is reached with `--api-url URL`.",
        )
    return address


def _token_file() -> dict[str, str]:
    file = token_file()
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{file} can't be read: {error}.", hint="Remove it and sign in again."
        ) from error
    if not isinstance(content, dict):
        raise ConfigurationError(f"{file} is damaged.", hint="Remove it and sign in again.")
    return {key: kept for key, kept in content.items() if isinstance(kept, str)}


def _write_token_file(tokens: dict[str, str]) -> None:
    file = token_file()
    if not tokens:
        file.unlink(missing_ok=True)
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    # The folder may be older than its first token.
    file.parent.chmod(0o700)
    # mkstemp makes the file 0600 from its first moment, so that the token is never readable by others.
    import tempfile

    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".tokens-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(tokens, stream)
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
