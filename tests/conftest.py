"""What tests of several parts share."""

from __future__ import annotations

import asyncio

import pytest

from xgodo_dev.toolchain import tools


@pytest.fixture(scope="session")
def toolchain() -> tools.Toolchain:
    """The real TypeScript and esbuild, from the user's cache; installed there by the first run of all."""
    return asyncio.run(tools.ensure(None))
