from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.sync.plan import Action, decide

NOTHING, ADOPT, SEND = Action.NOTHING, Action.ADOPT, Action.SEND
REMOTE, DELETED, CONFLICT = Action.REMOTE_CHANGED, Action.LOCALLY_DELETED, Action.CONFLICT

# Every combination of what the two sides hold, by base: None (never known equal) or "b". Other letters
# are other contents; the last column is the decision where the remote content is an attempt of ours.
TABLE = [
    # base, local, remote, decision, decision when ours = {remote}
    (None, None, None, NOTHING, None),
    (None, None, "r", DELETED, DELETED),
    (None, "l", None, SEND, None),
    (None, "l", "l", ADOPT, SEND),
    (None, "l", "r", CONFLICT, SEND),
    ("b", None, None, ADOPT, None),
    ("b", None, "b", DELETED, DELETED),
    ("b", None, "r", DELETED, DELETED),
    ("b", "b", None, SEND, None),
    ("b", "b", "b", NOTHING, SEND),
    ("b", "b", "r", REMOTE, SEND),
    ("b", "l", None, SEND, None),
    ("b", "l", "b", SEND, SEND),
    ("b", "l", "l", ADOPT, SEND),
    ("b", "l", "r", CONFLICT, SEND),
]


@pytest.mark.parametrize(("base", "local", "remote", "decision", "_ours"), TABLE)
def test_the_decision_for_each_combination(
    base: str | None, local: str | None, remote: str | None, decision: Action, _ours: Action | None
) -> None:
    assert decide(base, local, remote) is decision
    # Attempts at other contents than those found change nothing.
    assert decide(base, local, remote, {"other"}) is decision


@pytest.mark.parametrize(
    ("base", "local", "remote", "_decision", "decision"), [row for row in TABLE if row[2] is not None]
)
def test_the_decision_where_the_remote_content_is_an_attempt_of_ours(
    base: str | None, local: str | None, remote: str, _decision: Action, decision: Action
) -> None:
    assert decide(base, local, remote, {remote}) is decision


def test_the_table_is_complete() -> None:
    cases = {(base, local, remote) for base, local, remote, *_ in TABLE}
    assert len(cases) == len(TABLE)
    for base, others in ((None, (None, "l", "r")), ("b", (None, "b", "l", "r"))):
        # The local side names its new content "l", the remote one "r", or "l" where they are the same.
        for local in (each for each in others if each != "r"):
            remotes = {None, "r", *([base] if base else []), *([local] if local else [])}
            assert {(base, local, remote) for remote in remotes} <= cases


hashes = st.none() | st.sampled_from("abcd")
situations = st.tuples(hashes, hashes, hashes, st.frozensets(st.sampled_from("abcd")))


@given(situations)
def test_nothing_unseen_is_ever_replaced(
    situation: tuple[str | None, str | None, str | None, frozenset[str]],
) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) is SEND:
        assert local is not None
        assert remote is None or remote == base or remote in ours


@given(situations)
def test_a_conflict_needs_two_different_contents_neither_of_them_known(
    situation: tuple[str | None, str | None, str | None, frozenset[str]],
) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) is CONFLICT:
        assert local is not None
        assert remote is not None
        assert remote not in {local, base, *ours}
        assert local != base


@given(situations)
def test_the_base_is_only_ever_set_to_what_both_sides_hold(
    situation: tuple[str | None, str | None, str | None, frozenset[str]],
) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) in (NOTHING, ADOPT):
        assert local == remote


@given(situations)
def test_once_both_sides_are_equal_and_that_is_known_there_is_nothing_to_do(
    situation: tuple[str | None, str | None, str | None, frozenset[str]],
) -> None:
    base, local, remote, ours = situation
    if decide(base, local, remote, ours) in (SEND, ADOPT):
        # What a successful write, or an adoption, leaves behind.
        assert decide(local, local, local) is NOTHING


@given(situations)
def test_what_is_gone_here_is_never_sent_and_never_a_conflict(
    situation: tuple[str | None, str | None, str | None, frozenset[str]],
) -> None:
    base, _, remote, ours = situation
    assert decide(base, None, remote, ours) in (NOTHING, ADOPT, DELETED)
