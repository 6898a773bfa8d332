"""Whom the platform's own command-line client is signed in as. Nothing of it is ever changed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError
from xgodo_dev.platform.profiles import DEFAULT_API_URL


@dataclass(frozen=True)
class ClientLogin:
    """What that client keeps."""

    file: Path
    api_url: str
    """The server, before ``/api/v2`` and without the ``/server`` that the client puts behind it."""
    token: str = field(repr=False)
    account: str | None = None
    """Name or address of who signed in."""


def login() -> ClientLogin | None:
    """What the client keeps; None where it is not signed in.

    Raises:
        ConfigurationError: its file can't be read.
    """
    file = places.platform_client_login_file()
    try:
        content = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigurationError(f"{file} can't be read: {error.strerror}.") from error
    except (ValueError, RecursionError):
        # Said without a word of what it holds.
        raise _unreadable(file) from None
    if not isinstance(content, dict):
        raise _unreadable(file)
    token, api_url = content.get("apiKey"), content.get("apiUrl") or DEFAULT_API_URL
    if not token:
        # Signed out.
        return None
    if not isinstance(token, str) or not isinstance(api_url, str):
        raise _unreadable(file)
    user = content.get("user")
    told = [user.get(name) for name in ("email", "name")] if isinstance(user, dict) else []
    account = next((each for each in told if isinstance(each, str) and each), None)
    return ClientLogin(file, api_url.rstrip("/").removesuffix("/server").rstrip("/"), token.strip(), account)


def _unreadable(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f"{file} is not as the platform's own client writes it.",
        hint="Sign in with a token: `xgodo-dev login`.",
    )
