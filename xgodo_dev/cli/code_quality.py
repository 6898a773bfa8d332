"""What a type check found, as a report for GitLab's Code Quality.

A subset of Code Climate's format, as GitLab documents it: a list of findings, each with a description, a
check_name, a fingerprint, a severity, and a location whose path is relative to the repository.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.toolchain.diagnostics import Diagnostic
from xgodo_dev.toolchain.typescript import CheckResult

_SETTINGS_FILE = "tsconfig.json"


def write(file: Path, result: CheckResult, root: Path) -> None:
    """Write all that a check of the project in ``root`` found to ``file``; an empty list for nothing.

    Raises:
        XgodoError: the file can't be written.
    """
    base = Path(os.environ.get("CI_PROJECT_DIR") or root).resolve()
    text = json.dumps(findings(result, root.resolve(), base), indent=2, ensure_ascii=False)
    try:
        file.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise XgodoError(
            f"{file} can't be written: {error.strerror}.", hint="Name another file with --code-quality."
        ) from error


def findings(result: CheckResult, root: Path, base: Path) -> list[dict[str, object]]:
    """What was found; paths start from ``base``, the repository."""
    # Of equal findings in one file, each has to have a fingerprint of its own; and none the line, so that
    # what only moved is not told as new.
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[dict[str, object]] = []
    for severity, diagnostics in (("critical", result.errors), ("minor", result.warnings)):
        for diagnostic in diagnostics:
            path = _path(diagnostic, root, base)
            same = (path, diagnostic.code, diagnostic.message)
            seen[same] += 1
            found.append(
                {
                    "description": f"{diagnostic.code}: {diagnostic.message}",
                    "check_name": diagnostic.code,
                    "fingerprint": hashlib.sha256("\0".join((*same, str(seen[same]))).encode()).hexdigest(),
                    "severity": severity,
                    "location": {"path": path, "lines": {"begin": diagnostic.line or 1}},
                }
            )
    return found


def _path(diagnostic: Diagnostic, root: Path, base: Path) -> str:
    file = (root / (diagnostic.file or _SETTINGS_FILE)).resolve()
    return file.relative_to(base).as_posix() if file.is_relative_to(base) else file.as_posix()
