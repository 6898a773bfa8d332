"""A remote project as somebody else edits it, and the folders of the people who work on it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from xgodo_dev import resources

# Of linux/prctl.h and linux/capability.h.
_CAPBSET_DROP, _DAC_OVERRIDE, _DAC_READ_SEARCH = 24, 1, 2

if TYPE_CHECKING:
    from tests.e2e.conftest import Emulator, Home


def give_up_privileges() -> None:
    """In a new process, before its program starts: root may read every file, and nobody else may."""
    if sys.platform == "linux" and os.geteuid() == 0:
        system = ctypes.CDLL(None, use_errno=True)
        for capability in (_DAC_OVERRIDE, _DAC_READ_SEARCH):
            assert system.prctl(_CAPBSET_DROP, capability) == 0, os.strerror(ctypes.get_errno())


class OnServer:
    """One project on a running emulator, edited past every working copy, as in the web IDE."""

    def __init__(self, emulator: Emulator, project_id: str) -> None:
        self.emulator = emulator
        self.id = project_id
        self.folder = emulator.data / "projects" / project_id
        self._client = httpx.Client(
            base_url=emulator.url,
            headers={"Authorization": f"Bearer {emulator.token}"},
            verify=False,
            timeout=60,
        )

    def read(self, path: str) -> str | None:
        answer = self._client.get(f"/api/v2/automation/file/{self.id}", params={"path": path})
        return answer.json()["content"] if answer.status_code == 200 else None

    def write(self, path: str, content: str) -> None:
        body = {"path": path, "content": content}
        answer = self._client.put(f"/api/v2/automation/file/{self.id}", json=body)
        assert answer.status_code == 200, answer.text

    def write_all(self, files: dict[str, str]) -> None:
        for path, content in files.items():
            self.write(path, content)

    def delete(self, path: str) -> None:
        # Only the web IDE can; of a server without its endpoints the disk is at hand.
        (self.folder / path).unlink()
        (self.folder / path).with_suffix(".js").unlink(missing_ok=True)

    def commits(self) -> list[str]:
        """The messages of the commits, newest first."""
        logged = subprocess.run(
            ["git", "-C", self.folder, "log", "--format=%B%x00"], capture_output=True, text=True
        )
        return [message.strip() for message in logged.stdout.split("\0") if message.strip()]


@dataclass(frozen=True)
class Copy:
    """One person's folder of a project, and the command run in it."""

    home: Home
    root: Path
    env: dict[str, str]

    def run(self, *arguments: str | Path, **settings: Any) -> subprocess.CompletedProcess[str]:
        return self.home.run(*arguments, cwd=self.root, env=self.env, **settings)

    def json(self, *arguments: str | Path, exit_code: int = 0, **settings: Any) -> Any:
        return self.home.json(*arguments, exit_code=exit_code, cwd=self.root, env=self.env, **settings)

    def states(self, *options: str) -> dict[str, str]:
        """What `status` says of each path that differs."""
        told = self.json("status", *options)
        assert told["clean"] is (not told["changes"])
        return {each["path"]: each["state"] for each in told["changes"]}

    def write(self, path: str, content: str | bytes) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_bytes(content.encode() if isinstance(content, str) else content)

    def write_all(self, files: Mapping[str, str | bytes]) -> None:
        for path, content in files.items():
            self.write(path, content)

    def read(self, path: str) -> str:
        return (self.root / path).read_bytes().decode()

    def delete(self, *paths: str) -> None:
        for path in paths:
            (self.root / path).unlink()

    def files(self) -> dict[str, bytes]:
        """Everything in the folder but what the toolkit keeps for itself."""
        return {
            file.relative_to(self.root).as_posix(): file.read_bytes()
            for file in self.root.rglob("*")
            if file.is_file() and ".xgodo" not in file.parts
        }

    def backups(self, path: str) -> list[str]:
        copies = sorted((self.root / ".xgodo" / "backup").glob(f"*/{path}"))
        return [copy.read_bytes().decode() for copy in copies]

    @property
    def project_id(self) -> str:
        """The project it is bound to."""
        identifier: str = tomllib.loads(self.read("xgodo.toml"))["project"]["id"]
        return identifier

    def bind(self, project_id: str) -> None:
        """Binds it to another project, with the same settings otherwise."""
        self.write("xgodo.toml", self.read("xgodo.toml").replace(self.project_id, project_id))

    def settings(self, project_id: str, *, include: tuple[str, ...] = ()) -> None:
        self.write(
            "xgodo.toml",
            f'[project]\nname = "{self.root.name}"\nid = "{project_id}"\n\n'
            f"[sync]\ninclude = {json.dumps(list(include))}\n",
        )


def new_copy(home: Home, emulator: Emulator, project_id: str, root: Path, files: dict[str, str]) -> Copy:
    """A folder bound to a project, with compiler settings and these files; nothing was synced yet."""
    copy = Copy(home, root, emulator.env)
    copy.settings(project_id)
    copy.write("tsconfig.json", (resources.directory("templates") / "shared/tsconfig.json").read_bytes())
    copy.write_all(files)
    return copy


@dataclass(frozen=True)
class Pushed:
    """A folder that was pushed to its project; nobody changes either."""

    copy: Copy
    remote: OnServer

    def duplicate(self, home: Home, remote: OnServer, root: Path) -> Copy:
        """A folder and its project, both as these are: a push of the same files would take much longer."""
        shutil.copytree(self.remote.folder, remote.folder)
        shutil.copytree(self.copy.root, root)
        made = Copy(home, root, self.copy.env)
        made.bind(remote.id)
        with closing(sqlite3.connect(root / ".xgodo" / "state.db", isolation_level=None)) as state:
            tables = state.execute(
                "SELECT name FROM sqlite_master WHERE sql LIKE '%(remote TEXT,%'"
            ).fetchall()
            changed = {
                name: state.execute(
                    f"UPDATE {name} SET remote = replace(remote, ?, ?)", (self.remote.id, remote.id)
                ).rowcount
                for (name,) in tables
            }
        assert changed["base"], "the state knows nothing of a push"
        return made
