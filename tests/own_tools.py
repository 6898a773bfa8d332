"""Puts packages of TypeScript and esbuild into projects, as npm does."""

from __future__ import annotations

import json
from pathlib import Path

from xgodo_dev.toolchain import tools

TYPESCRIPT, ESBUILD = tools.TYPESCRIPT, tools.ESBUILD


def add_tool(root: Path, kind: tools.Kind, version: str, *, program: Path | None) -> Path:
    """Add a package of that version below ``root``, and where it keeps its native program.

    The program is a link to ``program``; without one the package for this platform is left out.
    """
    modules = root / "node_modules"
    _write_manifest(modules / kind.package, version)
    cached = tools.find_tool(kind, None)
    assert cached is not None
    scope = modules / cached.package.parent.name
    package = scope / cached.package.name
    binary = package / cached.binary.relative_to(cached.package)
    if program is not None:
        _write_manifest(package, version)
        binary.parent.mkdir()
        binary.symlink_to(program)
    return binary


def _write_manifest(package: Path, version: str) -> None:
    package.mkdir(parents=True, exist_ok=True)
    (package / "package.json").write_text(json.dumps({"version": version}), encoding="utf-8")
