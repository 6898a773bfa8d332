"""The options of `watch`, which `daemon start` has too."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, TypeVar

import click

from xgodo_dev.cli import collector, run_arguments
from xgodo_dev.cli.duration import duration
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.cli.watching import Wanted
from xgodo_dev.loop.options import WatchOptions
from xgodo_dev.project import config, schemas
from xgodo_dev.project.config import Project
from xgodo_dev.runs.secrets import MASK

_REPEATED = {"--device": "devices", "--param": "parameters", "--var": "variables"}
# What stands before the host of an address.
_PASSWORD = re.compile("//.*@")
_Function = TypeVar("_Function", bound=Callable[..., Any])


def options(command: _Function) -> _Function:
    """The options of a loop, whose values ``wanted`` takes."""
    for option in reversed(
        (
            click.option("--run", is_flag=True, help="Also run on every save that type-checks."),
            click.option("-d", "--device", "devices", multiple=True, metavar="DEVICE", help="Where to run."),
            run_arguments.parameter_option,
            run_arguments.variable_option,
            click.option("--no-check", is_flag=True, help="Don't type-check."),
            click.option("--no-push", is_flag=True, help="Don't send anything to the remote project."),
            click.option(
                "--poll",
                callback=duration(least=1, most=86_400),
                metavar="TIME",
                help="Look so often (in seconds, or 30s, 5m) for what others change on the platform.",
            ),
            click.option(
                "--emulator",
                is_flag=True,
                help="Use the emulator on this machine; start it when none runs.",
            ),
            collector.otlp_option,
        )
    ):
        command = option(command)
    return command


def wanted(
    *,
    run: bool,
    devices: tuple[str, ...],
    parameters: tuple[str, ...],
    variables: tuple[str, ...],
    no_check: bool,
    no_push: bool,
    poll: float | None,
    emulator: bool,
    otlp: str | None,
) -> Wanted:
    """What the options say.

    Raises:
        UsageError: they contradict each other.
    """
    loop = WatchOptions(
        run=run,
        check=not no_check,
        push=not no_push,
        poll=poll,
        parameters=parameters,
        variables=variables,
    )
    return Wanted(devices=devices, options=loop, emulator=emulator, otlp=otlp)


def require_usable_arguments(project: Project, of: Wanted) -> None:
    """Refuse parameters and job variables that no run can be started with, as `run` does.

    Where the options give none, the loop tells what is wrong with those of the settings: a save mends that.

    Raises:
        ArgumentsInvalid: names all that is wrong.
    """
    loop = of.options
    if loop.parameters or loop.variables:
        loop.arguments_of(project, schemas.load(project))


def described(of: Wanted) -> dict[str, Any]:
    """What a daemon was started with, as it tells it: the options, and those that select the server."""
    loop, options = of.options, invocation()
    profile = api_url = None
    if not of.emulator:
        # As everywhere: what is given beats the environment, and an address a profile.
        api_url = options.api_url or (None if options.profile else os.environ.get("XGODO_API_URL")) or None
        profile = options.profile or os.environ.get("XGODO_PROFILE") or None
    return {
        "run": loop.run,
        "devices": list(of.devices or config.devices_from_environment()) if loop.run else [],
        "parameters": list(loop.parameters),
        "variables": list(loop.variables),
        "check": loop.check,
        "push": loop.push,
        "poll": loop.poll,
        "emulator": of.emulator,
        "otlp": of.otlp,
        "profile": profile,
        "api_url": api_url,
    }


def as_arguments(told: Mapping[str, Any]) -> list[str]:
    """The command line that means what ``described`` tells; what it does not know is left out."""
    switches = {
        "--run": told.get("run") is True,
        "--no-check": told.get("check") is False,
        "--no-push": told.get("push") is False,
        "--emulator": told.get("emulator") is True,
    }
    arguments = [switch for switch, is_on in switches.items() if is_on]
    values = {
        "--poll": told.get("poll"),
        "--otlp": told.get("otlp"),
        "--profile": told.get("profile"),
        "--api-url": told.get("api_url"),
    }
    arguments += [f"{option}={value}" for option, value in values.items() if value is not None]
    for option, name in _REPEATED.items():
        given = told.get(name)
        arguments += [f"{option}={value}" for value in (given if isinstance(given, list) else [])]
    return arguments


def to_show(told: Mapping[str, Any], project: Project) -> dict[str, Any]:
    """What ``described`` tells, without what the project calls secret, and without passwords."""
    shown = dict(told)
    if isinstance(collector_url := told.get("otlp"), str):
        shown["otlp"] = _PASSWORD.sub(f"//{MASK}@", collector_url)
    for name in ("parameters", "variables"):
        given = told.get(name)
        if isinstance(given, list):
            shown[name] = [_without_secret(str(pair), project.secrets) for pair in given]
    return shown


def _without_secret(pair: str, secret_names: Collection[str]) -> str:
    name, _, _ = pair.partition("=")
    return f"{name}={MASK}" if name in secret_names else pair


def contradiction(of: Wanted, told: Mapping[str, Any]) -> str | None:
    """What is wanted that a daemon, by what ``described`` told of it, does not do; None: nothing.

    What no option says is left to the daemon.
    """
    loop = of.options
    wants = (
        (loop.run and not told.get("run"), "it does not run the project"),
        (not loop.check and told.get("check"), "it type-checks every save"),
        (not loop.push and told.get("push"), "it sends every save to the platform"),
        (
            loop.poll is not None and loop.poll != told.get("poll"),
            "it does not look that often for changes on the platform",
        ),
        (of.emulator and not told.get("emulator"), "it does not work with the emulator"),
        (_differs(loop.parameters, told.get("parameters")), "it runs with other parameters"),
        (_differs(loop.variables, told.get("variables")), "it runs with other job variables"),
        (of.otlp is not None and of.otlp != told.get("otlp"), "it sends nothing to that collector"),
    )
    return next((why for is_wanted, why in wants if is_wanted), None)


def _differs(wanted_pairs: Sequence[str], told: object) -> bool:
    """Whether pairs are wanted that are not those told; of a name given twice, the last one counts."""
    runs_with = told if isinstance(told, list) else []
    return bool(wanted_pairs) and _by_name(wanted_pairs) != _by_name([str(pair) for pair in runs_with])


def _by_name(pairs: Sequence[str]) -> dict[str, str]:
    parts = [pair.partition("=") for pair in pairs]
    return {name: value for name, _, value in parts}
