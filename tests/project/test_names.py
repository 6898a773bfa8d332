from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyfakefs.fake_filesystem import FakeFilesystem

from xgodo_dev.project.files import FileSelection
from xgodo_dev.project.names import collisions, problem


@pytest.mark.parametrize(
    "path",
    [
        "main.ts",
        "src/deep/stage.ts",
        "README.md",
        "größe/日本語 😀.ts",
        "👩\u200d💻.ts",
        " leading.ts",
        "a b/c d.ts",
        "a..b.ts",
        "a...ts",
        "console.ts",
        "contact/auxiliary.ts",
        "com.ts",
        "com10.ts",
        "xgodo.ts",
        "xgodo.toml.ts",
        "gitignore",
        "digit~1.ts",
        "a?*<>|.ts",
        "x" * 252 + ".ts",
        "ü" * 126 + ".ts",
        "/".join(["deep"] * 100) + "/a.ts",
    ],
)
def test_an_ordinary_path_can_be_a_file(path: str) -> None:
    assert problem(path) is None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("", "empty"),
        ("/etc/passwd", "not relative"),
        ("//server/share/a.ts", "not relative"),
        ("C:/a.ts", "colon"),
        ("C:a.ts", "colon"),
        ("a.ts:stream", "colon"),
        ("..\\a.ts", "backslash"),
        ("src\\a.ts", "backslash"),
        ("..", "plain path"),
        ("../a.ts", "plain path"),
        ("src/../../a.ts", "plain path"),
        ("src/..", "plain path"),
        (".", "plain path"),
        ("./a.ts", "plain path"),
        ("src/./a.ts", "plain path"),
        ("src//a.ts", "plain path"),
        ("src/", "plain path"),
        ("a\0.ts", "control"),
        ("a\n.ts", "control"),
        ("\x1b[2Ja.ts", "control"),
        ("a\x7f.ts", "control"),
        ("a\x85.ts", "control"),
        ("a\u2028b.ts", "control"),
        ("\ud800.ts", "control"),
        ("gr\udcfcn.ts", "control"),
        ("CON", "Windows"),
        ("con.ts", "Windows"),
        ("src/NUL.tar.ts", "Windows"),
        ("Aux/a.ts", "Windows"),
        ("prn .ts", "Windows"),
        ("COM1.ts", "Windows"),
        ("lpt9", "Windows"),
        ("com¹.ts", "Windows"),
        ("CONIN$", "Windows"),
        ("con\u200d.ts", "Windows"),
        ("a.", "ends with"),
        ("a ", "ends with"),
        ("src./a.ts", "ends with"),
        ("src /a.ts", "ends with"),
        ("...", "starts with a dot"),
        (".env", "starts with a dot"),
        (".git/hooks/pre-commit", "starts with a dot"),
        ("src/.git/config", "starts with a dot"),
        (".xgodo/state.db", "starts with a dot"),
        (".GIT/config", "starts with a dot"),
        (".g\u200cit/config", "starts with a dot"),
        ("\u200d.git/config", "starts with a dot"),
        ("\ufeff.git/config", "starts with a dot"),
        ("\u200d", "invisible"),
        ("git~1/config", "means something else"),
        ("GIT~12", "means something else"),
        ("xgodo~1/state.db", "means something else"),
        ("XGODO~1.TOM", "means something else"),
        ("xgodo.toml", "means something else"),
        ("src/Xgodo.TOML", "means something else"),
        ("xgodo\u200d.toml", "means something else"),
        ("node_modules/a.js", "means something else"),
        ("src/Node_Modules/a.js", "means something else"),
        ("x" * 253 + ".ts", "255 bytes"),
        ("ü" * 127 + ".ts", "255 bytes"),
        ("a/" + "x" * 256 + "/b.ts", "255 bytes"),
    ],
)
def test_a_hostile_or_unusable_path_is_refused_with_a_reason(path: str, why: str) -> None:
    assert why in (problem(path) or "no reason")


@given(st.text(st.characters(codec=None), max_size=12) | st.text("./\\:~ cnoNgit\u200d", max_size=12))
def test_whatever_is_not_refused_lies_inside_the_project(path: str) -> None:
    if problem(path) is not None:
        return
    assert (Path("/project") / path).as_posix() == f"/project/{path}"
    assert not {"", ".", ".."} & {*path.split("/")}
    path.encode()


@given(
    st.lists(st.sampled_from(["src", ".git", "node_modules", "main.ts", "xgodo.toml", "b.js"]), min_size=1)
)
def test_what_never_counts_for_its_name_is_never_taken_from_the_server(parts: list[str]) -> None:
    path = "/".join([*parts, "a.ts"])
    assert FileSelection(Path("/nowhere")).counts(path) is (problem(path) is None)


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        (["a.ts", "b.ts", "src/a.ts"], {}),
        (["a.ts", "a.ts"], {}),
        (["main.ts", "Main.ts", "MAIN.TS"], {"main.ts": "MAIN.TS", "Main.ts": "MAIN.TS"}),
        (["src/a.ts", "Src/a.ts", "Src/b.ts"], {"src/a.ts": "Src/a.ts"}),
        (["gro\u0308ße.ts", "größe.ts"], {"größe.ts": "gro\u0308ße.ts"}),
        (["GRÖSSE.ts", "größe.ts"], {"größe.ts": "GRÖSSE.ts"}),
        (["\u1fb3.ts", "\u0391\u0345.ts"], {"\u1fb3.ts": "\u0391\u0345.ts"}),
        (["\uac00.ts", "\u1100\u1161.ts"], {"\uac00.ts": "\u1100\u1161.ts"}),
    ],
)
def test_paths_that_are_one_file_to_some_disks_are_found(paths: list[str], taken: dict[str, str]) -> None:
    assert collisions(paths) == taken
    assert collisions(reversed(paths)) == taken


def test_files_that_are_here_stay_whatever_falls_together_with_them() -> None:
    assert collisions(["Main.ts", "main.ts", "new.ts"], here=["main.ts"]) == {"Main.ts": "main.ts"}
    assert collisions(["MAIN.ts"], here=["main.ts", "Main.ts"]) == {
        "main.ts": "Main.ts",
        "MAIN.ts": "Main.ts",
    }


@given(st.lists(st.text("aAäÄßsSIi\u0130\u0131\u0308\u0345\u1fb3", max_size=4), max_size=8))
def test_after_the_collisions_are_gone_none_are_left(paths: list[str]) -> None:
    taken = collisions(paths)
    kept = set(paths) - taken.keys()
    assert collisions(kept) == {}
    assert set(taken.values()) <= kept
    assert all(collisions([one, other]) == {one: other} for one, other in taken.items())
    composed = {unicodedata.normalize("NFC", path) for path in kept}
    assert len(composed) == len(kept)


def test_a_disk_that_ignores_case_takes_colliding_paths_for_one_file(fs: FakeFilesystem) -> None:
    fs.is_case_sensitive = False
    fs.create_file("/project/main.ts")
    assert Path("/project/Main.ts").exists()
    assert collisions(["main.ts", "Main.ts"])
