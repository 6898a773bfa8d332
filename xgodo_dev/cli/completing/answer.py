"""What a shell's script asks this program, and what it is answered.

It is asked through the environment variable ``_XGODO_DEV_COMPLETE``, which names the shell, and answered a
line each: ``word``, a tab, the word, a tab and what it is; or ``file`` or ``dir``, which the shell completes
by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from xgodo_dev.cli.completing import bash_line, grammar
from xgodo_dev.cli.completing.grammar import Wanted
from xgodo_dev.cli.completing.values import values

SHELLS = ("bash", "zsh", "fish")
_MOST = 1000
_LONGEST_REMARK = 70


def main(shell: str) -> None:
    """Answer on stdout; whatever goes wrong, nothing is said: somebody is typing a command just then."""
    try:
        lines = answer(shell, sys.argv[1:])
        text = "".join(f"{line}\n" for line in lines)
        sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
        sys.stdout.buffer.flush()
    except Exception:  # noqa: BLE001, S110 - see above
        pass


def answer(shell: str, arguments: Sequence[str]) -> list[str]:
    """The lines to answer.

    Args:
        arguments: of bash, the line up to the cursor and the characters that part words; of others, all
            words after the program's name, the last of which need not be complete.

    Raises:
        XgodoError, OSError, ValueError, IndexError: nothing can be answered.
    """
    typed = None
    if shell == "bash":
        typed = bash_line.read(arguments[0], arguments[1])
        words, incomplete = typed.words[1:], typed.incomplete
    else:
        *words, incomplete = arguments
        if shell == "fish":
            # Fish tells what is there of the last word as it was typed.
            incomplete = bash_line.read(incomplete, "").incomplete
    wanted = grammar.wanted(grammar.table(), words, incomplete)
    if wanted.value in ("file", "dir"):
        return [str(wanted.value)]
    lines = []
    for word, remark in _fitting(wanted):
        whole: str | None = wanted.before + word
        if typed:
            whole = typed.replacement(wanted.before + word)
        if whole is not None:
            lines.append(f"word\t{whole}" + ("" if typed else f"\t{_printable(remark)}"))
    return lines[:_MOST]


def _fitting(wanted: Wanted) -> Iterator[tuple[str, str]]:
    begun = wanted.incomplete.casefold()
    offered: Iterable[tuple[str, str]] = wanted.words
    if isinstance(wanted.value, tuple):
        offered = [(each, "") for each in wanted.value]
    elif wanted.value:
        offered = values(wanted.value, wanted.settings, wanted.incomplete)
    for word, remark in offered:
        # What can't be printed would have power over the terminal.
        if word.isprintable() and (wanted.value == "project" or word.casefold().startswith(begun)):
            yield word, remark


def _printable(remark: str) -> str:
    text = "".join(letter if letter.isprintable() else " " for letter in remark)
    return text if len(text) <= _LONGEST_REMARK else text[: _LONGEST_REMARK - 1] + "…"
