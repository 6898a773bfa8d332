"""Folders as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from xgodo_dev.cli.view.folders import from_home


@pytest.mark.skipif("sys.platform == 'win32'")
def test_a_folder_below_the_home_is_told_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    folders = ["/home/ada/hello", "/home/adam/hello", "/srv/hello"]
    assert [from_home(folder) for folder in folders] == [str(Path("~/hello")), *folders[1:]]
