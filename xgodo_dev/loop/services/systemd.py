"""Services of Linux: a unit of the user's systemd."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev.loop.services.service import (
    FINAL_EXIT_CODES,
    INTERRUPTED,
    RESTART_PAUSE,
    Service,
    ServiceRefused,
    in_one_line,
)

_NOT_IN_A_PROGRAM = frozenset("\"'\\")


def unit(service: Service) -> str:
    """The unit file's text.

    Raises:
        ServiceRefused: systemd starts no program of such a name.
    """
    program, *arguments = service.command
    if _NOT_IN_A_PROGRAM.intersection(program) or not program.isprintable():
        raise ServiceRefused(
            f"systemd starts no program whose path has quotes or backslashes in it: {program}",
            hint="Install xgodo-dev elsewhere.",
        )
    # With the colon, `$` means nothing in what follows.
    command = " ".join(map(_quoted, (f":{program}", *arguments)))
    environment = "".join(
        f"Environment={_quoted(f'{name}={value}')}\n" for name, value in service.environment.items()
    )
    return f"""\
[Unit]
Description={_plain(service.description)}
# As often as RestartSec has it, without an end: a server that is away comes back.
StartLimitIntervalSec=0

[Service]
Type=exec
{environment}ExecStart={command}
Restart=on-failure
RestartSec={RESTART_PAUSE}
RestartPreventExitStatus={" ".join(map(str, FINAL_EXIT_CODES))}
SuccessExitStatus={INTERRUPTED}
KillMode=mixed
TimeoutStopSec=30

[Install]
WantedBy=default.target
"""


def file_of(service_name: str, config_home: Path) -> Path:
    """Where the user's systemd looks for it; ``config_home`` is ``~/.config`` or what is in its place."""
    return config_home / "systemd" / "user" / f"{service_name}.service"


def _quoted(text: str) -> str:
    """One word of a setting (systemd.syntax(7), and the specifiers of systemd.unit(5))."""
    escaped = "".join(_escaped(each) for each in text)
    return f'"{escaped}"'


def _escaped(each: str) -> str:
    if each in '\\"':
        return "\\" + each
    if each == "%":
        return "%%"
    if each.isprintable():
        return each
    # Also of a name that is no UTF-8: the byte that stands there.
    return "".join(f"\\x{byte:02x}" for byte in each.encode("utf-8", "surrogateescape"))


def _plain(text: str) -> str:
    return in_one_line(text).replace("%", "%%")
