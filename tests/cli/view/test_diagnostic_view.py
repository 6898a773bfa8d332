"""Errors as a terminal shows them."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from xgodo_dev.cli.check_report import annotation
from xgodo_dev.cli.view.diagnostic_view import lines
from xgodo_dev.toolchain.diagnostics import Diagnostic, Related


def plain(shown: list[str]) -> list[str]:
    return [re.sub(r"\x1b\[\d+m", "", line) for line in shown]


def width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


WRONG = Diagnostic(
    "stages/main.ts",
    12,
    9,
    "TS2322",
    "Type 'A' is not assignable to type 'B'.\n  Property 'x' is missing.",
    length=7,
    excerpt='  const retries: number = "three";',
    related=(Related("types.ts", 3, 1, "Declared here.\n  Because of this."),),
)


def test_the_source_stands_below_the_words_and_is_underlined() -> None:
    assert plain(lines(WRONG, columns=80)) == [
        "stages/main.ts(12,9): error TS2322: Type 'A' is not assignable to type 'B'.",
        "  Property 'x' is missing.",
        '  12 │ const retries: number = "three";',
        "     │       ~~~~~~~",
        "  types.ts(3,1): Declared here.",
        "    Because of this.",
    ]


def test_without_a_terminal_there_are_words_only() -> None:
    assert plain(lines(WRONG, columns=None)) == [
        "stages/main.ts(12,9): error TS2322: Type 'A' is not assignable to type 'B'.",
        "  Property 'x' is missing.",
        "  types.ts(3,1): Declared here.",
        "    Because of this.",
    ]


def test_an_error_without_a_place_or_an_excerpt_is_its_words() -> None:
    assert plain(lines(Diagnostic(None, 0, 0, "TS18003", "No inputs."), columns=80)) == [
        "error TS18003: No inputs."
    ]
    assert len(lines(Diagnostic("a.ts", 1, 1, "TS1", "x", excerpt="", length=1), columns=80)) == 1


@example(before="a", marked="x" * 24, after="", columns=30)
@example(before="日", marked="x" * 60, after="c", columns=30)
@given(
    before=st.text("ab 日\u0301😀", max_size=60),
    marked=st.text("xy本😀", min_size=1, max_size=60),
    after=st.text("cd 語", max_size=60),
    columns=st.integers(30, 120),
)
def test_what_is_wrong_is_underlined_and_fits_the_terminal(
    before: str, marked: str, after: str, columns: int
) -> None:
    def units(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    error = Diagnostic(
        "a.ts", 7, units(before) + 1, "TS1", "x", length=units(marked), excerpt=before + marked + after
    )
    _, source, underline = plain(lines(error, columns=columns))
    assert width(unicodedata.normalize("NFC", source).replace("\u0301", "")) <= columns
    offset = width(underline[: underline.index("~")])
    position = 0
    for start, character in enumerate(source):
        if position == offset:
            rest = source[start:].lstrip("\u0301")
            break
        position += 0 if unicodedata.combining(character) else width(character)
    assert rest[0] == marked[0]
    assert width(underline) <= width(source)


@pytest.mark.parametrize("evil", ["\x1b]0;title\x07", "\x9b31m", "\u202e", "\x1b[2J"])
def test_nothing_of_a_source_or_a_message_controls_the_terminal(evil: str) -> None:
    error = Diagnostic(
        f"{evil}.ts", 1, 8, "TS1", f"no {evil}", 3, f"let a{evil} = 1;", (Related(f"{evil}.ts", 1, 1, evil),)
    )
    shown = "\n".join(lines(error, columns=80))
    assert evil not in shown
    assert not [each for each in re.sub(r"\x1b\[\d+m", "", shown) if each in "\x1b\x07\x9b\u202e"]


def test_githubs_annotations_start_from_the_workspace_and_escape_what_separates(tmp_path: Path) -> None:
    error = Diagnostic("a, b:c.ts", 2, 5, "TS1", "100% wrong:\n  why, so", 3, None, WRONG.related)
    root = tmp_path / "phones" / "app"
    assert annotation(error, root, tmp_path) == (
        "::error title=TS1,file=phones/app/a%2C b%3Ac.ts,line=2,col=5,endColumn=8"
        "::100%25 wrong:%0A  why, so%0Atypes.ts(3,1): Declared here.%0A  Because of this."
    )
    assert annotation(Diagnostic(None, 0, 0, "TS18003", "None."), root, root, "warning") == (
        "::warning title=TS18003::None."
    )


def test_a_place_in_the_compilers_own_libraries_is_told_without_where_these_are() -> None:
    library = "../../.cache/toolchain/node_modules/@typescript/lib/lib.es5.d.ts"
    error = replace(WRONG, related=(Related(library, 788, 5, "'x' is declared here."),))
    assert plain(lines(error, columns=None))[-1] == "  lib.es5.d.ts(788,5): 'x' is declared here."
