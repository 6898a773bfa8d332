"""`xgodo-dev completion`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import Command
from xgodo_dev.cli.choice import Choice
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import RefusedError, UsageError

_SCRIPTS = Path(__file__).parent / "completing" / "scripts"
_SHELLS = ("bash", "zsh", "fish")
_OURS = "# Completion of xgodo-dev"


@dataclass(frozen=True)
class _Place:
    """Where a shell looks for the completion of a program."""

    file: Path
    next: str
    """What is left to do."""


@click.command(cls=Command, short_help="Complete commands, options and names in your shell.")
@click.argument("shell", type=Choice(_SHELLS), required=False)
@click.option(
    "--install", is_flag=True, help="Write it to the folder where the shell looks for such scripts."
)
def completion(shell: str | None, install: bool) -> int:
    """Print the script by which a shell completes commands, options, devices, projects and more.

    The shell is that of $SHELL where none is named.

    Devices and projects are those that a command has listed last: nothing is asked of a server while you
    type.

    \b
    Examples:
      source <(xgodo-dev completion bash)
      xgodo-dev completion --install
      xgodo-dev completion fish --install
    """
    shell = shell or _usual_shell()
    script = (_SCRIPTS / f"xgodo-dev.{shell}").read_text(encoding="utf-8")
    if not install:
        if invocation().json:
            output.json_document({"shell": shell, "script": script})
        else:
            click.echo(script, nl=False)
        return 0
    place = _place(shell, os.environ, Path.home())
    _write(place.file, script)
    if invocation().json:
        output.json_document({"shell": shell, "file": str(place.file), "next": place.next})
    else:
        output.result(f"Wrote {output.shown(str(place.file))}")
        output.note(place.next)
    return 0


def _usual_shell() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name not in _SHELLS:
        raise UsageError("Which shell?", hint=f"Name one: {', '.join(_SHELLS[:-1])} or {_SHELLS[-1]}.")
    return name


def _write(file: Path, script: str) -> None:
    from xgodo_dev.project.disk import write_atomically

    if os.path.lexists(file):
        there = "" if file.is_symlink() else file.read_text(encoding="utf-8", errors="replace")
        if _OURS not in there[:200]:
            raise RefusedError(
                f"{file} is there already, and not by this program.",
                hint="Move it away, or print the script without --install and keep it elsewhere.",
            )
    write_atomically(file, script.encode())


def _place(shell: str, environment: Mapping[str, str], home: Path) -> _Place:
    data = Path(environment.get("XDG_DATA_HOME") or home / ".local/share")
    if shell == "fish":
        settings = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
        return _Place(settings / "fish/completions/xgodo-dev.fish", "A new fish shell has it.")
    if shell == "zsh":
        folder = data / "zsh/site-functions"
        line = f"fpath=({_home_as_tilde(folder, home)} $fpath)"
        return _Place(
            folder / "_xgodo-dev", f"Add to ~/.zshrc, before `compinit`, unless it is there:  {line}"
        )
    folder = Path(environment.get("BASH_COMPLETION_USER_DIR") or data / "bash-completion")
    file = folder / "completions/xgodo-dev"
    return _Place(
        file,
        "A new shell has it where bash-completion is installed; else add to ~/.bashrc:  "
        f"source {_home_as_tilde(file, home)}",
    )


def _home_as_tilde(path: Path, home: Path) -> str:
    import shlex

    if path.is_relative_to(home):
        relative = path.relative_to(home).as_posix()
        return f"~/{shlex.quote(relative)}"
    return shlex.quote(str(path))
