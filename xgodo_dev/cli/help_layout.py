"""How help is laid out: broken at spaces only, examples after the options, global options at the end."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator

import click

_EXAMPLES = re.compile(r"^Examples?:\n((?:^(?:[ \t].*)?(?:\n|\Z))+)", re.MULTILINE)


class HelpFormatter(click.HelpFormatter):
    """Click's own breaks lines within the names of options, and within addresses."""

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        for line in _wrapped(text, self.width - self.current_indent):
            self.write(f"{indent}{line}".rstrip() + "\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        listed = list(rows)
        indent = " " * self.current_indent
        column = min(max((len(name) for name, _ in listed), default=0), col_max) + col_spacing
        for name, told in listed:
            lines = list(_wrapped(told, max(self.width - column - self.current_indent, 10))) or [""]
            if len(name) > column - col_spacing:
                self.write(f"{indent}{name}\n")
            else:
                self.write(f"{indent}{name.ljust(column)}{lines.pop(0)}".rstrip() + "\n")
            for line in lines:
                self.write(f"{indent}{' ' * column}{line}".rstrip() + "\n")


class Context(click.Context):
    """A context whose help is laid out so."""

    formatter_class = HelpFormatter


def text_and_examples(told: str | None) -> tuple[str, list[str]]:
    """A command's help without its paragraph ``Examples:``, and the command lines of that."""
    text = inspect.cleandoc(told or "").partition("\f")[0].replace("\b\nExample", "Example")
    found = _EXAMPLES.search(text)
    if not found:
        return text.strip(), []
    lines = [line.strip() for line in found[1].splitlines() if line.strip()]
    before, after = text[: found.start()].strip(), text[found.end() :].strip()
    return "\n\n".join(filter(None, (before, after))), lines


def write_options(
    formatter: click.HelpFormatter, context: click.Context, heading: str, options: Iterable[click.Parameter]
) -> None:
    """Write a section of options, unless there are none to tell of."""
    records = [record for option in options if (record := option.get_help_record(context))]
    if records:
        with formatter.section(heading):
            formatter.write_dl(records)


def write_examples(formatter: click.HelpFormatter, lines: Iterable[str]) -> None:
    """Write a section of command lines, unless there are none."""
    listed = list(lines)
    if listed:
        with formatter.section("Examples"):
            for line in listed:
                write_command(formatter, line)


def write_command(formatter: click.HelpFormatter, line: str) -> None:
    """Write a command line so that it can be copied, broken between its words as a shell wants it."""
    begin, go_on = " " * formatter.current_indent, " \\"
    shown = begin
    # Within quotes there are words that are none of the shell's. An option goes with its value.
    for word in re.findall(r"(?:--?[\w-]+ (?!-))?(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+", line):
        if len(shown) > len(begin) and len(shown) + len(word) + len(go_on) >= formatter.width:
            formatter.write(shown.rstrip() + go_on + "\n")
            shown = begin + "    "
        shown += word + " "
    formatter.write(shown.rstrip() + "\n")


def _wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns, but for words that are longer; click's mark \\b keeps lines."""
    for number, paragraph in enumerate(re.split(r"\n[ \t]*\n", text.strip())):
        if number:
            yield ""
        first, _, rest = paragraph.lstrip("\n").partition("\n")
        if first.strip() == "\b":
            yield from rest.splitlines()
            continue
        line = ""
        for word in paragraph.split():
            if line and len(line) + 1 + len(word) > width:
                yield line
                line = word
            else:
                line = f"{line} {word}" if line else word
        if line:
            yield line
