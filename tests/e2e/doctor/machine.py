"""A machine that has what a test gives it, for `doctor` to look at."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Home
from xgodo_dev.toolchain import node


@dataclass
class Machine:
    """A home on a machine whose PATH is one folder, without the ``node`` extra."""

    home: Home
    bin: Path
    environment: dict[str, str]

    def has(self, name: str, script: str | None = None) -> None:
        """Put a program on PATH: a script, or else the real one."""
        program = self.bin / name
        if script is None:
            real = {"node": node.find_node(), "npm": node.npm_command()[0]}.get(name) or shutil.which(name)
            assert real
            program.symlink_to(real)
        else:
            program.write_text(f"#!/bin/sh\n{script}\n")
            program.chmod(0o755)

    def with_empty_cache(self) -> Path:
        """Forget the installed tools; returns the folder that would hold them."""
        cache = self.home.folder / "cache"
        self.environment["XDG_CACHE_HOME"] = str(cache)
        return cache

    def doctor(self, folder: Path | None = None, *, exit_code: int = 0, **settings: Any) -> dict[str, Any]:
        """The parts by name."""
        answer = self.home.json("doctor", cwd=folder, exit_code=exit_code, env=self.environment, **settings)
        assert answer["ok"] is (exit_code == 0)
        for part in answer["parts"]:
            assert part.keys() == {"name", "status", "version", "path", "message", "hint"}
            assert part["message"]
            # Whatever is not in order comes with a way out.
            assert part["status"] == "ok" or part["hint"], part
        return {part["name"]: part for part in answer["parts"]}


def statuses(parts: dict[str, Any]) -> dict[str, str]:
    return {name: part["status"] for name, part in parts.items()}


def noted(parts: dict[str, Any]) -> set[str]:
    """The names of parts that are not as they should be."""
    return {name for name, status in statuses(parts).items() if status != "ok"}
