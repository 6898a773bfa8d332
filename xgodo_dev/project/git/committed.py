"""The files of a commit below a project's folder, byte for byte as git keeps them.

No filter runs and no line ending changes: what was committed is what others have too. That is why a file
that Git LFS keeps elsewhere is only its pointer here.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from xgodo_dev.errors import UsageError
from xgodo_dev.project.config import STATE_DIRECTORY
from xgodo_dev.project.git.repository import GitFailed, Repository

_POINTER = b"version https://git-lfs.github.com/spec/"
_LONGEST_POINTER = 1024
# Bytes that one look into git's store brings into memory, beside one large file.
_AT_ONCE = 16 * 1024 * 1024
_NEVER_PARTS = frozenset({"", ".", "..", ".git"})
# Characters of a name elsewhere that lead out of a folder here.
_FOREIGN = frozenset("\\:" if os.name == "nt" else "")


class Kind(Enum):
    """What a path of a tree is."""

    FILE = "a file"
    POINTER = "a pointer of Git LFS, which is not the content"
    LINK = "a symbolic link"
    SUBMODULE = "a submodule, whose files are in another repository"


@dataclass(frozen=True)
class Entry:
    """One path of a tree, relative to the project's folder."""

    path: str
    kind: Kind
    object: str
    """Its hash in git, which may not be SHA-1."""
    size: int


def resolve(repository: Repository, revision: str) -> str:
    """The full hash of the commit that a revision names.

    Raises:
        UsageError: it names none; with those that it may have meant.
    """
    commit = repository.commit(revision) if revision else None
    if commit is not None:
        return commit
    answer = repository.run(
        "for-each-ref", "--format=%(refname:short)", "refs/heads", "refs/tags", "refs/remotes"
    )
    near = difflib.get_close_matches(revision, answer.text.split("\n"), n=2, cutoff=0.7)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    if repository.head() is None:
        meant = " Nothing was ever committed in this repository."
    raise UsageError(
        f"{revision!r} is no commit of {repository.root}.{meant}",
        hint="A revision is a branch, a tag, a hash or HEAD~1, as git reads them.",
    )


def entries(repository: Repository, commit: str) -> list[Entry]:
    """What a commit has below the project's folder.

    Raises:
        UsageError: it has no such folder.
    """
    listed = _listed(repository, f"{commit}:{repository.prefix.rstrip('/')}", "-r")
    if listed is None:
        raise UsageError(
            f"Commit {commit[:10]} has no folder {repository.prefix.rstrip('/')}.",
            hint="Name a commit that has the project where it is now.",
        )
    return listed


def export(repository: Repository, commit: str, listed: Sequence[Entry], top: Path) -> list[Entry]:
    """Write the files of a commit below ``top``, in the project's place in its repository.

    The JSON files of the folders above are written too: a ``tsconfig.json`` may extend one of those.
    In the place of what is no file, or is only a pointer to its content, is an empty folder, as something
    that is there and is not sent. Nothing is written of what a project keeps for itself.

    Returns the entries that are no files.
    """
    above: list[tuple[str, Entry]] = []
    folders = ["", *_folders_of(repository.prefix)][:-1] if repository.prefix else []
    for folder in folders:
        found = _listed(repository, f"{commit}:{folder.rstrip('/')}") or []
        above += [(folder, each) for each in found if each.path.endswith(".json")]
    others: list[Entry] = []
    own = [(repository.prefix, each) for each in listed if not each.path.startswith(f"{STATE_DIRECTORY}/")]
    (top / repository.prefix).mkdir(parents=True, exist_ok=True)
    for (folder, entry), content in _contents(repository, [*above, *own]):
        place = top / folder / entry.path
        if content is None or _is_pointer(content):
            place.mkdir(parents=True, exist_ok=True)
            if folder == repository.prefix:
                others.append(
                    entry if content is None else Entry(entry.path, Kind.POINTER, entry.object, entry.size)
                )
        else:
            try:
                place.parent.mkdir(parents=True, exist_ok=True)
                with place.open("xb") as file:
                    file.write(content)
            except FileExistsError as error:
                # Where case or the form of an accent makes no difference.
                raise GitFailed(f"{entry.path} is another path's file on this disk.") from error
    return others


def _folders_of(prefix: str) -> list[str]:
    """``a/``, ``a/b/`` of ``a/b/``."""
    parts = prefix.rstrip("/").split("/")
    return ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts) + 1)]


def _listed(repository: Repository, tree: str, *options: str) -> list[Entry] | None:
    """What a tree has; None when there is no such tree."""
    answer = repository.run("ls-tree", "-z", "--long", "--full-tree", *options, tree, also=(128,))
    if answer.status:
        return None
    found = []
    for line in answer.parts:
        described, _, path = line.partition("\t")
        mode, kind, digest, size = described.split()
        if kind == "tree":
            continue
        # A tree can be made by hand; git's own checkout refuses such a one too.
        if not _NEVER_PARTS.isdisjoint(path.split("/")) or not _FOREIGN.isdisjoint(path):
            raise GitFailed(f"{tree} has a path that no folder can hold: {path!r}.")
        what = Kind.SUBMODULE if kind == "commit" else Kind.LINK if mode == "120000" else Kind.FILE
        found.append(Entry(path, what, digest, int(size) if size.isdigit() else 0))
    return found


def _contents(
    repository: Repository, wanted: Sequence[tuple[str, Entry]]
) -> Iterator[tuple[tuple[str, Entry], bytes | None]]:
    """The content of each file among the entries, and None of the others."""
    batch: list[tuple[str, Entry]] = []
    size = 0
    for each in wanted:
        if each[1].kind is not Kind.FILE:
            yield each, None
            continue
        if batch and size + each[1].size > _AT_ONCE:
            yield from _read(repository, batch)
            batch, size = [], 0
        batch.append(each)
        size += each[1].size
    yield from _read(repository, batch)


def _read(
    repository: Repository, batch: Sequence[tuple[str, Entry]]
) -> Iterator[tuple[tuple[str, Entry], bytes]]:
    if not batch:
        return
    given = "".join(f"{entry.object}\n" for _, entry in batch).encode()
    output = repository.run("cat-file", "--batch", given=given).output
    start = 0
    for each in batch:
        head, _, _ = output[start : start + 200].partition(b"\n")
        if head.split(b" ")[0] != each[1].object.encode() or head.endswith(b" missing"):
            raise GitFailed(f"The repository {repository.root} lacks the content of {each[1].path}.")
        first = start + len(head) + 1
        yield each, output[first : first + each[1].size]
        start = first + each[1].size + 1


def _is_pointer(content: bytes) -> bool:
    return len(content) <= _LONGEST_POINTER and content.startswith(_POINTER)
