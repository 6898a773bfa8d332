"""What VS Code accepts in its files, of its published schemas: the parts that are of use here.

From its sources in ``src/vs/workbench``: ``contrib/tasks/common/jsonSchema_v2.ts``, ``jsonSchemaCommon.ts``
and ``problemMatcher.ts`` beside it, ``services/configurationResolver/common/configurationResolverSchema.ts``,
``contrib/debug/common/debugSchemas.ts``; ``node-terminal`` from package.json of microsoft/vscode-js-debug.
What is deprecated there is left out here, so that it is refused; but for two names of settings that are in
use beside their successors.
"""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string"}
_NUMBER = {"type": "integer", "minimum": 0}
_TRUTH = {"type": "boolean"}


def _object(properties: dict[str, Any], *required: str) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_NUMBERS = ("file", "location", "line", "column", "endLine", "endColumn", "severity", "code", "message")
_PATTERN = _object(
    {
        "regexp": _TEXT,
        "kind": {"enum": ["file", "location"]},
        "loop": _TRUTH,
        **dict.fromkeys(_NUMBERS, _NUMBER),
    },
    "regexp",
)
_MATCHER = _object(
    {
        "base": _TEXT,
        "owner": _TEXT,
        "source": _TEXT,
        "severity": {"enum": ["error", "warning", "info"]},
        "applyTo": {"enum": ["allDocuments", "openDocuments", "closedDocuments"]},
        "pattern": {"anyOf": [_TEXT, _PATTERN, {"type": "array", "items": _PATTERN}]},
        "fileLocation": {
            "oneOf": [
                {"enum": ["absolute", "relative", "autoDetect", "search"]},
                {
                    "type": "array",
                    "items": [{"enum": ["absolute", "relative", "autoDetect", "search"]}, _TEXT],
                    "minItems": 1,
                    "maxItems": 2,
                },
            ]
        },
        "background": _object(
            {
                "activeOnStart": _TRUTH,
                "beginsPattern": {"oneOf": [_TEXT, _object({"regexp": _TEXT, "file": _NUMBER})]},
                "endsPattern": {"oneOf": [_TEXT, _object({"regexp": _TEXT, "file": _NUMBER})]},
            },
            # Its parser refuses one without the other.
            "beginsPattern",
            "endsPattern",
        ),
    },
    # Without a base, its parser makes nothing of a matcher that misses one of these.
    "owner",
    "fileLocation",
    "pattern",
)
_QUOTED = _object({"value": _TEXT, "quoting": {"enum": ["escape", "strong", "weak"]}}, "value", "quoting")
_TASK = _object(
    {
        "label": _TEXT,
        "detail": _TEXT,
        "type": {"enum": ["shell", "process"]},
        "command": {"oneOf": [_TEXT, _QUOTED]},
        "args": {"type": "array", "items": {"oneOf": [_TEXT, _QUOTED]}},
        "options": _object({"cwd": _TEXT, "env": {"type": "object", "additionalProperties": _TEXT}}),
        "isBackground": _TRUTH,
        "promptOnClose": _TRUTH,
        "group": {
            "enum": [
                {"kind": "build", "isDefault": True},
                {"kind": "test", "isDefault": True},
                "build",
                "test",
                "none",
            ]
        },
        "presentation": _object(
            {
                "echo": _TRUTH,
                "focus": _TRUTH,
                "revealProblems": {"enum": ["always", "onProblem", "never"]},
                "reveal": {"enum": ["always", "silent", "never"]},
                "panel": {"enum": ["shared", "dedicated", "new"]},
                "showReuseMessage": _TRUTH,
                "clear": _TRUTH,
                "group": _TEXT,
                "close": _TRUTH,
            }
        ),
        "problemMatcher": {
            "oneOf": [_TEXT, _MATCHER, {"type": "array", "items": {"anyOf": [_TEXT, _MATCHER]}}]
        },
        "runOptions": _object(
            {
                "reevaluateOnRerun": _TRUTH,
                "runOn": {"enum": ["default", "folderOpen"]},
                "instanceLimit": _NUMBER,
            }
        ),
        "dependsOn": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}]},
        "dependsOrder": {"enum": ["parallel", "sequence"]},
        "icon": {"type": "object"},
        "hide": _TRUTH,
    },
    "label",
    "type",
    "command",
)
_OPTION = {"oneOf": [_TEXT, _object({"label": _TEXT, "value": _TEXT}, "value")]}
_INPUT = {
    "oneOf": [
        _object(
            {
                "id": _TEXT,
                "type": {"const": "promptString"},
                "description": _TEXT,
                "default": _TEXT,
                "password": _TRUTH,
            },
            "id",
            "type",
            "description",
        ),
        _object(
            {
                "id": _TEXT,
                "type": {"const": "pickString"},
                "description": _TEXT,
                "default": _TEXT,
                "options": {"type": "array", "items": _OPTION},
            },
            "id",
            "type",
            "description",
            "options",
        ),
        _object(
            {"id": _TEXT, "type": {"const": "command"}, "command": _TEXT, "args": {}}, "id", "type", "command"
        ),
    ]
}
TASKS = _object(
    {
        "version": {"const": "2.0.0"},
        "tasks": {"type": "array", "items": _TASK},
        "inputs": {"type": "array", "items": _INPUT},
    },
    "version",
)
LAUNCH = _object(
    {
        "version": _TEXT,
        "configurations": {
            "type": "array",
            "items": _object(
                {
                    "name": _TEXT,
                    "type": {"const": "node-terminal"},
                    "request": {"const": "launch"},
                    "command": _TEXT,
                    "cwd": _TEXT,
                },
                "name",
                "type",
                "request",
                "command",
            ),
        },
    },
    "version",
    "configurations",
)
EXTENSIONS = _object(
    {
        "recommendations": {
            "type": "array",
            "items": {
                "type": "string",
                "pattern": r"^([a-z0-9A-Z][a-z0-9-A-Z]*)\.([a-z0-9A-Z][a-z0-9-A-Z]*)$",
            },
        },
        "unwantedRecommendations": {"type": "array"},
    }
)
SETTINGS = {
    "type": "object",
    "properties": {
        "files.exclude": {"type": "object", "additionalProperties": _TRUTH},
        "typescript.preferences.importModuleSpecifier": {
            "enum": ["shortest", "relative", "non-relative", "project-relative"]
        },
        "typescript.preferences.importModuleSpecifierEnding": {"enum": ["auto", "minimal", "index", "js"]},
        "evenBetterToml.schema.associations": {"type": "object", "additionalProperties": _TEXT},
    },
}
