"""What a command says of the project and the server that it works with."""

from __future__ import annotations

from pathlib import Path

import pytest

from xgodo_dev.cli.app import main

SETTINGS = """
[profiles.default]
project = "2ee284ab-009a-4e82-baae-887e1eba2d26"

[branches.staging]
project = "7b1e2a44-93d5-4b57-8a43-2f0c1d9e8b66"
"""


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "HOME"):
        monkeypatch.setenv(name, str(tmp_path / "of-the-user" / name))
    for name in ("XGODO_PROFILE", "XGODO_API_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("branch", "said"),
    [
        (
            "staging",
            "Branch staging: project 2ee284ab-009a-4e82-baae-887e1eba2d26, which [profiles.default] names; "
            "it wins over [branches].\n",
        ),
        ("topic", ""),
    ],
)
def test_a_branch_whose_project_a_profile_takes_the_place_of_is_told(
    branch: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "xgodo.toml").write_text(SETTINGS)
    (tmp_path / "main.ts").write_text("\n")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
    with pytest.raises(SystemExit):
        main(["-C", str(tmp_path), "status"])
    assert capsys.readouterr().err.startswith(said or "The platform's side")


def test_who_chooses_a_profile_where_the_project_names_another_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "xgodo.toml").write_text('[project]\nprofile = "emulator"\n')
    with pytest.raises(SystemExit):
        main(["-C", str(tmp_path), "profile", "use", "default"])
    assert capsys.readouterr().err == "But here, emulator is in use, named by xgodo.toml.\n"
