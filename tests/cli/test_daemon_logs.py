"""What `daemon logs` writes where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.runs.recorded_runs import line
from xgodo_dev.cli.app import main
from xgodo_dev.loop.event_log import EventLog
from xgodo_dev.loop.events import Change, Synced


def test_all_that_the_daemon_has_told_is_a_result_in_the_order_it_was_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "xgodo.toml").write_text("")
    (tmp_path / ".xgodo").mkdir()
    log = EventLog(tmp_path)
    log.write(Change(paths=["main.ts"]))
    log.write(line("0ld1", "1", "from the phone"))
    log.write(Synced(path="main.ts", ms=5, bytes=7))
    log.close()
    with pytest.raises(SystemExit):
        main(["-C", str(tmp_path), "daemon", "logs"])
    shown = capsys.readouterr()
    assert shown.err == ""
    assert re.fullmatch(r".* main\.ts\n.* from the phone\n.* synced main\.ts .*\n", shown.out)
