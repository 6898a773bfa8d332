"""The manual page xgodo-dev(1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from xgodo_dev import __version__
from xgodo_dev.cli.manual import facts
from xgodo_dev.cli.manual.pages import Page, sections, shared_options

# In a text, roff has a meaning for these, or another sign; a minus that is no hyphen can be copied.
_SPECIAL = {"\\": "\\e", "-": "\\-", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti", '"': "\\(dq"}
_TITLE = "Xgodo from your own editor"


def text() -> str:
    """The page's source."""
    lines = [
        f'.TH XGODO\\-DEV 1 "" "xgodo\\-dev {escaped(__version__)}" "User Commands"',
        # Nothing is broken within a word, which may be one to type.
        ".nh",
        ".ad l",
        ".SH NAME",
        f"xgodo\\-dev \\- {_TITLE}",
        ".SH SYNOPSIS",
        r"\fBxgodo\-dev\fR [\fIOPTIONS\fR] \fICOMMAND\fR [\fIARGUMENTS\fR]",
        ".SH DESCRIPTION",
        *_paragraphs(facts.DESCRIPTION, ".PP"),
    ]
    for title, pages in sections():
        lines.append(f".SH {escaped(title.upper())}")
        for page in pages:
            lines += _page(page)
    lines += [".SH GLOBAL OPTIONS", "They work before and after every command.", *_list(shared_options())]
    lines += [".SH EXIT STATUS", *_list(facts.EXIT_CODES)]
    lines += [".SH ENVIRONMENT", *_list(facts.ENVIRONMENT)]
    lines += [".SH FILES", *_list(facts.FILES), ".PP", marked(facts.FOLDERS_ELSEWHERE)]
    return "\n".join(lines) + "\n"


def escaped(told: str) -> str:
    """The text as roff shows it, whatever stands in it."""
    return "".join(
        _SPECIAL.get(letter, letter if letter.isascii() else f"\\[u{ord(letter):04X}]") for letter in told
    )


def marked(told: str) -> str:
    """A paragraph as one line, what stands between backquotes in bold."""
    parts = re.split(r"`([^`]+)`", " ".join(told.split()))
    line = "".join(f"\\fB{escaped(part)}\\fR" if n % 2 else escaped(part) for n, part in enumerate(parts))
    # A line that begins so would be a request.
    return f"\\&{line}" if line.startswith((".", "'")) else line


def _page(page: Page) -> Iterator[str]:
    if page.is_of_platform:
        yield from _of_platform(page)
        return
    yield from (".TP", f"\\fB{escaped(page.usage)}\\fR")
    yield from _paragraphs((page.text or page.summary).split("\n\n"), ".IP")
    if page.options or page.examples:
        yield ".RS"
        yield from _list(page.options)
        yield from _examples(page.examples)
        yield ".RE"
    for below in page.pages:
        yield from _page(below)


def _of_platform(page: Page) -> Iterator[str]:
    yield from (".TP", f"\\fB{escaped(page.usage)}\\fR", marked(page.summary))
    names = ", ".join(f"`{below.words[-1]}`" for below in page.pages)
    yield from (".IP", marked(f"{names}: see `xgodo-dev {' '.join(page.words)} --help`."))


def _paragraphs(texts: Sequence[str], request: str) -> Iterator[str]:
    for number, each in enumerate(texts):
        if number:
            yield request
        first, _, rest = each.partition("\n")
        if first.strip() == "\b":
            yield from (".nf", *(f"\\&{escaped(line)}" for line in rest.splitlines()), ".fi")
        else:
            yield marked(each)


def _list(entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, told in entries:
        yield from (".TP", f"\\fB{escaped(name)}\\fR", marked(told))


def _examples(lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from (".PP", "Examples:", ".PP", ".nf", ".RS 2")
        yield from (f"\\&{escaped(line)}" for line in lines)
        yield from (".RE", ".fi")
