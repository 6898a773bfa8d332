"""What is printed has no power over the terminal it is printed on."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from xgodo_dev.cli import output


@pytest.mark.parametrize("print_json", [output.json_document, output.json_line])
def test_json_is_the_same_without_what_a_terminal_obeys(
    print_json: Callable[[Any], None], capsys: pytest.CaptureFixture[str]
) -> None:
    codes = [*range(0x20), *range(0x7F, 0xA0), 0x61C, 0x200E, *range(0x202A, 0x202F), 0x2069]
    harmful = "".join(map(chr, codes))
    document = {"event": "log", f"name {harmful}": [f"é {harmful} 😀", "DEL \x7f"]}
    print_json(document)
    (printed,) = capsys.readouterr().out.split("\n")[:-1]
    assert json.loads(printed) == document
    assert not set(harmful) & set(printed)
    assert "é" in printed
    assert "😀" in printed
