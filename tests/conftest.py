"""What tests of several parts share."""

from __future__ import annotations

import asyncio
import gc

import pytest
from hypothesis import HealthCheck, settings

from xgodo_dev import known_tokens
from xgodo_dev.toolchain import tools

pytest_plugins = ["tests.endpoints.reached"]

# The same examples each time: what fails here fails for everybody. Tests that can search on say how. Nor does
# it depend on how busy the machine is: how long an example takes, or the making of it, is no property.
settings.register_profile(
    "deterministic", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("deterministic")


@pytest.fixture(scope="session")
def toolchain() -> tools.Toolchain:
    """The real TypeScript and esbuild, from the user's cache; installed there by the first run of all."""
    return asyncio.run(tools.ensure(None))


@pytest.fixture(autouse=True)
def no_tokens_of_other_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What one test has signed in with is masked in no text of the next, whichever that is."""
    monkeypatch.setattr(known_tokens, "_known", set())


def pytest_collection() -> None:
    # What is collected, thousands of tests, is no garbage: looking through it takes a third of the time.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
