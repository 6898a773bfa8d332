"""Measures the build room inside a running process, beside the bare native tools on the same project."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from tests.benchmarks import sample_project
from tests.benchmarks.command import Table
from xgodo_dev.toolchain import tools
from xgodo_dev.toolchain.bundle import bundle
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

CHECKED_FILES = 100
BUNDLED_FILES = 60
LONGEST_CHECK = 1.3  # times the bare compiler
LONGEST_BUNDLE = 30.0  # ms more than the bare bundler


async def _measure(runs: int, root: Path) -> None:
    toolchain = await tools.ensure(root)
    table = Table("in a running process", "ms")
    sample_project.make(root / "checked", CHECKED_FILES)
    bare, ours = await _checks(toolchain, root / "checked", runs)
    bound = statistics.median(bare) * LONGEST_CHECK
    table.add(f"bare compiler, {CHECKED_FILES} files", bare)
    ratio = statistics.median(ours) / statistics.median(bare)
    table.add(f"check, {CHECKED_FILES} files", ours, bound, f"{ratio:.2f} times the bare compiler")
    modules = sample_project.make(root / "bundled", BUNDLED_FILES * 2)[:BUNDLED_FILES]
    entry = root / "bundled" / "all.ts"
    entry.write_text("".join(f'import "./{path[:-3]}";\n' for path in modules), encoding="utf-8")
    bare, ours = await _bundles(toolchain, root / "bundled", runs)
    bound = statistics.median(bare) + LONGEST_BUNDLE
    table.add(f"bare bundler, {BUNDLED_FILES} files", bare)
    more = statistics.median(ours) - statistics.median(bare)
    table.add(f"build, {BUNDLED_FILES} files", ours, bound, f"{more:.1f} ms over the bare bundler")


async def _checks(toolchain: Toolchain, root: Path, runs: int) -> tuple[list[float], list[float]]:
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run([toolchain.tsc, "-p", "tsconfig.json", "--noEmit"], cwd=root, check=True)  # noqa: ASYNC221
        bare.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        result = await check(toolchain, root)
        ours.append((time.perf_counter() - began) * 1000)
        assert result.ok, result.errors
    return bare, ours


async def _bundles(toolchain: Toolchain, root: Path, runs: int) -> tuple[list[float], list[float]]:
    bare: list[float] = []
    ours: list[float] = []
    command = [toolchain.esbuild, "--bundle", "--format=esm", "--sourcemap=inline", "all.ts"]
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, cwd=root, check=True, capture_output=True)  # noqa: ASYNC221
        bare.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        made = await bundle(toolchain, root, "all.ts")
        ours.append((time.perf_counter() - began) * 1000)
        assert len(made.source_map.sources) >= BUNDLED_FILES
    return bare, ours


def measure(runs: int) -> None:
    """The type check and the bundle, each interleaved with its bare tool."""
    with tempfile.TemporaryDirectory(prefix="xgodo-bench-") as folder:
        asyncio.run(_measure(runs, Path(folder)))
