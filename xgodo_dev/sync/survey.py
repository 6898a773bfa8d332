"""Both sides of a whole project, compared: what `status` shows, `push` sends and `pull` brings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from xgodo_dev.errors import ApiError, RefusedError
from xgodo_dev.project import names
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.local_copy import LocalCopy
from xgodo_dev.project.state import NOTHING_KNOWN, Known, State
from xgodo_dev.sync.plan import LEFT_OUT, Verdict, decide

if TYPE_CHECKING:
    # `status`, and a push of nothing, compare without a network and load none.
    from xgodo_dev.sync.remote import RemoteProject


class MassDeletion(RefusedError):
    """So many known files are gone at once that it looks like an accident."""

    code = "mass-deletion"


@dataclass(frozen=True)
class Survey:
    """What differs. Paths on which both sides and the base agree appear in ``local`` alone."""

    local: Mapping[str, str]
    """Hash of every file that counts here, or ``UNREADABLE``."""
    base: Mapping[str, str]
    verdicts: Mapping[str, Verdict]
    """Of the paths with anything to say; `NOTHING` is not among them."""
    remote: Mapping[str, str]
    """Hash of what the server holds for those paths: asked now, or as last known."""
    known: Mapping[str, Known] = field(default_factory=dict)

    def with_verdict(self, *verdicts: Verdict) -> list[str]:
        """The paths with one of these verdicts, sorted."""
        return sorted(path for path, verdict in self.verdicts.items() if verdict in verdicts)

    def to_push(self) -> list[str]:
        """The paths of which a push has something to send, to settle or to say.

        Those are files whose content is not the base, deleted files of which the person was not told,
        and files of which a write of ours may have reached the server: it may hold that content even
        where the change was undone here since. (What the server was last seen to hold is not asked:
        a push looks anew.)
        """
        paths = []
        for path in {*self.verdicts, *self.known}:
            known = self.known.get(path, NOTHING_KNOWN)
            if self.verdicts.get(path) is Verdict.LEFT_OUT:
                continue
            here = self.local.get(path)
            if here is None and known.deletion_told:
                continue
            if known.attempts or here != self.base.get(path):
                paths.append(path)
        return sorted(paths)

    def compile_errors(self) -> dict[str, tuple[str, ...]]:
        """What the server's compiler said of files that are still as it refused them."""
        refused = {}
        for path, known in self.known.items():
            errors = known.attempts.get(self.local.get(path, ""))
            if errors:
                refused[path] = errors
        return dict(sorted(refused.items()))

    def require_no_mass_deletion(self, *, here: bool = True, unsure: Collection[str] = ()) -> None:
        """Stop before a deletion that looks like an accident is taken for an intention.

        A folder that was unmounted or emptied must not be remembered as so many deletions: they would
        never be brought back by a pull. ``here`` False leaves this disk out: they are being brought back.
        The paths ``unsure`` count although the person was told that they are gone.

        Raises:
            MassDeletion: more than half of the known files are gone here, or on the server.
        """
        if here:
            self._require_half(
                self.with_verdict(Verdict.DELETED_HERE, Verdict.DELETED_HERE_CHANGED_THERE, Verdict.FORGET),
                "here",
                "If you meant it: `push --accept-deletes`. To get them back: `pull --theirs .`",
                unsure,
            )
        self._require_half(
            self.with_verdict(Verdict.DELETED_THERE),
            "on the server",
            "`pull --accept-deletes` removes them here too, `push --force --accept-deletes` sends them.",
        )

    def _require_half(self, gone: list[str], where: str, way_out: str, unsure: Collection[str] = ()) -> None:
        told = {path for path, known in self.known.items() if known.deletion_told}.difference(unsure)
        left_out = {path for path, verdict in self.verdicts.items() if verdict is Verdict.LEFT_OUT}
        expected = self.base.keys() - told - left_out
        # A file that was renamed is gone in name only.
        renamed = {held for path, held in self.local.items() if path not in self.base}
        news = [path for path in gone if path in expected and self.base[path] not in renamed]
        if 2 * len(news) > len(expected):
            raise MassDeletion(
                f"{len(news)} of the {len(expected)} files known are gone {where} at once; nothing was done.",
                hint=way_out,
            )


def survey(copy: LocalCopy, state: State, remote: Mapping[str, str] | None = None) -> Survey:
    """Compare what is here with what is known of the server, or with what it was just asked.

    Args:
        remote: hashes of what the server holds now, as of ``remote_hashes``; None: as last known.

    A file that is back after its deletion was told is noted in the state: should it go again, that is news.

    Raises:
        FileUnreadable: the project's folder, or one in it, can't be read.
    """
    local, base, known = copy.hashes(), state.base(), state.unsettled()
    # Of ten thousand files, those on which the sides and the base are not the same are few.
    differing = {path for path, _ in local.items() ^ base.items()} | known.keys()
    if remote is not None:
        differing.update(path for path, _ in base.items() ^ remote.items())
    verdicts: dict[str, Verdict] = {}
    held: dict[str, str] = {}
    for path in differing:
        here, basis = local.get(path), base.get(path)
        knows = known.get(path)
        if here is not None and knows is not None and knows.deletion_told:
            state.note_present(path)
            known[path] = knows = replace(knows, deletion_told=False)
        last_known = basis if knows is None else knows.remote
        there = last_known if remote is None else remote.get(path)
        if here is None:
            here = _without_file(copy, path, known_here=basis is not None)
        verdict = decide(basis, here, there, knows.attempts.keys() if knows else frozenset())
        if verdict is not Verdict.NOTHING:
            verdicts[path] = verdict
            if there is not None:
                held[path] = there
    return Survey(local=local, base=base, verdicts=verdicts, remote=held, known=known)


def learn(copy: LocalCopy, state: State, found: Survey) -> None:
    """Keep what a survey learned that asked the server: what became equal by itself, and what it holds.

    A later `status` shows it without asking again.
    """
    for path in filter(names.is_unicode, {*found.verdicts, *found.known}):
        match found.verdicts.get(path, Verdict.NOTHING):
            case Verdict.FORGET:
                state.forget(path)
            case Verdict.ADOPT:
                content = copy.read(path)
                if content is not None and blob_hash(content) == found.remote[path]:
                    state.record_base(path, found.remote[path], content)
            case Verdict.NOTHING:
                state.record_sighting(path, found.base.get(path))
            case Verdict.UNREADABLE | Verdict.LEFT_OUT:
                pass
            case _:
                state.record_sighting(path, found.remote.get(path))


async def remote_hashes(remote: RemoteProject, copy: LocalCopy, state: State) -> dict[str, str]:
    """What the server holds now: of all its files, or, where it can't list, of all that are known.

    Raises:
        XgodoError: what the requests raise.
    """
    listed = await remote.all_hashes()
    if listed is not None:
        return listed
    paths = {*copy.hashes(), *state.base(), *state.unsettled()}
    # A name that is no text is never sent, so that nothing of it is there.
    refused: dict[str, ApiError] = {}
    hashes = await remote.hashes({path for path in paths if names.is_unicode(path)}, refused)
    # What can't be read now is as it was last known, rather than gone.
    last_known = ((path, state.known(path).remote) for path in refused)
    return hashes | {path: held for path, held in last_known if held is not None}


def _without_file(copy: LocalCopy, path: str, *, known_here: bool) -> str | None:
    """What stands in the place of a hash where no file that counts is: nothing, or something left out."""
    if copy.exists(path):
        return LEFT_OUT
    return None if known_here or copy.selection.counts(path) else LEFT_OUT
