"""Printing: results to stdout, everything else to stderr, JSON never mixed with anything."""

from __future__ import annotations

import contextlib
import json
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

from xgodo_dev.cli.invocation import Invocation, invocation
from xgodo_dev.cli.output_streams import unread
from xgodo_dev.cli.view.line_stream import LineStream
from xgodo_dev.errors import XgodoError
from xgodo_dev.known_tokens import masked

# What turns, hides or tears apart what a terminal shows: control characters (C1 too, which some obey),
# the bidirectional controls of Unicode (UAX #9), and its separators of lines and paragraphs.
_TURNING = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029"
_HARMFUL_IN_LINE = re.compile(f"[\x00-\x1f\x7f-\x9f{_TURNING}]")
_HARMFUL_IN_TEXT = re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f{_TURNING}]")
# Of those, what JSON leaves as it is.
_HARMFUL_IN_JSON = re.compile(f"[\x7f-\x9f{_TURNING}]")
# The codes that click.style makes of the colours and attributes used here. Links are not among them: they are
# made for lines of logs only, which are written as they are.
_OUR_STYLES = re.compile(r"(\x1b\[(?:[012]|[39][0-7]|38;5;\d{1,3})m)")
# As for a program: no spaces. Made once, since a stream has thousands of lines a second.
_encoded_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# A command line of this program, but none that concerns no server, or says itself which one.
_ADVICE = re.compile(
    r"`xgodo-dev (?!emulator |profile |init|demo|doctor|[^`]*--(?:profile|api-url|emulator)\b)"
)
# What begins a line that GitHub's runner obeys, also of stderr.
_WORKFLOW_COMMAND = re.compile(r"^(\s*:):", re.MULTILINE)
_HINT = click.style("hint:", fg="cyan")
_lines = LineStream()
# Bytes printed that wait for a reader. Of more, lines of logs are left out: they are recorded.
_MOST_UNREAD = 64 * 1024 * 1024
_left_out = 0
_left_out_is_event = False


def result(text: str) -> None:
    """Print a line of the command's result."""
    click.echo(harmless(masked(text)), color=_color_choice())


def exact(text: str) -> None:
    """Print a line for a program, with all that is in it."""
    # Else click would strip what looks like a style.
    click.echo(text, color=True)


def harmless(text: str) -> str:
    """The text without power over the terminal: all that would have it is escaped, but line ends and styles
    as they are used here.
    """
    return "".join(part if number % 2 else plain(part) for number, part in enumerate(_OUR_STYLES.split(text)))


def plain(text: str) -> str:
    """Foreign text of several lines, which no style is expected in: nothing in it controls the terminal."""
    return _HARMFUL_IN_TEXT.sub(_escape, text)


def log_lines(text: str) -> None:
    """Write lines of logs as they are, their ends included; see :class:`LineStream` for when.

    Whoever makes them sees to it that nothing foreign in them controls the terminal. Where nobody reads them
    for long, they are left out, which is told.
    """
    if _has_room(text.count("\n"), told_as_event=False):
        _lines.write(text)


def json_document(document: Any) -> None:
    """Print the one JSON document of a command."""
    click.echo(_without_control(masked(json.dumps(document, ensure_ascii=False))))


def json_line(record: Any, *, logs_only: bool = False) -> None:
    """Print one line of a JSON stream; see :class:`LineStream` for when.

    Lines of logs are left out where nobody reads for long. It is told as an event, or on stderr where the
    stream is to have ``logs_only``.
    """
    if record.get("event") != "log" or _has_room(1, told_as_event=not logs_only):
        _lines.write(_without_control(_encoded_line(record)) + "\n")


def note(text: str) -> None:
    """Print a line of progress, unless results only are wanted."""
    options = invocation()
    if not options.quiet and not options.json:
        _settle()
        click.echo(_for_person(harmless(masked(text)), options), err=True, color=_color_choice())


def remark(text: str) -> None:
    """Say on stderr that something is missing, to programs too."""
    if not invocation().quiet:
        _settle()
        click.echo(harmless(masked(text)), err=True)


def waiting_for(address: str) -> Callable[[], None]:
    """Tells that a server has not answered yet, when it is called."""
    return lambda: note(f"Waiting for {shown(address)}, which has not answered yet.")


def finish() -> None:
    """Nothing more is printed for now: say what was left out, and hand all of it over to be written."""
    _tell_left_out()
    _settle()


def error_document(error: XgodoError) -> dict[str, Any]:
    """An error in the contract's JSON shape."""
    described: dict[str, Any] = {"code": error.code, "message": str(error)}
    if error.hint:
        described["hint"] = error.hint
    return {"error": described | error.details()}


def print_error(error: XgodoError, options: Invocation) -> None:
    """Show an error, and the way out."""
    if options.json:
        json_document(error_document(error))
        return
    # That stdout can't be written is no reason to be silent about this; the program's end tells of it.
    with contextlib.suppress(OSError):
        _settle()
    color = None if options.color else False
    for word, text in ((click.style("error:", fg="red", bold=True), str(error)), (_HINT, error.hint)):
        if text:
            indent = len(click.unstyle(word)) + 1
            # Servers have a say in it, in as many lines as they like.
            told = _WORKFLOW_COMMAND.sub(r"\1 :", plain(text))
            click.echo(f"{word} {_for_person(told, options, indent)}", err=True, color=color)


def shown(text: str) -> str:
    """A path or another foreign word as one line of plain text: nothing in it controls the terminal."""
    return _HARMFUL_IN_LINE.sub(_escape, text)


def names(paths: Iterable[str], most: int = 5) -> str:
    """A few paths as running text, and how many more there are."""
    listed = sorted(paths)
    more = len(listed) - most
    return ", ".join(map(shown, listed[:most])) + (f" and {more} more" if more > 0 else "")


def stays_there(path: str) -> str:
    """What is said of a file that was deleted here."""
    return f"{shown(path)} is gone here but stays on the platform, whose API has no delete."


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows under headings, each column as wide as its widest cell."""
    cells = [list(headings), *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for number, row in enumerate(cells):
        line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        result(click.style(line, dim=True) if number == 0 else line)


def _without_control(encoded: str) -> str:
    """The same JSON, without what has power over a terminal: it stands within texts, which have escapes."""
    if encoded.isascii() and "\x7f" not in encoded:
        return encoded
    return _HARMFUL_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded)


def _for_person(text: str, options: Invocation, indent: int = 0) -> str:
    """What goes to stderr: advice that can be pasted, and on a terminal no word that is broken.

    Args:
        indent: columns that are taken before the first line, and left free before all others.
    """
    # Else it would be carried out on another server.
    selected = f"--profile {shlex.quote(options.profile)} " if options.profile else ""
    # One that carries a password is refused, and is not to be seen again for that.
    if options.api_url and "@" not in options.api_url:
        selected += f"--api-url {shlex.quote(options.api_url)} "
    if selected:
        text = _ADVICE.sub(lambda found: found[0] + selected, text)
    if not (sys.stderr and sys.stderr.isatty()):
        return text
    room = shutil.get_terminal_size().columns - indent
    if all(len(line) <= room for line in text.split("\n")):
        return text
    from xgodo_dev.cli.view import cells

    lines = (part for line in text.split("\n") for part in cells.wrapped(line, room))
    return ("\n" + " " * indent).join(lines)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _has_room(lines: int, *, told_as_event: bool) -> bool:
    """Whether so many lines of logs can be printed; if not, they count as left out."""
    global _left_out, _left_out_is_event
    _left_out_is_event = told_as_event
    # Room for many, so that it is told once.
    if unread(sys.stdout) > (_MOST_UNREAD // 2 if _left_out else _MOST_UNREAD):
        _left_out += lines
        return False
    _tell_left_out()
    return True


def _tell_left_out() -> None:
    global _left_out
    count, _left_out = _left_out, 0
    if not count:
        return
    message = (
        f"{count} lines are left out here, since nobody read what was printed before. They are recorded: "
        "`logs` shows them."
    )
    if _left_out_is_event:
        from xgodo_dev.runs.events import Notice

        json_line(Notice(message=message).to_json())
    else:
        _settle()
        click.echo(message, err=True)


def _settle() -> None:
    """Have stdout written before something goes to stderr: a terminal shows both, in the order they come."""
    if _lines.waiting:
        _lines.flush()


def _color_choice() -> bool | None:
    """False to strip colour; None leaves it to click, which strips it off a terminal."""
    return None if invocation().color else False
