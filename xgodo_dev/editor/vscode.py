"""Visual Studio Code and what is built on it: tasks, problem matchers, a launch, settings.

Its documentation: code.visualstudio.com/docs/debugtest/tasks, …/docs/reference/tasks-appendix and
…/docs/reference/variables-reference. Nothing here needs an extension that VS Code doesn't bring along.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from xgodo_dev.editor.file import EditorFile
from xgodo_dev.editor.json_file import Item, JsonFile
from xgodo_dev.editor.matching import BACKGROUND_BEGINS, BACKGROUND_ENDS, PROBLEM
from xgodo_dev.editor.place import Place
from xgodo_dev.project.settings_schema import SCHEMA_FILE

_FOLDER = "${workspaceFolder}"
# Even Better TOML; Tombi reads the first line of xgodo.toml itself, and so needs no setting.
_EXTENSION = "tamasfe.even-better-toml"


def files(place: Place, devices: Sequence[str]) -> list[EditorFile]:
    """Its files, with ``devices`` to choose from where the project is run on one."""
    device, message = place.slug("device"), place.slug("message")
    tasks = [
        _task(place, "check", ["check"], "Type-check the automation", reveal="silent", clear=True),
        _watching(place, "watch", ["watch", "--plain"], "Check and push on every save"),
        _watching(place, "watch and run", ["watch", "--plain", "--run"], "Check, push and run on every save"),
        _task(place, "run", ["run"], "Run on the device of last time, or on one chosen in the terminal"),
        _task(place, "run on device", ["run", "-d", _input(device)], "Run on a device chosen from a list"),
        _task(place, "push", ["push"], "Type-check, then send local changes to the platform"),
        _task(place, "commit", ["commit", "-m", _input(message)], "Push, then commit on the platform"),
    ]
    every_device = {"label": "Every device that is connected", "value": "@online"}
    inputs: list[Item] = [
        Item(
            ["inputs"],
            "id",
            {
                "id": device,
                "type": "pickString",
                "description": "Which device? `xgodo-dev editor setup` lists those that are known by then.",
                "options": [*devices, every_device],
            },
            of_machine=("options",),
        ),
        Item(
            ["inputs"],
            "id",
            {"id": message, "type": "promptString", "description": "What does this commit change?"},
        ),
    ]
    launch = {
        "name": place.label("run"),
        "type": "node-terminal",
        "request": "launch",
        "command": "xgodo-dev run",
        "cwd": place.within(_FOLDER),
    }
    # An expression that the file's address is held against.
    address = re.sub(r"[.+*?()\[\]{}|^$\\]", r"\\\g<0>", quote(place.path("xgodo.toml")))
    return [
        JsonFile(
            ".vscode/tasks.json",
            {"version": "2.0.0", "tasks": [], "inputs": []},
            (*(Item(["tasks"], "label", each) for each in tasks), *inputs),
        ),
        JsonFile(
            ".vscode/launch.json",
            {"version": "0.2.0", "configurations": []},
            (Item(["configurations"], "name", launch),),
        ),
        JsonFile(
            ".vscode/settings.json",
            {},
            members=(
                (["files.exclude", "**/.xgodo"], True),
                # The platform's compiler, as this toolkit's bundler, takes imports without an ending. Since
                # 2026 VS Code calls these settings js/ts.preferences.…, and goes on reading the names that
                # its forks know, where nobody has set the new ones.
                (["typescript.preferences.importModuleSpecifier"], "relative"),
                (["typescript.preferences.importModuleSpecifierEnding"], "minimal"),
                (["evenBetterToml.schema.associations", f".*/{address}$"], f"./{place.path(SCHEMA_FILE)}"),
            ),
        ),
        JsonFile(
            ".vscode/extensions.json",
            {"recommendations": []},
            words=((["recommendations"], _EXTENSION),),
        ),
    ]


def _input(name: str) -> str:
    return f"${{input:{name}}}"


def _task(
    place: Place,
    name: str,
    arguments: Sequence[str],
    detail: str,
    *,
    reveal: str = "always",
    clear: bool = False,
) -> dict[str, Any]:
    return {
        "label": place.label(name),
        "detail": detail,
        # In a shell, whose PATH has what the person's terminal has; but not with an answer in it, which VS
        # Code puts between quotes as it is, also where it has a quote in it.
        "type": "process" if any("${input:" in each for each in arguments) else "shell",
        "command": "xgodo-dev",
        "args": list(arguments),
        "options": {"cwd": place.within(_FOLDER)},
        "group": "build",
        "presentation": {"reveal": reveal, "panel": "dedicated", "clear": clear},
        "problemMatcher": _matcher(place),
    }


def _watching(place: Place, name: str, arguments: Sequence[Any], detail: str) -> dict[str, Any]:
    background = {
        "activeOnStart": True,
        "beginsPattern": BACKGROUND_BEGINS,
        "endsPattern": BACKGROUND_ENDS,
    }
    task = _task(place, name, arguments, detail)
    return {
        **task,
        "isBackground": True,
        "problemMatcher": {**task["problemMatcher"], "background": background},
    }


def _matcher(place: Place) -> dict[str, Any]:
    return {
        # As the editor's own errors of TypeScript: the same error is then not listed twice.
        "owner": "typescript",
        "source": "xgodo-dev",
        "applyTo": "closedDocuments",
        "fileLocation": ["relative", place.within(_FOLDER)],
        "pattern": {
            "regexp": PROBLEM,
            "file": 1,
            "line": 2,
            "column": 3,
            "severity": 4,
            "code": 5,
            "message": 6,
        },
    }
