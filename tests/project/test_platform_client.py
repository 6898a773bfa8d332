from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.files import blob_hash
from xgodo_dev.project.platform_client import take_over
from xgodo_dev.project.state import State

HASH = blob_hash(b"1")
OTHER = blob_hash(b"2")


@pytest.fixture
def state(tmp_path: Path) -> Iterator[State]:
    with State(tmp_path, "remote") as state:
        yield state


def hashes_file(root: Path, content: object) -> Path:
    file = root / ".xgodo" / "hashes.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_what_its_last_sync_left_equal_on_both_sides_is_the_base(tmp_path: Path, state: State) -> None:
    hashes_file(tmp_path, {"main.ts": HASH, "src/grüße.ts": OTHER})
    assert take_over(tmp_path, state) == 2
    assert state.base() == {"main.ts": HASH, "src/grüße.ts": OTHER}
    assert state.unsettled() == {}


def test_javascript_that_the_server_compiled_is_no_file_of_ours(tmp_path: Path, state: State) -> None:
    hashes_file(tmp_path, {"main.ts": HASH, "main.js": OTHER, "hand.js": OTHER, "a.b.js": HASH})
    assert take_over(tmp_path, state) == 3
    assert state.base().keys() == {"main.ts", "hand.js", "a.b.js"}


def test_it_is_taken_over_once(tmp_path: Path, state: State) -> None:
    hashes_file(tmp_path, {"main.ts": HASH})
    take_over(tmp_path, state)
    state.forget("main.ts")
    hashes_file(tmp_path, {"main.ts": OTHER, "later.ts": OTHER})
    assert take_over(tmp_path, state) == 0
    assert state.base() == {}


def test_each_remote_takes_it_over_by_itself(tmp_path: Path, state: State) -> None:
    hashes_file(tmp_path, {"main.ts": HASH})
    take_over(tmp_path, state)
    with State(tmp_path, "another") as another:
        assert take_over(tmp_path, another) == 1


def test_what_is_known_already_is_kept(tmp_path: Path, state: State) -> None:
    state.record_base("main.ts", OTHER, b"2")
    hashes_file(tmp_path, {"main.ts": HASH, "new.ts": HASH})
    assert take_over(tmp_path, state) == 1
    assert state.base() == {"main.ts": OTHER, "new.ts": HASH}


def test_a_project_that_was_never_synced_has_nothing_to_take_over(tmp_path: Path, state: State) -> None:
    assert take_over(tmp_path, state) == 0
    assert state.base() == {}


@pytest.mark.parametrize(
    "document",
    [
        {"../outside.ts": HASH, "/etc/passwd": HASH, ".git/config": HASH, "con.ts": HASH, "": HASH},
        {"half\ud83d.ts": HASH},
        {"main.ts": "no hash", "b.ts": HASH.upper(), "c.ts": HASH + "0", "d.ts": HASH + "\n"},
        {"main.ts": None, "b.ts": 7, "c.ts": [HASH], "d.ts": {"hash": HASH}},
        [["main.ts", HASH]],
        "null",
        "7",
    ],
)
def test_what_is_no_hash_of_a_file_of_the_project_is_passed_over(
    tmp_path: Path, state: State, document: object
) -> None:
    hashes_file(tmp_path, document)
    assert take_over(tmp_path, state) == 0
    assert state.base() == {}


@pytest.mark.parametrize("content", ['{"main.ts": "', "", "[" * 100_000])
def test_a_damaged_file_is_named_with_a_way_out(tmp_path: Path, state: State, content: str) -> None:
    file = hashes_file(tmp_path, "")
    file.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        take_over(tmp_path, state)
    assert str(file) in str(raised.value)
    assert raised.value.hint is not None
    # The way out works.
    file.unlink()
    assert take_over(tmp_path, state) == 0


def test_a_file_that_is_no_text_is_named(tmp_path: Path, state: State) -> None:
    (tmp_path / ".xgodo" / "hashes.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"hashes\.json"):
        take_over(tmp_path, state)
