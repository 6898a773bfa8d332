from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.sync.plan import LEFT_OUT, UNREADABLE, Verdict, decide

NOTHING, ADOPT, FORGET = Verdict.NOTHING, Verdict.ADOPT, Verdict.FORGET
HERE, THERE, BOTH = Verdict.CHANGED_HERE, Verdict.CHANGED_THERE, Verdict.CHANGED_ON_BOTH
GONE_HERE, GONE_THERE = Verdict.DELETED_HERE, Verdict.DELETED_THERE
GONE_HERE_CHANGED = Verdict.DELETED_HERE_CHANGED_THERE
OUT, BLIND = Verdict.LEFT_OUT, Verdict.UNREADABLE

Row = tuple[str | None, str | None, str | None, Verdict, Verdict, Verdict | None]

# Every combination of what the two sides hold, by base: None (never known equal) or "b". Other letters
# are other contents: what is new here is "l", what is new there is "r", or "l" where they are the same.
# The verdicts are those without an attempt of ours, with one at a content found on neither side, and
# with one at the content found on the server.
TABLE: list[Row] = [
    # base, local, remote, no attempt, another attempt, the remote content is an attempt
    (None, None, None, NOTHING, FORGET, None),
    (None, None, "r", THERE, THERE, GONE_HERE),
    (None, "l", None, HERE, HERE, None),
    (None, "l", "l", ADOPT, ADOPT, HERE),
    (None, "l", "r", BOTH, BOTH, HERE),
    ("b", None, None, FORGET, FORGET, None),
    ("b", None, "b", GONE_HERE, GONE_HERE, GONE_HERE),
    ("b", None, "r", GONE_HERE_CHANGED, GONE_HERE_CHANGED, GONE_HERE),
    ("b", "b", None, GONE_THERE, HERE, None),
    ("b", "b", "b", NOTHING, NOTHING, HERE),
    ("b", "b", "r", THERE, BOTH, HERE),
    ("b", "l", None, HERE, HERE, None),
    ("b", "l", "b", HERE, HERE, HERE),
    ("b", "l", "l", ADOPT, ADOPT, HERE),
    ("b", "l", "r", BOTH, BOTH, HERE),
    *(
        (base, local, remote, verdict, verdict, verdict if remote else None)
        for local, verdict in ((UNREADABLE, BLIND), (LEFT_OUT, OUT))
        for base, remote in product((None, "b"), (None, "b", "r"))
        if base or remote != "b"
    ),
]


def attempts(row: Row) -> list[tuple[frozenset[str], Verdict]]:
    """Each column's attempts and its verdict."""
    _, _, remote, without, with_another, with_the_remotes = row
    columns = [(frozenset[str](), without), (frozenset({"other"}), with_another)]
    if remote is not None:
        assert with_the_remotes is not None
        columns.append((frozenset({remote}), with_the_remotes))
        # One attempt that is found says all: what else was tried does not matter.
        columns.append((frozenset({remote, "other"}), with_the_remotes))
    return columns


CASES = [(row[0], row[1], row[2], ours, verdict) for row in TABLE for ours, verdict in attempts(row)]


@pytest.mark.parametrize(("base", "local", "remote", "ours", "verdict"), CASES)
def test_the_verdict_on_each_combination(
    base: str | None, local: str | None, remote: str | None, ours: frozenset[str], verdict: Verdict
) -> None:
    assert decide(base, local, remote, ours) is verdict


def test_the_table_is_complete() -> None:
    cases = {row[:3] for row in TABLE}
    assert len(cases) == len(TABLE)
    for base in (None, "b"):
        for local in (None, "l", UNREADABLE, LEFT_OUT, *([base] if base else [])):
            contents = [each for each in (base, local) if each not in (None, UNREADABLE, LEFT_OUT)]
            assert {(base, local, remote) for remote in (None, "r", *contents)} <= cases


def test_every_verdict_is_given_by_some_case() -> None:
    assert {verdict for *_, verdict in CASES} == set(Verdict)


def test_exactly_the_two_verdicts_that_need_a_person_are_conflicts() -> None:
    assert [verdict for verdict in Verdict if verdict.is_conflict] == [BOTH, GONE_HERE_CHANGED]


contents = st.sampled_from("abcd")
hashes = st.none() | contents
here = hashes | st.sampled_from([UNREADABLE, LEFT_OUT])
Situation = tuple[str | None, str | None, str | None, frozenset[str]]
situations = st.tuples(hashes, here, hashes, st.frozensets(contents))


@given(situations)
def test_nothing_unseen_is_ever_replaced_there(situation: Situation) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) is HERE:
        assert local in set("abcd")
        assert remote is None or remote == base or remote in ours


@given(situations)
def test_nothing_unsaved_is_ever_replaced_or_removed_here(situation: Situation) -> None:
    base, local, remote, ours = situation
    match decide(base, local, remote, ours):
        case Verdict.CHANGED_THERE:
            assert remote is not None
            assert local == base
            assert remote not in {base, *ours}
        case Verdict.DELETED_THERE:
            assert remote is None
            assert local == base
            assert local is not None
            assert not ours


@given(situations)
def test_a_conflict_has_something_unknown_there_and_something_else_wanted_here(situation: Situation) -> None:
    base, local, remote, ours = situation
    verdict = decide(base, local, remote, ours)
    if verdict.is_conflict:
        assert remote is not None
        assert remote not in {local, base, *ours}
        # What is here as at the base is an edit where something else of ours may have been there since.
        assert local != base or ours - {base}
        assert (local is None) is (verdict is GONE_HERE_CHANGED)


@given(situations)
def test_the_base_is_only_ever_set_to_what_both_sides_hold(situation: Situation) -> None:
    base, local, remote, ours = situation
    verdict = decide(base, local, remote, ours)
    if verdict is ADOPT:
        assert local == remote != base
        assert local is not None
    if verdict is FORGET:
        assert local is None
        assert remote is None


@given(situations)
def test_what_can_not_be_seen_here_is_never_touched(situation: Situation) -> None:
    base, local, remote, ours = situation
    expected = {UNREADABLE: BLIND, LEFT_OUT: OUT}.get(local or "")
    assert (decide(base, local, remote, ours) is expected) is (expected is not None)


@given(situations)
def test_what_is_gone_here_is_never_sent(situation: Situation) -> None:
    base, _, remote, ours = situation
    assert decide(base, None, remote, ours) not in (HERE, BOTH, GONE_THERE)


@given(base=hashes, ours=st.frozensets(contents), local=contents)
def test_nothing_is_a_deletion_there_while_a_write_may_be_under_way(
    base: str | None, ours: frozenset[str], local: str
) -> None:
    if ours:
        assert decide(base, local, None, ours) is HERE


@given(situations)
def test_after_a_write_or_an_adoption_there_is_nothing_left_to_do(situation: Situation) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) in (HERE, ADOPT):
        # What is remembered then: the content as the base, and no attempt.
        assert decide(local, local, local) is NOTHING


@given(situations)
def test_after_a_change_there_was_brought_there_is_nothing_left_to_do(situation: Situation) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) in (THERE, BOTH, GONE_HERE_CHANGED):
        assert decide(remote, remote, remote) is NOTHING
        # Decided for ours: the base is theirs, the local file stays.
        kept = decide(remote, local, remote)
        assert kept in (HERE, GONE_HERE, NOTHING)


@given(situations)
def test_attempts_not_found_there_only_ever_make_a_pull_more_careful(situation: Situation) -> None:
    base, local, remote, ours = situation
    if remote is None or remote in ours:
        return
    verdict = decide(base, local, remote, ours)
    without_attempts = decide(base, local, remote)
    if without_attempts is THERE and local is not None and local == base and ours - {base}:
        assert verdict is BOTH
    else:
        assert verdict is without_attempts
