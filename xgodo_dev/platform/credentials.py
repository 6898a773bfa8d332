"""Which server to talk to, as whom: by the options, the environment, the project and this machine's choice.

Mobilerun is another server, with a key of its own: see :func:`resolve_mobilerun`.

Precedence of the address: ``--api-url``, ``--profile``, ``XGODO_API_URL``, ``XGODO_PROFILE``, the
project's own ``profile``, the one that this machine uses (``profile use``), the default profile. The profile
``emulator`` always means the emulator that runs on this machine, with the token it keeps there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from xgodo_dev import known_tokens, places
from xgodo_dev.errors import AuthenticationError, ConfigurationError, UnreachableError, UsageError
from xgodo_dev.platform import profiles, token_store
from xgodo_dev.platform.profiles import DEFAULT_API_URL as DEFAULT_API_URL
from xgodo_dev.platform.profiles import DEFAULT_PROFILE as DEFAULT_PROFILE
from xgodo_dev.platform.profiles import EMULATOR_PROFILE as EMULATOR_PROFILE
from xgodo_dev.platform.profiles import Profiles

DEFAULT_MOBILERUN_URL = "https://api.mobilerun.ai/v1"
_EMULATORS_MOBILERUN = "/mobilerun/v1"

SignedInBy = Literal["environment", "keyring", "file", "emulator", "given"]
SelectedBy = Literal[
    "--api-url",
    "--profile",
    "XGODO_API_URL",
    "XGODO_PROFILE",
    "MOBILERUN_API_URL",
    "xgodo.toml",
    "profile use",
    "default",
    "given",
]


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
    signed_in_by: SignedInBy | None = None
    """The same for programs; None where none was looked for, or found."""
    token_key: str = ""
    """What the token is kept under on this machine; two profiles of one server have two."""
    selected_by: SelectedBy = "given"
    """What named it."""
    sign_in_hint: str | None = None
    """How to get a token that it takes, where that is not `xgodo-dev login`."""
    address_hint: str = "Check --api-url: it is the part before /api/v2."
    """What to do where it does not know an endpoint at all."""

    def __post_init__(self) -> None:
        known_tokens.remember(self.token)
        known_tokens.remember(self.admin_token)

    @property
    def is_emulator(self) -> bool:
        """Whether it is the emulator of this machine, selected by its profile."""
        return self.profile == EMULATOR_PROFILE

    @property
    def is_default(self) -> bool:
        """Whether it is only what is used where nothing names a server."""
        return self.selected_by in ("default", "profile use")

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
    known = profiles.load()
    name, named_by = _profile(profile, project_profile, known)
    address, addressed_by = _explicit_address(profile, api_url, "XGODO_API_URL")
    if address is None and name == EMULATOR_PROFILE:
        return replace(_emulator(_emulator_record()), selected_by=named_by)
    if address is None:
        address = _profile_address(name, known)
    elif name == EMULATOR_PROFILE and named_by == "xgodo.toml":
        # A project that has no id yet goes to the emulator by its settings: it has nothing on another server.
        name = DEFAULT_PROFILE
    address = checked_address(address)
    server = Server(
        profile=name,
        api_url=address,
        remote=address,
        selected_by=addressed_by or named_by,
        # What a profile keeps is for its own server: an address that beats it has a token of its own.
        token_key=profile_token_key(name, address) if known.addresses.get(name) == address else address,
    )
    return _with_kept_token(server, "XGODO_TOKEN", "the token kept by `login`") if token else server


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
    name, named_by = _profile(profile, project_profile, profiles.load())
    address, addressed_by = _explicit_address(profile, api_url, "MOBILERUN_API_URL")
    if address is None and name == EMULATOR_PROFILE:
        record = _emulator_record()
        return replace(
            _emulator(record),
            api_url=f"{record['url']}{_EMULATORS_MOBILERUN}",
            token=_optional(record, "mobilerun_key"),
            credential_source="the emulator's own key",
            selected_by=named_by,
        )
    address = checked_address(address or DEFAULT_MOBILERUN_URL)
    server = Server(
        profile=name,
        api_url=address,
        remote=address,
        selected_by=addressed_by or "default",
        token_key=address,
        sign_in_hint="Sign in with `xgodo-dev login --mobilerun`, or set MOBILERUN_API_KEY.",
        address_hint="Check MOBILERUN_API_URL: it ends with /v1.",
    )
    key = "the key kept by `login --mobilerun`"
    return _with_kept_token(server, "MOBILERUN_API_KEY", key) if token else server


def profile_token_key(name: str, api_url: str) -> str:
    """What the token of a profile that was made here is kept under."""
    return f"{name} {api_url}"


def named_profile(profile: str | None, project_profile: str | None) -> tuple[str, SelectedBy]:
    """The profile that is used where no address beats it, and what named it.

    Raises:
        ConfigurationError: the file of profiles is not usable.
    """
    return _profile(profile, project_profile, profiles.load())


def with_token(server: Server, token: str) -> Server:
    """The server with a token that was given, in place of what is kept for it."""
    return replace(server, token=token, credential_source="the token given", signed_in_by="given")


def admin_token(server: Server) -> str | None:
    """The platform's admin token: the emulator's own, or ``XGODO_ADMIN_TOKEN``."""
    if server.is_emulator:
        return server.admin_token
    return known_tokens.of_environment("XGODO_ADMIN_TOKEN")


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
    except (FileNotFoundError, NotADirectoryError):
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
        signed_in_by="emulator",
    )


def _optional(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    return value if isinstance(value, str) and value else None


def _profile(profile: str | None, project_profile: str | None, known: Profiles) -> tuple[str, SelectedBy]:
    candidates: tuple[tuple[str | None, SelectedBy], ...] = (
        (profile, "--profile"),
        (os.environ.get("XGODO_PROFILE"), "XGODO_PROFILE"),
        (project_profile, "xgodo.toml"),
        (known.in_use, "profile use"),
    )
    return next(((name, source) for name, source in candidates if name), (DEFAULT_PROFILE, "default"))


def _explicit_address(
    profile: str | None, api_url: str | None, variable: Literal["XGODO_API_URL", "MOBILERUN_API_URL"]
) -> tuple[str, SelectedBy] | tuple[None, None]:
    if api_url:
        return api_url, "--api-url"
    address = None if profile else os.environ.get(variable)
    return (address, variable) if address else (None, None)


def _profile_address(name: str, known: Profiles) -> str:
    if name == DEFAULT_PROFILE:
        return DEFAULT_API_URL
    known.require(name)
    return known.addresses[name]


def _with_kept_token(server: Server, variable: str, when_kept: str) -> Server:
    """The server with the token of the environment, else with the one that is kept for it, if any."""
    if given := known_tokens.of_environment(variable):
        return replace(server, token=given, credential_source=variable, signed_in_by="environment")
    kept = token_store.find(server.token_key)
    if kept is None:
        return replace(server, credential_source=when_kept)
    return replace(server, token=kept.token, credential_source=when_kept, signed_in_by=kept.place)
