"""One random history of two people and a network, and what must be true of it at every moment.

Every save puts a *mark* that occurs nowhere else into one of a text's places, which lie far enough apart
for changes of different ones to merge. A mark lives from its save until a person, who then sees it,
replaces or deletes it. Whatever else happens, a living mark is in a file on one of the two sides, or in
the backup.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.scripted_server import Request
from tests.sync.conftest import WorkingCopy
from tests.sync.remote_project import RemoteProject, written_files
from xgodo_dev.errors import XgodoError
from xgodo_dev.project.disk import Disk
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.state import State
from xgodo_dev.sync.backup import Backups
from xgodo_dev.sync.pull import Strategy
from xgodo_dev.sync.push_results import Unsent
from xgodo_dev.sync.survey import learn

PATHS = ("main.ts", "util.ts", "lib/deep.ts")
PLACES = 3
_MARK = re.compile(r"<(\w+ \d+)>")
_CONTEXT = "\n".join(f"// {number}" for number in range(4))


class Killed(BaseException):
    """The process dies here. Nothing of it acts afterwards."""


class Life:
    """Counts the steps of a process until its death, if one is set."""

    def __init__(self, steps: int | None = None) -> None:
        self._left = steps
        self.dead = False

    def step(self) -> None:
        if self._left is not None:
            self._left -= 1
            self.dead = self.dead or self._left < 0
        if self.dead:
            raise Killed

    @contextmanager
    def around(self) -> Iterator[None]:
        """Death may come before and after what is done inside."""
        self.step()
        yield
        self.step()


class MortalDisk(Disk):
    """A disk whose user may die at every step; ``between`` is called where somebody else may act."""

    def __init__(self, life: Life, between: Callable[[], None]) -> None:
        self.life = life
        self._between = between

    def open_existing(self, path: Path) -> int:
        self.life.step()
        return super().open_existing(path)

    def write_new(self, path: Path, content: bytes, mode: int | None) -> None:
        self._between()
        with self.life.around():
            super().write_new(path, content, mode)
        self._between()

    # Nobody acts between the last look at a file and these, a few system calls later.
    def rename(self, source: Path, target: Path) -> None:
        with self.life.around():
            super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        with self.life.around():
            super().link(source, target)

    def unlink(self, path: Path) -> None:
        with self.life.around():
            super().unlink(path)

    def make_folder(self, path: Path) -> None:
        with self.life.around():
            super().make_folder(path)

    def remove_folder(self, path: Path) -> None:
        with self.life.around():
            super().remove_folder(path)

    def sync_folder(self, path: Path) -> None:
        self.life.step()


class MortalState(State):
    """A state whose user may die before and after each statement that changes something."""

    life = Life()

    def _rows(self, statement: str, *values: Any) -> list[Any]:
        if statement.startswith("SELECT"):
            return super()._rows(statement, *values)
        with self.life.around():
            return super()._rows(statement, *values)


@dataclass(frozen=True)
class Save:
    """A person changes one place of a text, or all of them (None)."""

    who: str
    path: str
    place: int | None
    compiles: bool = True


@dataclass(frozen=True)
class Delete:
    """A person deletes a file; the web editor can."""

    who: str
    path: str


@dataclass(frozen=True)
class Rename:
    """A person renames a file, over another one if it is there."""

    who: str
    path: str
    to: str


@dataclass(frozen=True)
class Undo:
    """A file here is again what it was a while ago."""

    path: str
    back: int


Act = Save | Delete | Rename | Undo


@dataclass(frozen=True)
class Trouble:
    """What happens during a command."""

    faults: tuple[Any, ...] = ()
    """How its requests fail, one after the other."""
    acts: tuple[tuple[int, Act], ...] = ()
    """What people do before a request or a step on the disk of that number."""
    killed_after: int | None = None
    """Steps until it dies."""
    killed_at_request: int | None = None


@dataclass(frozen=True)
class Push:
    """The command; ``one`` by one and side by side as in a watch."""

    trouble: Trouble = field(default_factory=Trouble)
    force: bool = False
    verify: bool = False
    one_by_one: bool = False


@dataclass(frozen=True)
class Pull:
    """The command."""

    trouble: Trouble = field(default_factory=Trouble)
    strategy: Strategy = Strategy.ASK
    named: bool = False


@dataclass(frozen=True)
class Look:
    """`status --remote`, or a look of `watch --poll`."""

    trouble: Trouble = field(default_factory=Trouble)


@dataclass(frozen=True)
class Restore:
    """`backup restore` of the newest, or an older one."""

    back: int = 0
    trouble: Trouble = field(default_factory=Trouble)


Step = Act | Push | Pull | Look | Restore


class World:
    """Both sides of one history, and everything that people saved."""

    def __init__(self, remote: RemoteProject, copy: WorkingCopy) -> None:
        self.remote = remote
        self.copy = copy
        self.in_window = 0
        """How many saves fell into the one window that the API leaves open."""
        self._count = 0
        self._living: set[str] = set()
        self._replaced_there: set[str] = set()
        self._moment = 0
        self._their_saves: dict[str, tuple[str, int]] = {}
        """Marks of theirs, with path and moment."""
        self._looked: defaultdict[str, int] = defaultdict(int)
        self._held_there: defaultdict[str, set[str]] = defaultdict(set)
        self._before: defaultdict[str, list[bytes]] = defaultdict(list)
        self._deleted_here: set[str] = set()
        """Files that were deleted here when the server was known to have them."""
        self._acts: dict[int, list[Act]] = {}
        self._events = 0
        self._life = Life()
        remote.compile = lambda _, content: ["Error at 1:1: x"] if "bad" in content else []
        remote.before_request = self.note_look
        remote.before_write = self._note_write
        remote.looks = lambda: dict(self._looked)
        self._open()

    def act(self, act: Act) -> None:
        match act:
            case Save(who, path, place, compiles):
                self._save(who, path, place, compiles=compiles)
            case Delete(who, path):
                self._delete(who, path)
            case Rename(who, path, to) if path != to:
                content = self._content(who, path)
                if content is not None:
                    self._bury(who, self._content(who, to))
                    self._put(who, to, content)
                    self._delete(who, path, bury=False)
            case Undo(path, back):
                earlier = self._before[path]
                if earlier:
                    content = earlier[max(0, len(earlier) - 1 - back)]
                    # A mark that is here before and after is not saved anew: it lives or not as it did.
                    present = set(_MARK.findall((self._content("we", path) or b"").decode()))
                    wanted = set(_MARK.findall(content.decode()))
                    for mark in present - wanted:
                        self._living.discard(mark)
                    # Nor is one that they replaced: to a merge, it is here as it was before their change.
                    self._living |= wanted - present - self._replaced_there
                    self._put("we", path, content)

    def _save(self, who: str, path: str, place: int | None, *, compiles: bool) -> None:
        content = self._content(who, path)
        places = (content.decode().split(f"\n{_CONTEXT}\n") if content else []) + [""] * PLACES
        for number in range(PLACES):
            if place in (number, None):
                self._bury(who, places[number].encode())
                self._count += 1
                mark = f"{who} {self._count}"
                self._living.add(mark)
                if who == "they":
                    self._moment += 1
                    self._their_saves[mark] = (path, self._moment)
                places[number] = f"<{mark}>{'' if compiles else ' bad'}"
        self._put(who, path, f"\n{_CONTEXT}\n".join(places[:PLACES]).encode())

    def _delete(self, who: str, path: str, *, bury: bool = True) -> None:
        content = self._content(who, path)
        if content is None:
            return
        if bury:
            self._bury(who, content)
        if who == "we":
            if self.copy.state.known(path).base is not None:
                self._deleted_here.add(path)
            (self.copy.root / path).unlink()
        else:
            self._moment += 1
            del self.remote.files[path]

    def _content(self, who: str, path: str) -> bytes | None:
        if who == "they":
            text = self.remote.files.get(path)
            return None if text is None else text.encode()
        with suppress(FileNotFoundError):
            return (self.copy.root / path).read_bytes()
        return None

    def _put(self, who: str, path: str, content: bytes) -> None:
        if who == "they":
            self._moment += 1
            if path not in self.remote.files:
                # Gone on both sides, and made anew there: another file, which a pull may bring.
                self._deleted_here.discard(path)
            self.remote.files[path] = content.decode()
            for mark in _MARK.findall(content.decode()):
                if mark in self._living:
                    self._their_saves[mark] = (path, self._moment)
            self._held_there[path].add(blob_hash(content))
        else:
            self._deleted_here.discard(path)
            self._before[path].append(content)
            self.copy.write(path, content)

    def _bury(self, who: str, content: bytes | None) -> None:
        """A person replaces or deletes what they see."""
        marks = set(_MARK.findall((content or b"").decode()))
        self._living -= marks
        if who == "they":
            self._replaced_there |= marks

    async def command(self, step: Push | Pull | Look | Restore) -> None:
        trouble = step.trouble
        self.remote.faults = list(trouble.faults)
        self._acts = {}
        for moment, act in trouble.acts:
            self._acts.setdefault(moment, []).append(act)
        self._events = 0
        # A new process. It knows what is on disk, which was read when the one before had ended.
        self._life = MortalState.life = self._disk.life = Life(trouble.killed_after)
        requests = 0
        running = asyncio.current_task()
        assert running is not None

        def before_request(request: Request) -> None:
            nonlocal requests
            requests += 1
            if not self._life.dead:
                self._between()
            self.note_look(request)
            if requests == trouble.killed_at_request:
                self._life.dead = True
                running.cancel()

        self.remote.before_request = before_request
        try:
            await self._run(step)
        except XgodoError:
            pass
        except (Killed, asyncio.CancelledError):
            assert self._life.dead
            if running.cancelling():
                running.uncancel()
        finally:
            self.remote.faults = []
            self._acts = {}
            self._life.dead = True
            self.remote.before_request = self.note_look
            self._life = Life()
            self.reopen()

    async def _run(self, step: Push | Pull | Look | Restore) -> None:
        copy = self.copy
        match step:
            case Push(_, force, verify, False):
                paths = sorted(copy.files.hashes()) if verify else []
                results = await copy.push(*paths, force=force)
                assert not any(
                    isinstance(each, Unsent) and not isinstance(each.error, XgodoError)
                    for each in results.values()
                )
            case Push(_, force, verify, True):
                pusher = copy.forcing if force else copy.pusher
                pushes: list[Coroutine[Any, Any, object]] = [
                    pusher.push(path, verify=verify) for path in copy.survey().to_push()
                ]
                outcomes = await asyncio.gather(*pushes, return_exceptions=True)
                for outcome in outcomes:
                    if isinstance(outcome, BaseException):
                        raise outcome
            case Pull(trouble, strategy, named):
                before, gone = self._marks_here(), self._gone_here()
                if strategy is Strategy.THEIRS:
                    # The one way to have back a file deleted here: named, or changed there since.
                    self._deleted_here.clear()
                await copy.pull(*(PATHS if named else ()), strategy=strategy)
                if strategy is Strategy.ASK and not trouble.acts:
                    self._check_untouched(before, gone)
            case Look():
                learn(copy.files, copy.state, await copy.ask())
            case Restore(back):
                backups = Backups(copy.root, disk=copy.disk)
                kept = backups.all()
                if kept:
                    chosen = kept[min(back, len(kept) - 1)]
                    for path in chosen.paths:
                        # What is replaced here is kept in its turn.
                        self._deleted_here.discard(path)
                    for path in chosen.paths:
                        backups.restore(chosen, path, copy.files)

    def _between(self) -> None:
        """Other people act between two steps of the program."""
        self._events += 1
        for act in self._acts.pop(self._events, ()):
            self.act(act)

    def _open(self) -> None:
        MortalState.life = self._life
        self._disk = MortalDisk(self._life, self._between)
        self.copy.open(self._disk, MortalState)

    def reopen(self) -> None:
        """What a new process knows: only what is on disk."""
        self.copy.state.__exit__(None, None, None)
        self._open()

    def note_look(self, request: Request) -> None:
        """The program looks at the server's side."""
        if request.method == "GET":
            self._moment += 1
            for path in [request.query["path"]] if "path" in request.query else PATHS:
                self._looked[path] = self._moment

    def _note_write(self, request: Request, looks: Mapping[str, int]) -> None:
        """A write takes effect now; ``looks`` says when its writer had last looked at each path."""
        for each in written_files(request):
            path = each["path"]
            for mark in _MARK.findall(self.remote.files.get(path, "")):
                where, when = self._their_saves.get(mark, ("", 0))
                if mark in self._living and where == path and when > looks.get(path, 0):
                    self.in_window += 1
                    self._living.discard(mark)
            self._held_there[path].add(blob_hash(each["content"].encode()))

    def check(self) -> None:
        here = [self._content("we", path) or b"" for path in PATHS]
        folder = self.copy.root / ".xgodo" / "backup"
        kept = [file.read_bytes() for file in folder.rglob("*.ts")]
        found = set(_MARK.findall(b"\n".join([*here, *kept]).decode()))
        found.update(_MARK.findall("\n".join(self.remote.files.values())))
        lost = self._living - found
        assert not lost, f"lost: {sorted(lost)}"
        for path, content_hash in self.copy.state.base().items():
            assert content_hash in self._held_there[path], f"the server never held the base of {path}"

    def _marks_here(self) -> set[str]:
        here = b"\n".join(self._content("we", path) or b"" for path in PATHS)
        return set(_MARK.findall(here.decode())) & self._living

    def _gone_here(self) -> set[str]:
        """Files that were deleted here, and that nothing else has brought back since."""
        return {path for path in self._deleted_here if self._content("we", path) is None}

    def _check_untouched(self, before: set[str], gone: set[str]) -> None:
        """A pull that decides nothing keeps what nobody replaced, and brings no deleted file back."""
        for path in gone:
            assert self._content("we", path) is None, f"{path} was deleted here, and is back"
        # A write of ours that arrives late looks like somebody's edit; what it replaces is in the backup.
        if not self.remote.was_late:
            # What is on the server is theirs to move from one file to another.
            there = set(_MARK.findall("\n".join(self.remote.files.values())))
            replaced = before - self._marks_here() - there
            assert not replaced, f"replaced without being asked: {sorted(replaced)}"

    async def finish(self, strategy: Strategy) -> None:
        """On a network that works, both sides become equal, and nobody's text is lost on the way."""
        self.remote.settle()
        self.remote.compile = lambda _path, _content: []
        await self.command(Pull(strategy=strategy))
        self.check()
        await self.command(Push())
        self.check()
        found = await self.copy.ask()
        learn(self.copy.files, self.copy.state, found)
        for path, verdict in found.verdicts.items():
            assert verdict.value == "deleted here", f"{path}: {verdict}"
        for path, content in self.remote.files.items():
            ours = self._content("we", path)
            assert ours is None or ours.decode() == content, f"{path} differs"
        self.check()
