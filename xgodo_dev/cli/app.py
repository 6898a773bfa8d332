"""The command `xgodo-dev`: which commands there are, and how every error ends."""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from xgodo_dev import known_tokens
from xgodo_dev.cli import help_layout, standard_streams, suggesting
from xgodo_dev.cli.invocation import Invocation, global_options, is_global
from xgodo_dev.errors import UsageError, XgodoError

INTERRUPTED = 130

# Name, module below xgodo_dev.cli, short help. It stands here so that `--help` imports no command;
# a test holds each short help against the command's own.
_SECTIONS: dict[str, dict[str, tuple[str, str]]] = {
    "Start": {
        "init": ("init", "Make a new project from a template."),
        "clone": ("clone", "Bring a project of the platform to this disk."),
        "demo": ("demo", "See the whole loop at work, against an emulator of the platform."),
        "doctor": ("doctor.command", "Look whether everything is there that is needed."),
        "editor": ("editor", "Set up editors for the project."),
    },
    "Account": {
        "login": ("account", "Keep a token for a server."),
        "logout": ("account", "Forget the token of a server."),
        "whoami": ("account", "Ask the server whether the token works."),
        "profile": ("profile", "Name servers, and choose this machine's."),
    },
    "Work": {
        "watch": ("watch", "Check, push and run on every save."),
        "daemon": ("daemon", "Keep the loop running in the background."),
        "check": ("check", "Type-check the project."),
        "build": ("build", "Make one runnable script of the project."),
        "types": ("types", "Make the project's declarations from its schemas."),
    },
    "Devices and runs": {
        "run": ("run", "Run the project on devices and follow its logs."),
        "launch": ("launch", "Start the project as the platform has it saved."),
        "stop": ("stop", "Stop what this project runs, or everything on a device."),
        "logs": ("logs", "Show what runs have logged."),
        "runs": ("runs", "List the recorded runs."),
        "devices": ("devices", "List your devices."),
    },
    "Share": {
        "status": ("status", "Show what differs between this disk and the platform."),
        "diff": ("diff", "Show how the files here differ from those on the platform."),
        "push": ("push", "Type-check, then send local changes to the platform."),
        "pull": ("pull", "Bring the platform's changes to this disk."),
        "commit": ("commit", "Push, then commit on the platform."),
        "log": ("log", "List the platform's commits, and git's beside them."),
        "hooks": ("hooks", "Check at each git commit, and send at each git push."),
        "backup": ("backup", "List and restore what a sync replaced."),
    },
    "Platform": {
        "jobs": ("endpoints.groups", "Post jobs, and judge what workers hand in."),
        "tasks": ("endpoints.groups", "Apply for tasks of jobs, hand them in, and look at them."),
        "planned-tasks": (
            "endpoints.groups",
            "The inputs that wait for a device or worker, of one's own jobs.",
        ),
        "bucket": ("endpoints.groups", "The JSON object that a job's automation keeps on each device."),
        "device-bucket": ("endpoints.groups", "The JSON object that all automations on a device share."),
        "proxies": ("endpoints.groups", "SOCKS5 and HTTP proxies through one's own devices."),
        "files": ("endpoints.groups", "Files kept for 15 minutes."),
        "payments": ("endpoints.groups", "Withdraw money, and list withdrawals."),
        "user": ("endpoints.groups", "The account and its balance."),
        "automation": (
            "endpoints.groups",
            "Files and commits of automation projects, by the documented API.",
        ),
        "projects": (
            "endpoints.groups",
            "Automation projects, by the project API that the platform's own client uses.",
        ),
        "templates": ("endpoints.groups", "Templates of automation projects."),
        "platform-types": ("endpoints.groups", "The platform's type declarations."),
        "admin": ("endpoints.groups", "What needs the platform's admin token."),
        "api": ("api", "Send any request, and print its answer."),
        "mobilerun": ("endpoints.groups", "Cloud phones, and an agent that carries out tasks on them."),
    },
    "This machine": {
        "emulator": ("emulator", "Run the platform and a phone on this machine."),
        "completion": ("completion", "Complete commands, options and names in your shell."),
    },
}


def sections() -> list[tuple[str, list[str]]]:
    """The names of the commands of the top level, by the headings under which its help has them."""
    return [(title, list(section)) for title, section in _SECTIONS.items()]


def summary_of(name: str) -> str:
    """The short help of a command of the top level."""
    return next(section[name][1] for section in _SECTIONS.values() if name in section)


class Command(click.Command):
    """A command that also takes the global options, which its help has at the end."""

    context_class = help_layout.Context

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.params.extend(global_options())

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            known = [name for each in self.get_params(ctx) for name in (*each.opts, *each.secondary_opts)]
            meant = suggesting.near(error.option_name, [name for name in known if name.startswith("--")])
            message = f"{error.message} Did you mean {meant!r}?" if meant else error.message
            raise click.NoSuchOption(error.option_name, message, ctx=ctx) from error
        except click.BadOptionUsage as error:
            # Of some, click does not tell whose they are; the hint names that.
            error.ctx = error.ctx or ctx
            raise

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_help(ctx, formatter)
        shared = [each for each in self.get_params(ctx) if is_global(each)]
        help_layout.write_options(formatter, ctx, "Global options", shared)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        text, _examples = help_layout.text_and_examples(self.help)
        if text:
            formatter.write_paragraph()
            with formatter.indentation():
                formatter.write_text(text)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = [
            each for each in self.get_params(ctx) if each.param_type_name == "option" and not is_global(each)
        ]
        help_layout.write_options(formatter, ctx, "Options", own)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        _text, examples = help_layout.text_and_examples(self.help)
        help_layout.write_examples(formatter, examples)
        super().format_epilog(ctx, formatter)


class Group(Command, click.Group):
    """A group of commands that also takes the global options."""

    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        # As they are written down, which is the order in which one comes to need them.
        return list(self.commands)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, each.get_short_help_str(200)) for name, each in self.commands.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            meant = self.meant(ctx, args)
            if meant:
                raise click.UsageError(
                    f"No such command {args[0]!r}. Did you mean {meant!r}?", ctx
                ) from error
            raise

    def meant(self, ctx: click.Context, typed: Sequence[str]) -> str | None:
        """What may have been meant by words of which the first is none of the commands."""
        return suggesting.near(typed[0], self.list_commands(ctx))


Group.group_class = Group


class LazyGroup(Group):
    """The top level: a command's module is imported when it runs, not when it is listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for section in _SECTIONS.values() for name in section]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for section in _SECTIONS.values():
            if cmd_name in section:
                module = importlib.import_module(f"xgodo_dev.cli.{section[cmd_name][0]}")
                command: click.Command = getattr(module, cmd_name.replace("-", "_"))
                return command
        return None

    def meant(self, ctx: click.Context, typed: Sequence[str]) -> str | None:
        return suggesting.command(typed, self.list_commands(ctx))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, section in _SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, summary) for name, (_module, summary) in section.items()])


class _Version(click.Option):
    """`--version`, without the package metadata that click would look up."""

    def __init__(self) -> None:
        super().__init__(
            ["--version"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=self._print,
            help="Show the version.",
        )

    @staticmethod
    def _print(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            from xgodo_dev import __version__

            click.echo(f"xgodo-dev {__version__}")
            context.exit()


cli = LazyGroup(
    name="xgodo-dev",
    help="Edit Xgodo phone automations in your own editor: save a file, and it is checked, synced, "
    "run on the phone, and its logs come back.",
    epilog="Begin with `xgodo-dev demo`, or `xgodo-dev init my-automation`.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    params=[_Version()],
)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit with the contract's code; no traceback ever reaches a person."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # A command line that can't be read may break off before --json: errors are JSON all the same.
    options = Invocation(json="--json" in arguments)
    standard_streams.prepare()
    try:
        result = cli.main(args=arguments, prog_name="xgodo-dev", standalone_mode=False, obj=options)
        _exit(result if isinstance(result, int) else 0)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        _exit(UsageError.exit_code)
    except click.ClickException as error:
        context = error.ctx if isinstance(error, click.UsageError) else None
        hint = f"See `{context.command_path} --help`." if context else None
        _fail(UsageError(error.format_message(), hint=hint), options)
    except click.Abort:
        _exit(INTERRUPTED)
    except KeyboardInterrupt:
        from xgodo_dev.cli.terminal import interrupted_line

        interrupted_line.end()
        _exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - the last line of defence against tracebacks
        if any(isinstance(cause, BrokenPipeError) for cause in _causes(error)):
            # Whoever read our output has left.
            _exit(1)
        _fail(reported(error, options), options)


def reported(error: Exception, options: Invocation) -> XgodoError:
    """What is told of an error, or of the most important of several."""
    causes = _causes(error)
    known = [cause for cause in causes if isinstance(cause, XgodoError)]
    # A folder that isn't there or may not be written to, a full disk: the person's to mend, not a bug.
    known += [_from_system(cause) for cause in causes if isinstance(cause, OSError) and cause.strerror]
    return worst(known) or _unexpected(error, options)


def _causes(error: BaseException) -> list[BaseException]:
    """The errors that a task group gathered, or the one there is."""
    if isinstance(error, BaseExceptionGroup):
        return [cause for each in error.exceptions for cause in _causes(each)]
    return [error]


def worst(errors: Sequence[XgodoError]) -> XgodoError | None:
    """The error to report of several: the one whose exit code the contract puts first."""
    order = {4: 0, 5: 1, 3: 2}
    return min(errors, key=lambda each: order.get(each.exit_code, 3), default=None)


def _from_system(error: OSError) -> XgodoError:
    named = isinstance(error.filename, (str, bytes))
    hint = None
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        hint = "`xgodo-dev doctor` tells which folders can't be written."
    elif error.errno == errno.ENOSPC:
        hint = "Make room on that disk, and try again."
    return XgodoError(f"{os.fsdecode(error.filename) + ': ' if named else ''}{error.strerror}.", hint=hint)


def _unexpected(error: Exception, options: Invocation) -> XgodoError:
    try:
        hint = _noted(error, options)
    except (OSError, XgodoError) as obstacle:
        hint = f"This is a bug. What happened can't be written down: {obstacle}"
    cause = _causes(error)[0]
    return XgodoError(f"Something unexpected went wrong: {type(cause).__name__}: {cause}", hint=hint)


def _noted(error: Exception, options: Invocation) -> str:
    """Write to the log what happened, where that is wanted; what to tell of it."""
    from xgodo_dev import places

    log_file = places.log_file()
    if options.verbosity < 2:
        return f"This is a bug. Run it again with -vv to write what happened to {log_file}."
    import traceback

    log_file.parent.mkdir(parents=True, exist_ok=True)
    with log_file.open("a", encoding="utf-8") as log:
        log.write(known_tokens.masked("".join(traceback.format_exception(error))))
    return f"This is a bug. What happened is in {log_file}."


def _fail(error: XgodoError, options: Invocation) -> NoReturn:
    from xgodo_dev.cli.output import print_error

    # Libraries repeat in their errors what they were given.
    error.take_out(known_tokens.masked)
    with contextlib.suppress(OSError):
        print_error(error, options)
    _exit(error.exit_code)


def _exit(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            # Whoever read it has left, or its disk is full. Python would try again at its end, and complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
            code = code or 1
    sys.exit(code)
