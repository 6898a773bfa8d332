"""Where an editor's files are, and where the project is from there."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """The folder that is opened in an editor: the project's own, or one above it."""

    folder: Path
    below: str = ""
    """The POSIX path from there to the project; empty where it is the project's own folder."""

    @classmethod
    def of(cls, folder: Path, root: Path) -> Place:
        """The place of the project at ``root`` in ``folder``, which is that or above it."""
        below = root.relative_to(folder).as_posix()
        return cls(folder, "" if below == "." else below)

    def within(self, variable: str) -> str:
        """The project's folder, where ``variable`` is the editor's word for the one that is opened."""
        return f"{variable}/{self.below}" if self.below else variable

    def path(self, path: str) -> str:
        """A path of the project as one from the folder that is opened."""
        return f"{self.below}/{path}" if self.below else path

    def label(self, name: str) -> str:
        """A name for people that is this project's alone, of all below the folder."""
        return f"xgodo: {name} ({self.below})" if self.below else f"xgodo: {name}"

    def slug(self, name: str) -> str:
        """As ``label``, of letters, digits and dashes."""
        below = self.below.replace("/", "--")
        plain = "".join(each if each.isalnum() else "-" for each in below)
        if plain != below or "---" in below or "--" in self.below:
            # Another folder's may be the same.
            plain += f"-{hashlib.sha256(os.fsencode(self.below)).hexdigest()[:6]}"
        return f"xgodo-{name}-{plain}" if below else f"xgodo-{name}"
