"""What `watch --run` and `run` show of themselves in one line: how things stand, and what the keys do."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass

import click

from xgodo_dev.cli import output
from xgodo_dev.cli.view import cells
from xgodo_dev.cli.view.durations import clock_text
from xgodo_dev.cli.view.run_ends import run_end
from xgodo_dev.loop.events import Change, Check, Conflict, RemoteChange, Synced, SyncFailed
from xgodo_dev.runs.events import Event, Exit, Launch, RunStatus

KEYS_OF_WATCH = {
    "r": "rerun",
    "s": "stop",
    "d": "device",
    "l": "level",
    "c": "clear",
    "?": "keys",
    "q": "quit",
}
KEYS_OF_ATTACHED = {
    **{key: does for key, does in KEYS_OF_WATCH.items() if key not in ("d", "q")},
    "q": "leave",
}
KEYS_OF_RUN = {"Ctrl-C": "stops"}
_WORST_FIRST: Sequence[RunStatus] = ("lost", "failed", "timeout", "stopped", "success")
_GAP = "  "
_LONGEST_NAME = 24
_FEWER_WORDS = "fewer words"
# Where there is little room, first this is left out, and then the next.
_LEAST_IMPORTANT_FIRST = (
    "key c",
    "key l",
    "key d",
    "key s",
    "key r",
    "project",
    "synced",
    "devices",
    "key ?",
    "key q",
    "key Ctrl-C",
    "level",
    _FEWER_WORDS,
    "not synced",
)


@dataclass(frozen=True)
class _Started:
    device: str
    time: float


class Standing:
    """How a `watch --run` or a `run` stands, told by its events.

    ``devices`` are the names of those chosen, ``level`` is the lowest level of logs that is shown, or None
    for all, and ``is_ending`` is whether the runs are being stopped: these may change at any time.
    ``unicode`` is whether marks may be more than ASCII, ``before`` what is said before the first run.
    """

    def __init__(
        self,
        project: str,
        devices: Sequence[str],
        *,
        keys: Mapping[str, str] = KEYS_OF_WATCH,
        before: str = "not running",
        unicode: bool = True,
    ) -> None:
        self._project = output.shown(project)
        self._keys = {
            f"key {key}": f"{click.style(key, bold=True)} {click.style(does, dim=True)}"
            for key, does in keys.items()
        }
        self._before = before
        self.is_ending = False
        self._ellipsis = "…" if unicode else "..."
        self._ok, self._bad = ("✓", "✗") if unicode else ("+", "x")
        self.level: str | None = None
        self._devices: tuple[str, ...] = tuple(devices)
        self._check: Check | None = None
        self._synced: float | None = None
        # With whether it is there, and only the platform's compiler refuses it.
        self._unsynced: dict[str, bool] = {}
        # By their ids, as two devices may have one name.
        self._running: dict[str, _Started] = {}
        # The last of each device, where nothing runs now. Ends tell devices by their names only.
        self._ended: list[Exit] = []

    @property
    def check_failed(self) -> bool:
        """Whether the newest check has found errors."""
        return self._check is not None and not self._check.ok

    @property
    def devices(self) -> Sequence[str]:
        """The names of the devices chosen to run on."""
        return self._devices

    @devices.setter
    def devices(self, names: Sequence[str]) -> None:
        self._devices = tuple(names)
        self._ended = [end for end in self._ended if end.device in self._devices]
        for name in set(names):
            self._forget_before(name)

    def take(self, event: Event) -> None:
        """Take note of what has been reported."""
        match event:
            case Check():
                self._check = event
            case Change(paths=paths):
                # Whatever was wrong with these, a push of what they are now tells anew.
                for path in paths:
                    self._unsynced.pop(path, None)
            case Synced(path=path):
                self._unsynced.pop(path, None)
                self._synced = event.time
            case RemoteChange(path=path):
                self._unsynced.pop(path, None)
            case SyncFailed(path=path, reason=reason):
                self._unsynced[path] = reason == "compile"
            case Conflict(path=path):
                self._unsynced[path] = False
            case Launch(run=run, device=device):
                self._running[run] = _Started(device, event.time)
                self._forget_before(device)
            case Exit(run=run, device=device) if run in self._running:
                del self._running[run]
                self._ended.append(event)
                self._forget_before(device)

    def _forget_before(self, device: str) -> None:
        """Of the devices of this name, each has one run that counts: forget the ends of earlier ones."""
        ends = [end for end in self._ended if end.device == device]
        running = sum(each.device == device for each in self._running.values())
        surplus = len(ends) + running - max(1, self._devices.count(device))
        for end in ends[: max(0, surplus)]:
            self._ended.remove(end)

    def line(self, columns: int, now: float) -> str:
        """The styled line in at most ``columns`` cells; ``now`` in Unix seconds.

        The least important is left out first. What the run does and what the check found stay, in fewer
        words.
        """
        state, keys = self._state(now, short=False), dict(self._keys)
        for part in (None, *_LEAST_IMPORTANT_FIRST):
            if part == _FEWER_WORDS:
                state = {name: text for name, text in self._state(now, short=True).items() if name in state}
            elif part is not None and state.pop(part, None) is None and keys.pop(part, None) is None:
                continue
            left, right = _GAP.join(state.values()), _GAP.join(keys.values())
            room = columns - cells.width(left) - cells.width(right)
            if room >= (len(_GAP) if keys else 0):
                return left + " " * room + right if keys else left
        return cells.cut(left, columns, self._ellipsis)

    def _state(self, now: float, *, short: bool) -> dict[str, str]:
        """What there is to say, from left to right."""
        parts = {
            "project": click.style(self._named(self._project), bold=True),
            "devices": click.style(self._device_names(), fg="cyan"),
            "check": self._checked(short=short),
            "not synced" if self._unsynced else "synced": self._sync(),
            "run": self._run(now, short=short),
            "level": self._levels(),
        }
        return {name: text for name, text in parts.items() if click.unstyle(text)}

    def _named(self, name: str) -> str:
        return cells.cut(name, _LONGEST_NAME, self._ellipsis)

    def _device_names(self) -> str:
        if len(self._devices) > 1:
            return f"{len(self._devices)} devices"
        return self._named(output.shown("".join(self._devices)))

    def _checked(self, *, short: bool) -> str:
        if not self._check:
            return ""
        if self._check.ok:
            return click.style(self._ok, fg="green") + ("" if short else " types")
        number = len(self._check.errors)
        words = "" if short else " type error" if number == 1 else " type errors"
        return click.style(f"{self._bad} {number}{words}", fg="red")

    def _sync(self) -> str:
        if self._unsynced:
            number = len(self._unsynced)
            what = "not compiled" if all(self._unsynced.values()) else "not synced"
            return click.style(f"{what}: {number} file{'' if number == 1 else 's'}", fg="red")
        if self._synced is None:
            return ""
        return f"synced {time.strftime('%H:%M:%S', time.localtime(self._synced))}"

    def _run(self, now: float, *, short: bool) -> str:
        of = max(len(self._devices), len(self._running))
        if self._running:
            since = clock_text(now - min(each.time for each in self._running.values()))
            running = click.style("stopping" if self.is_ending else "running", fg="cyan", bold=True)
            return (
                f"{running} {since}" if of == 1 else f"{running} {_share(self._running, of, short)}, {since}"
            )
        if not self._ended:
            return click.style(self._before, dim=True)
        worst = next(status for status in _WORST_FIRST if any(end.status == status for end in self._ended))
        ends = [end for end in self._ended if end.status == worst]
        end = run_end(worst, ends[0].error)
        text = click.style(end.words, fg=end.color) + (f" {_share(ends, of, short)}" if of > 1 else "")
        if worst == "stopped":
            # How long somebody let it run says nothing about it.
            return text
        return f"{text}{',' if of > 1 else ''} {clock_text(max(end.ms for end in ends) / 1000)}"

    def _levels(self) -> str:
        if self.level is None:
            return ""
        return click.style(
            f"{self.level} only" if self.level == "error" else f"{self.level} and up", dim=True
        )


def _share(some: Sized, of: int, short: bool) -> str:
    return f"{len(some)}/{of}" if short else f"on {len(some)} of {of}"
