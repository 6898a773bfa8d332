"""How runs ended that another process has ended, as it has recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from xgodo_dev.errors import XgodoError
from xgodo_dev.runs.events import RunStatus
from xgodo_dev.runs.store import RunStore

# Seconds. The loop waits meanwhile, and looks again soon.
_PATIENCE = 0.05


class RecordedEnds:
    """Looks into the recorded runs of a project; use as a context manager.

    What can't be read tells nothing: the recorder says what is wrong with it.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store: RunStore | None = None

    def __enter__(self) -> RecordedEnds:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def __call__(self, run_ids: Collection[str]) -> Mapping[str, tuple[RunStatus, str | None]]:
        """How those of the runs ended whose end is known."""
        if not run_ids:
            return {}
        try:
            if self._store is None or not self._store.in_place():
                self._close()
                self._store = RunStore.existing(self._root, patience=_PATIENCE)
            return self._store.ends(run_ids) if self._store else {}
        except XgodoError:
            self._close()
            return {}

    def _close(self) -> None:
        if self._store:
            self._store.close()
            self._store = None
