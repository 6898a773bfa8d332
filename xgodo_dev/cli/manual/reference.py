"""The reference of all commands, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from xgodo_dev.cli.manual import facts
from xgodo_dev.cli.manual.pages import Page, sections, shared_options

_SPECIAL = re.compile(r"([\\*_\[\]<>|])")


def text() -> str:
    """The document."""
    listed = list(sections())
    lines = [
        "<!-- Made from the commands by `make generate`: edit their help instead. -->",
        "# Reference",
        "",
        *_paragraphs("\n\n".join(facts.DESCRIPTION)),
    ]
    for title, pages in listed:
        links = ", ".join(f"[{page.words[0]}](#{page.words[0]})" for page in pages)
        lines.append(f"- [{title}](#{_anchor(title)}): {links}")
    others = ("Global options", "Exit codes", "Environment variables", "Files on this disk")
    lines += [*(f"- [{title}](#{_anchor(title)})" for title in others), ""]
    for title, pages in listed:
        lines += [f"## {title}", ""]
        for page in pages:
            lines += _of_platform(page) if page.is_of_platform else _page(page)
    lines += ["## Global options", "", "They work before and after every command.", ""]
    lines += _table("option", shared_options())
    lines += ["## Exit codes", "", *_table("code", facts.EXIT_CODES)]
    lines += ["## Environment variables", "", *_table("variable", facts.ENVIRONMENT)]
    lines += ["## Files on this disk", "", *_table("file", facts.FILES), facts.FOLDERS_ELSEWHERE]
    return "\n".join(lines) + "\n"


def _page(page: Page) -> Iterator[str]:
    yield from (f"### `{' '.join(page.words)}`", "", "```", page.usage, "```", "")
    yield from _paragraphs(page.text or page.summary)
    if page.options:
        yield from _table("option", page.options)
    if page.examples:
        yield from ("```sh", *page.examples, "```", "")
    for below in page.pages:
        yield from _page(below)


def _of_platform(page: Page) -> Iterator[str]:
    yield from (f"### `{' '.join(page.words)}`", "", _marked(page.summary), "")
    own = len(page.words)
    entries = [(" ".join(each.words[own:]), each.summary) for each in _endings(page)]
    yield from _table(f"`{' '.join(page.words)}` …", entries)


def _endings(page: Page) -> Iterator[Page]:
    for below in page.pages:
        if below.pages:
            yield from _endings(below)
        else:
            yield below


def _paragraphs(told: str) -> Iterator[str]:
    for each in told.split("\n\n"):
        first, _, rest = each.partition("\n")
        if first.strip() == "\b":
            yield from ("```", *rest.splitlines(), "```", "")
        else:
            yield from (_marked(each), "")


def _table(heading: str, entries: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield from (f"| {heading} | |", "|---|---|")
    for name, told in entries:
        yield f"| `{name.replace('|', chr(92) + '|')}` | {_marked(told)} |"
    yield ""


def _marked(told: str) -> str:
    """A paragraph as one line; what stands between backquotes stays code."""
    parts = re.split(r"(`[^`]+`)", " ".join(told.split()))
    return "".join(
        part.replace("|", "\\|") if number % 2 else _SPECIAL.sub(r"\\\1", part)
        for number, part in enumerate(parts)
    )


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")
