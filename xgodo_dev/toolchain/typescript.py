"""Type checks a project, and compiles files the way the platform does when they are written."""

from __future__ import annotations

import json
import posixpath
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from xgodo_dev.errors import ConfigurationError, ToolchainError
from xgodo_dev.toolchain import diagnostics, tool_process
from xgodo_dev.toolchain.diagnostics import Diagnostic, diagnostic_line
from xgodo_dev.toolchain.tools import Toolchain

_DEADLINE_S = 120.0
_SETTINGS = "tsconfig.json"
# The compiler repeats the whole line for every error in it, also where a tool wrote all into one.
_LONGEST_LINE = 20_000

# The platform's compiler options, after the tsconfig.json that its own client writes. TypeScript 7 knows no
# moduleResolution "node" any more; "bundler" is the one that also takes extensionless imports.
_PLATFORM_OPTIONS: dict[str, object] = {
    "target": "ES2017",
    "module": "ES2015",
    "moduleResolution": "bundler",
    "lib": ["esnext", "dom"],
    "types": [],
    "strict": True,
    "noImplicitReturns": True,
    "skipLibCheck": True,
}

# `await`, and `for await`, at the top level of a script, or of a module under `module: ES2015`. What a
# device runs is the body of an asynchronous function, and the example in the platform's documentation awaits
# there; so a program is not refused for it. What the platform's compiler says of such a file, it says
# itself.
_OF_TOP_LEVEL_AWAIT = frozenset({"TS1375", "TS1378", "TS1431", "TS1432"})
_ON_TOP_LEVEL_AWAIT = (
    "`await` outside of a function: `run` takes it, but the platform may not compile this file. "
    "In a function it is safe."
)

_MODULE_STATEMENT = re.compile(r"^(?:import|export)\b", re.MULTILINE)
_EMITTED_SUFFIX = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}


@dataclass(frozen=True)
class CheckResult:
    """What a type check found, and how many milliseconds it took."""

    errors: tuple[Diagnostic, ...]
    ms: float
    warnings: tuple[Diagnostic, ...] = ()
    """What a run takes, and the platform may not: ``await`` outside of any function."""
    files: frozenset[str] = frozenset()
    """POSIX paths of the files below the root that were looked at, also those that others import."""

    @property
    def ok(self) -> bool:
        """Whether the program may run."""
        return not self.errors


@dataclass(frozen=True)
class CompiledFile:
    """The JavaScript of one file, made even when there are errors; ``errors`` are those of that file only."""

    javascript: str
    errors: tuple[Diagnostic, ...]


async def check(toolchain: Toolchain, root: Path) -> CheckResult:
    """Type check the project in ``root`` under its own ``tsconfig.json``; nothing is written.

    Cancelling kills the compiler. Raises ``ConfigurationError`` when there is no ``tsconfig.json``,
    ``ToolchainError`` when the compiler crashes or takes more than two minutes.
    """
    if not (root / _SETTINGS).is_file():
        raise ConfigurationError(
            f"{root} has no tsconfig.json, so it can't be type checked.",
            hint="`xgodo-dev init --force` adds what is missing, and overwrites nothing.",
        )
    started = time.perf_counter()
    output = await _run_compiler(
        toolchain,
        root,
        # Never from what an earlier check left: an incremental one of 7.0.2 misses errors, and it writes.
        ["-p", _SETTINGS, "--noEmit", "--composite", "false", "--incremental", "false", "--listFiles"],
        niceness=0,
    )
    ms = (time.perf_counter() - started) * 1000
    found, files = output.errors, frozenset(diagnostics.files_below(root, output.text))
    of_settings = [each for each in found if diagnostics.is_of_settings(each.file, files)]
    unplaced = [each for each in found if each.file is None]
    # TS5000 to TS5999 are about options; such an error has no place where an extended file is missing.
    if of_settings or any(each.code.startswith("TS5") for each in unplaced):
        # With other options than somebody meant, whatever else was found may be none of their mistakes.
        found = (*of_settings, *unplaced)
    awaiting = {(each.file, each.line): each for each in found if each.code in _OF_TOP_LEVEL_AWAIT}
    return CheckResult(
        errors=tuple(each for each in found if each.code not in _OF_TOP_LEVEL_AWAIT),
        ms=ms,
        warnings=tuple(replace(each, message=_ON_TOP_LEVEL_AWAIT) for each in awaiting.values()),
        files=files,
    )


async def compile_file(
    toolchain: Toolchain, root: Path, path: str, *, declarations: Path, niceness: int = 0
) -> CompiledFile:
    """Type check and compile the file at ``path`` (POSIX, below ``root``) as the platform does on a write.

    ``declarations`` is a folder whose ``.d.ts`` files declare the device API. Else as ``compile_files``.
    """
    compiled = await compile_files(
        toolchain, root, [path], declarations=sorted(declarations.rglob("*.d.ts")), niceness=niceness
    )
    return compiled[path]


async def compile_files(
    toolchain: Toolchain,
    root: Path,
    paths: Sequence[str],
    *,
    declarations: Sequence[Path],
    declared: str = "",
    niceness: int = 0,
) -> dict[str, CompiledFile]:
    """Type check and compile files (POSIX paths below ``root``) in one run of the compiler.

    ``declarations`` are the ``.d.ts`` files of the device API, and ``declared`` the text of one more.
    ``niceness`` above 0 lowers the compiler's priority where the system can. Nothing is written below
    ``root``. Not for ``.d.ts`` files, which have no JavaScript.

    The outcome of each file is the one it has alone, with one exception: what a script (a file without
    ``import`` and ``export``) declares is known to all. That two scripts declare the same name is no error
    of either; to tell such errors from others, scripts with errors are checked once more, as modules.

    Raises ``ToolchainError`` when the compiler crashes, makes no JavaScript of one of the files (there is no
    such file) or takes more than two minutes.
    """
    root = root.resolve()

    async def compiled_with(paths: Sequence[str], **options: object) -> dict[str, CompiledFile]:
        return await _compile(toolchain, root, paths, declarations, declared, options, niceness)

    compiled = await compiled_with(paths)
    doubtful = [path for path, file in compiled.items() if file.errors and not _is_module(file)]
    if doubtful and len(paths) > 1:
        apart = await compiled_with(doubtful, moduleDetection="force")
        for path in doubtful:
            places = {(error.line, error.column) for error in apart[path].errors}
            errors = tuple(error for error in compiled[path].errors if (error.line, error.column) in places)
            compiled[path] = CompiledFile(compiled[path].javascript, errors)
    return compiled


async def _compile(
    toolchain: Toolchain,
    root: Path,
    paths: Sequence[str],
    declarations: Sequence[Path],
    declared: str,
    options: Mapping[str, object],
    niceness: int,
) -> dict[str, CompiledFile]:
    sources = {path: root.joinpath(*PurePosixPath(path).parts) for path in paths}
    with tempfile.TemporaryDirectory(prefix="xgodo-dev-compile-", ignore_cleanup_errors=True) as temporary:
        workspace = Path(temporary).resolve()
        output = workspace / "out"
        further = workspace / "declared.d.ts"
        further.write_text(declared, encoding="utf-8")
        configuration = {
            "compilerOptions": {
                **_PLATFORM_OPTIONS,
                # Not the project's root: an import from outside of it would be emitted outside of outDir.
                "rootDir": root.anchor,
                "outDir": str(output),
                "noEmitOnError": False,
                **options,
            },
            "files": [
                str(file) for file in (*sources.values(), *(d.resolve() for d in declarations), further)
            ],
        }
        configuration_file = workspace / "tsconfig.json"
        configuration_file.write_text(json.dumps(configuration), encoding="utf-8")
        compiler = await _run_compiler(toolchain, root, ["-p", str(configuration_file)], niceness=niceness)
        errors = compiler.errors
        by_file: dict[str | None, list[Diagnostic]] = {}
        for error in errors:
            by_file.setdefault(error.file, []).append(error)
        return {
            path: CompiledFile(
                javascript=_emitted(output, root, source, path, errors),
                errors=tuple(by_file.get(posixpath.normpath(path), ())),
            )
            for path, source in sources.items()
        }


def _emitted(output: Path, root: Path, source: Path, path: str, errors: Sequence[Diagnostic]) -> str:
    file = output / source.relative_to(root.anchor).with_suffix(_EMITTED_SUFFIX.get(source.suffix, ".js"))
    try:
        return file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        said = "; ".join(diagnostic_line(diagnostic) for diagnostic in errors[:3])
        raise ToolchainError(
            f"TypeScript made no JavaScript of {path}: {said or 'no reason given'}"
        ) from error


def _is_module(file: CompiledFile) -> bool:
    # The compiler leaves a statement of that kind in every module, `export {};` if nothing else.
    return _MODULE_STATEMENT.search(file.javascript) is not None


@dataclass(frozen=True)
class _Output:
    text: str
    errors: tuple[Diagnostic, ...]


async def _run_compiler(toolchain: Toolchain, root: Path, arguments: list[str], *, niceness: int) -> _Output:
    finished = await tool_process.run(
        [toolchain.tsc, *arguments, "--pretty", "true"],
        directory=root,
        # The compiler is a Go program that ends before its garbage is worth collecting (a quarter quicker),
        # unless the project is huge: then the limit brings the collector back.
        environment=tool_process.inherited_environment() | {"GOGC": "off", "GOMEMLIMIT": "2GiB"},
        deadline=_DEADLINE_S,
        niceness=niceness,
        longest_line=_LONGEST_LINE,
    )
    output = finished.stdout.decode("utf-8", "replace")
    errors = diagnostics.parse(output, root)
    told = diagnostics.told(output)
    if len(errors) < told:
        raise ToolchainError(
            f"The compiler found {told} errors, of which only {len(errors)} could be read.",
            hint="Does a file's name hold a line break? Give it another one.",
        )
    if finished.exit_code != 0 and not errors:
        said = (finished.stderr.decode("utf-8", "replace") + output).strip().splitlines()
        raise ToolchainError(
            f"The TypeScript compiler ended with code {finished.exit_code} and no diagnostics:\n"
            + "\n".join(said[:5])
        )
    return _Output(output, errors)
