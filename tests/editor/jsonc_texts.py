"""Texts of JSON with comments as people may have written them, and how to compare two."""

from __future__ import annotations

import json
import re
from typing import Any

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b.c", "", "ä€", 'q"\\'])
SCALARS = (
    st.none() | st.booleans() | st.integers(-9, 99) | st.sampled_from([1.5, "x", "// no", '"', "}", "é"])
)
VALUES = st.recursive(
    SCALARS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=3),
    max_leaves=6,
)
BETWEEN = [
    "",
    "",
    " ",
    "\t",
    "\n",
    "\n  ",
    "\r\n    ",
    " /* , ] */ ",
    "// } \n",
    "  // x\r\n",
    "\n\n\t// y\n",
]


@st.composite
def written(draw: st.DrawFn, value: Any) -> str:
    """The value as somebody may have written it."""

    def gap() -> str:
        return draw(st.sampled_from(BETWEEN))

    def text(part: Any) -> str:
        if not isinstance(part, (list, dict)):
            return json.dumps(part, ensure_ascii=draw(st.booleans()))
        if isinstance(part, dict):
            members = [f"{json.dumps(key)}{gap()}:{gap()}{text(each)}" for key, each in part.items()]
        else:
            members = [text(each) for each in part]
        trailing = "," + gap() if members and draw(st.booleans()) else ""
        inside = (gap() + "," + gap()).join(members)
        opened, closed = "{}" if isinstance(part, dict) else "[]"
        return opened + gap() + inside + gap() + trailing + closed

    return gap() + text(value) + gap()


DOCUMENTS = st.dictionaries(NAMES, VALUES, max_size=3).flatmap(
    lambda value: st.tuples(st.just(value), written(value))
)
LISTS = st.lists(VALUES, max_size=3).flatmap(lambda value: st.tuples(st.just(value), written(value)))


def without_space(content: bytes) -> bytes:
    return re.sub(rb"\s", b"", content)


def is_within(part: bytes, whole: bytes) -> bool:
    """Whether all bytes of one are in the other, in their order."""
    rest = iter(whole)
    return all(byte in rest for byte in part)
