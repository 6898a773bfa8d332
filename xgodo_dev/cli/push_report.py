"""What a push did, as it is told and as it is handed to other programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.app import worst
from xgodo_dev.cli.conflicts import Conflicts
from xgodo_dev.errors import CheckFailed, FilesNotCompiled, FilesNotSent, XgodoError
from xgodo_dev.sync.push_results import (
    Conflicting,
    LocallyDeleted,
    PushResult,
    Refused,
    RemoteChanged,
    RemotelyDeleted,
    Synced,
    Unsent,
)

if TYPE_CHECKING:
    from xgodo_dev.project.config import Project
    from xgodo_dev.toolchain.typescript import CheckResult


@dataclass
class PushReport:
    """What a push did, path by path, and the error it ends with."""

    pushed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    would_push: list[str] = field(default_factory=list)
    """What a dry run would send."""
    failed: list[dict[str, object]] = field(default_factory=list)
    conflicts: Conflicts = field(default_factory=Conflicts)
    warnings: list[str] = field(default_factory=list)
    not_compiled: list[str] = field(default_factory=list)
    """Those of the failed files that the platform's compiler refused."""
    denied: list[str] = field(default_factory=list)
    """Those of the failed files that a limit or the platform refused for another reason."""
    errors: list[XgodoError] = field(default_factory=list)
    project: str | None = None
    """The remote project's id, where it depends on the branch."""
    commit: str | None = None
    """The commit of git whose files are sent, where it isn't those of the working tree."""
    undone: list[str] = field(default_factory=list)
    """Those of the pushed files that somebody had put back on the platform to what an older commit has."""
    told: bool = False
    """Whether something was said of a file that is not sent."""

    @property
    def error(self) -> XgodoError | None:
        """The error that the command ends with: the one whose exit code the contract puts first."""
        return worst(self.errors)

    def allow_not_compiled(self) -> None:
        """Files that the platform's compiler refused are no error any more; they stay among the failed."""
        self.errors = [error for error in self.errors if not isinstance(error, FilesNotCompiled)]

    def add_not_compiled(self, path: str, errors: Sequence[str]) -> None:
        """The platform's compiler refused a file. Each is kept once."""
        if path in self.not_compiled:
            return
        self.not_compiled.append(path)
        self.failed.append({"path": path, "errors": list(errors)})
        for line in errors:
            output.note(f"{click.style('refused', fg='red')} {output.shown(path)}: {output.plain(line)}")

    def tell(self, text: str) -> None:
        """Say what becomes of a file that is not sent."""
        self.told = True
        output.note(text)

    def warn(self, text: str) -> None:
        """Say something that stops nothing."""
        self.warnings.append(text)
        output.note(f"{click.style('warning:', fg='yellow')} {text}")

    def to_json(self) -> dict[str, object]:
        """The contract's document; the error, when there is one, stands in the same object."""
        document: dict[str, object] = {
            "pushed": sorted(self.pushed),
            "skipped": sorted(self.skipped),
            "failed": sorted(self.failed, key=lambda each: str(each["path"])),
        }
        if self.conflicts.paths:
            document["conflicts"] = self.conflicts.paths
        for name in ("project", "commit"):
            if getattr(self, name):
                document[name] = getattr(self, name)
        for name in ("would_push", "warnings"):
            if getattr(self, name):
                document[name] = sorted(getattr(self, name))
        if self.error:
            document |= output.error_document(self.error)
        return document

    def add(self, outcome: PushResult) -> None:
        """What became of one file."""
        path, shown = outcome.path, output.shown(outcome.path)
        match outcome:
            case Synced(_, size, ms):
                self.pushed.append(path)
                output.note(f"sent {shown} ({size} bytes, {ms:.0f} ms)")
            case Refused(_, reason, errors):
                if errors:
                    self.add_not_compiled(path, errors)
                else:
                    self.denied.append(path)
                    self.failed.append({"path": path, "errors": [reason]})
                    output.note(f"{click.style('refused', fg='red')} {shown}: {output.plain(reason)}")
            case Unsent(_, error):
                self.failed.append({"path": path, "errors": [str(error)]})
                if error not in self.errors:
                    self.errors.append(error)
            case Conflicting(_, deleted_here, buries):
                self.conflicts.add(path, deleted_here=deleted_here, buries=buries)
            case RemoteChanged():
                self.skipped.append(path)
                self.tell(f"not sent, changed on the platform only: {shown} (`pull` brings it)")
            case RemotelyDeleted():
                self.skipped.append(path)
                self.tell(f"not sent, deleted on the platform: {shown} (`push --force` sends it again)")
            case LocallyDeleted():
                self.skipped.append(path)
                self.tell(output.stays_there(path))
            case _:
                self.skipped.append(path)

    def hold_back(self, paths: Sequence[str], result: CheckResult, project: Project) -> None:
        """Nothing of ``paths`` is sent, because of what its type check found."""
        from xgodo_dev.cli import check_report
        from xgodo_dev.toolchain.diagnostics import diagnostic_line

        by_file: dict[str, list[str]] = {}
        for diagnostic in result.errors:
            by_file.setdefault(diagnostic.file or "tsconfig.json", []).append(diagnostic_line(diagnostic))
        self.failed = [{"path": path, "errors": errors} for path, errors in by_file.items()]
        self.skipped += paths
        check_report.show(result, project)
        count = len(result.errors)
        self.errors.append(
            CheckFailed(
                f"Nothing was sent: the type check found {count} error{'' if count == 1 else 's'}.",
                hint=f"Mend {'it' if count == 1 else 'them'}. --no-check sends all the same, but the "
                "platform compiles too.",
            )
        )

    def conclude(self, *, foretold: bool = False) -> None:
        """Everything was added: find the errors of the whole. ``foretold``: nothing was to be sent."""
        if self.undone:
            self.warn(
                f"Somebody had put {output.names(self.undone)} on the platform back to what an older commit "
                "has. That is replaced; git still has it."
            )
        opening = "Would not be sent" if foretold else "Not sent"
        conflict = self.conflicts.error(
            opening, "`diff` shows both. `pull` merges what it can, or decides with --ours or --theirs."
        )
        if conflict:
            self.errors.append(conflict)
        if self.not_compiled:
            self.errors.append(
                FilesNotCompiled(f"Not compiled by the platform: {output.names(self.not_compiled)}.")
            )
        if self.denied:
            end = "." if foretold else "; nothing was lost here."
            self.errors.append(FilesNotSent(f"{opening}: {output.names(self.denied)}{end}"))
        others = [str(each["path"]) for each in self.failed if each["path"] not in self.not_compiled]
        if others and not isinstance(self.error, FilesNotSent):
            output.note(f"not sent: {output.names(others)}")
