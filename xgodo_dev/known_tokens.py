"""The tokens that this process knows, so that none is told to anybody: not in a message, not to a child."""

from __future__ import annotations

import functools
import os

VARIABLES = ("XGODO_TOKEN", "XGODO_ADMIN_TOKEN", "MOBILERUN_API_KEY")
_MASK = "•••"
# What is shorter is no token of a platform, and stands in words that mean something else.
_SHORTEST = 8
_known: set[str] = set()
_withheld: dict[str, str] = {}


def withhold() -> None:
    """Take those of the environment out of it, where only we find them: no child is given them unasked.

    For a whole program of ours, not where it is a library in somebody else's.
    """
    for name in VARIABLES:
        if name in os.environ:
            _withheld[name] = os.environ.pop(name)


def of_environment(variable: str) -> str | None:
    """The token in that variable of the environment that this process was started with, if any."""
    return os.environ.get(variable, _withheld.get(variable, "")).strip() or None


def environment_for_ourselves() -> dict[str, str]:
    """The environment that this process was started with: for a child that is to act in its place."""
    return {**os.environ, **_withheld}


def remember(token: str | None) -> None:
    """Take note of a token that came from elsewhere than the environment."""
    if token:
        _known.add(token)


def masked(text: str) -> str:
    """The text without any of them: servers, gateways and libraries repeat what they were given."""
    tokens = {*_known, *filter(None, map(of_environment, VARIABLES))}
    spelled = {each for token in tokens if len(token) >= _SHORTEST for each in _spellings(token)}
    # The longest first: one may begin with another.
    for each in sorted(spelled, key=len, reverse=True):
        text = text.replace(each, _MASK)
    return text


@functools.cache
def _spellings(token: str) -> frozenset[str]:
    """A token as it is, and as it stands in addresses and in JSON."""
    # Not wanted for `--help`.
    import json
    from urllib.parse import quote

    in_address = (quote(token, safe=safe, errors="replace") for safe in ("/", ""))
    return frozenset(
        {token, json.dumps(token)[1:-1], json.dumps(token, ensure_ascii=False)[1:-1], *in_address}
    )
