from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import psutil
import pytest

from xgodo_dev.sync import merge as merge_module
from xgodo_dev.sync.merge import MergeFailed, merge

BASE = b"one\ntwo\nthree\nfour\nfive\n"


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"),
    [
        (
            b"ONE\ntwo\nthree\nfour\nfive\n",
            b"one\ntwo\nthree\nfour\nFIVE\n",
            b"ONE\ntwo\nthree\nfour\nFIVE\n",
        ),
        (BASE + b"six\n", b"zero\n" + BASE, b"zero\n" + BASE + b"six\n"),
        (BASE, b"other\n", b"other\n"),
        (b"other\n", BASE, b"other\n"),
        (b"same\n", b"same\n", b"same\n"),
        (BASE, b"", b""),
        (BASE[:-1], b"zero\n" + BASE, b"zero\n" + BASE[:-1]),
        (b"\xef\xbb\xbf" + BASE, BASE + b"six\n", b"\xef\xbb\xbf" + BASE + b"six\n"),
        (b"<<<<<<< x\n" + BASE, BASE + b">>>>>>> y\n", b"<<<<<<< x\n" + BASE + b">>>>>>> y\n"),
    ],
)
async def test_changes_that_do_not_touch_are_both_in_the_result(
    ours: bytes, theirs: bytes, merged: bytes
) -> None:
    assert await merge(ours, BASE, theirs) == merged


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (b"ONE\ntwo\nthree\nfour\nfive\n", b"uno\ntwo\nthree\nfour\nfive\n"),
        (BASE + b"mine\n", BASE + b"theirs\n"),
        (b"", b"ONE\n" + BASE[4:]),
        (BASE.replace(b"\n", b"\r\n"), BASE.replace(b"one", b"ONE")),
    ],
)
async def test_changes_of_the_same_lines_are_no_merge(ours: bytes, theirs: bytes) -> None:
    assert await merge(ours, BASE, theirs) is None


async def test_hundreds_of_conflicts_are_no_merge_either() -> None:
    def text(word: str) -> bytes:
        return "".join(f"{number} {word}\n\n\n\n\n" for number in range(300)).encode()

    assert await merge(text("ours"), text("base"), text("theirs")) is None


@pytest.mark.parametrize("place", ["ours", "base", "theirs"])
async def test_what_holds_a_zero_byte_is_never_merged(place: str) -> None:
    contents = {"ours": BASE + b"six\n", "base": BASE, "theirs": b"zero\n" + BASE}
    contents[place] = b"\0\n" + contents[place]
    assert await merge(**contents) is None


async def test_without_git_nothing_is_merged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert await merge(BASE + b"six\n", BASE, BASE) is None


@pytest.fixture
def git(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A program called git that comes first on PATH."""
    if sys.platform == "win32":
        pytest.skip("shell scripts")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    return program


@pytest.mark.parametrize(
    "script",
    ["#!/bin/sh\necho went wrong >&2; exit 255\n", "#!/nowhere/sh\n", "#!/bin/sh\nkill -9 $$\n", "\0\0"],
)
async def test_a_git_that_fails_is_an_error_and_no_answer(git: Path, script: str) -> None:
    git.write_text(script)
    with pytest.raises(MergeFailed, match="git") as raised:
        await merge(BASE + b"six\n", BASE, BASE)
    if "went wrong" in script:
        assert "went wrong" in str(raised.value)


async def test_a_git_that_hangs_is_ended(git: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(merge_module, "_DEADLINE_SECONDS", 0.2)
    before = set(psutil.Process().children())
    with pytest.raises(MergeFailed, match=r"more than 0\.2 s"):
        await merge(BASE + b"six\n", BASE, BASE)
    assert set(psutil.Process().children()) <= before


async def test_a_persons_own_git_settings_change_no_merge(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".gitconfig").write_text("[merge]\n\tconflictStyle = nonsense\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))
    assert await merge(BASE + b"six\n", BASE, b"zero\n" + BASE) == b"zero\n" + BASE + b"six\n"


async def test_nothing_stays_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    await merge(BASE + b"six\n", BASE, b"zero\n" + BASE)
    await merge(b"1", BASE, b"2")
    assert list(tmp_path.iterdir()) == []
