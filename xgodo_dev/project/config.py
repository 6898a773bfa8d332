"""A project's settings: where its root is, and what ``xgodo.toml`` says."""

from __future__ import annotations

import json
import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PureWindowsPath

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project.branch_mapping import BranchMapping, mapping_of
from xgodo_dev.project.git.branch import NO_REPOSITORY, Checkout, checked_out

SETTINGS_FILE = "xgodo.toml"
STATE_DIRECTORY = ".xgodo"
DECLARATIONS_DIRECTORY = f"{STATE_DIRECTORY}/types"
# The platform's own command-line client keeps its binding here; such a project is ours to use as it stands.
PLATFORM_CLI_FILE = f"{STATE_DIRECTORY}/project.json"

SETTINGS: Mapping[str, tuple[str, ...]] = {
    "project": ("name", "id", "entry", "profile"),
    "run": ("device", "parameters", "variables", "secrets"),
    "sync": ("exclude", "include"),
    "profiles.*": ("project",),
    "branches.*": ("project", "profile", "protected"),
    "schemas": ("automation_parameters", "job_variables", "bucket"),
}
"""Every setting there is, by its table; `*` is a name that the person chooses. What is not here is refused,
and `settings.schema.json` tells editors the same."""


# Of a folder that is no project.
_MOST_LOOKED_AT, _MOST_NAMED = 100, 3


class NoProject(ConfigurationError):
    """Neither the folder nor one above it is a project."""

    code = "no-project"


@dataclass(frozen=True)
class Project:
    """One automation project on disk, as its settings describe it."""

    root: Path
    name: str
    entry: str = "main.ts"
    """POSIX path of the file a run starts from, relative to ``root``."""
    project_id: str | None = None
    profile: str | None = None
    """The profile this project, or its branch, prefers when the command line names none."""
    devices: tuple[str, ...] = ()
    """Devices to run on when the command line names none."""
    parameters: Mapping[str, object] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    """Names of parameters and variables whose values are neither shown nor stored, wherever given."""
    exclude: tuple[str, ...] = ()
    """Further ignore patterns, in the syntax of ``.gitignore``."""
    include: tuple[str, ...] = ()
    """Files that count besides ``.ts`` and ``.js``, as patterns of the same syntax."""
    profile_projects: Mapping[str, str] = field(default_factory=dict)
    """Project ids by profile, where a profile has its own."""
    branches: tuple[BranchMapping, ...] = ()
    """Project ids by git branch, in the order of the settings."""
    checkout: Checkout = NO_REPOSITORY
    """What was checked out when the settings were read; known only where there are ``branches``."""
    schemas: Mapping[str, object] = field(default_factory=dict)
    """[schemas] as it stands there: read by ``project.schemas``, and only by commands that need it."""
    platform_url: str | None = None
    """The server that the platform's own client made this project for, such as ``https://xgodo.com``."""

    @property
    def mapping(self) -> BranchMapping | None:
        """What the settings say of the branch that is checked out."""
        return mapping_of(self.checkout.branch, self.branches)

    def id_for(self, profile: str) -> str:
        """The remote project's id under ``profile``: its own, else the branch's, else the project's.

        Raises:
            ConfigurationError: none of them names one, or the branch can't be known.
        """
        mapped = self.mapping
        own = self.profile_projects.get(profile)
        if self.checkout.gone and not own:
            raise ConfigurationError(
                f"Nobody can tell which branch is checked out, and so which project of [branches] is meant: "
                f"{self.checkout.gone} is not there.",
                hint="The repository of this worktree was moved? Say `git worktree repair` in it.",
            )
        project_id = own or (mapped and mapped.project) or self.project_id
        if not project_id:
            raise ConfigurationError(
                f"{SETTINGS_FILE} does not say which Xgodo project this is.",
                hint="Put the project's id into `id` under [project] "
                "(it is in the address of the project's page), or try `--profile emulator`.",
            )
        return project_id

    def takes_committed_files_only(self, project_id: str, profile: str) -> bool:
        """Whether a remote project is that of a protected branch; from whichever branch files go there."""
        return any(
            each.protected
            and each.profile in (None, profile)
            and (each.project or self.project_id or "").lower() == project_id.lower()
            for each in self.branches
        )


def find_root(start: Path) -> Path:
    """The project root at or above ``start``: the nearest folder with settings.

    Raises:
        NoProject: there is none.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if is_root(folder):
            return folder
    below = _projects_in(start)
    hint = "Make one with `xgodo-dev init`, or name its folder with `-C DIR`."
    if below:
        *others, last = below
        named = f"are {', '.join(others)} and {last}" if others else f"is {last}"
        hint = f"Below, there {named}: go there first, or say `-C {below[0]}`."
    raise NoProject(f"No project here: neither {start} nor a folder above it has {SETTINGS_FILE}.", hint=hint)


def _projects_in(folder: Path) -> list[str]:
    """The first few folders in this one that are projects: somebody may not have gone there yet."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in islice(entries, _MOST_LOOKED_AT) if entry.name[0] != "."]
        return sorted(name for name in names if (folder / name / SETTINGS_FILE).is_file())[:_MOST_NAMED]
    except OSError:
        # It is only for a hint.
        return []


def is_root(folder: Path) -> bool:
    """Whether a folder is that of a project: it has settings, or a binding of the platform's own client."""
    return (folder / SETTINGS_FILE).is_file() or (folder / PLATFORM_CLI_FILE).is_file()


def load(start: Path, *, branch: str | None = None) -> Project:
    """The project at or above ``start``, as for a ``branch``, or else for the one that is checked out.

    Raises:
        ConfigurationError: there is none, or its settings are not usable; names the setting.
    """
    root = find_root(start)
    require_plain_state(root)
    settings_file = root / SETTINGS_FILE
    if not settings_file.is_file():
        return _from_platform_cli(root)
    try:
        # Some editors put a byte order mark first, which TOML does not know.
        text = settings_file.read_text(encoding="utf-8-sig")
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigurationError(f"{settings_file} can't be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"{settings_file} is not valid TOML: {error}.",
            hint='Mend it there. Text stands in quotes, as in `entry = "main.ts"`.',
        ) from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(
            f"{settings_file} can't be read: it holds a number of thousands of digits, "
            "or lists and tables within hundreds of others."
        ) from error
    return _from_document(root, document, branch)


def require_plain_state(root: Path) -> None:
    """Refuse a project in which what the toolkit keeps for itself lies elsewhere, or is no file.

    A project may come from anybody: what is written there must not end up in other files of this disk, and
    nothing must wait for the other end of a pipe.

    Raises:
        ConfigurationError: names what is in the way.
    """
    folder = root / STATE_DIRECTORY
    try:
        if folder.is_symlink():
            raise _in_the_way(folder, "a link, and what it leads to would be written to")
        for each in os.scandir(folder):
            if each.is_symlink():
                raise _in_the_way(each, "a link, and what it leads to would be written to")
            if not each.is_file() and not each.is_dir():
                raise _in_the_way(each, "neither a file nor a folder")
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as error:
        raise ConfigurationError(f"{folder} can't be read: {error.strerror}.") from error


def _in_the_way(path: os.PathLike[str], what: str) -> ConfigurationError:
    return ConfigurationError(
        f"{os.fspath(path)} is {what}.", hint="Remove it: what is needed there is made anew."
    )


def devices_from_environment() -> tuple[str, ...]:
    """The devices in ``XGODO_DEVICE``, separated by commas."""
    return tuple(name.strip() for name in os.environ.get("XGODO_DEVICE", "").split(",") if name.strip())


def telemetry_from_environment() -> bool:
    """Whether OpenTelemetry's variables name a collector, and don't switch it off."""
    kinds = ("", "LOGS_", "TRACES_")
    named = any(os.environ.get(f"OTEL_EXPORTER_OTLP_{kind}ENDPOINT") for kind in kinds)
    return named and os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true"


def _from_platform_cli(root: Path) -> Project:
    binding = root / PLATFORM_CLI_FILE
    try:
        document = json.loads(binding.read_text(encoding="utf-8"))
        project_id, name = document["id"], document.get("name") or root.name
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ConfigurationError(f"{binding} does not hold a project: {error}.") from error
    if not isinstance(project_id, str) or not isinstance(name, str):
        raise ConfigurationError(f"{binding} does not hold a project: its id and name must be text.")
    return Project(
        root=root, name=name, project_id=project_id, platform_url=_platform_url(document.get("apiUrl"))
    )


def _platform_url_beside(root: Path, project_id: str | None) -> str | None:
    """Of the client's own binding, where our settings were added to a project that it had made."""
    if project_id is None or not (root / PLATFORM_CLI_FILE).is_file():
        return None
    try:
        theirs = _from_platform_cli(root)
    except ConfigurationError:
        # Ours says everything that is needed.
        return None
    return theirs.platform_url if theirs.project_id == project_id else None


def _platform_url(api_url: object) -> str | None:
    # That client's base includes the path under which the project API lies; ours is asked for it.
    return (
        api_url.rstrip("/").removesuffix("/server").rstrip("/") or None if isinstance(api_url, str) else None
    )


def _from_document(root: Path, document: Mapping[str, object], branch: str | None = None) -> Project:
    _require_known(document, tuple(table.removesuffix(".*") for table in SETTINGS), root, "")
    project = _Table(document, "project", root, known=SETTINGS["project"])
    run = _Table(document, "run", root, known=SETTINGS["run"])
    sync = _Table(document, "sync", root, known=SETTINGS["sync"])
    profile_projects = {}
    profiles = _Table(document, "profiles", root).values
    for profile in profiles:
        table = _Table(profiles, profile, root, within="profiles.", known=SETTINGS["profiles.*"])
        own_id = table.text("project")
        if own_id:
            profile_projects[profile] = own_id
    branches = _branches(document, root)
    checkout = NO_REPOSITORY
    if branches:
        checkout = Checkout(branch) if branch else checked_out(root)
    mapping = mapping_of(checkout.branch, branches)
    schemas = _Table(document, "schemas", root, known=SETTINGS["schemas"])
    device = run.values.get("device", ())
    entry = project.text("entry") or "main.ts"
    if entry.startswith("/") or PureWindowsPath(entry).drive or "\\" in entry or ".." in entry.split("/"):
        raise ConfigurationError(
            f"{root / SETTINGS_FILE}: `entry` must be a path inside the project, with `/` between its parts."
        )
    return Project(
        root=root,
        name=project.text("name") or root.name,
        entry=entry,
        project_id=project.text("id"),
        profile=(mapping and mapping.profile) or project.text("profile"),
        devices=(device,) if isinstance(device, str) else run.texts("device"),
        parameters=_Table(run.values, "parameters", root, within="run.").json_values(),
        variables=_Table(run.values, "variables", root, within="run.").json_values(),
        secrets=run.texts("secrets"),
        exclude=sync.texts("exclude"),
        include=sync.texts("include"),
        profile_projects=profile_projects,
        branches=branches,
        checkout=checkout,
        schemas=schemas.values,
        platform_url=_platform_url_beside(root, project.text("id")),
    )


def _branches(document: Mapping[str, object], root: Path) -> tuple[BranchMapping, ...]:
    tables = _Table(document, "branches", root).values
    found = []
    for branch in tables:
        table = _Table(tables, branch, root, within="branches.", known=SETTINGS["branches.*"])
        found.append(
            BranchMapping(branch, table.text("project"), table.text("profile"), table.truth("protected"))
        )
    return tuple(found)


class _Table:
    """One table of the settings, whose readers complain by the setting's full name."""

    def __init__(
        self,
        parent: Mapping[str, object],
        name: str,
        root: Path,
        within: str = "",
        known: tuple[str, ...] | None = None,
    ) -> None:
        self._name = within + name
        self._file = root / SETTINGS_FILE
        values = parent.get(name, {})
        if not isinstance(values, dict):
            raise ConfigurationError(f"{self._file}: `{self._name}` must be a table, [{self._name}].")
        if known is not None:
            _require_known(values, known, root, f" in [{self._name}]")
        self.values: dict[str, object] = values

    def text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ConfigurationError(f"{self._file}: `{key}` in [{self._name}] must be text in quotes.")
        return value

    def truth(self, key: str) -> bool:
        value = self.values.get(key, False)
        if not isinstance(value, bool):
            raise ConfigurationError(f"{self._file}: `{key}` in [{self._name}] must be true or false.")
        return value

    def json_values(self) -> dict[str, object]:
        """Values that can be sent to a phone: TOML also has dates, times, and numbers that are not finite."""
        for key, value in self.values.items():
            if not _is_json(value):
                raise ConfigurationError(
                    f"{self._file}: `{key}` in [{self._name}] holds a date, a time, or a number that is "
                    "not finite in JavaScript, which can't be sent to a phone. Write it as text in quotes."
                )
        return self.values

    def texts(self, key: str) -> tuple[str, ...]:
        values = self.values.get(key, ())
        if not isinstance(values, (list, tuple)) or not all(isinstance(value, str) for value in values):
            raise ConfigurationError(f"{self._file}: `{key}` in [{self._name}] must be a list of texts.")
        return tuple(values)


def _require_known(values: Mapping[str, object], known: tuple[str, ...], root: Path, where: str) -> None:
    """Refuse a setting that nobody reads: it is a slip, and would be ignored without a word."""
    for key in values:
        if key not in known:
            # Here, because every command reads settings, and this is for slips only.
            import difflib

            near = difflib.get_close_matches(key, known, n=1)
            raise ConfigurationError(
                f"{root / SETTINGS_FILE}: there is no setting `{key}`{where}."
                + (f" Did you mean `{near[0]}`?" if near else ""),
                hint=f"Known: {', '.join(known)}.",
            )


def _is_json(value: object) -> bool:
    match value:
        case float() | int():
            try:
                return math.isfinite(value)
            except OverflowError:
                # More digits than a number of JavaScript can hold.
                return False
        case dict():
            return all(_is_json(each) for each in value.values())
        case list():
            return all(_is_json(each) for each in value)
    return isinstance(value, str)
