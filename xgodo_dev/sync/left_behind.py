"""JSON files that a source imports, but that no rule makes files of the project."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from xgodo_dev.errors import FileUnreadable
from xgodo_dev.project import imports
from xgodo_dev.project.local_copy import LocalCopy


def left_behind(copy: LocalCopy, paths: Iterable[str]) -> dict[str, str]:
    """The JSON files that are here and never sent, with one of ``paths`` that imports each.

    Here they are found, so that a check and a run pass; on the platform alone they are missed.
    """
    found: dict[str, str] = {}
    for path in filter(imports.is_source, paths):
        # What can't be read is said by the push itself.
        with suppress(FileUnreadable):
            text = copy.read(path)
            # The grammar is loaded for those alone that need it.
            if text and b".json" in text:
                for data in imports.imported_data(path, text):
                    if copy.exists(data) and not copy.selection.counts(data):
                        found.setdefault(data, path)
    return found
