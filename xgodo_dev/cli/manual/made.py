"""Every file that is made from the commands, and what it has to hold."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev.cli.completing import grammar
from xgodo_dev.cli.manual import completion_table, man_page, reference

_DOCS = Path(__file__).resolve().parents[3] / "docs"


def files() -> dict[Path, str]:
    """Each file of the checkout, and its text."""
    return {
        grammar.TABLE_FILE: completion_table.text(),
        _DOCS / "reference.md": reference.text(),
        _DOCS / "xgodo-dev.1": man_page.text(),
    }
