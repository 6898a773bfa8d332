"""The lines of `check` and `watch --plain` that editors look for, and the expressions that find them."""

from __future__ import annotations

from typing import Final

BEGINS: Final = "checking types"
"""The line of `watch --plain` behind which all that a check found stands."""
ENDS: Final = "checked types: "
"""How the line begins that stands behind it."""

# Of JavaScript, as VS Code reads them. A file's name may hold brackets, so it is as short as can be: what
# looks like a place within a message is none. What is indented explains the error above it.
PROBLEM: Final = r"^(\S.*?)\((\d+),(\d+)\): (error|warning) (TS\d+): (.*)$"
BACKGROUND_BEGINS: Final = rf"^{BEGINS}$"
BACKGROUND_ENDS: Final = rf"^{ENDS}"

# Of Vim: %t takes the first letter of error or warning, and the last entry leaves out all other lines.
ERROR_FORMAT: Final = (
    r"%f(%l\,%c): %trror TS%n: %m",
    r"%f(%l\,%c): %tarning TS%n: %m",
    r"%-G%.%#",
)
