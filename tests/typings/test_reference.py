"""The declarations against the table of the device API: nothing is missing, invented or different."""

from __future__ import annotations

import json
import re
import shutil
from collections import defaultdict
from pathlib import Path

import pytest
from api_reference import MARKS, Reference, comparison
from api_reference import load as load_reference
from declared_members import Declaration, read

from xgodo_dev import resources
from xgodo_dev.toolchain.tools import Toolchain
from xgodo_dev.toolchain.typescript import check

ANY = re.compile(r"\bany\b")
SDK = re.compile(r"\(SDK (\d+)\)")
DOUBT = re.compile(
    r"not documented|not confirmed|has been seen|unknown|no documentation|no member of it is",
    re.IGNORECASE,
)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return load_reference()


@pytest.fixture(scope="module")
def members() -> dict[tuple[str, str], list[Declaration]]:
    """By the name of their interface (none for a global) and their own; several when overloaded."""
    found = defaultdict(list)
    for member in read(sorted(resources.directory("typings").iterdir())).members:
        found[member.owner, member.name].append(member)
    return found


def test_every_row_says_where_it_is_known_from(reference: Reference) -> None:
    for row in reference.rows:
        assert row.marks, row.path
        assert set(row.marks) <= MARKS, row.path


def test_every_row_has_a_type_or_the_reason_why_it_is_not_declared(reference: Reference) -> None:
    for row in reference.rows:
        assert row.stated or row.withheld or row.owner == "types", row.path
        assert not (row.withheld and row.declared), row.path


def test_whatever_is_declared_otherwise_than_stated_has_a_reason(reference: Reference) -> None:
    for row in reference.rows:
        assert row.because or row.owner == "types" or not row.declared, row.path


def test_every_member_of_the_reference_is_declared_and_no_other(
    reference: Reference, members: dict[tuple[str, str], list[Declaration]]
) -> None:
    expected = {(reference.declared_owner(row), row.name) for row in reference.members}

    assert expected - members.keys() == set(), "missing"
    assert members.keys() - expected == set(), "invented"


def test_every_type_of_the_reference_is_declared_and_no_other(reference: Reference) -> None:
    assert read(resources.directory("typings").iterdir()).types == set(reference.types.values())


async def test_every_member_has_the_type_that_the_reference_states(
    reference: Reference, toolchain: Toolchain, tmp_path: Path
) -> None:
    shutil.copytree(resources.directory("typings"), tmp_path / ".xgodo" / "types")
    settings = json.loads((resources.directory("templates") / "shared" / "tsconfig.json").read_bytes())
    (tmp_path / "tsconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    program, compared = comparison(reference)
    (tmp_path / "comparison.ts").write_text(program, encoding="utf-8")

    errors = (await check(toolchain, tmp_path)).errors

    assert [(compared.get(error.line, error.line), error.message) for error in errors] == []
    assert set(compared.values()) >= {row.path for row in reference.members}


def test_any_is_declared_only_where_the_reference_has_it(
    reference: Reference, members: dict[tuple[str, str], list[Declaration]]
) -> None:
    stated = {
        (reference.declared_owner(row), row.name)
        for row in reference.members
        if any(ANY.search(text) for text in row.declared or row.stated)
    }

    assert {
        key for key, overloads in members.items() if any(member.any_count for member in overloads)
    } <= stated


def test_every_function_says_what_it_does_in_each_of_its_forms(
    members: dict[tuple[str, str], list[Declaration]],
) -> None:
    bare = [
        f"{member.owner}.{member.name}"
        for overloads in members.values()
        for member in overloads
        if member.is_callable and not member.comment
    ]

    assert bare == []


def test_every_member_below_agent_says_what_it_is(
    reference: Reference, members: dict[tuple[str, str], list[Declaration]]
) -> None:
    bare = [
        row.path
        for row in reference.members
        if row.owner.startswith("agent") and not members[reference.declared_owner(row), row.name][0].comment
    ]

    assert bare == []


def test_the_oldest_android_of_a_member_is_named_where_the_reference_states_one(
    reference: Reference, members: dict[tuple[str, str], list[Declaration]]
) -> None:
    stated = {row.path: [str(row.sdk)] if row.sdk else [] for row in reference.members}
    named = {
        row.path: SDK.findall(members[reference.declared_owner(row), row.name][0].comment)
        for row in reference.members
    }

    assert named == stated


def test_what_nobody_has_confirmed_is_documented_as_such(
    reference: Reference, members: dict[tuple[str, str], list[Declaration]]
) -> None:
    sure = [
        row.path
        for row in reference.members
        if row.doubt
        and not any(
            DOUBT.search(member.comment) for member in members[reference.declared_owner(row), row.name]
        )
    ]

    assert sure == []
