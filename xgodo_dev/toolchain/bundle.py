"""Makes one script of an entry file and all that it imports.

The platform runs a project file by file, but a direct launch takes one script. The bundle keeps what real
projects need: circular imports, live ``export let`` bindings, extensionless imports, top-level ``await``.
"""

from __future__ import annotations

import base64
import contextlib
import json
import posixpath
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xgodo_dev.errors import BundleFailed, ToolchainError
from xgodo_dev.toolchain import deferred_modules, run_report, tool_process
from xgodo_dev.toolchain.source_map import SourceLocation, SourceMap
from xgodo_dev.toolchain.tools import Toolchain

_DEADLINE_S = 60.0

# What the platform's compiler does, whatever tsconfig.json says of it. Names that are only used as types may
# be imported as plain names.
_OWN_SETTINGS = {
    "compilerOptions": {"target": "ES2017", "useDefineForClassFields": False, "verbatimModuleSyntax": False}
}
_RAW_SETTINGS = f"--tsconfig-raw={json.dumps(_OWN_SETTINGS)}"

_COMMON_ARGUMENTS = (
    "--target=es2017",
    # The body of a bundle is that of an async function, so await works there at any level of the language.
    "--supported:top-level-await=true",
    # A class whose name another file has too would be another to `new.target.name`, and in a log.
    "--keep-names",
    "--charset=utf8",
    "--loader=ts",
    "--log-level=warning",
    "--log-limit=0",
    "--log-override:empty-import-meta=error",
    "--log-override:unsupported-dynamic-import=warning",
    "--log-override:unsupported-require-call=warning",
    "--color=false",
)

_SOURCE_SUFFIXES = {".js": (".ts", ".tsx"), ".jsx": (".tsx", ".ts"), ".mjs": (".mts",), ".cjs": (".cts",)}
_SOURCE_MAP_COMMENT = b"//# sourceMappingURL=data:application/json;base64,"
_ERROR_START = re.compile(r"^(?:✘|X) \[ERROR\] ", re.MULTILINE)
_WARNING_START = re.compile(r"^(?:▲|!) \[WARNING\] ", re.MULTILINE)
# What esbuild leaves as it is, so that it would fail on the phone, and settings that it does without.
# Packages often try such things, and can do without.
_REFUSED_WARNING = re.compile(
    r"\[(?:unsupported-dynamic-import|unsupported-require-call|tsconfig\.json)\]$", re.MULTILINE
)
_IN_PACKAGE = re.compile(r"^    (?:.*/)?node_modules/", re.MULTILINE)
_ERROR_PLACE = re.compile(r"^    (?P<file>.+):(?P<line>\d+):(?P<column>\d+):$", re.MULTILINE)
# What stands above each file's part of a bundle, and perhaps how it was imported. Other comments are gone.
_MODULE_HEADING = re.compile(r"^// (?P<path>.+?)(?: with \{ .* \})?$", re.MULTILINE)
_IMPORT_OF_ADDRESS = re.compile(r'^import\b[^"\n]*"(?P<address>(?:https?:)?//[^"\n]*)";$', re.MULTILINE)


@dataclass(frozen=True)
class Bundle:
    """One script that any engine runs, as a classic script or a module, and its map back to the sources."""

    code: str
    source_map: SourceMap
    entry: str
    mark: str
    """What its reports about its own end start with (see ``run_report``)."""
    ms: float


async def bundle(toolchain: Toolchain, root: Path, entry: str, *, mark: str | None = None) -> Bundle:
    """Bundle ``entry`` (a POSIX path below ``root``); the result reports its own end (see ``run_report``).

    Raises ``BundleFailed`` with a line ``file:line:column: message`` for each error, ``ToolchainError`` when
    the tool itself fails. Cancelling kills the tool. Types are not checked. ``mark`` is a new one by default.
    """
    if not root.joinpath(*PurePosixPath(entry).parts).is_file():
        # Here, because this is for slips only.
        import difflib

        near = difflib.get_close_matches(entry, [file.name for file in root.glob("*.[tj]s")], n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        raise BundleFailed(
            f"The entry {entry} does not exist in {root}.{meant}",
            hint="Name the file that a run starts from as `entry` in xgodo.toml.",
        )
    started = time.perf_counter()
    mark = mark or run_report.new_mark()
    # Importing the entry, instead of naming it, drops what it exports: a script can't export.
    start = f"import {json.dumps('./' + posixpath.normpath(entry))};"
    with _settings(root) as settings:
        arguments = [
            "--bundle",
            "--format=esm",
            "--sourcemap=inline",
            # TypeScript's order: what was checked is what runs.
            "--resolve-extensions=.ts,.tsx,.js,.jsx,.json",
            settings,
            # Else a package.json with "sideEffects": false leaves nothing of the entry.
            "--ignore-annotations",
            f"--banner:js={run_report.prologue(mark)}",
            f"--footer:js={run_report.epilogue()}",
        ]
        output = await _run_esbuild(
            toolchain, root, arguments, stdin=start, failure=f"{entry} can't be bundled."
        )
        script, comment, encoded_map = output.rpartition(_SOURCE_MAP_COMMENT)
        if not comment:
            raise ToolchainError(f"{toolchain.esbuild} wrote no source map.")
        code = script.decode("utf-8")
        await _refuse_deferred_waits(toolchain, root, arguments, start, code)
    source_map = SourceMap.from_json(base64.b64decode(encoded_map).decode("utf-8"))
    _refuse_imports_of_addresses(root, code, source_map)
    _refuse_files_from_outside(root, code, source_map)
    _refuse_compiled_twins(root, source_map)
    milliseconds = (time.perf_counter() - started) * 1000
    return Bundle(code=code, source_map=source_map, entry=entry, mark=mark, ms=milliseconds)


async def strip_types(toolchain: Toolchain, source: str) -> str:
    """Make JavaScript of one TypeScript text, without checking types or touching its imports.

    Raises ``BundleFailed`` when it does not parse.
    """
    output = await _run_esbuild(
        toolchain,
        toolchain.esbuild.parent,
        [_RAW_SETTINGS],
        stdin=source,
        failure="The script is not valid TypeScript.",
    )
    return output.decode("utf-8")


@contextlib.contextmanager
def _settings(root: Path) -> Iterator[str]:
    """The option with what to go by: the project's ``tsconfig.json`` below the platform's own options."""
    theirs = root / "tsconfig.json"
    # An empty one is no JSON, but says nothing wrong either: so the compiler has it, too.
    if not theirs.is_file() or theirs.stat().st_size == 0:
        yield _RAW_SETTINGS
        return
    with tempfile.TemporaryDirectory(prefix="xgodo-dev-bundle-", ignore_cleanup_errors=True) as temporary:
        # A file of its own: what is given raw can't extend another, and `paths` count from where they stand.
        file = Path(temporary, "tsconfig.json")
        file.write_text(json.dumps(_OWN_SETTINGS | {"extends": str(theirs.resolve())}), encoding="utf-8")
        yield f"--tsconfig={file}"


async def _run_esbuild(
    toolchain: Toolchain, root: Path, arguments: list[str], *, stdin: str, failure: str
) -> bytes:
    finished = await tool_process.run(
        [toolchain.esbuild, *_COMMON_ARGUMENTS, *arguments],
        directory=root,
        environment=tool_process.inherited_environment(),
        deadline=_DEADLINE_S,
        stdin=stdin.encode("utf-8"),
    )
    said = finished.stderr.decode("utf-8", "replace").replace("\r\n", "\n")
    if finished.exit_code == 0:
        refused = [
            _error_line(warning)
            for warning in _WARNING_START.split(said)[1:]
            if _REFUSED_WARNING.search(warning) and not _IN_PACKAGE.search(warning)
        ]
        if refused:
            raise BundleFailed(failure, errors=refused)
        return finished.stdout
    errors = tuple(_error_line(report) for report in _ERROR_START.split(said)[1:])
    if not errors:
        raise ToolchainError(
            f"{toolchain.esbuild} ended with code {finished.exit_code}: {said.strip()[:1000]}"
        )
    raise BundleFailed(failure, errors=errors)


def _error_line(report: str) -> str:
    """One line of what esbuild prints in several: message, place, an excerpt of the source, and advice."""
    message = report.partition("\n\n")[0].replace("\n", " ").strip()
    message = re.sub(r" \[[\w.-]+\]$", "", message)
    if "is built into node" in report:
        message += ": a module of Node.js, which a phone does not have"
    place = _ERROR_PLACE.search(report)
    if place is None:
        return message
    return f"{place['file']}:{place['line']}:{int(place['column']) + 1}: {message}"


def _refuse_imports_of_addresses(root: Path, code: str, source_map: SourceMap) -> None:
    """esbuild leaves imports of http addresses in place, where they can't work: a bundle is no module."""
    errors = []
    for found in _IMPORT_OF_ADDRESS.finditer(code):
        location = source_map.locate(code.count("\n", 0, found.start()) + 1)
        # Text inside a template literal may look the same, but maps to where the literal starts.
        if location is not None and _text_at(root, location).startswith(("import", "export")):
            place = f"{location.file}:{location.line}:{location.column}"
            errors.append(
                f'{place}: Could not resolve "{found["address"]}": a run imports nothing from the network'
            )
    if errors:
        raise BundleFailed("Imports from the network can't be bundled.", errors=errors)


def _text_at(root: Path, location: SourceLocation) -> str:
    lines = (root / location.file).read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return lines[location.line - 1][location.column - 1 :] if location.line <= len(lines) else ""


def _refuse_files_from_outside(root: Path, code: str, source_map: SourceMap) -> None:
    """What a bundle holds is sent to a phone: running somebody's project must not take files of this machine.

    Links are followed first, also those below ``node_modules``.
    """
    home = root.resolve()
    # What is imported as text or as bytes has no lines, and so no part in the map: only its heading tells.
    # A line of somebody's text may look like one, but hardly names a file that is there.
    headings = {found["path"] for found in _MODULE_HEADING.finditer(code)}
    files = {*source_map.sources, *(path for path in headings if _is_file(home / path))}
    outside = sorted(file for file in files if not (home / file).resolve().is_relative_to(home))
    if outside:
        raise BundleFailed(
            "Files from outside the project can't be bundled.",
            errors=[f"{source}:1:1: Lies outside the project" for source in outside],
            hint="Copy what the automation needs into the project's folder.",
        )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        # No path at all: too long, or with a character that none has.
        return False


def _refuse_compiled_twins(root: Path, source_map: SourceMap) -> None:
    """An import of ``./x.js`` means ``x.ts``, but esbuild prefers a real ``x.js``: older code would run."""
    twins = [
        (source, twin)
        for source in source_map.sources
        if "node_modules/" not in source
        for twin in _sources_of(source)
        if (root / twin).is_file()
    ]
    if twins:
        errors = [f"{twin}:1:1: Would be bundled in place of its source {source}" for twin, source in twins]
        named = ", ".join(twin for twin, _ in twins[:3]) + (" and so on" if len(twins) > 3 else "")
        raise BundleFailed(
            "Compiled files stand beside their sources.",
            errors=errors,
            hint=f"Delete {named}: the server makes its own.",
        )


def _sources_of(file: str) -> list[str]:
    """The files that TypeScript takes where an import names ``file``."""
    stem, suffix = posixpath.splitext(file)
    return [stem + each for each in _SOURCE_SUFFIXES.get(suffix, ())]


async def _refuse_deferred_waits(
    toolchain: Toolchain, root: Path, arguments: list[str], script: str, code: str
) -> None:
    modules = deferred_modules.asynchronous(code)
    if not modules:
        return
    # Hardly any project has such modules: only then it is worth to ask for what imports what.
    with tempfile.TemporaryDirectory(prefix="xgodo-dev-bundle-", ignore_cleanup_errors=True) as temporary:
        told = Path(temporary, "told.json")
        further = [f"--metafile={told}", f"--outfile={Path(temporary, 'out.js')}"]
        await _run_esbuild(toolchain, root, [*arguments, *further], stdin=script, failure="")
        imports = deferred_modules.static_imports(json.loads(told.read_bytes()))
    importers = {path for path, targets in imports.items() if not modules.isdisjoint(targets)}
    texts = {path: (root / path).read_bytes() for path in importers if (root / path).is_file()}
    if wrong := deferred_modules.wrong(modules, imports, texts):
        raise BundleFailed(
            "Files that `import()` loads can't await outside of their functions here.",
            errors=[f"{path}:1:1: Awaits outside of a function, or imports what does" for path in wrong],
            hint="Import them at the top of a file instead, or move the `await` into a function.",
        )
