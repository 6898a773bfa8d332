"""Which files a TypeScript or JavaScript file imports, and which paths an import may mean."""

from __future__ import annotations

import posixpath
import re
from functools import cache
from typing import TYPE_CHECKING

from xgodo_dev.project.files import SOURCE_SUFFIXES

if TYPE_CHECKING:
    from tree_sitter import Parser, Query

_IMPORTS = """
(import_statement source: (string) @path)
(export_statement source: (string) @path)
(import_require_clause source: (string) @path)
(call_expression function: (import) arguments: (arguments . (string) @path))
((call_expression function: (identifier) @name arguments: (arguments . (string) @path))
 (#eq? @name "require"))
"""
_RELATIVE = re.compile(r"\.\.?(/|$)")
# As TypeScript reads an import under `moduleResolution: bundler`: the source before what is made of it.
_TRIED_SUFFIXES = (".ts", ".d.ts", ".js", "/index.ts", "/index.d.ts", "/index.js")
_MADE_FROM = {".js": (".ts", ".d.ts", ".js")}
_OTHER_KINDS = (".json",)


def is_source(path: str) -> bool:
    """Whether the file can import others."""
    return path.endswith(SOURCE_SUFFIXES)


def imported(content: bytes) -> list[str]:
    """The relative specifiers of a source text's imports, re-exports, ``import()`` and ``require``.

    In the order of their first appearance. Text that does not parse gives what can be made out.
    """
    from tree_sitter import QueryCursor

    parser, query = _grammar()
    captured = QueryCursor(query).captures(parser.parse(content).root_node).get("path", [])
    # Escapes stay as they are written: no file's name has a backslash.
    found = sorted(
        (node.start_byte, (node.text or b"")[1:-1].decode("utf-8", "replace")) for node in captured
    )
    return list(dict.fromkeys(specifier for _, specifier in found if _RELATIVE.match(specifier)))


def reexports_all(content: bytes) -> bool:
    """Whether a source text has an ``export * from``; one ``as`` something gives on an object instead."""
    parser, _ = _grammar()
    return any(
        node.type == "export_statement" and any(child.type == "*" for child in node.children)
        for node in parser.parse(content).root_node.children
    )


def candidates(importer: str, specifier: str) -> list[str]:
    """The paths that ``specifier`` in ``importer`` may mean, the likeliest first.

    None of them lies outside of the project.
    """
    target = posixpath.normpath(posixpath.join(posixpath.dirname(importer), specifier))
    if target == ".." or target.startswith(("../", "/")):
        return []
    if target.endswith(_OTHER_KINDS) or target.endswith(".ts"):
        return [target]
    stem, suffix = posixpath.splitext(target)
    tried = [stem + made for made in _MADE_FROM.get(suffix, ())]
    if specifier.endswith("/") or target == "." or posixpath.basename(specifier) in (".", ".."):
        folder = "" if target == "." else target + "/"
        return [f"{folder}index.ts", f"{folder}index.d.ts", f"{folder}index.js"]
    return [*tried, *(target + tail for tail in _TRIED_SUFFIXES)]


def imported_data(importer: str, content: bytes) -> list[str]:
    """The paths of the JSON files that a source imports."""
    return [
        path
        for specifier in imported(content)
        for path in candidates(importer, specifier)
        if path.endswith(_OTHER_KINDS)
    ]


@cache
def _grammar() -> tuple[Parser, Query]:
    # 27 ms, which only those commands pay that follow imports.
    import tree_sitter_typescript
    from tree_sitter import Language, Parser, Query

    language = Language(tree_sitter_typescript.language_typescript())
    return Parser(language), Query(language, _IMPORTS)
