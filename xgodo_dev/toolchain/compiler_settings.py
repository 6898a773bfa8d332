"""What TypeScript makes of a project's ``tsconfig.json``, and where that is not what an automation needs."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from xgodo_dev.errors import ToolchainError
from xgodo_dev.toolchain import tool_process
from xgodo_dev.toolchain.diagnostics import files_below, is_of_settings

SETTINGS_FILE = "tsconfig.json"
_DEADLINE_S = 20.0
_ERROR = re.compile(r"(?:(?P<file>.+?)\(\d+,\d+\): )?error TS\d+: .*")
# What `strict` stands for, as far as a project may have switched it off again on its own.
_STRICT_FAMILY = (
    "strict",
    "alwaysStrict",
    "noImplicitAny",
    "noImplicitThis",
    "strictBindCallApply",
    "strictBuiltinIteratorReturn",
    "strictFunctionTypes",
    "strictNullChecks",
    "strictPropertyInitialization",
    "useUnknownInCatchVariables",
)


@dataclass(frozen=True)
class CompilerSettings:
    """A ``tsconfig.json``, with all that it extends, as the compiler reads it."""

    errors: tuple[str, ...]
    """What the compiler says against the settings, a line each; nothing of what it says of the program."""
    options: Mapping[str, object]
    """Those that are given."""
    files: frozenset[str]
    """All that is type checked: POSIX paths relative to the project's root, as far as they lie below it."""


async def read(tsc: Path, root: Path) -> CompilerSettings:
    """Ask the compiler what it makes of the settings of a project that has them.

    Writes nothing and checks no types. Raises ``ToolchainError`` when the compiler does not start or gives
    no answer.
    """
    listed, options = await asyncio.gather(
        _answer(tsc, root, "--listFilesOnly"), _answer(tsc, root, "--showConfig")
    )
    files = frozenset(files_below(root, listed))
    return CompilerSettings(_errors(listed.splitlines(), files), _options(options), files)


def shortcomings(settings: CompilerSettings, entry: str | None) -> Iterator[str]:
    """What checks less than a person will expect: a sentence each.

    ``entry`` is the POSIX path of the file that runs start from, if there is one.
    """
    if entry is not None and entry not in settings.files:
        yield f"It leaves out {entry}, which runs start from, so that nobody checks it."
    options = settings.options
    lenient = [f'"{name}": true' for name in _STRICT_FAMILY if options.get(name) is False]
    if options.get("noImplicitReturns") is not True:
        lenient.append('"noImplicitReturns": true')
    if lenient:
        yield f"The platform compiles with {', '.join(lenient)}, so it may refuse what passes here."
    types = options.get("types")
    if isinstance(types, list) and "node" in types:
        yield 'With "node" among its "types" it lets pass what Node.js has and phones lack.'


async def _answer(tsc: Path, root: Path, question: str) -> str:
    finished = await tool_process.run(
        [tsc, "-p", SETTINGS_FILE, "--pretty", "false", question],
        directory=root,
        environment=tool_process.inherited_environment(),
        deadline=_DEADLINE_S,
    )
    said = finished.stdout.decode("utf-8", "replace")
    if not said.strip():
        raise ToolchainError(f"{tsc} ended with code {finished.exit_code} and said nothing.")
    return said


def _errors(lines: Sequence[str], files: frozenset[str]) -> tuple[str, ...]:
    """What is said of no file, or of a JSON file that the program does not import: a setting's own file."""
    found = [error for line in lines if (error := _ERROR.fullmatch(line))]
    placed = [error[0] for error in found if is_of_settings(error["file"], files)]
    # A slip in the file comes before what follows from it.
    return (*placed, *(error[0] for error in found if not error["file"]))


def _options(said: str) -> Mapping[str, object]:
    # What the compiler has against the settings may stand before or after them.
    try:
        document = json.loads(said[said.find("{") : said.rfind("}") + 1])
        options = document["compilerOptions"]
    except (ValueError, KeyError, TypeError):
        return {}
    return options if isinstance(options, dict) else {}
