"""Type checks a project, and compiles one file the way the platform does when it is written."""

from __future__ import annotations

import json
import os
import posixpath
import re
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from xgodo_dev.errors import ConfigurationError, ToolchainError
from xgodo_dev.toolchain import tool_process
from xgodo_dev.toolchain.tools import Toolchain

_DEADLINE_S = 120.0

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

_LOCATED = re.compile(
    r"(?P<file>.+?)\((?P<line>\d+),(?P<column>\d+)\): error (?P<code>TS\d+): (?P<message>.*)"
)
_GLOBAL = re.compile(r"error (?P<code>TS\d+): (?P<message>.*)")
_EMITTED_SUFFIX = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}


@dataclass(frozen=True)
class Diagnostic:
    """One compiler error. ``file`` is a POSIX path relative to the root; None (at 0, 0) concerns no file."""

    file: str | None
    line: int
    column: int
    code: str
    message: str


@dataclass(frozen=True)
class CheckResult:
    """What a type check found, and how many milliseconds it took."""

    errors: tuple[Diagnostic, ...]
    ms: float

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.errors


@dataclass(frozen=True)
class CompiledFile:
    """The JavaScript of one file, made even when there are errors; ``errors`` are those of that file only."""

    javascript: str
    errors: tuple[Diagnostic, ...]


def diagnostic_line(diagnostic: Diagnostic) -> str:
    """The error as ``tsc`` prints it and editors match it: ``file(line,col): error TSnnnn: message``."""
    text = f"error {diagnostic.code}: {diagnostic.message}"
    if diagnostic.file is None:
        return text
    return f"{diagnostic.file}({diagnostic.line},{diagnostic.column}): {text}"


async def check(toolchain: Toolchain, root: Path) -> CheckResult:
    """Type check the project in ``root`` under its own ``tsconfig.json``; nothing is written.

    Cancelling kills the compiler. Raises ``ConfigurationError`` when there is no ``tsconfig.json``,
    ``ToolchainError`` when the compiler crashes or takes more than two minutes.
    """
    if not (root / "tsconfig.json").is_file():
        raise ConfigurationError(
            f"{root} has no tsconfig.json, so it can't be type checked.",
            hint="`xgodo-dev init --force` adds what is missing, and overwrites nothing.",
        )
    started = time.perf_counter()
    errors = await _run_compiler(
        toolchain, root, ["-p", "tsconfig.json", "--noEmit", "--pretty", "false"], niceness=0
    )
    return CheckResult(errors=errors, ms=(time.perf_counter() - started) * 1000)


async def compile_file(
    toolchain: Toolchain, root: Path, path: str, *, declarations: Path, niceness: int = 0
) -> CompiledFile:
    """Type check and compile the file at ``path`` (POSIX, below ``root``) as the platform does on a write.

    ``declarations`` is a folder whose ``.d.ts`` files declare the device API. ``niceness`` above 0 lowers the
    compiler's priority where the system can. Nothing is written below ``root``. Not for ``.d.ts`` files,
    which have no JavaScript. Raises ``ToolchainError`` when the compiler crashes, makes no JavaScript (there
    is no such file) or takes more than two minutes.
    """
    root = root.resolve()
    source = root.joinpath(*PurePosixPath(path).parts)
    with tempfile.TemporaryDirectory(prefix="xgodo-dev-compile-", ignore_cleanup_errors=True) as temporary:
        workspace = Path(temporary).resolve()
        output = workspace / "out"
        configuration = {
            "compilerOptions": {
                **_PLATFORM_OPTIONS,
                # Not the project's root: an import from outside of it would be emitted outside of outDir.
                "rootDir": root.anchor,
                "outDir": str(output),
                "noEmitOnError": False,
            },
            "files": [str(source), *(str(file) for file in sorted(declarations.resolve().rglob("*.d.ts")))],
        }
        configuration_file = workspace / "tsconfig.json"
        configuration_file.write_text(json.dumps(configuration), encoding="utf-8")
        errors = await _run_compiler(
            toolchain, root, ["-p", str(configuration_file), "--pretty", "false"], niceness=niceness
        )
        emitted = output / source.relative_to(root.anchor).with_suffix(
            _EMITTED_SUFFIX.get(source.suffix, ".js")
        )
        try:
            javascript = emitted.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            said = "; ".join(diagnostic_line(diagnostic) for diagnostic in errors[:3])
            raise ToolchainError(
                f"TypeScript made no JavaScript of {path}: {said or 'no reason given'}"
            ) from error
    own = posixpath.normpath(path)
    return CompiledFile(javascript=javascript, errors=tuple(error for error in errors if error.file == own))


async def _run_compiler(
    toolchain: Toolchain, root: Path, arguments: list[str], *, niceness: int
) -> tuple[Diagnostic, ...]:
    finished = await tool_process.run(
        [toolchain.tsc, *arguments],
        directory=root,
        # The compiler is a Go program that ends before its garbage is worth collecting (a quarter quicker),
        # unless the project is huge: then the limit brings the collector back.
        environment=tool_process.inherited_environment() | {"GOGC": "off", "GOMEMLIMIT": "2GiB"},
        deadline=_DEADLINE_S,
        niceness=niceness,
    )
    output = finished.stdout.decode("utf-8", "replace")
    errors = _parse(output, root)
    if finished.exit_code != 0 and not errors:
        said = (finished.stderr.decode("utf-8", "replace") + output).strip().splitlines()
        raise ToolchainError(
            f"The TypeScript compiler ended with code {finished.exit_code} and no diagnostics:\n"
            + "\n".join(said[:5])
        )
    return errors


def _parse(output: str, root: Path) -> tuple[Diagnostic, ...]:
    errors: list[Diagnostic] = []
    message: list[str] = []

    def close() -> None:
        if errors:
            last = errors[-1]
            errors[-1] = Diagnostic(last.file, last.line, last.column, last.code, "\n".join(message))

    for line in output.splitlines():
        if located := _LOCATED.fullmatch(line):
            close()
            message = [located["message"]]
            file = _relative(located["file"], root)
            position = int(located["line"]), int(located["column"])
            errors.append(Diagnostic(file, *position, located["code"], located["message"]))
        elif unlocated := _GLOBAL.fullmatch(line):
            close()
            message = [unlocated["message"]]
            errors.append(Diagnostic(None, 0, 0, unlocated["code"], unlocated["message"]))
        elif errors and line:
            # The chain of reasons, indented; or a line of a type's text that happens to hold a line break.
            message.append(line)
    close()
    return tuple(errors)


def _relative(file: str, root: Path) -> str:
    """``tsc`` prints paths relative to its working folder where it can, else absolute (another drive)."""
    if Path(file).is_absolute():
        try:
            file = os.path.relpath(file, root)
        except ValueError:
            return PurePosixPath(file.replace(os.sep, "/")).as_posix()
    return posixpath.normpath(file.replace(os.sep, "/"))
