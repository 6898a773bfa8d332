"""The systems that start services, and what they are told."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from xgodo_dev.loop.services import launchd, systemd, windows_task
from xgodo_dev.loop.services.service import Service, ServiceRefused
from xgodo_dev.places import config_directory
from xgodo_dev.project.disk import write_atomically

_DEADLINE = 60


class System(Protocol):
    """What starts a user's services. ``install`` and ``uninstall`` raise ServiceRefused."""

    title: str
    """What people call it."""

    def text(self, service: Service) -> str:
        """What describes the service there."""

    def place(self, name: str) -> str:
        """Where that is kept."""

    def install(self, service: Service) -> None:
        """Keep the service, in place of one of that name, and start it."""

    def uninstall(self, name: str) -> bool:
        """Stop the service and forget it; false: there is none."""


class Systemd:
    """The user's systemd, on Linux."""

    title = "systemd"

    def text(self, service: Service) -> str:
        return systemd.unit(service)

    def place(self, name: str) -> str:
        return str(self._file(name))

    def install(self, service: Service) -> None:
        self._require_session()
        _write(self._file(service.name), systemd.unit(service).encode("utf-8"))
        _ask(["systemctl", "--user", "daemon-reload"])
        _ask(["systemctl", "--user", "enable", f"{service.name}.service"])
        # Not `enable --now`: one that runs already is to run as it is described now.
        _ask(["systemctl", "--user", "restart", f"{service.name}.service"])

    def uninstall(self, name: str) -> bool:
        file = self._file(name)
        if not file.exists():
            return False
        self._require_session()
        _ask(["systemctl", "--user", "disable", "--now", f"{name}.service"])
        _remove(file)
        _ask(["systemctl", "--user", "daemon-reload"])
        return True

    def _file(self, name: str) -> Path:
        return systemd.file_of(name, config_directory().parent)

    def _require_session(self) -> None:
        try:
            _ask(["systemctl", "--user", "show-environment"])
        except ServiceRefused as error:
            raise ServiceRefused(
                "There is no systemd session of this user, as in a container or over some remote logins.",
                hint="`xgodo-dev daemon start` runs it without a service.",
            ) from error


class Launchd:
    """The user's launchd, on macOS."""

    title = "launchd"

    def text(self, service: Service) -> str:
        return launchd.agent(service).decode("utf-8")

    def place(self, name: str) -> str:
        return str(launchd.file_of(name, Path.home()))

    def install(self, service: Service) -> None:
        file = launchd.file_of(service.name, Path.home())
        if file.exists():
            self.uninstall(service.name)
        _write(file, launchd.agent(service))
        _ask(["launchctl", "bootstrap", _launchd_domain(), str(file)])

    def uninstall(self, name: str) -> bool:
        file = launchd.file_of(name, Path.home())
        if not file.exists():
            return False
        try:
            _ask(["launchctl", "bootout", f"{_launchd_domain()}/{name}"])
        except ServiceRefused:
            # One that was never loaded, or is not any more, can only be forgotten.
            if not _is_refused(["launchctl", "print", f"{_launchd_domain()}/{name}"]):
                raise
        _remove(file)
        return True


class TaskScheduler:
    """The task scheduler of Windows."""

    title = "the task scheduler"

    def text(self, service: Service) -> str:
        return windows_task.task(service, _windows_user()).decode("utf-16")

    def place(self, name: str) -> str:
        return f"the task {name}"

    def install(self, service: Service) -> None:
        with tempfile.TemporaryDirectory(prefix="xgodo-dev-") as folder:
            file = Path(folder) / "task.xml"
            _write(file, windows_task.task(service, _windows_user()))
            _ask(["schtasks", "/Create", "/TN", service.name, "/XML", str(file), "/F"])
        _ask(["schtasks", "/Run", "/TN", service.name])

    def uninstall(self, name: str) -> bool:
        if _is_refused(["schtasks", "/Query", "/TN", name]):
            return False
        # It may not run now.
        _is_refused(["schtasks", "/End", "/TN", name])
        _ask(["schtasks", "/Delete", "/TN", name, "/F"])
        return True


def system() -> System:
    """The one of this machine."""
    if sys.platform == "win32":
        return TaskScheduler()
    return Launchd() if sys.platform == "darwin" else Systemd()


def _launchd_domain() -> str:
    if sys.platform == "win32":
        return ""
    return f"gui/{os.getuid()}"


def _windows_user() -> str:
    return _ask(["whoami"]).strip()


def _write(file: Path, content: bytes) -> None:
    try:
        write_atomically(file, content)
    except OSError as error:
        raise ServiceRefused(f"{file} can't be written: {error.strerror}.") from error


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise ServiceRefused(f"{file} can't be removed: {error.strerror}.") from error


def _is_refused(command: Sequence[str]) -> bool:
    try:
        _ask(command)
    except ServiceRefused:
        return True
    return False


def _ask(command: Sequence[str]) -> str:
    """Run a command of the system's; what it printed.

    Raises:
        ServiceRefused: it is not there, does not come back, or says no.
    """
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            timeout=_DEADLINE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceRefused(f"`{' '.join(command)}` can't be run: {error}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        why = f": {said[0]}" if said else f" with code {done.returncode}"
        raise ServiceRefused(f"`{' '.join(command)}` failed{why}")
    return done.stdout
