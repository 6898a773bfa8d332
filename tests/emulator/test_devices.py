"""Whose devices are whose, the market, and what a running automation's token is good for."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from job_board import JobBoard
from platform_api import PlatformApi
from served_emulator import ServedEmulator, serve_in_thread, wait_for

from xgodo_dev.toolchain.tools import Toolchain

NO_CONTEXT = {"error": "Device bucket requires a device context (remote_device_id)"}
NOT_AN_OBJECT = {"error": "Invalid data. Must be a non-null object."}


@dataclass(frozen=True)
class Running:
    """An automation that works on a task of a job until it is stopped."""

    api: PlatformApi
    """What its own token is good for."""
    device: dict[str, Any]


@contextlib.contextmanager
def working_on(device: dict[str, Any], owner: PlatformApi) -> Iterator[Running]:
    """An automation at work on a device, which is that owner's."""
    emulator = owner.emulator
    board, project, device_id = JobBoard(emulator), str(uuid.uuid4()), str(device["remote_device_id"])
    program = """
        await agent.utils.deviceBucket.set({ fromThePhone: true });
        const { token } = agent.info.getAutomationInfo().agent;
        await agent.utils.job.submitTask("running", { token }, false);
        setInterval(() => {}, 1000);
    """
    emulator.write(project, "main.js", program)
    job = board.automate(project)
    board.plan(job, {}, remote_device_id=device_id, run_immediately=True)
    (task,) = wait_for(lambda: board.applicants(job), lambda tasks: bool(tasks[0]["job_proof"]))
    yield Running(PlatformApi(emulator, json.loads(task["job_proof"])["token"]), device)
    owner.post("devices/stopAllAutomations", device_id=device_id)


@pytest.fixture
def at_work(owner: PlatformApi) -> Iterator[Running]:
    """An automation at work on the owner's first device."""
    with working_on(owner.get("devices")[0], owner) as running:
        yield running


def test_everybody_has_a_name_and_devices_of_their_own(owner: PlatformApi, colleague: PlatformApi) -> None:
    assert [api.get("user/me")["user"]["name"] for api in (owner, colleague)] == ["Emulator", "Colleague"]
    mine = [device["name"] for device in owner.get("devices")]
    theirs = [device["name"] for device in colleague.get("devices")]
    assert mine == ["Atomic Mammal", "Dormant Dolphin"]
    assert theirs == ["Borrowed Beaver"]


def test_nothing_is_started_stopped_or_read_on_somebody_elses_device(
    owner: PlatformApi, colleague: PlatformApi
) -> None:
    device = colleague.get("devices")[0]["remote_device_id"]
    launch: dict[str, Any] = {"launch_id": str(uuid.uuid4()), "command": "start", "code": "1"}

    refused = owner.post("devices/launchDirectAutomation", 400, device_id=device, **launch)

    assert refused == {"success": False, "message": "Some devices offline or not found."}
    unknown = {"success": False, "message": "Invalid device_id or device not found"}
    assert owner.post("devices/stopAllAutomations", 400, device_id=device) == unknown
    assert owner.post("devices/automationLogs", 400, device_id=device, automation_ids=["a"]) == unknown
    colleague.post("devices/launchDirectAutomation", device_id=device, **launch)
    colleague.post("devices/stopAllAutomations", device_id=device)


def test_the_market_lists_the_connected_devices_of_everybody_by_country(owner: PlatformApi) -> None:
    by_country = [(each["name"], each["country"]) for each in owner.get("devices/market")]
    assert by_country == [("Borrowed Beaver", "BR"), ("Atomic Mammal", "US")]
    assert owner.get("devices/market", sortDirection="asc") == owner.get("devices/market")
    backwards = owner.get("devices/market", sortDirection="desc")
    assert [each["country"] for each in backwards] == ["US", "BR"]
    assert [each["name"] for each in owner.get("devices/market", country="BR")] == ["Borrowed Beaver"]
    assert owner.get("devices/market", country="XX") == []
    owner.get("devices/market", 400, sortDirection="up")


def test_a_device_is_available_on_the_market_unless_it_works_on_a_task(
    owner: PlatformApi, at_work: Running
) -> None:
    def available() -> dict[str, bool]:
        return {each["name"]: each["isAvailable"] for each in owner.get("devices/market")}

    assert available() == {"Borrowed Beaver": True, "Atomic Mammal": False}
    owner.post("devices/stopAllAutomations", device_id=at_work.device["remote_device_id"])
    wait_for(available, lambda found: found["Atomic Mammal"])


def test_a_running_automation_is_told_its_devices_number_and_an_account_is_not(
    owner: PlatformApi, at_work: Running
) -> None:
    assert at_work.api.get("devices/verified-phone-number") == {"phoneNumber": "+14155550123"}
    refused = owner.get("devices/verified-phone-number", 400)
    assert refused == {"success": False, "message": "Token is not bound to a device"}


def test_the_number_is_null_where_none_is_verified_and_not_found_where_the_device_is_gone(
    colleague: PlatformApi, emulator: ServedEmulator
) -> None:
    with working_on(colleague.get("devices")[0], colleague) as running:
        assert running.api.get("devices/verified-phone-number") == {"phoneNumber": None}

    with contextlib.closing(sqlite3.connect(emulator.data / "platform.db")) as database, database:
        row = ("token of a device that is gone", "account", str(uuid.uuid4()), "task")
        database.execute("INSERT INTO agent_tokens VALUES (?, ?, ?, ?)", row)
    gone = PlatformApi(emulator, row[0]).get("devices/verified-phone-number", 404)
    assert gone == {"success": False, "message": "Device not found"}


def test_a_running_automation_and_its_account_share_the_bucket_of_the_device(
    owner: PlatformApi, at_work: Running
) -> None:
    device = at_work.device["remote_device_id"]
    named = owner.post("device-bucket", remote_device_id=device.upper())
    assert named["deviceBucket"]["fromThePhone"] is True
    # A body may be left out where there is nothing to say in it.
    assert at_work.api.ask("POST", "device-bucket") == at_work.api.post("device-bucket") == named

    merged = at_work.api.post("device-bucket/set", data={"fromThePhone": False, "account": {"a": 1}})
    assert merged["success"] is True
    again = owner.post("device-bucket/set", remote_device_id=device, data={"account": {"b": 2}})

    assert again["deviceBucket"] == merged["deviceBucket"] | {"account": {"b": 2}}
    assert again["deviceBucket"]["fromThePhone"] is False
    assert at_work.api.post("device-bucket")["deviceBucket"] == again["deviceBucket"]


def test_a_token_is_worth_nothing_once_its_automation_has_ended(owner: PlatformApi, at_work: Running) -> None:
    owner.post("devices/stopAllAutomations", device_id=at_work.device["remote_device_id"])
    wait_for(lambda: at_work.api.request("POST", "device-bucket").status_code, lambda status: status == 401)


def test_the_bucket_of_a_device_is_empty_at_first_and_asks_for_one_of_ones_own(
    owner: PlatformApi, colleague: PlatformApi
) -> None:
    *_, offline = owner.get("devices")
    unused = {"remote_device_id": offline["remote_device_id"]}
    assert owner.post("device-bucket", **unused) == {"deviceBucket": {}}
    theirs = colleague.get("devices")[0]["remote_device_id"]
    before = colleague.post("device-bucket", remote_device_id=theirs)
    assert owner.post("device-bucket", 400) == NO_CONTEXT
    assert owner.post("device-bucket/set", 400, data={}) == NO_CONTEXT
    for device in (theirs, str(uuid.uuid4())):
        owner.post("device-bucket", 403, remote_device_id=device)
        owner.post("device-bucket/set", 403, remote_device_id=device, data={"a": 1})
    owner.post("device-bucket", 400, remote_device_id="phone")
    assert colleague.post("device-bucket", remote_device_id=theirs) == before


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": []}, {"data": "text"}])
def test_only_an_object_is_merged_into_the_bucket_of_a_device(
    owner: PlatformApi, emulator: ServedEmulator, body: dict[str, object]
) -> None:
    refused = owner.post("device-bucket/set", 400, remote_device_id=emulator.device_id(), **body)
    assert refused == NOT_AN_OBJECT


def test_what_an_account_has_outlives_the_emulator(toolchain: Toolchain, tmp_path: Path) -> None:
    with serve_in_thread(tmp_path) as served:
        api, device = PlatformApi(served, served.record.token), served.device_id()
        api.post("payments/withdraw", amount=10, wallet_address="0xabc")
        made = api.post("devices/connections/create", device_id=device)["connection"]
        api.post("device-bucket/set", remote_device_id=device, data={"kept": True})
        upload = api.ask("POST", "files/upload", files={"file": ("a.txt", b"kept")})["data"]
        active = api.get("user/balance")["active_balance"]

    with serve_in_thread(tmp_path) as served:
        api = PlatformApi(served, served.record.token)
        assert api.get("user/balance")["active_balance"] == active
        assert api.get("payments/withdrawals")["total_count"] == 1
        assert api.post("devices/connections/list")["connections"] == [made]
        assert api.post("device-bucket", remote_device_id=device)["deviceBucket"] == {"kept": True}
        assert api.request("GET", f"files/temp/{upload['filename']}").content == b"kept"
