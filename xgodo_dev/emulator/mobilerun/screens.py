"""What a task's pictures and UI states show: an app with one button a step. Pure."""

from __future__ import annotations

import struct
import zlib
from typing import Any, Final

_WIDTH: Final = 108
_HEIGHT: Final = 234
_PACKAGE: Final = "com.android.browser"

Color = tuple[int, int, int]

_PAPER: Color = (245, 245, 245)
_BAR: Color = (33, 33, 33)
_BUTTON: Color = (25, 118, 210)


def screenshot(index: int) -> bytes:
    """The screen at a step, as a PNG: a status bar, and a button further down with each step."""
    rows = []
    for y in range(_HEIGHT):
        color = _BAR if y < 8 else _BUTTON if _is_button(y, index) else _PAPER
        rows.append(b"\0" + bytes(color) * _WIDTH)
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", header),
            _chunk(b"IDAT", zlib.compress(b"".join(rows))),
            _chunk(b"IEND", b""),
        )
    )


def ui_state(index: int) -> dict[str, Any]:
    """The screen at a step as a tree, with the members that the official SDK reads of a device's UI."""
    top = _top(index)
    button = _node("android.widget.Button", "Continue", (0, top, _WIDTH, top + 20), clickable=True)
    return {
        "a11y_tree": {
            **_node("android.widget.FrameLayout", "", (0, 0, _WIDTH, _HEIGHT)),
            "children": [button],
        },
        "phone_state": {
            "currentApp": "Browser",
            "packageName": _PACKAGE,
            "isEditable": False,
            "keyboardVisible": False,
        },
        "device_context": {"screen_bounds": {"width": _WIDTH, "height": _HEIGHT}},
    }


def _node(
    kind: str, text: str, bounds: tuple[int, int, int, int], *, clickable: bool = False
) -> dict[str, Any]:
    left, top, right, bottom = bounds
    return {
        "className": kind,
        "text": text,
        "packageName": _PACKAGE,
        "boundsInScreen": {"left": left, "top": top, "right": right, "bottom": bottom},
        "isClickable": clickable,
        "isEnabled": True,
        "children": [],
    }


def _top(index: int) -> int:
    return 40 + 30 * (index % 6)


def _is_button(y: int, index: int) -> bool:
    return _top(index) <= y < _top(index) + 20


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
