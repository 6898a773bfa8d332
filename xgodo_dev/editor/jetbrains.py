"""JetBrains' editors: shared run configurations, and the schema of the settings.

What they share is one file a run configuration in `.run`; `.idea/jsonSchemas.xml` is their list of schemas.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from xgodo_dev.editor.file import EditorFile
from xgodo_dev.editor.place import Place
from xgodo_dev.editor.schema_mapping import SchemaMapping
from xgodo_dev.editor.text_file import OwnFile
from xgodo_dev.project.settings_schema import SCHEMA_FILE

_CONFIGURATIONS: tuple[tuple[str, str], ...] = (
    ("check", "xgodo-dev check"),
    ("watch", "xgodo-dev watch"),
    ("watch and run", "xgodo-dev watch --run"),
    ("run", "xgodo-dev run"),
    ("push", "xgodo-dev push"),
)


def files(place: Place) -> list[EditorFile]:
    """Its files."""
    configurations = [
        OwnFile(f".run/{place.slug(name.replace(' ', '-'))}.run.xml", _configuration(place, name, command))
        for name, command in _CONFIGURATIONS
    ]
    settings = place.path("xgodo.toml")
    mapping = SchemaMapping(".idea/jsonSchemas.xml", settings, place.path(SCHEMA_FILE), settings)
    return [*configurations, mapping]


def _configuration(place: Place, name: str, command: str) -> str:
    """A configuration of the kind Shell Script, in the editor's terminal."""
    options: Sequence[tuple[str, str]] = (
        ("SCRIPT_TEXT", command),
        ("INDEPENDENT_SCRIPT_PATH", "true"),
        ("SCRIPT_PATH", ""),
        ("SCRIPT_OPTIONS", ""),
        ("INDEPENDENT_SCRIPT_WORKING_DIRECTORY", "true"),
        ("SCRIPT_WORKING_DIRECTORY", place.within("$PROJECT_DIR$")),
        ("INDEPENDENT_INTERPRETER_PATH", "true"),
        ("INTERPRETER_PATH", ""),
        ("INTERPRETER_OPTIONS", ""),
        ("EXECUTE_IN_TERMINAL", "true"),
        ("EXECUTE_SCRIPT_FILE", "false"),
    )
    lines = "".join(f'    <option name="{key}" value={quoteattr(value)} />\n' for key, value in options)
    return (
        '<component name="ProjectRunConfigurationManager">\n'
        f'  <configuration default="false" name={quoteattr(place.label(name))} type="ShConfigurationType">\n'
        f"{lines}"
        "    <envs />\n"
        '    <method v="2" />\n'
        "  </configuration>\n"
        "</component>\n"
    )
