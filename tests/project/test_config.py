from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from xgodo_dev.errors import ConfigurationError
from xgodo_dev.project import config
from xgodo_dev.project.config import Project

FULL = """
[project]
name = "Notes"
id = "83ba7359"
entry = "src/main.ts"
profile = "emulator"

[run]
device = ["Otter", "Lynx"]
secrets = ["password", "apiKey"]

[run.parameters]
maxRetries = 3
deep = { list = [1, 2.5, true, "x"] }

[run.variables]
email = "user@example.com"

[sync]
exclude = ["*.log", "/notes/"]
include = ["data/*.json", "README.md"]

[profiles.staging]
project = "24hex"
"""


def written(root: Path, text: str) -> Path:
    (root / "xgodo.toml").write_text(text, encoding="utf-8")
    return root


def test_every_setting_is_read(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, FULL)) == Project(
        root=tmp_path.resolve(),
        name="Notes",
        entry="src/main.ts",
        project_id="83ba7359",
        profile="emulator",
        devices=("Otter", "Lynx"),
        parameters={"maxRetries": 3, "deep": {"list": [1, 2.5, True, "x"]}},
        variables={"email": "user@example.com"},
        secrets=("password", "apiKey"),
        exclude=("*.log", "/notes/"),
        include=("data/*.json", "README.md"),
        profile_projects={"staging": "24hex"},
    )


def test_an_empty_file_is_a_project_with_defaults(tmp_path: Path) -> None:
    folder = tmp_path / "my-notes"
    folder.mkdir()
    project = config.load(written(folder, ""))
    assert project == Project(root=folder.resolve(), name="my-notes")
    assert project.entry == "main.ts"


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "xgodo.toml").write_bytes(b'\xef\xbb\xbf[project]\r\nname = "n"\r\n')
    assert config.load(tmp_path).name == "n"


def test_the_nearest_root_at_or_above_wins(tmp_path: Path) -> None:
    inner = tmp_path / "outer" / "inner"
    below = inner / "src" / "deep"
    below.mkdir(parents=True)
    written(tmp_path / "outer", "")
    assert config.find_root(below) == (tmp_path / "outer").resolve()
    written(inner, "")
    assert config.find_root(below) == inner.resolve()
    assert config.find_root(inner) == inner.resolve()


def test_a_start_that_does_not_exist_is_searched_from_above(tmp_path: Path) -> None:
    written(tmp_path, "")
    assert config.find_root(tmp_path / "no" / "such") == tmp_path.resolve()


def test_a_folder_called_like_the_settings_is_no_root(tmp_path: Path) -> None:
    (tmp_path / "xgodo.toml").mkdir()
    with pytest.raises(ConfigurationError, match="No project here"):
        config.find_root(tmp_path)


def test_whoever_has_not_gone_into_the_projects_folder_yet_is_told_of_it(tmp_path: Path) -> None:
    for name in ("mine", ".hidden", "yours"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, "")
    with pytest.raises(config.NoProject) as caught:
        config.find_root(tmp_path)
    assert caught.value.hint == "Below, there are mine and yours: go there first, or say `-C mine`."


@pytest.mark.parametrize("content", [b"[project", b"a = ", b"\xff\xfe", b"[project]\nname = 1\nname = 2"])
def test_what_is_no_toml_names_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "xgodo.toml").write_bytes(content)
    with pytest.raises(ConfigurationError) as raised:
        config.load(tmp_path)
    assert str(tmp_path.resolve() / "xgodo.toml") in str(raised.value)


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        ("project = 1", "[project]"),
        ("run = []", "[run]"),
        ("[run]\nparameters = 5", "[run.parameters]"),
        ("[run]\nvariables = 'x'", "[run.variables]"),
        ("profiles = 'x'", "[profiles]"),
        ("[profiles]\nstaging = 'id'", "[profiles.staging]"),
        ("[profiles.staging]\nproject = 7", "`project` in [profiles.staging]"),
        ("[project]\nname = 1", "`name` in [project]"),
        ("[project]\nid = 83", "`id` in [project]"),
        ("[project]\nentry = ['main.ts']", "`entry` in [project]"),
        ("[project]\nprofile = true", "`profile` in [project]"),
        ("[run]\ndevice = 3", "`device` in [run]"),
        ("[run]\ndevice = ['a', 1]", "`device` in [run]"),
        ("[run]\nsecrets = 'password'", "`secrets` in [run]"),
        ("[run]\nsecrets = ['password', 1]", "`secrets` in [run]"),
        ("[run]\nsecrets = { password = true }", "`secrets` in [run]"),
        ("[sync]\nexclude = '*.log'", "`exclude` in [sync]"),
        ("[sync]\nexclude = { a = 1 }", "`exclude` in [sync]"),
        ("[sync]\ninclude = '*.json'", "`include` in [sync]"),
        ("[sync]\ninclude = [1]", "`include` in [sync]"),
        ("[run.parameters]\nwhen = 2024-01-01", "`when` in [run.parameters]"),
        ("[run.parameters]\ndeep = [{ at = 10:00:00 }]", "`deep` in [run.parameters]"),
        ("[run.variables]\nlimit = inf", "`limit` in [run.variables]"),
        ("[run.variables]\nlimit = nan", "`limit` in [run.variables]"),
    ],
)
def test_a_setting_of_the_wrong_kind_is_named(tmp_path: Path, text: str, setting: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        config.load(written(tmp_path, text))
    assert setting in str(raised.value)
    assert "xgodo.toml" in str(raised.value)


@pytest.mark.parametrize(
    "entry", ["/etc/passwd", "../main.ts", "src/../../main.ts", "src\\\\main.ts", "C:/main.ts", "C:main.ts"]
)
def test_an_entry_outside_the_project_is_refused(tmp_path: Path, entry: str) -> None:
    with pytest.raises(ConfigurationError, match="`entry`"):
        config.load(written(tmp_path, f'[project]\nentry = "{entry}"'))


@pytest.mark.parametrize("entry", ["main.ts", "src/main.ts", "a..b/main.ts", "./main.ts"])
def test_an_entry_inside_the_project_is_taken(tmp_path: Path, entry: str) -> None:
    assert config.load(written(tmp_path, f'[project]\nentry = "{entry}"')).entry == entry


def test_one_device_may_be_a_plain_text(tmp_path: Path) -> None:
    assert config.load(written(tmp_path, '[run]\ndevice = "Otter"')).devices == ("Otter",)


@pytest.mark.parametrize(
    ("value", "devices"), [("", ()), (" , ", ()), ("a", ("a",)), (" a ,b c,", ("a", "b c"))]
)
def test_devices_of_the_environment_are_parted_by_commas(
    monkeypatch: pytest.MonkeyPatch, value: str, devices: tuple[str, ...]
) -> None:
    monkeypatch.setenv("XGODO_DEVICE", value)
    assert config.devices_from_environment() == devices


@pytest.mark.parametrize(
    ("variables", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": "http://localhost:4318/v1/logs"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://localhost:4318/v1/metrics"}, False),
        ({"OTEL_EXPORTER_OTLP_HEADERS": "a=b"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": " True "}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_SDK_DISABLED": "false"}, True),
    ],
)
def test_a_collector_in_the_environment_asks_for_telemetry(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], wanted: bool
) -> None:
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert config.telemetry_from_environment() is wanted


@pytest.mark.parametrize(
    ("profile", "project_id"), [("staging", "24hex"), ("default", "83ba7359"), ("emulator", "83ba7359")]
)
def test_a_profiles_own_project_id_beats_the_general_one(
    tmp_path: Path, profile: str, project_id: str
) -> None:
    assert config.load(written(tmp_path, FULL)).id_for(profile) == project_id


def test_a_project_without_an_id_says_where_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        config.load(written(tmp_path, '[project]\nid = ""')).id_for("default")
    assert raised.value.hint is not None
    assert "[project]" in raised.value.hint


def bound_by_platform_cli(root: Path, text: str) -> Path:
    (root / ".xgodo").mkdir()
    (root / ".xgodo" / "project.json").write_text(text)
    return root


def test_a_project_of_the_platforms_own_client_is_used_as_it_stands(tmp_path: Path) -> None:
    bound_by_platform_cli(
        tmp_path, '{"id": "68ab", "name": "Notes", "apiUrl": "https://xgodo.com/server", "lastSync": null}'
    )
    (tmp_path / "src").mkdir()
    assert config.load(tmp_path / "src") == Project(
        root=tmp_path.resolve(), name="Notes", project_id="68ab", platform_url="https://xgodo.com"
    )


@pytest.mark.parametrize(
    ("api_url", "platform_url"),
    [
        ("https://xgodo.com", "https://xgodo.com"),
        ("https://xgodo.com/", "https://xgodo.com"),
        ("https://xgodo.com/server/", "https://xgodo.com"),
        ("https://myserver", "https://myserver"),
        ("http://127.0.0.1:8000/under/server", "http://127.0.0.1:8000/under"),
        ("", None),
        ("/server", None),
        (None, None),
        (7, None),
        (["https://xgodo.com"], None),
    ],
)
def test_the_server_of_the_platforms_own_client_is_named_without_its_last_part(
    tmp_path: Path, api_url: object, platform_url: str | None
) -> None:
    bound_by_platform_cli(tmp_path, json.dumps({"id": "68ab", "apiUrl": api_url}))
    assert config.load(tmp_path).platform_url == platform_url


def test_own_settings_name_no_server_of_the_platforms_client(tmp_path: Path) -> None:
    bound_by_platform_cli(tmp_path, '{"id": "68ab", "apiUrl": "https://xgodo.com"}')
    assert config.load(written(tmp_path, "")).platform_url is None


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("[sync]\nincludes = []", "include"),
        ("[projet]\nid = 'x'", "project"),
        ("[run]\nsecret = []", "secrets"),
    ],
)
def test_a_slip_in_a_name_is_told_with_the_name_meant(tmp_path: Path, text: str, near: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Did you mean `{near}`"):
        config.load(written(tmp_path, text))


def test_own_settings_beat_those_of_the_platforms_client(tmp_path: Path) -> None:
    bound_by_platform_cli(tmp_path, '{"id": "68ab"}')
    assert config.load(written(tmp_path, '[project]\nid = "ours"')).project_id == "ours"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"x"', "{}", '{"id": 5}', '{"id": "a", "name": 5}'])
def test_a_damaged_binding_of_the_platforms_client_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"project\.json"):
        config.load(bound_by_platform_cli(tmp_path, text))


def test_a_project_of_the_platforms_client_keeps_its_server_when_it_gets_settings_of_ours(
    tmp_path: Path,
) -> None:
    (tmp_path / ".xgodo").mkdir()
    binding = {"id": "83ba", "name": "Theirs", "apiUrl": "https://xgodo.com/server"}
    (tmp_path / ".xgodo" / "project.json").write_text(json.dumps(binding))
    (tmp_path / "xgodo.toml").write_text('[project]\nid = "83ba"\n')
    assert config.load(tmp_path).platform_url == "https://xgodo.com"
    (tmp_path / "xgodo.toml").write_text('[project]\nid = "another"\n')
    assert config.load(tmp_path).platform_url is None
    (tmp_path / ".xgodo" / "project.json").write_text("damaged")
    (tmp_path / "xgodo.toml").write_text('[project]\nid = "83ba"\n')
    assert config.load(tmp_path).platform_url is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"[run.parameters]\na = {'1' * 6000}",
            "xgodo.toml can't be read: it holds a number of thousands of",
        ),
        (f"[run.parameters]\na = {'[' * 5000}", "xgodo.toml"),
        (f"[run.parameters]\na = [0x{'f' * 6000}]", "a number that is not finite in JavaScript"),
        (f"[run.variables]\na = {'1' * 400}", "a number that is not finite in JavaScript"),
    ],
    ids=["decimal", "nested", "hexadecimal", "hundreds"],
)
def test_a_number_beyond_all_sense_is_an_error_of_the_settings(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        config.load(written(tmp_path, text))

    assert said in str(caught.value)
    assert len(str(caught.value)) < 300 + len(str(tmp_path))


MAPPED = """
[project]
id = "own"
profile = "work"

[profiles.emulator]
project = "local"

[branches."feature/*"]
project = "features"

[branches."feature/big"]
project = "big"
profile = "beta"

[branches.main]
project = "live"
protected = true
"""


@pytest.mark.parametrize(
    ("head", "project_id", "profile"),
    [
        ("ref: refs/heads/main", "live", "work"),
        ("ref: refs/heads/feature/small/one", "features", "work"),
        ("ref: refs/heads/feature/big", "big", "beta"),
        ("ref: refs/heads/other", "own", "work"),
        ("f" * 40, "own", "work"),
        (None, "own", "work"),
    ],
)
def test_a_branch_goes_to_the_project_that_the_settings_map_it_to(
    tmp_path: Path, head: str | None, project_id: str, profile: str
) -> None:
    if head:
        (tmp_path / ".git").mkdir()
        (tmp_path / ".git" / "HEAD").write_text(f"{head}\n")
    project = config.load(written(tmp_path, MAPPED))
    assert (project.id_for("default"), project.profile) == (project_id, profile)
    assert project.id_for("emulator") == "local"
    assert project.takes_committed_files_only("live", "default")
    assert not project.takes_committed_files_only("own", "default")


def test_a_worktree_whose_repository_is_gone_goes_to_no_other_branchs_project(tmp_path: Path) -> None:
    root = written(
        tmp_path, '[project]\nid = "any"\n[branches.x]\nproject = "x"\n[profiles.emulator]\nproject = "local"'
    )
    (root / ".git").write_text("gitdir: /moved/.git/worktrees/x\n")
    project = config.load(root)
    with pytest.raises(ConfigurationError, match=r"/moved/\.git/worktrees/x is not there"):
        project.id_for("default")
    assert project.id_for("emulator") == "local"


def test_it_is_the_project_that_is_protected_whichever_branch_goes_there(tmp_path: Path) -> None:
    text = '[project]\nid = "own"\n[branches.main]\nprotected = true\n[branches.other]\nproject = "own"\n'
    (tmp_path / ".git").mkdir()
    for branch in ("main", "other", "topic"):
        (tmp_path / ".git" / "HEAD").write_text(f"ref: refs/heads/{branch}\n")
        assert config.load(written(tmp_path, text)).takes_committed_files_only("own", "default"), branch
    # An id of hexadecimal digits is the same project however it is written.
    assert config.load(written(tmp_path, text)).takes_committed_files_only("OWN", "default")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[branches.main]\nprotect = true", "Did you mean `protected`"),
        ('[branches.main]\nprotected = "yes"', "must be true or false"),
        ('[branches]\nmain = "live"', r"must be a table, \[branches.main\]"),
    ],
)
def test_a_slip_in_the_mapping_of_branches_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        config.load(written(tmp_path, text))


def test_the_mapping_in_the_guide_means_what_is_said_there(tmp_path: Path) -> None:
    guide = (Path(__file__).parents[2] / "docs" / "git.md").read_text("utf-8")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref: refs/heads/feature/a/b\n")
    project = config.load(written(tmp_path, guide.split("```toml\n")[1].split("```")[0]))
    assert (project.id_for("default")[:8], project.profile) == ("c2f7d8a0", "emulator")
    assert [each.branch for each in project.branches if each.protected] == ["main"]


@pytest.mark.parametrize("name", ["daemon.log", "watch.json"])
def test_a_pipe_in_the_place_of_what_is_kept_of_a_project_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "xgodo.toml").write_text('[project]\nname = "p"\n')
    (tmp_path / ".xgodo").mkdir()
    os.mkfifo(tmp_path / ".xgodo" / name)
    with pytest.raises(ConfigurationError, match=f"{name} is neither a file nor a folder"):
        config.load(tmp_path)
