"""The git repository that a project's folder lies in, and the git program at work in it.

git itself says where a repository is, and whether it is to be trusted, by the rules that a person knows
from the command line: worktrees, submodules, ``safe.directory``. Only commands that need git ask: a
repository's own settings can name programs to run, and a folder may come from anybody.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from xgodo_dev.errors import ConfigurationError, ToolchainError, ToolchainMissing

if TYPE_CHECKING:
    # It takes longer to load than all that most commands do.
    from git import Git

_BRANCHES = "refs/heads/"
_COMMAND_SECONDS = 120.0
_SECONDS_TO_END = 5.0
_LOOK_SECONDS = 1.0

# By these git tells a hook which repository it is at work in, relative to its own folder. A command that a
# hook starts means the repository of its project, and GitPython can take nothing out of an environment.
_OF_ANOTHER_REPOSITORY = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_INTERNAL_SUPER_PREFIX",
)
# Nothing here may wait for a person, nor take the index away from a git at work beside it.
_UNATTENDED = {
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": ":",
    "GIT_SEQUENCE_EDITOR": ":",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
}
# A program of the repository's settings that a mere look at its files would start.
_SETTINGS = ("-c", "core.fsmonitor=false")


class GitMissing(ToolchainMissing):
    """The git program is not installed."""

    code = "git-missing"
    default_hint = "Install it from https://git-scm.com, or do without what needs it."


class NoRepository(ConfigurationError):
    """The project is in no git repository."""

    code = "no-repository"
    default_hint = "Make one with `git init`."


class NoWorkingTree(ConfigurationError):
    """The repository is bare, or the folder lies inside of what git keeps for itself."""

    code = "no-working-tree"
    default_hint = "Work in a clone or a worktree of it: `git worktree add DIR BRANCH`."


class RepositoryUntrusted(ConfigurationError):
    """The repository belongs to somebody else, and git refuses to work in it."""

    code = "repository-untrusted"


class GitFailed(ToolchainError):
    """A git command failed, or took too long; the message holds git's own words."""

    code = "git-failed"


@dataclass(frozen=True)
class Answer:
    """What a git command said."""

    status: int
    output: bytes
    errors: str

    @property
    def text(self) -> str:
        """The output without the line's end; bytes that are no UTF-8 stay as a path has them."""
        return os.fsdecode(self.output).removesuffix("\n")

    @property
    def parts(self) -> list[str]:
        """The texts of an output with ``-z``, such as paths."""
        return [os.fsdecode(part) for part in self.output.split(b"\0") if part]


class Repository:
    """A repository with a working tree, seen from one project's folder in it; made by :func:`find`.

    Every method runs git, blocks until it is done, and raises ``GitFailed`` where it fails.
    """

    def __init__(self, git: Git, root: Path, prefix: str, directory: Path, common_directory: Path) -> None:
        self.root = root
        """The top of the working tree."""
        self.prefix = prefix
        """The project's folder as a POSIX path below ``root``, with a slash at its end; empty: the same."""
        self.directory = directory
        """Where git keeps what is this working tree's own: HEAD, the index."""
        self.common_directory = common_directory
        """Where git keeps what all working trees of the repository share: objects, branches, hooks."""
        self._git = git

    @property
    def project_root(self) -> Path:
        """The project's folder."""
        return self.root / PurePosixPath(self.prefix)

    def run(
        self,
        *arguments: str,
        given: bytes | None = None,
        also: Collection[int] = (),
        seconds: float = _COMMAND_SECONDS,
        environment: dict[str, str] | None = None,
    ) -> Answer:
        """Run git in the project's folder.

        Hooks and filters run where the command runs them anyway. Paths are literal, not patterns.

        Args:
            arguments: such as ``"rev-parse", "HEAD"``.
            given: what the command reads on its standard input.
            also: exit statuses besides 0 that are answers too.
            seconds: how long it may take.
            environment: variables besides those of this process.

        Raises:
            GitFailed: with git's own words.
        """
        answer = _run(self._git, arguments, given, seconds, environment)
        if answer.status not in {0, *also}:
            raise _failure(self.root, arguments, answer)
        return answer

    def head(self) -> str | None:
        """The full hash of the commit that is checked out; None: nothing was ever committed here."""
        return self.commit("HEAD")

    def commit(self, revision: str) -> str | None:
        """The full hash of the commit that a revision names, as git reads those; None: it names none."""
        if revision.startswith("-"):
            # It would be an option; and only since 2.30 can `rev-parse` be told where those end.
            return None
        answer = self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", also=(1, 128))
        # Of what is to be left out, `^main`, it tells the hash so.
        return answer.text if answer.status == 0 and not answer.text.startswith("^") else None

    def branch(self) -> str | None:
        """The branch that is checked out, which may not be born yet; None: HEAD is detached."""
        answer = self.run("symbolic-ref", "--quiet", "HEAD", also=(1,))
        return answer.text.removeprefix(_BRANCHES) if answer.status == 0 else None

    def branch_named(self, revision: str) -> str | None:
        """The branch that a revision names, as ``staging``, ``heads/staging`` and ``@{-1}`` do.

        None: it names something else, such as a tag or ``staging~1``, or as well.
        """
        if revision.startswith("-"):
            return None
        answer = self.run("rev-parse", "--verify", "--quiet", "--symbolic-full-name", revision, also=(1, 128))
        return answer.text.removeprefix(_BRANCHES) if answer.text.startswith(_BRANCHES) else None

    def uncommitted(self, counting: Collection[str] = ()) -> list[str]:
        """What below the project's folder is not as the last commit has it, sorted, relative to the project.

        Those are tracked files that were changed, removed or staged, and, of the paths that are
        ``counting``, those that git does not track, be they ignored by it or not, and those that it was told
        not to look at. Filters run where git needs one to tell whether a file has changed.
        """
        prefix = self.prefix
        changed = self.run(
            "status",
            "--porcelain=v1",
            "-z",
            "--no-renames",
            "--untracked-files=no",
            "--ignore-submodules=untracked",
            "--",
            ".",
        ).parts
        # Two letters and a space, then a path from the top of the working tree.
        found = {path[3:].removeprefix(prefix) for path in changed}
        if counting:
            # From the folder that it runs in, which is the project's.
            listed = self.run("ls-files", "-z", "-v", "--recurse-submodules").parts
            # A letter and a space; another letter where it is assumed unchanged, or not to be in the tree.
            tracked = {path[2:] for path in listed if path[0] == "H"}
            found.update(path for path in counting if path not in tracked)
        return sorted(found)


def find(folder: Path) -> Repository:
    """The repository that a project's folder lies in.

    Raises:
        GitMissing: there is no git program.
        NoRepository: the folder is in none.
        NoWorkingTree: it is bare.
        RepositoryUntrusted: it is somebody else's.
        GitFailed: git does not say.
    """
    if shutil.which("git") is None:
        raise GitMissing("git is not on PATH.")
    for name in _OF_ANOTHER_REPOSITORY:
        os.environ.pop(name, None)
    Git = _git_python()  # noqa: N806 - a class

    folder = folder.resolve()
    git = Git(folder)
    question = ("rev-parse", "--absolute-git-dir", "--git-common-dir", "--show-prefix", "--show-toplevel")
    answer = _run(git, question, None, _COMMAND_SECONDS, None)
    told = os.fsdecode(answer.output).split("\n")[:-1]
    if answer.status != 0:
        raise _not_usable(folder, question, answer, told)
    if len(told) != len(question) - 1:
        raise GitFailed(f"The path of the repository of {folder} has a line break in it.")
    directory, common, prefix, root = told
    return Repository(git, Path(root), prefix, Path(directory), (folder / common).resolve())


def _git_python() -> type[Git]:
    # As it is loaded, it tries a git out, which need not be the one on PATH.
    os.environ["GIT_PYTHON_REFRESH"] = "quiet"
    try:
        from git import Git
    except ImportError as error:
        # On a Mac without its developer's tools there is a program of that name, and it says what to install.
        said = subprocess.run(
            ["git", "version"], capture_output=True, check=False, text=True, errors="replace"
        )
        raise GitFailed(f"git does not work here: {said.stderr.strip() or error}") from error
    return Git


def _not_usable(
    folder: Path, question: tuple[str, ...], answer: Answer, told: list[str]
) -> ConfigurationError | GitFailed:
    # git has one status for all of it; its words are those of the C locale.
    if "dubious ownership" in answer.errors or "safe.directory" in answer.errors:
        return RepositoryUntrusted(
            f"git does not work in the repository of {folder}, because it belongs to somebody else.",
            hint="If you trust it: `git config --global --add safe.directory` and the folder of its `.git`.",
        )
    if "not a git repository: " in answer.errors:
        gone = answer.errors.partition("not a git repository: ")[2]
        return NoRepository(
            f"{folder} is a worktree of a git repository that is not there any more: {gone}",
            hint="If it was moved, say `git worktree repair` in it.",
        )
    if "not a git repository" in answer.errors:
        return NoRepository(f"{folder} is in no git repository.")
    if told:
        # It found what it keeps there, and no working tree around it.
        return NoWorkingTree(f"{folder} is in a git repository that has no working tree there.")
    return _failure(folder, question, answer)


def _run(
    git: Git,
    arguments: tuple[str, ...],
    given: bytes | None,
    seconds: float,
    environment: dict[str, str] | None,
) -> Answer:
    command = ["git", "--no-pager", *_SETTINGS, *arguments]
    # Of its own deadlines GitPython has none on Windows, and a killed git leaves its locks behind.
    process = git.execute(
        command,
        as_process=True,
        istream=None if given is None else subprocess.PIPE,
        env=_UNATTENDED | (environment or {}),
    )
    ends = time.monotonic() + seconds
    while True:
        look = max(0.0, min(_LOOK_SECONDS, ends - time.monotonic()))
        try:
            output, errors = process.communicate(given, timeout=look)
            break
        except subprocess.TimeoutExpired as waiting:
            if process.poll() is not None:
                # What a hook has started in the background may hold the output open for ever.
                output, errors = waiting.output or b"", waiting.stderr or b""
                break
            if time.monotonic() >= ends:
                _end(process)
                raise GitFailed(
                    f"`git {arguments[0]}` took more than {seconds:.0f} s, and was ended."
                ) from waiting
    return Answer(process.returncode, output, errors.decode(errors="replace").strip())


def _end(process: Git.AutoInterrupt) -> None:
    process.terminate()
    try:
        process.communicate(timeout=_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def _failure(where: Path, arguments: tuple[str, ...], answer: Answer) -> GitFailed:
    said = answer.errors.removeprefix("fatal: ").removeprefix("error: ") or f"status {answer.status}"
    return GitFailed(f"`git {arguments[0]}` failed in {where}: {said}")
