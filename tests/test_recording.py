"""The recording in the README: what a terminal showed, as an SVG that plays by itself."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from docs.recording.animation import animated
from docs.recording.screens import Frame, Run, Screens

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str]:
    return [
        "".join(each.itertext()).replace("\u00a0", " ")
        for each in ElementTree.fromstring(svg).iter(f"{SVG}text")
    ]


def test_an_animation_shows_each_frame_at_its_time_and_draws_a_line_once() -> None:
    prompt, said = (Run(0, "$ a < b", "cyan", True),), (Run(2, "1 & 2", "default", False),)
    svg = animated(
        [Frame(0.0, (prompt, ())), Frame(1.0, (prompt, said), "in the editor")], 20, 2, 'Say "1 & 2"'
    )
    assert sorted(filter(None, texts(svg))) == ["$ a < b", "1 & 2", "in the editor"]
    assert ElementTree.fromstring(svg).findtext(f"{SVG}title") == 'Say "1 & 2"'
    assert "20.000%{transform:translateX(-" in svg


def test_a_shell_is_recorded_as_its_screen_shows_it(tmp_path: Path) -> None:
    screens = Screens(tmp_path, {"PATH": "/usr/bin:/bin", "TERM": "xterm-256color"}, 40, 6)
    try:
        screens.type(r"printf '\033[2mdim\033[0m \033[31mred\033[0m\nToken: a1b2\n'")
        screens.wait_for_prompt("red\x1b", "a1b2\r\n")
    finally:
        screens.close()
    shown = [run for line in screens.frames[-1].lines for run in line]
    assert Run(0, "dim", "brightblack", False) in shown
    assert Run(0, "Token: ••••", "default", False) in shown
    assert [run.text.strip() for run in shown if run.color == "red"] == ["red"]
    assert [frame.at for frame in screens.frames] == sorted(frame.at for frame in screens.frames)


def test_the_recording_in_the_guide_shows_all_that_its_title_names() -> None:
    svg = (Path(__file__).parents[1] / "docs" / "first-minute.svg").read_text(encoding="utf-8")
    shown = " ".join(texts(svg))
    for told in ("init hello", "Cannot find name", "Hello from my editor", 'commit -m "Say hello"'):
        assert told in shown, told
