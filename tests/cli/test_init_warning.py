"""What `init` warns of."""

from __future__ import annotations

from pathlib import Path

import pytest

from xgodo_dev.cli.app import main


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "of-the-user" / name))
    for name in ("XGODO_PROFILE", "XGODO_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("given", "warns"), [("my-automaton", True), ("68910c4a5e1c7092a1fdc03a", False)])
def test_init_doubts_an_id_that_has_no_form_of_the_platforms(
    given: str, warns: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["-C", str(tmp_path), "init", "new", "--yes", "--project-id", given])
    shown = capsys.readouterr().err
    assert (f"warning: {given} does not look like an id of Xgodo." in shown) is warns, shown
