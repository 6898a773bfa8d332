"""Zed: tasks. They run in its terminal; it has no problem matchers.

Its documentation: zed.dev/docs/tasks. Tombi, its language server of TOML, finds the schema of the settings by
their first line; a setting of Zed's is not needed for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from xgodo_dev.editor.file import EditorFile
from xgodo_dev.editor.json_file import Item, JsonFile
from xgodo_dev.editor.place import Place

_TASKS: tuple[tuple[str, Sequence[str]], ...] = (
    ("check", ["check"]),
    ("watch", ["watch"]),
    ("watch and run", ["watch", "--run"]),
    ("run", ["run"]),
    ("push", ["push"]),
)


def files(place: Place) -> list[EditorFile]:
    """Its files."""
    items = [
        Item(
            [],
            "label",
            {
                "label": place.label(name),
                "command": "xgodo-dev",
                "args": list(arguments),
                "cwd": place.within("$ZED_WORKTREE_ROOT"),
                "use_new_terminal": False,
                "allow_concurrent_runs": False,
                "reveal": "always",
            },
        )
        for name, arguments in _TASKS
    ]
    return [JsonFile(".zed/tasks.json", [], tuple(items))]
