"""Running text as docstrings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

_LINE = 110


def commented(text: str, uncertain: str | None, indent: str) -> str:
    """A docstring that says ``text``, and what of it is uncertain."""
    told = paragraphs(text, indent)
    if uncertain:
        told.append(wrapped(f"Uncertain: {sentence(uncertain)}", indent))
    return docstring(told, indent)


def docstring(told: Sequence[str], indent: str) -> str:
    """Paragraphs that are wrapped already, as a docstring."""
    inner = "\n\n".join(told).replace("\\", "\\\\").replace('"""', "'''")
    inner = inner.removeprefix(indent)
    if "\n" not in inner and len(indent) + len(inner) + 6 <= _LINE and not inner.endswith('"'):
        return f'{indent}"""{inner}"""'
    return f'{indent}"""{inner}\n{indent}"""'


def wrapped(text: str, indent: str, hanging: str = "") -> str:
    """One paragraph in lines of the project's width."""
    return textwrap.fill(
        " ".join(text.split()),
        _LINE - 2,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def paragraphs(text: str, indent: str) -> list[str]:
    """Each paragraph of a text, wrapped."""
    return [wrapped(each, indent) for each in re.split(r"\n\s*\n", text.strip()) if each]


def sentence(text: str) -> str:
    """The text with a capital at its begin and a full stop at its end, on one line."""
    text = " ".join(text.split())
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?:…" else ".")
