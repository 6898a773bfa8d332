"""A program of several modules, as the files that somebody writes and as those that Node.js loads."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass

from hypothesis.vendor.pretty import RepresentationPrinter

_SPECIFIER = re.compile(r"<(\d+) (\w+)>")


@dataclass(frozen=True)
class Program:
    """Files by their paths. In the texts ``§p`` is the program's name, ``<2 js>`` the third's specifier."""

    paths: tuple[str, ...]
    texts: tuple[str, ...]
    settings: str
    """The project's ``tsconfig.json``, if any."""
    refusable: tuple[str, ...]
    """The files for which no bundle may be made of it, sorted (see ``ImportGraph.ill_awaited``)."""

    def _repr_pretty_(self, printer: RepresentationPrinter, _cycle: bool) -> None:
        """Have hypothesis say little: a failure tells the files of the one program that it is about."""
        printer.text(f"<{', '.join(self.paths)}>")

    def typescript(self, name: str) -> dict[str, str]:
        """Make the project that somebody writes."""
        files = {"tsconfig.json": self.settings} if self.settings else {}
        return files | {
            path: text if path.endswith(".json") else self._link(text, path, name, _specifier)
            for path, text in zip(self.paths, self.texts, strict=True)
        }

    def for_node(self, name: str) -> dict[str, str]:
        """Make what are modules of Node.js once their types are gone: each import names a whole file."""
        return {
            _node_path(path): _json_module(text)
            if path.endswith(".json")
            else self._link(text, path, name, _node_specifier)
            for path, text in zip(self.paths, self.texts, strict=True)
        }

    def _link(self, text: str, path: str, name: str, specifier: Callable[[str, str, str], str]) -> str:
        def write(found: re.Match[str]) -> str:
            return specifier(path, self.paths[int(found[1])], found[2])

        return _SPECIFIER.sub(write, text).replace("§p", name)


def _specifier(importer: str, path: str, style: str) -> str:
    stem = path.removesuffix(".ts")
    if style == "folder" and posixpath.basename(path) == "index.ts":
        # "." and "..", "./lib" and "../lib"
        relative = posixpath.relpath(posixpath.dirname(path) or ".", posixpath.dirname(importer) or ".")
        return relative if relative.startswith(".") else f"./{relative}"
    return _relative(importer, f"{stem}.js" if style == "js" and stem != path else stem)


def _node_specifier(importer: str, path: str, _style: str) -> str:
    return _relative(importer, _node_path(path).removesuffix(".mts") + ".mjs")


def _relative(importer: str, path: str) -> str:
    relative = posixpath.relpath(path, posixpath.dirname(importer) or ".")
    return relative if relative.startswith("../") else f"./{relative}"


def _node_path(path: str) -> str:
    return f"{path.removesuffix('.ts')}.mts"


def _json_module(text: str) -> str:
    """Node.js gives a JSON file no names of its own; bundlers do."""
    names = "".join(f"export const {name} = data.{name};\n" for name in json.loads(text))
    return f"const data: any = {text};\nexport default data;\n{names}"
