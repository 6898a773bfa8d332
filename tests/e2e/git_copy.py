"""A folder of a project that is, or lies in, a git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.e2e.working_copies import Copy


class GitCopy(Copy):
    """A project in a git repository of its own."""

    def git(self, *arguments: str | Path) -> str:
        """Run git there, and return what it prints."""
        done = self.try_git(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def try_git(self, *arguments: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
        """Run git there, whatever becomes of it."""
        environment = {**self.home.environment, **self.env, **settings.pop("env", {})}
        return subprocess.run(
            ["git", *arguments],
            cwd=settings.pop("cwd", self.root),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            **settings,
        )


def in_git(copy: Copy) -> GitCopy:
    """The same folder, with everything in it committed in a new repository."""
    (copy.home.folder / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.com\n")
    made = GitCopy(copy.home, copy.root, copy.env)
    made.git("init", "-q", "-b", "main")
    made.write(".gitignore", ".xgodo/\n")
    made.git("add", ".")
    made.git("commit", "-qm", "Begin")
    return made
