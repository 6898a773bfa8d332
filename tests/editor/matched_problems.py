"""What VS Code makes of the output of a task: its collectors of problems, as far as they matter here.

After ``contrib/tasks/common/problemCollectors.ts`` of its sources: what begins or ends a cycle is none;
a beginning while one is under way changes nothing; only at an end does what was not found again go.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import regress

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


def problem_in(line: str, matcher: Mapping[str, Any]) -> dict[str, str] | None:
    """The problem that a line tells of, by the names of the pattern's groups."""
    found = regress.Regex(matcher["pattern"]["regexp"]).find(line)
    if found is None:
        return None
    groups = {name: each for name, each in matcher["pattern"].items() if name != "regexp"}
    return {name: line[found.group(number)] for name, number in groups.items()}


def problems(output: str, matcher: Mapping[str, Any]) -> list[dict[str, str]]:
    """All problems that the output of a task tells of."""
    return [found for line in lines(output) if (found := problem_in(line, matcher))]


def lines(output: str) -> list[str]:
    """The lines of a terminal's output, without control codes, as a matcher gets them."""
    return [_CONTROL.sub("", line) for line in re.split(r"\r?\n", output)]


@dataclass
class Background:
    """A task in the background, and the problems of each of its cycles."""

    matcher: Mapping[str, Any]
    cycles: list[list[dict[str, str]]] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    """Problems that belong to no cycle: they would stay for ever."""

    def __post_init__(self) -> None:
        self._is_active = self.matcher["background"]["activeOnStart"]
        self._found: list[dict[str, str]] = []

    def read(self, output: Iterable[str]) -> None:
        """Take lines of the task's output."""
        begins, ends = (
            regress.Regex(self.matcher["background"][name]) for name in ("beginsPattern", "endsPattern")
        )
        for line in output:
            if begins.find(line) and not self._is_active:
                self._is_active, self._found = True, []
            elif ends.find(line) and self._is_active:
                self._is_active = False
                self.cycles.append(self._found)
                self._found = []
            elif found := problem_in(line, self.matcher):
                if self._is_active:
                    self._found.append(found)
                else:
                    self.outside.append(line)
