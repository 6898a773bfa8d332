from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xgodo_dev import places
from xgodo_dev.platform import credentials


@pytest.mark.skipif(sys.platform == "win32", reason="a home is found otherwise there")
@pytest.mark.parametrize(
    "place",
    [places.config_directory, places.cache_directory, places.log_file, places.platform_client_login_file],
)
def test_a_user_without_name_and_home_is_told_and_may_use_the_environment(
    place: Callable[[], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pwd

    def nobody(_: int) -> None:
        raise KeyError("uid not found")

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(places.NoHome, match="no home folder"):
        place()
    monkeypatch.setenv("XGODO_TOKEN", "of-the-environment")
    assert credentials.resolve().token == "of-the-environment"
