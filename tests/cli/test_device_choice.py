"""Which devices a command takes: those named, else those of last time, else the only one; never a guess."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import click
import pytest

from tests.scripted_server import TOKEN, Answer, Request, json_answer, scripted_server
from tests.sync.remote_project import PROJECT
from xgodo_dev.cli import workspace
from xgodo_dev.cli.device_choice import devices_to_run_on
from xgodo_dev.cli.invocation import Invocation
from xgodo_dev.errors import DeviceOffline, UsageError

SETTINGS = f'[project]\nid = "{PROJECT}"\n'
ALL_ONLINE = " `-d @online` is all of them."


def record(name: str, *, online: bool = True) -> dict[str, Any]:
    return {"remote_device_id": f"id-{name.split()[0].lower()}", "name": name, "online": online}


class Chooser:
    """A project's folder, and the phones that its server lists, which a test changes."""

    def __init__(self, root: Path, url: str, said: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.url = url
        self.phones = [
            record("Atomic Mammal"),
            record("Silent Otter"),
            record("Dormant Dolphin", online=False),
        ]
        self._said = said

    async def handle(self, request: Request) -> Answer:
        # Nothing else is asked of the server before everything is known to be right.
        assert (request.method, request.path) == ("GET", "/api/v2/devices")
        return json_answer({"success": True, "devices": self.phones})

    async def takes(self, *wanted: str, remembering: bool = True, **options: Any) -> list[str]:
        """The names of the devices that a command with these options takes, as a process of its own."""
        given = Invocation(directory=str(self.root), api_url=self.url, **options)
        with click.Context(click.Command("run"), obj=given):
            async with workspace.open_workspace() as opened:
                taken = await devices_to_run_on(opened, wanted, remembering=remembering)
        return [device.name for device in taken]

    async def refuses(self, *wanted: str, error: type[UsageError | DeviceOffline] = UsageError) -> str:
        """What it is told with that no device is taken."""
        with pytest.raises(error) as raised:
            await self.takes(*wanted)
        return raised.value.with_hint()

    def said(self) -> str:
        """What was said since this was asked last."""
        return self._said.readouterr().err

    @property
    def state(self) -> sqlite3.Connection:
        return sqlite3.connect(self.root / ".xgodo" / "state.db")


@asynccontextmanager
async def chooser_of(root: Path, said: pytest.CaptureFixture[str]) -> AsyncIterator[Chooser]:
    async with scripted_server() as server:
        chooser = Chooser(root, server.url, said)
        server.handler = chooser.handle
        yield chooser


@pytest.fixture
async def chooser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> AsyncIterator[Chooser]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XGODO_TOKEN", TOKEN)
    monkeypatch.delenv("XGODO_DEVICE", raising=False)
    (tmp_path / "xgodo.toml").write_text(SETTINGS, encoding="utf-8")
    async with chooser_of(tmp_path, capsys) as made:
        yield made


async def test_the_option_beats_the_environment_that_beats_the_settings_that_beat_the_last_choice(
    chooser: Chooser, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await chooser.takes("silent") == ["Silent Otter"]
    settings = chooser.root / "xgodo.toml"
    settings.write_text(f'{SETTINGS}\n[run]\ndevice = "by-settings"\n', encoding="utf-8")
    assert "'by-settings'" in await chooser.refuses()
    monkeypatch.setenv("XGODO_DEVICE", "by-environment")
    assert "'by-environment'" in await chooser.refuses()
    assert "'by-option'" in await chooser.refuses("by-option")
    monkeypatch.delenv("XGODO_DEVICE")
    settings.write_text(SETTINGS, encoding="utf-8")
    assert chooser.said() == ""
    assert await chooser.takes() == ["Silent Otter"]
    assert chooser.said() == "On Silent Otter, as last time; `-d` chooses another.\n"


async def test_only_what_names_devices_and_is_right_is_remembered(
    chooser: Chooser, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await chooser.refuses()
    assert told.startswith("Several devices are online, and none was chosen.")
    assert told.endswith(f"Name one with `-d`: Atomic Mammal, Silent Otter.{ALL_ONLINE}")
    await chooser.takes("@online")
    await chooser.takes("Atomic", remembering=False)
    await chooser.refuses("Atomic", "zzz")
    await chooser.refuses("Atomic", "dormant", error=DeviceOffline)
    monkeypatch.setenv("XGODO_DEVICE", "Atomic")
    assert await chooser.takes() == ["Atomic Mammal"]
    monkeypatch.delenv("XGODO_DEVICE")
    await chooser.refuses()
    await chooser.takes("id-silent")
    # It is the phone that is remembered, not what it is called.
    chooser.phones[1]["name"] = "Loud Otter"
    assert await chooser.takes() == ["Loud Otter"]


async def test_the_last_choice_is_not_spoken_of_where_only_results_are_wanted(chooser: Chooser) -> None:
    await chooser.takes("Atomic")
    assert await chooser.takes(quiet=True) == await chooser.takes(json=True) == ["Atomic Mammal"]
    assert chooser.said() == ""


async def test_several_phones_are_remembered_together_in_the_order_they_were_named(chooser: Chooser) -> None:
    chooser.phones.append(record("Gentle Heron"))
    await chooser.takes("Silent", "Atomic")
    assert await chooser.takes() == ["Silent Otter", "Atomic Mammal"]
    assert chooser.said() == "On Silent Otter, Atomic Mammal, as last time; `-d` chooses others.\n"


async def test_what_would_be_chosen_anyway_is_not_spoken_of(chooser: Chooser) -> None:
    del chooser.phones[1]
    assert (
        await chooser.takes() == await chooser.takes("Atomic") == await chooser.takes() == ["Atomic Mammal"]
    )
    assert chooser.said() == ""


async def test_another_server_has_other_phones(chooser: Chooser, capsys: pytest.CaptureFixture[str]) -> None:
    await chooser.takes("Atomic")
    async with chooser_of(chooser.root, capsys) as elsewhere:
        await elsewhere.refuses()
    assert await chooser.takes() == ["Atomic Mammal"]


async def test_a_phone_that_is_gone_is_forgotten_without_a_word(chooser: Chooser) -> None:
    await chooser.takes("Atomic")
    gone = chooser.phones.pop(0)
    chooser.phones.append(record("Gentle Heron"))
    told = await chooser.refuses()
    assert told.endswith(f"Name one with `-d`: Gentle Heron, Silent Otter.{ALL_ONLINE}")
    # Somebody else may have it in between.
    chooser.phones.append(gone)
    await chooser.refuses()


@pytest.mark.parametrize(
    ("online", "offered"),
    [(["Silent Otter"], "Online: Silent Otter."), ([], "no device is online now.")],
)
async def test_no_other_phone_takes_the_place_of_one_that_is_offline_without_a_word(
    chooser: Chooser, online: list[str], offered: str
) -> None:
    await chooser.takes("Atomic")
    for phone in chooser.phones:
        phone["online"] = phone["name"] in online
    told = await chooser.refuses(error=DeviceOffline)
    assert told.startswith("Not connected: Atomic Mammal, chosen last time.")
    assert told.endswith(offered)
    chooser.phones[0]["online"] = chooser.phones[1]["online"] = True
    assert await chooser.takes() == ["Atomic Mammal"]


async def test_a_choice_that_can_not_be_remembered_goes_on(chooser: Chooser) -> None:
    await chooser.refuses()
    with closing(chooser.state) as state:
        state.execute(
            "CREATE TRIGGER full BEFORE INSERT ON fact WHEN NEW.name = 'chosen-devices' "
            "BEGIN SELECT RAISE(FAIL, 'no room'); END"
        )
    assert await chooser.takes("Atomic") == ["Atomic Mammal"]
    assert "Next time the device has to be chosen again" in chooser.said()


@pytest.mark.parametrize("value", ["id-atomic", "[[1], 2]", "7"])
async def test_what_another_version_remembered_otherwise_is_as_nothing(chooser: Chooser, value: str) -> None:
    await chooser.takes("Atomic")
    with closing(chooser.state) as state, state:
        changed = state.execute("UPDATE fact SET value = ? WHERE name = 'chosen-devices'", (value,))
        assert changed.rowcount == 1
    await chooser.refuses()
