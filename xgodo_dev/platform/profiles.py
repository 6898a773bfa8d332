"""Profiles: names for servers, and which of them this machine uses where nothing else says.

Two are there always: ``default``, the platform itself, and ``emulator``, whatever emulator runs on this
machine. The others are made by ``login``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.platform.kept_file import KeptFile

DEFAULT_API_URL = "https://xgodo.com"
DEFAULT_PROFILE = "default"
EMULATOR_PROFILE = "emulator"
_BUILT_IN = (DEFAULT_PROFILE, EMULATOR_PROFILE)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_file = KeptFile(
    "profiles.json", way_out="Move it away: `xgodo-dev login --profile NAME --api-url URL` makes a new one."
)


@dataclass(frozen=True)
class Profiles:
    """The profiles of this machine."""

    addresses: Mapping[str, str]
    """By the names of those that were made here."""
    in_use: str | None = None
    """The one that was chosen for this machine, if any was."""

    @property
    def names(self) -> tuple[str, ...]:
        """All there are."""
        return (*_BUILT_IN, *sorted(self.addresses))

    def require(self, name: str) -> None:
        """See to it that there is such a profile.

        Raises:
            ConfigurationError: there is none.
        """
        if name in self.names:
            return
        import difflib

        near = difflib.get_close_matches(name, self.names, n=1)
        raise ConfigurationError(
            f"There is no profile {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""),
            hint=f"There are: {', '.join(self.names)}. "
            "Another is made by `xgodo-dev login --profile NAME --api-url URL`.",
        )


def load() -> Profiles:
    """The profiles of this machine.

    Raises:
        ConfigurationError: their file can't be read or holds something else.
    """
    return _checked(_file.read())


def add(name: str, api_url: str) -> None:
    """Make a profile of that name, where it is not there for that address already.

    Raises:
        UsageError: the name can't be a profile's, or is another server's.
        ConfigurationError: the file can't be read or written.
    """
    require_name(name)
    with _file.changing() as content:
        require_address(_checked(content), name, api_url)
        content.setdefault("profiles", {})[name] = {"api_url": api_url}


def require_name(name: str) -> None:
    """See to it that a profile can be called that.

    Raises:
        UsageError: it can't.
    """
    if name in _BUILT_IN or not _NAME.fullmatch(name):
        raise UsageError(
            f"A profile can't be called {name!r}.",
            hint="Its name is made of letters, digits, `.`, `_` and `-`; `default` and `emulator` are taken.",
        )


def require_address(profiles: Profiles, name: str, api_url: str) -> None:
    """See to it that a profile, where it is there, is for that address.

    Raises:
        UsageError: it is for another one.
    """
    known = profiles.addresses.get(name, api_url)
    if known != api_url:
        raise UsageError(
            f"The profile {name!r} is for {known}, not for {api_url}.",
            hint=f"Choose another name, or remove that one: `xgodo-dev profile remove {name}`.",
        )


def use(name: str) -> None:
    """Choose the profile for this machine.

    Raises:
        ConfigurationError: there is no such profile, or the file can't be read or written.
    """
    with _file.changing() as content:
        _checked(content).require(name)
        content["in_use"] = name


def remove(name: str) -> None:
    """Forget the profile; its token is a matter of its own. Raises what `require_own` raises."""
    require_own(name)
    with _file.changing() as content:
        _checked(content).require(name)
        del content["profiles"][name]
        if content.get("in_use") == name:
            del content["in_use"]


def require_own(name: str) -> None:
    """See to it that the profile was made here, and can be removed.

    Raises:
        UsageError: it is there always.
        ConfigurationError: there is no such profile, or the file can't be read or written.
    """
    if name in _BUILT_IN:
        raise UsageError(
            f"The profile {name!r} is there always.", hint="Its token goes with `xgodo-dev logout`."
        )
    load().require(name)


def _checked(content: Mapping[str, object]) -> Profiles:
    made, in_use = content.get("profiles", {}), content.get("in_use")
    addresses = {}
    if not isinstance(made, dict) or not content.keys() <= {"profiles", "in_use"}:
        _file.damaged()
    for name, profile in made.items():
        address = profile.get("api_url") if isinstance(profile, dict) else None
        if not isinstance(address, str):
            _file.damaged()
        addresses[name] = address.rstrip("/")
    profiles = Profiles(addresses, in_use if isinstance(in_use, str) else None)
    if in_use is not None and in_use not in profiles.names:
        _file.damaged()
    return profiles
