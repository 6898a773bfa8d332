"""What the pre-commit hook does: the type check of the projects that have files in the commit."""

from __future__ import annotations

import os

from xgodo_dev.cli import check_report, interrupts, output
from xgodo_dev.cli.checking import checked
from xgodo_dev.cli.committed_tree import written_out
from xgodo_dev.cli.invocation import invocation
from xgodo_dev.errors import CheckFailed
from xgodo_dev.project import config
from xgodo_dev.project.files import SOURCE_SUFFIXES
from xgodo_dev.project.git import pushed_refs, repository
from xgodo_dev.project.git.repository import Repository


def run() -> int:
    """Check each project that the commit being made has files of.

    Raises:
        CheckFailed: one has errors, and git is not to commit.
    """
    start = invocation().start
    # For `git commit FILE` and `-a`, git makes an index beside the usual one. To be read before it is lost.
    index = os.environ.get("GIT_INDEX_FILE")
    environment = {"GIT_INDEX_FILE": str((start / index).absolute())} if index else {}
    found = repository.find(repository.find(start).root)
    names = ("--name-only", "-z", "--no-renames", "--no-ext-diff")
    changed = found.run("diff", "--cached", *names, environment=environment).parts
    folders = pushed_refs.project_folders(changed, lambda each: config.is_root(found.root / each))
    if not folders:
        return 0
    # What is committed may be another thing than what is on the disk.
    tree = found.run("write-tree", environment=environment).text
    for folder in folders:
        inside = repository.find(found.root / folder)
        if not _has_sources(inside, tree):
            continue
        with written_out(inside, tree, config.load(found.root / folder), "what is staged") as (staged, _):
            result = interrupts.run(checked(staged))
            if result.ok:
                continue
            check_report.show(result, staged)
        count = len(result.errors)
        raise CheckFailed(
            f"Not committed: the type check of {output.shown(folder) or staged.name}, as it is staged, found "
            f"{count} error{'' if count == 1 else 's'}.",
            hint="Mend that, and stage what you mend; or commit in spite of it: `git commit --no-verify`.",
        )
    return 0


def _has_sources(inside: Repository, tree: str) -> bool:
    """Whether there is something to check: not where a project is taken out of git, or only begins."""
    folder = inside.prefix.rstrip("/")
    listed = inside.run("ls-tree", "-r", "--name-only", "-z", "--full-tree", f"{tree}:{folder}", also=(128,))
    return any(path.endswith(SOURCE_SUFFIXES) for path in listed.parts)
