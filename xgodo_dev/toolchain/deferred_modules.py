"""Modules that ``import()`` loads and that await outside of functions: which of them a bundle gets wrong.

esbuild makes a function of a module that is evaluated only when it is first asked for, an asynchronous
one where that module awaits or imports one that does. Seen with 0.28.2: an ``export *`` of such a module
is not waited for, so that its importers read what is not there yet; and in a circle of them each waits
for the others for ever. Neither is told.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping
from typing import Any

from xgodo_dev.project.imports import reexports_all

# A name with a quotation mark is in quotes of the other kind.
_ASYNCHRONOUS = re.compile(
    r"^var init_\w+ = __esm\(\{\n {2}async (?P<path>([\"'])(?:(?!\2)[^\\\n]|\\.)*\2)\(\) \{$", re.MULTILINE
)


def asynchronous(code: str) -> set[str]:
    """The paths of the modules of a bundle that became asynchronous functions."""
    # Texts of JavaScript, as esbuild writes them, are texts of Python too.
    return {ast.literal_eval(found["path"]) for found in _ASYNCHRONOUS.finditer(code)}


def static_imports(metafile: Mapping[str, Any]) -> dict[str, set[str]]:
    """Which modules each module imports, ``import()`` aside, from what esbuild tells of a bundle."""
    return {
        path: {each["path"] for each in told["imports"] if each["kind"] == "import-statement"}
        for path, told in metafile["inputs"].items()
    }


def wrong(
    modules: Collection[str], imports: Mapping[str, Collection[str]], sources: Mapping[str, bytes]
) -> list[str]:
    """Those asynchronous modules that esbuild gets wrong; each path once, sorted.

    ``sources`` are the texts of the modules that import any of them. One of those that re-exports all of
    something counts as if that were each of the asynchronous modules it imports.
    """
    in_circle = {path for path in modules if path in _reached(path, imports, modules)}
    not_awaited = {
        target
        for path, text in sources.items()
        if reexports_all(text)
        for target in imports.get(path, ())
        if target in modules
    }
    return sorted(in_circle | not_awaited)


def _reached(start: str, imports: Mapping[str, Collection[str]], within: Collection[str]) -> set[str]:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        fresh = {each for each in imports.get(waiting.pop(), ()) if each in within} - seen
        seen |= fresh
        waiting += fresh
    return seen
