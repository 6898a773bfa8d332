"""Links of a terminal (OSC 8) to lines of the project's files."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

LINK_END = "\x1b]8;;\x1b\\"
# As source maps are applied to a stack: "    at name (file.ts:line:column)" or "    at file.ts:line:column".
_FRAME = re.compile(r"    at (?P<upto>.{1,1000}):(?P<line>\d{1,9}):(?P<column>\d{1,9})(?P<end>\)?)")
_MOST_REMEMBERED = 1000


class SourceLinks:
    """Makes links to the files below a folder.

    The target is ``file://HOST/PATH#LINE``, which kitty's and WezTerm's handlers, ripgrep's and delta's users
    and VS Code know; terminals that know of no lines open the file.

    Args:
        root: the project's folder.
        host: this machine's name, by which a terminal knows that a file is its own and not of a machine that
            it is logged in to; empty: the file is where the terminal is.
    """

    def __init__(self, root: Path, host: str) -> None:
        self._root = root.absolute()
        self._host = quote(host, safe="")
        self._files: dict[str, bool] = {}

    def start(self, file: str, line: int) -> str:
        """What begins the link to a line; empty where the file can have no address."""
        try:
            address = Path(os.path.normpath(self._root / file)).as_uri()
        except (ValueError, UnicodeError):
            return ""
        local = address.removeprefix("file:///")
        if local == address:
            # A share of Windows, which has a host of its own.
            return f"\x1b]8;;{address}#{line}\x1b\\"
        return f"\x1b]8;;file://{self._host}/{local}#{line}\x1b\\"

    def in_frame(self, text: str) -> str:
        """A line of a stack with its place as a link, where that is a file of the project; else as it is."""
        frame = _FRAME.fullmatch(text)
        if frame is None:
            return text
        upto = frame["upto"]
        # A name may hold spaces and parentheses, too: the file is what is one.
        starts = [found.end() for found in re.finditer(r" \(", upto)] if frame["end"] else [0]
        start = next((each for each in starts if self._is_file(upto[each:])), None)
        if start is None:
            return text
        file = upto[start:]
        link = self.start(file, int(frame["line"]))
        place = f"{file}:{frame['line']}:{frame['column']}"
        return f"    at {upto[:start]}{link}{place}{LINK_END if link else ''}{frame['end']}"

    def _is_file(self, file: str) -> bool:
        known = self._files.get(file)
        if known is None:
            if len(self._files) == _MOST_REMEMBERED:
                self._files.clear()
            # What a message says about files elsewhere is not looked for.
            inside = not Path(file).is_absolute() and ".." not in Path(file).parts
            known = self._files[file] = inside and (self._root / file).is_file()
        return known


def link_host(environment: Mapping[str, str] | None = None) -> str:
    """This machine's name for links, as the description of OSC 8 asks for it."""
    variables = os.environ if environment is None else environment
    # VS Code takes a host for a file share (its issue 163545), and Windows Terminal opens none with a host.
    if sys.platform == "win32" or variables.get("TERM_PROGRAM") == "vscode":
        return ""
    return os.uname().nodename
