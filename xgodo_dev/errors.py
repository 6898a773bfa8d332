"""The one error tree. Each kind knows its exit code, its machine-readable code and its way out.

::

    XgodoError                  1  failed
    ├── FileUnreadable          1  file-unreadable
    ├── UsageError              2  usage
    │   ├── ConfigurationError  2  configuration
    │   └── ArgumentsInvalid    2  arguments-invalid
    ├── RefusedError            3  refused            it would lose somebody's edit
    │   └── ConflictError       3  conflict
    ├── AuthenticationError     4  authentication
    ├── UnreachableError        5  unreachable
    │   ├── ServerUnavailable   5  server-unavailable
    │   │   └── TooManyRequests 5  too-many-requests
    │   └── DeviceOffline       5  device-offline
    ├── ApiError                1  api                the server said no
    │   ├── PermissionDenied    1  permission-denied
    │   ├── NotFound            1  not-found
    │   │   └── ProjectNotFound 1  not-found
    │   └── CompileRefused      1  compile-refused
    ├── FilesNotSent            1  not-sent
    │   └── FilesNotCompiled    1  compile-refused
    └── ToolchainError          1  toolchain
        ├── ToolchainMissing    1  toolchain-missing
        ├── CheckFailed         1  check-failed
        └── BundleFailed        1  bundle-failed

Exit codes are those of the command-line contract. ``hint`` says what to do next; a message says
what happened and to what. An error that a server's answer became knows its ``status``, the ``endpoint``
(method and path), and as ``server_message`` the server's own words, where it had any.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_MOST_LISTED = 20


class XgodoError(Exception):
    """Anything the toolkit reports to a person. ``str(error)`` is the message."""

    exit_code = 1
    code = "failed"
    default_hint: str | None = None
    server_message: str | None = None
    """The server's own words, where an answer had any."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint if hint is not None else self.default_hint

    def details(self) -> dict[str, list[str]]:
        """What a program may want of it besides the message, by name."""
        return {}

    def take_out(self, masked: Callable[[str], str]) -> None:
        """Tell it without what must not be told; ``masked`` returns a text without that."""
        self.args = (masked(str(self)),)
        self.hint = self.hint and masked(self.hint)
        self.server_message = self.server_message and masked(self.server_message)

    def with_hint(self) -> str:
        """The message and the way out, as running text."""
        return f"{self} {self.hint}" if self.hint else str(self)


class FileUnreadable(XgodoError):
    """A file or folder of the project can't be read."""

    code = "file-unreadable"
    default_hint = "Mend its permissions, or leave it out: `exclude` under [sync] in xgodo.toml."


class UsageError(XgodoError):
    """The command line is incomplete or contradicts itself."""

    exit_code = 2
    code = "usage"


class ConfigurationError(UsageError):
    """A configuration file or setting can't be used as it stands."""

    code = "configuration"


class ArgumentsInvalid(UsageError):
    """What a run was to be started with does not fit the project's schemas.

    ``problems`` are all of them, one line each; so does the message list them.
    """

    code = "arguments-invalid"

    def __init__(
        self, *, problems: Sequence[str], hint: str | None = None, called: str = "arguments"
    ) -> None:
        lines = problems
        if len(problems) > 1:
            lines = [f"{len(problems)} {called} can't be used:", *(f"  {each}" for each in problems)]
        super().__init__("\n".join(lines), hint=hint)
        self.problems = tuple(problems)

    def details(self) -> dict[str, list[str]]:
        return {"problems": list(self.problems)}


class RefusedError(XgodoError):
    """Going on would lose somebody's edit."""

    exit_code = 3
    code = "refused"


class ConflictError(RefusedError):
    """Both sides changed a file since they were last known equal."""

    code = "conflict"

    def __init__(self, message: str, *, paths: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.paths = tuple(paths)


class _FromServer(XgodoError):
    """What a server's answer may have become: it knows the answer then."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        status: int | None = None,
        endpoint: str | None = None,
        server_message: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.endpoint = endpoint
        self.server_message = server_message


class AuthenticationError(_FromServer):
    """Not signed in, or the server refused the token."""

    exit_code = 4
    code = "authentication"
    default_hint = "Sign in with `xgodo-dev login`, or set XGODO_TOKEN."


class UnreachableError(XgodoError):
    """The network, the server or the device can't be reached."""

    exit_code = 5
    code = "unreachable"


class NoConnection(UnreachableError):
    """No connection came about, so that nobody has heard what was asked."""


class ServerUnavailable(_FromServer, UnreachableError):
    """The server answered, but with a failure of its own (5xx or no JSON) even after retries."""

    code = "server-unavailable"
    retry_after = 0.0
    """Seconds that the server asked to be left alone."""


class TooManyRequests(ServerUnavailable):
    """The server asks to slow down, or a quota is spent (429)."""

    code = "too-many-requests"


class DeviceOffline(UnreachableError):
    """The device is known but not connected."""

    code = "device-offline"


class ApiError(XgodoError):
    """The server understood the request and said no."""

    code = "api"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        endpoint: str,
        hint: str | None = None,
        server_message: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.endpoint = endpoint
        self.server_message = server_message


class PermissionDenied(ApiError):
    """The server knows who asks, and does not let them (403)."""

    code = "permission-denied"


class NotFound(ApiError):
    """The server says that the project, file or device does not exist, or is not ours."""

    code = "not-found"


class ProjectNotFound(NotFound):
    """The server says that the remote project does not exist, or is not ours."""

    default_hint = (
        "Is `id` in xgodo.toml the one in the address of its page? (On the emulator, a push makes it.)"
    )


class CompileRefused(ApiError):
    """The server's compiler refused a TypeScript file; ``errors`` are its own lines."""

    code = "compile-refused"

    def __init__(
        self,
        message: str,
        *,
        status: int,
        endpoint: str,
        errors: Sequence[str],
        server_message: str | None = None,
    ) -> None:
        super().__init__(message, status=status, endpoint=endpoint, server_message=server_message)
        self.errors = tuple(errors)


class FilesNotSent(XgodoError):
    """Files were held back or refused, each for its own reason; their content is safe here."""

    code = "not-sent"


class FilesNotCompiled(FilesNotSent):
    """The server's compiler refused files of a push."""

    code = "compile-refused"
    default_hint = "Mend the errors, and push again."


class ToolchainError(XgodoError):
    """A local build tool failed or could not be used."""

    code = "toolchain"


class ToolchainMissing(ToolchainError):
    """Node.js, TypeScript or esbuild is neither found nor installable."""

    code = "toolchain-missing"


class CheckFailed(ToolchainError):
    """The local type check found errors."""

    code = "check-failed"


class BundleFailed(ToolchainError):
    """The project could not be made into one script.

    ``errors`` are one line each; the message holds the summary and all but the last of very many.
    """

    code = "bundle-failed"

    def __init__(self, summary: str, *, errors: Sequence[str] = (), hint: str | None = None) -> None:
        shown = [*errors[:_MOST_LISTED]]
        if len(errors) > _MOST_LISTED:
            shown.append(f"… and {len(errors) - _MOST_LISTED} more")
        super().__init__("\n".join((summary, *shown)), hint=hint)
        self.errors = tuple(errors)

    def details(self) -> dict[str, list[str]]:
        return {"errors": list(self.errors)}
