from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from xgodo_dev import places
from xgodo_dev.errors import ConfigurationError, UsageError
from xgodo_dev.platform import profiles
from xgodo_dev.platform.credentials import resolve

URL = "https://platform.example"
pytestmark = pytest.mark.usefixtures("own_home")


def test_profiles_made_at_once_are_all_kept() -> None:
    names = [f"p{number}" for number in range(20)]
    with ThreadPoolExecutor() as pool:
        for each in [pool.submit(profiles.add, name, URL) for name in names]:
            each.result(20)
    assert set(profiles.load().addresses) == set(names)


def test_a_profile_stays_at_its_server() -> None:
    profiles.add("work", URL)
    profiles.add("work", URL)
    with pytest.raises(UsageError, match=f"is for {URL}, not for https://other"):
        profiles.add("work", "https://other.example")
    assert resolve("work").api_url == URL


def test_a_removed_profile_is_used_no_more() -> None:
    profiles.add("work", URL)
    profiles.use("work")
    profiles.remove("work")
    assert profiles.load() == profiles.Profiles({})


@pytest.mark.parametrize("name", ["default", "emulator", "", "a b", "../work", "wörk", "w" * 65])
def test_what_a_profile_can_not_be_called_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        profiles.add(name, URL)


def test_those_that_are_there_always_are_not_removed_but_may_be_used() -> None:
    with pytest.raises(UsageError):
        profiles.remove("default")
    profiles.use("emulator")
    assert profiles.load().in_use == "emulator"
    with pytest.raises(ConfigurationError, match="no profile 'work'"):
        profiles.use("work")
    with pytest.raises(ConfigurationError, match="no profile 'work'"):
        profiles.remove("work")


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"work": {"api_url": "https://a.example"}}',
        '{"profiles": []}',
        '{"profiles": {"work": "https://a.example"}}',
        '{"profiles": {"work": {"api_url": 1}}}',
        '{"profiles": {}, "in_use": "work"}',
        '{"profiles": {}, "in_use": 1}',
    ],
)
def test_a_file_that_is_damaged_or_somebody_elses_is_named_and_stays(content: str) -> None:
    file = places.config_directory() / "profiles.json"
    file.parent.mkdir(parents=True)
    file.write_text(content)
    for use in (resolve, lambda: profiles.add("new", URL)):
        with pytest.raises(ConfigurationError, match=r"profiles\.json is damaged"):
            use()
    assert file.read_text() == content


def test_what_was_written_by_hand_may_end_with_a_slash() -> None:
    file = places.config_directory() / "profiles.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"profiles": {"work": {"api_url": f"{URL}/"}}}))
    assert resolve("work").token_key == f"work {URL}"
