from __future__ import annotations

from pathlib import Path

import pytest

from xgodo_dev.sync import backup


@pytest.mark.parametrize("content", ["", "a\r\nb\rc\n", "\ufeffmark", "ü😀", "\0"])
def test_a_copy_has_the_exact_bytes(tmp_path: Path, content: str) -> None:
    copy = backup.keep(tmp_path, "src/deep/main.ts", content)
    assert copy.read_bytes() == content.encode()
    assert copy.relative_to(tmp_path / ".xgodo" / "backup").parts[1:] == ("src", "deep", "main.ts")


def test_half_a_character_is_kept_too(tmp_path: Path) -> None:
    copy = backup.keep(tmp_path, "main.ts", "cut \ud83d")
    assert copy.read_bytes().decode("utf-8", "surrogatepass") == "cut \ud83d"


def test_no_copy_replaces_an_earlier_one(tmp_path: Path) -> None:
    copies = [backup.keep(tmp_path, "main.ts", str(number)) for number in range(50)]
    assert [copy.read_text() for copy in copies] == [str(number) for number in range(50)]
    # Their folders' names are in the order of time.
    assert sorted(copies) == copies
