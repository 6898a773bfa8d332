"""Services of macOS: an agent of the user's launchd."""

from __future__ import annotations

import plistlib
from pathlib import Path

from xgodo_dev.loop.services.service import (
    FINAL_EXIT_CODES,
    INTERRUPTED,
    RESTART_PAUSE,
    Service,
    ServiceRefused,
)

# launchd knows failure and success, no codes: of those that no further start mends, it is told success.
# What ends the agent has to reach the daemon, also in the moment it is begun, and its end is waited for.
WRAPPER = f"""\
daemon= ending=
trap 'ending=1; kill -TERM "$daemon" 2>/dev/null' TERM INT HUP
"$@" & daemon=$!
[ -z "$ending" ] || kill -TERM "$daemon" 2>/dev/null
while :; do wait "$daemon"; code=$?; kill -0 "$daemon" 2>/dev/null || break; done
case $code in {"|".join(map(str, (*FINAL_EXIT_CODES, INTERRUPTED)))}) exit 0;; esac
exit $code
"""


def agent(service: Service) -> bytes:
    """The property list.

    Raises:
        ServiceRefused: a path has characters that can't be in one.
    """
    content = {
        "Label": service.name,
        "ProgramArguments": ["/bin/sh", "-c", WRAPPER, service.name, *service.command],
        "EnvironmentVariables": dict(service.environment),
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": RESTART_PAUSE,
        "ExitTimeOut": 30,
    }
    try:
        return plistlib.dumps(content)
    except ValueError as error:
        raise ServiceRefused(f"launchd can't be told of {service.command}: {error}.") from error


def file_of(service_name: str, home: Path) -> Path:
    """Where the user's launchd looks for it."""
    return home / "Library" / "LaunchAgents" / f"{service_name}.plist"
