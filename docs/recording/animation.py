"""Frames of a terminal as one SVG that plays by itself, dark or light as its reader likes it."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from docs.recording.screens import Frame, Line, Run

_CELL_WIDTH, _LINE_HEIGHT, _FONT_SIZE, _MARGIN = 8.4, 19, 14, 14
_BAR = 28
_END_PAUSE = 4.0
_NO_BREAK_SPACE = "\u00a0"
# By the names that a terminal's colours have: on light, on dark.
_COLORS = {
    "default": ("#24292f", "#d8dee9"),
    "black": ("#24292f", "#4c566a"),
    "red": ("#cf222e", "#ff7b72"),
    "green": ("#116329", "#7ee787"),
    "brown": ("#7d4e00", "#e3b341"),
    "blue": ("#0550ae", "#79c0ff"),
    "magenta": ("#8250df", "#d2a8ff"),
    "cyan": ("#1b7c83", "#76e3ea"),
    "white": ("#57606a", "#e6edf3"),
    "brightblack": ("#6e7781", "#8b949e"),
    "inverse": ("#0550ae", "#79c0ff"),
}


def animated(frames: Sequence[Frame], columns: int, rows: int, title: str) -> str:
    """The SVG: each different line is drawn once, and the frames stand on a strip that is moved on."""
    width = columns * _CELL_WIDTH + 2 * _MARGIN
    height = rows * _LINE_HEIGHT + 2 * _MARGIN + _BAR
    duration = frames[-1].at + _END_PAUSE
    lines: dict[Line, int] = {}
    strip = []
    for number, frame in enumerate(frames):
        uses = []
        for row, line in enumerate(frame.lines):
            if line:
                drawn = lines.setdefault(line, len(lines))
                uses.append(f'<use href="#l{drawn}" y="{row * _LINE_HEIGHT}"/>')
        uses.append(
            f'<text class="caption" x="{width / 2 - _MARGIN:g}" y="-22">{escape(frame.caption)}</text>'
        )
        strip.append(f'<g transform="translate({number * width:g})">{"".join(uses)}</g>')
    moves = "".join(
        f"{100 * frame.at / duration:.3f}%{{transform:translateX({-number * width:g}px)}}"
        for number, frame in enumerate(frames)
    )
    drawn_lines = "".join(f'<g id="l{number}">{_drawn(line)}</g>' for line, number in lines.items())
    # Who wants no motion sees the end.
    still = f"#strip{{transform:translateX({-(len(frames) - 1) * width:g}px)}}"
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" \
role="img" aria-label="{escape(title, {'"': "&quot;"})}">
<title>{escape(title)}</title>
<style>
{_colors(0)}
#window{{fill:#f6f8fa;stroke:#d0d7de}}
text{{font:{_FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;\
white-space:pre}}
.bold{{font-weight:600}}
.caption{{font-family:system-ui,sans-serif;text-anchor:middle;fill:#6e7781}}
@media (prefers-color-scheme:dark){{{_colors(1)}#window{{fill:#0d1117;stroke:#30363d}}}}
#strip{{animation:play {duration:.2f}s step-end infinite}}
@keyframes play{{{moves}}}
@media (prefers-reduced-motion:reduce){{#strip{{animation:none}}{still}}}
</style>
<defs>{drawn_lines}<clipPath id="screen"><rect width="{width:g}" height="{height:g}"/></clipPath></defs>
<rect id="window" x=".5" y=".5" width="{width - 1:g}" height="{height - 1:g}" rx="8"/>
<circle cx="18" cy="17" r="5" fill="#ff5f57"/><circle cx="35" cy="17" r="5" fill="#febc2e"/>\
<circle cx="52" cy="17" r="5" fill="#28c840"/>
<g clip-path="url(#screen)"><g id="strip"><g transform="translate({_MARGIN} {_MARGIN + _BAR})">\
{"".join(strip)}</g></g></g>
</svg>
"""


def _colors(mode: int) -> str:
    return "".join(f".{name}{{fill:{colors[mode]}}}" for name, colors in _COLORS.items())


def _drawn(line: Line) -> str:
    return "".join(
        f'<text x="{run.column * _CELL_WIDTH:g}" y="{_FONT_SIZE}" class="{_class(run)}" '
        f'textLength="{len(run.text) * _CELL_WIDTH:g}">{_characters(run.text)}</text>'
        for run in line
    )


def _class(run: Run) -> str:
    color = run.color if run.color in _COLORS else "default"
    return f"{color} bold" if run.bold else color


def _characters(text: str) -> str:
    # Not every viewer of SVG keeps plain spaces.
    return escape(text.replace(" ", _NO_BREAK_SPACE))
