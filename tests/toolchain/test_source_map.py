from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xgodo_dev.toolchain.run_report import BUNDLE_FILE
from xgodo_dev.toolchain.source_map import SourceLocation, SourceMap, map_stack

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

# column in the bundle, and (source, line, column) or nothing
Segment = tuple[int, tuple[int, int, int] | None]


def encode_number(number: int) -> str:
    value = -number << 1 | 1 if number < 0 else number << 1
    digits = ""
    while True:
        digit, value = value & 31, value >> 5
        digits += DIGITS[digit | 32 if value else digit]
        if not value:
            return digits


def encode(lines: list[list[Segment]]) -> str:
    before = [0, 0, 0]
    encoded_lines = []
    for segments in lines:
        column = 0
        encoded = []
        for start, origin in segments:
            text = encode_number(start - column)
            column = start
            if origin is not None:
                text += "".join(encode_number(now - then) for now, then in zip(origin, before, strict=True))
                before = list(origin)
            encoded.append(text)
        encoded_lines.append(",".join(encoded))
    return ";".join(encoded_lines)


def source_map_of(lines: list[list[Segment]], sources: list[str]) -> SourceMap:
    return SourceMap.from_json(json.dumps({"version": 3, "sources": sources, "mappings": encode(lines)}))


SOURCES = ["main.ts", "lib/a.ts", "lib/b.ts"]
positions = st.integers(0, 2**31 - 1)
origins = st.none() | st.tuples(st.integers(0, len(SOURCES) - 1), positions, positions)
segments = st.lists(st.tuples(positions, origins), max_size=6, unique_by=lambda segment: segment[0]).map(
    lambda line: sorted(line, key=lambda segment: segment[0])
)


@given(st.lists(segments, max_size=6))
def test_every_segment_is_found_at_its_own_column(lines: list[list[Segment]]) -> None:
    source_map = source_map_of(lines, SOURCES)
    for number, line in enumerate(lines, start=1):
        for column, origin in line:
            expected = origin and SourceLocation(SOURCES[origin[0]], origin[1] + 1, origin[2] + 1)
            assert source_map.locate(number, column + 1) == expected


@given(st.lists(segments, max_size=6))
def test_a_line_alone_gives_its_first_segment_with_a_source(lines: list[list[Segment]]) -> None:
    source_map = source_map_of(lines, SOURCES)
    for number, line in enumerate(lines, start=1):
        origin = next((origin for _, origin in line if origin is not None), None)
        expected = origin and SourceLocation(SOURCES[origin[0]], origin[1] + 1, origin[2] + 1)
        assert source_map.locate(number) == expected


@given(segments, positions)
def test_a_column_between_segments_belongs_to_the_one_before(line: list[Segment], column: int) -> None:
    before = [origin for start, origin in line if start <= column]
    if before:
        origin = before[-1]
        expected = origin and SourceLocation(SOURCES[origin[0]], origin[1] + 1, origin[2] + 1)
        assert source_map_of([line], SOURCES).locate(1, column + 1) == expected


def test_lines_outside_of_the_bundle_have_no_source() -> None:
    source_map = source_map_of([[(0, (0, 0, 0))]], SOURCES)
    assert [source_map.locate(line) for line in (-1, 0, 1, 2)] == [
        None,
        None,
        SourceLocation("main.ts", 1, 1),
        None,
    ]


@pytest.fixture
def source_map() -> SourceMap:
    """Line 10 is main.ts:3 (from column 5 on its column 9), line 11 lib/a.ts:21; line 12 has no source."""
    lines: list[list[Segment]] = [[] for _ in range(9)]
    lines += [[(0, (0, 2, 0)), (4, (0, 2, 8))], [(2, (1, 20, 4))], [(0, None)]]
    return source_map_of(lines, SOURCES)


@pytest.mark.parametrize(
    "script",
    [
        "automation.js",
        "evalmachine.<anonymous>",
        "<anonymous>",
        "file:///data/user/0/a b/x.js",
        "http://h:80/x.js",
        "",
    ],
)
def test_v8_frames_are_mapped_whatever_the_script_is_called(source_map: SourceMap, script: str) -> None:
    stack = (
        f"Error: at odds (with: 1:2)\n    at fail ({script}:10:6)\n"
        f"    at async Thing.run [as go] ({script}:11:9)\n"
        f"    at {script}:10:1\n    at new Thing ({script}:12:1)\n    at Array.map (<anonymous>)\n"
        "    at process.processTicksAndRejections (node:internal/process/task_queues:10:5)"
    )
    assert map_stack(stack, source_map).splitlines() == [
        "Error: at odds (with: 1:2)",
        "    at fail (main.ts:3:9)",
        "    at async Thing.run [as go] (lib/a.ts:21:5)",
        "    at main.ts:3:1",
    ]


def test_frames_of_evaluated_code_are_mapped(source_map: SourceMap) -> None:
    stack = "Error\n    at fail (eval at run (/app/host.js:77:3), <anonymous>:10:6)"
    assert map_stack(stack, source_map) == "Error\n    at fail (main.ts:3:9)"


def test_frames_of_other_engines_are_mapped(source_map: SourceMap) -> None:
    stack = "fail@automation.js:10:6\n@automation.js:11:3\nasync*main@automation.js:10:1\nmap@[native code]\n"
    assert map_stack(stack, source_map).splitlines() == [
        "    at fail (main.ts:3:9)",
        "    at lib/a.ts:21:5",
        "    at async*main (main.ts:3:1)",
    ]


def test_a_frame_without_a_column_is_mapped_by_its_line(source_map: SourceMap) -> None:
    assert map_stack(f"    at fail ({BUNDLE_FILE}:11)", source_map) == "    at fail (lib/a.ts:21:5)"


@pytest.mark.parametrize(
    "words",
    [
        "We met\n    at noon in Paris\nand left",
        "    at 10:30",
        "    at 10:30:15",
        "    at example.com:80",
        "    at y:" + "1" * 5000,
        "    at " + " (:1" * 16000 + "!",
        "bob@home.org",
        "Places:\n    at Main Street (block:12)\n    at the corner (Elm:10:7)\n  x@y:1:2\nlast\n",
        "one\u2028two\r\n    at Array.map (<anonymous>)\n",
    ],
)
def test_words_that_only_look_like_a_frame_stay_as_they_are(source_map: SourceMap, words: str) -> None:
    assert map_stack(words, source_map) == words


def test_where_the_bundle_named_its_frames_no_other_script_counts(source_map: SourceMap) -> None:
    stack = (
        f"Error: x\n    at tap (/app/host.js:10:1)\n    at main ({BUNDLE_FILE}:11:3)\n"
        f"    at run (my-{BUNDLE_FILE}:10:1)"
    )
    assert map_stack(stack, source_map) == "Error: x\n    at main (lib/a.ts:21:5)"


def test_lines_of_the_message_are_kept(source_map: SourceMap) -> None:
    stack = "Error: first\n  second at 10:1\nuser@example.com\n    at fail (x.js:10:1)"
    assert (
        map_stack(stack, source_map)
        == "Error: first\n  second at 10:1\nuser@example.com\n    at fail (main.ts:3:1)"
    )
