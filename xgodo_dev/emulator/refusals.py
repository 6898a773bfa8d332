"""The refusals that several sections of the emulated platform share; the others are beside what refuses.

The documentation prints the messages of ``CompilationFailed``, ``NothingToCommit``,
``DevicesUnavailable``, ``UnknownDevice``, ``ProjectNotFound`` and ``FileNotFound``, and of statuses
names only 400 and 401. Every other text and status is this emulator's choice: 404 for what does
not exist, 400 for everything a caller can mend, a device that is offline included.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from xgodo_dev.errors import XgodoError


class ErrorShape(Enum):
    """Where a section of the platform puts its words when it refuses; the documents show all of these."""

    SUCCESS_MESSAGE = "message"
    SUCCESS_ERROR = "success-error"
    ERROR = "error"
    DETAIL = "detail"
    """Mobilerun's."""

    def body(self, words: str) -> dict[str, object]:
        """The JSON document that says it."""
        match self:
            case ErrorShape.SUCCESS_MESSAGE:
                return {"success": False, "message": words}
            case ErrorShape.SUCCESS_ERROR:
                return {"success": False, "error": words}
            case ErrorShape.ERROR:
                return {"error": words}
            case ErrorShape.DETAIL:
                return {"detail": words}


class Refusal(XgodoError):
    """A request that is answered with ``status`` and a JSON body."""

    code = "emulator-refusal"
    status = 400
    shape: ErrorShape | None = None
    """Where this one is said otherwise than the section's others."""

    def body(self, usual: ErrorShape = ErrorShape.SUCCESS_MESSAGE) -> dict[str, object]:
        """The JSON document of the answer, in a section that says it as is ``usual``."""
        return (self.shape or usual).body(str(self))


class InvalidRequest(Refusal):
    """The body, the query or a field in them is missing or malformed."""


class PathRefused(InvalidRequest):
    """The path is absolute, leaves the project, or means something to git or the file system."""

    def __init__(self, reason: str, *, path: str | None = None) -> None:
        super().__init__(f"Invalid path: {reason}" if path is None else f"Invalid path {path!r}: {reason}")
        self.reason = reason


class PairedJavaScript(Refusal):
    """A ``.js`` file belongs to the compiler as long as its ``.ts`` exists."""

    def __init__(self, path: str, source: str) -> None:
        super().__init__(f"Cannot edit {path} directly: it is compiled from {source}")


class CompilationFailed(Refusal):
    """``errors`` are lines of the form ``Error at 5:10: message``."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("TypeScript compilation failed")
        self.errors = tuple(errors)

    def body(self, usual: ErrorShape = ErrorShape.SUCCESS_MESSAGE) -> dict[str, object]:
        """The documented body, which carries the errors beside the message."""
        return {**super().body(usual), "errors": list(self.errors)}


class NothingToCommit(Refusal):
    """The project's files equal its last commit."""

    def __init__(self) -> None:
        super().__init__("No changes to commit")


class NoEntry(Refusal):
    """A saved project has no compiled file to start from."""

    def __init__(self, entry: str) -> None:
        super().__init__(f"The automation project has no {entry}")


class DevicesUnavailable(Refusal):
    """At least one of the devices asked for does not exist or is not connected."""

    def __init__(self) -> None:
        super().__init__("Some devices offline or not found.")


class UnknownDevice(Refusal):
    """The one device asked for does not exist."""

    def __init__(self) -> None:
        super().__init__("Invalid device_id or device not found")


class Unauthorized(Refusal):
    """No bearer token, or not this emulator's."""

    status = 401

    def __init__(self) -> None:
        super().__init__("Unauthorized: missing, invalid or expired API token")


class Forbidden(Refusal):
    """The token is somebody's who may not ask for this."""

    status = 403

    def __init__(self) -> None:
        super().__init__("Forbidden: this takes the token of the emulator's owner")


class ProjectNotFound(Refusal):
    """Nothing was ever written to this id, or it is a project of somebody else."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Automation project not found or access denied")


class FileNotFound(Refusal):
    """The project, or the file in it, does not exist."""

    status = 404

    def __init__(self) -> None:
        super().__init__("File or automation project not found")


class CommitNotFound(Refusal):
    """The project has no commit of that hash."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Commit not found")


class TemplateNotFound(Refusal):
    """There is no template of that id."""

    status = 404

    def __init__(self) -> None:
        super().__init__("Template not found")


class BodyTooLarge(Refusal):
    """More bytes than any allowed request can have."""

    status = 413

    def __init__(self) -> None:
        super().__init__("Request body too large")


class Stopping(Refusal):
    """The emulator shuts down before it could finish the work."""

    status = 503

    def __init__(self) -> None:
        super().__init__("The emulator is stopping")
