"""How `daemon status` puts what the daemon answers."""

from __future__ import annotations

from pathlib import Path

from xgodo_dev import __version__
from xgodo_dev.cli.background import daemon_status
from xgodo_dev.project.watch_lock import Holder


def test_a_file_that_could_not_be_sent_or_was_not_compiled_there_is_named_with_the_reason() -> None:
    answer = {
        "watching": True,
        "unsynced": [
            {"path": "main.ts", "reason": "Can't reach it.", "time": 0},
            {"path": "util.ts", "reason": "compile", "time": 0},
        ],
    }
    lines = daemon_status.lines(Path("/r"), Holder(1, "daemon", version=__version__), answer)
    assert lines[-2:] == [
        "Not synced    main.ts: Can't reach it.",
        "Not compiled  util.ts: the platform's compiler refuses it",
    ]
