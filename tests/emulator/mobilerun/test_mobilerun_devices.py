"""Devices of Mobilerun over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from emulated_mobilerun import MODEL, Mobilerun, OpenAccount
from served_emulator import ServedEmulator, list_of, wait_for

from xgodo_dev.emulator.clock import Clock
from xgodo_dev.emulator.mobilerun.device_store import DEVICE_SLOTS
from xgodo_dev.emulator.mobilerun.refusals import NotReadyInTime
from xgodo_dev.emulator.timestamps import read, written


@pytest.fixture
def three_devices(mobilerun: Mobilerun) -> Iterator[list[str]]:
    """Cloud devices of different providers and types, the oldest first."""
    queries = (
        "provider=limrun",
        "provider=roidrun",
        "provider=physical&deviceType=dedicated_physical_device",
    )
    ids = [str(mobilerun.post(f"devices?{query}")["id"]) for query in queries]
    yield ids
    for device_id in ids:
        mobilerun.terminate(device_id)


def ids_of(answer: dict[str, object], *among: str) -> list[str]:
    """The ids on a page, those of a test's own if it names any."""
    ids = [str(item["id"]) for item in list_of(answer["items"])]
    return [each for each in ids if each in among] if among else ids


def test_a_provisioned_device_becomes_ready_while_one_waits(mobilerun: Mobilerun) -> None:
    asked = {"name": "my-device", "apps": ["com.example.app"], "files": [], "country": "DE"}
    created = mobilerun.post("devices", **asked)
    path = f"devices/{created['id']}"
    try:
        assert created.items() >= {**asked, "state": "creating", "assignedAt": None, "taskCount": 0}.items()

        ready = mobilerun.get(f"{path}/wait")

        assert ready.items() >= {**asked, "state": "ready", "stateMessage": "device ready"}.items()
        assert str(created["createdAt"]) < str(ready["assignedAt"]) < str(ready["updatedAt"])
        assert mobilerun.get(path) == ready
        assert mobilerun.get("devices/count").items() >= {"ready": 2, "disconnected": 1}.items()
        assert ids_of(mobilerun.get("devices"))[0] == created["id"]
    finally:
        mobilerun.terminate(str(created["id"]))


def test_no_more_devices_are_provisioned_than_the_plan_has_slots_for(mobilerun: Mobilerun) -> None:
    taken = list_of(mobilerun.get("devices", pageSize=100)["items"])
    slots = DEVICE_SLOTS - sum(item["provider"] != "personal" for item in taken)
    devices = [mobilerun.provision() for _ in range(slots)]
    try:
        assert mobilerun.post("devices", 403) == {"detail": "device_slot limit reached"}
        refused = mobilerun.post("tasks", 403, task="Open Chrome", llmModel=MODEL)
        assert refused == {"detail": "device_slot limit reached"}

        mobilerun.terminate(devices.pop())
        devices.append(mobilerun.provision())
    finally:
        for device_id in devices:
            mobilerun.terminate(device_id)


@pytest.mark.parametrize(
    "query", ["state=ready&state=creating&state=assigned", "state=ready,creating,assigned"]
)
def test_states_to_list_are_repeated_or_parted_by_commas(
    mobilerun: Mobilerun, device: str, query: str
) -> None:
    created = mobilerun.provision()
    try:
        found = mobilerun.get(f"devices?{query}")
        assert ids_of(found, device, created, mobilerun.phone("disconnected")) == [created, device]
    finally:
        mobilerun.terminate(created)


def test_devices_are_listed_by_provider_and_type(mobilerun: Mobilerun, three_devices: list[str]) -> None:
    def found(**query: object) -> list[str]:
        return ids_of(mobilerun.get("devices", **query), *three_devices)

    limrun, roidrun, remote = three_devices
    assert found(provider="limrun") == [limrun]
    assert found(provider="remote") == [remote]
    assert found(type="device_slot") == [roidrun, limrun]
    assert found(type="dedicated_physical_device", provider="roidrun") == []
    assert found(provider="personal") == []


@pytest.mark.parametrize("order_by", ["id", "createdAt", "updatedAt", "assignedAt"])
def test_devices_are_listed_in_the_order_asked_for(
    mobilerun: Mobilerun, three_devices: list[str], order_by: str
) -> None:
    for device_id in three_devices:
        mobilerun.get(f"devices/{device_id}/wait")
    ascending, descending = (
        ids_of(mobilerun.get("devices", orderBy=order_by, orderByDirection=direction), *three_devices)
        for direction in ("asc", "desc")
    )

    assert ascending == (sorted(three_devices) if order_by == "id" else three_devices)
    assert descending == ascending[::-1]


def test_pages_of_devices_put_together_are_all_of_them(
    mobilerun: Mobilerun, three_devices: list[str]
) -> None:
    whole = mobilerun.get("devices", pageSize=100)
    pages = [mobilerun.get("devices", page=number, pageSize=2) for number in (1, 2, 3)]

    assert [ids_of(page) for page in pages] == [ids_of(whole)[:2], ids_of(whole)[2:4], ids_of(whole)[4:6]]
    total = len(ids_of(whole))
    assert pages[1]["pagination"] == {
        "hasNext": total > 4,
        "hasPrev": True,
        "page": 2,
        "pages": -(-total // 2),
        "pageSize": 2,
        "total": total,
    }


def test_a_terminated_device_is_listed_only_where_it_is_asked_for(mobilerun: Mobilerun) -> None:
    device_id = mobilerun.provision()
    mobilerun.terminate(device_id)
    # Sent again, as it is after an answer that was lost.
    mobilerun.terminate(device_id)

    assert mobilerun.get(f"devices/{device_id}")["state"] == "terminated"
    assert device_id not in ids_of(mobilerun.get("devices", pageSize=100))
    assert device_id in ids_of(mobilerun.get("devices", state="terminated", pageSize=1000))
    assert mobilerun.get(f"devices/{device_id}/wait", 409) == {"detail": "Device is terminated"}


def test_a_device_is_terminated_at_the_time_that_was_set(
    emulator: ServedEmulator, mobilerun: Mobilerun, device: str
) -> None:
    path = f"devices/{device}"
    # By the emulator's clock, which other tests may have moved.
    moment = written(read(str(mobilerun.get(path)["createdAt"])) + 3600)

    answer = mobilerun.client.request("DELETE", path, json={"terminateAt": moment, "previousDeviceId": "x"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert mobilerun.get(path).items() >= {"state": "ready", "terminatesAt": moment}.items()
    emulator.client.post("/_emulator/clock", json={"seconds": 3600})
    assert mobilerun.get(path)["state"] == "terminated"


@pytest.mark.parametrize("moment", ["soon", 17, "2026-13-01T00:00:00Z"])
def test_a_device_is_not_terminated_at_what_is_no_moment(
    mobilerun: Mobilerun, device: str, moment: object
) -> None:
    answer = mobilerun.client.request("DELETE", f"devices/{device}", json={"terminateAt": moment})

    assert answer.status_code == 400
    assert "terminateAt" in answer.json()["detail"]
    assert mobilerun.get(f"devices/{device}")["terminatesAt"] is None


def test_a_personal_phone_is_not_terminated(mobilerun: Mobilerun) -> None:
    phone = mobilerun.phone()

    answer = mobilerun.client.request("DELETE", f"devices/{phone}", json={})

    assert answer.status_code == 403
    assert answer.json() == {"detail": "Personal devices cannot be terminated via the API"}
    assert mobilerun.get(f"devices/{phone}/wait")["state"] == "ready"


@pytest.mark.parametrize("path", ["", "/wait", "/tasks"])
def test_a_device_that_nobody_has_is_not_found(mobilerun: Mobilerun, path: str) -> None:
    assert mobilerun.get(f"devices/nobody{path}", 404) == {"detail": "Device not found"}
    assert mobilerun.client.request("DELETE", "devices/nobody").status_code == 404


@pytest.mark.parametrize(
    "query", ["state=sleeping", "provider=me", "type=x", "page=0", "pageSize=0", "orderBy=name", "page=one"]
)
def test_a_filter_that_is_not_documented_is_refused(mobilerun: Mobilerun, query: str) -> None:
    assert query.partition("=")[0] in str(mobilerun.get(f"devices?{query}", 400)["detail"])


def test_only_the_key_of_mobilerun_opens_it(emulator: ServedEmulator, mobilerun: Mobilerun) -> None:
    address = f"{emulator.record.url}/mobilerun/v1/devices"

    assert emulator.record.mobilerun_key.startswith("dr_sk_")
    refused = emulator.client.get(address)
    assert refused.status_code == 401
    assert set(refused.json()) == {"detail"}
    assert emulator.client.get("/api/v2/devices", headers=mobilerun.client.headers).status_code == 401


def test_what_is_not_there_is_answered_as_json(mobilerun: Mobilerun) -> None:
    missing, wrong = mobilerun.client.get("nothing"), mobilerun.client.put("devices", json={})
    elsewhere = mobilerun.client.put("devices/count", json={})

    assert (missing.status_code, missing.json()) == (404, {"detail": "Not Found"})
    assert (wrong.status_code, wrong.json()) == (405, {"detail": "Method Not Allowed"})
    assert (wrong.headers["allow"], elsewhere.headers["allow"]) == ("GET, HEAD, POST", "GET, HEAD")


async def test_waiting_for_a_device_has_an_end(open_account: OpenAccount) -> None:
    async with open_account() as account:
        (phone,) = account.devices.in_states(["disconnected"])
        with pytest.raises(NotReadyInTime):
            await account.devices.ready(phone.id, seconds=0.01)


async def test_devices_are_there_after_a_restart_and_went_on_meanwhile(
    open_account: OpenAccount, clock: Clock
) -> None:
    async with open_account() as account:
        device = account.devices.provision(name="kept")
        before = account.devices.all()
    clock.advance(1)
    async with open_account() as account:
        assert account.devices.all() == before
        assert (await account.devices.ready(device.id)).name == "kept"
        account.devices.terminate(device.id, clock.now() + 60)
        clock.advance(60)
        assert account.devices.counts() == {"disconnected": 1, "ready": 1, "terminated": 1}


def test_a_device_tells_which_task_it_works_on_and_which_it_had(mobilerun: Mobilerun, device: str) -> None:
    path = f"devices/{device}"
    first = mobilerun.run("wait", deviceId=device)
    mobilerun.until(first, "running")
    second = mobilerun.run("Open Chrome", deviceId=device)

    assert mobilerun.get(path).items() >= {"taskCount": 2, "activeTaskId": first}.items()
    assert mobilerun.status(second) == "created"
    mobilerun.post(f"tasks/{first}/cancel")
    mobilerun.until(second, "completed")
    assert mobilerun.get(path)["activeTaskId"] == ""

    for order_by in ("createdAt", "updatedAt", "assignedAt"):
        items = list_of(mobilerun.get(f"{path}/tasks", orderBy=order_by)["items"])
        assert [item["taskId"] for item in items] == [second, first]
    one = mobilerun.get(f"{path}/tasks", page=2, pageSize=1, orderByDirection="asc")
    assert [item["taskId"] for item in list_of(one["items"])] == [second]
    assert mobilerun.get(f"{path}/tasks", 400, orderBy="task")


def test_what_is_on_a_device_that_is_terminated_fails(mobilerun: Mobilerun) -> None:
    device_id = mobilerun.provision()
    running, waiting = (mobilerun.run("wait", deviceId=device_id) for _ in range(2))
    mobilerun.until(running, "running")

    mobilerun.terminate(device_id)

    for task_id in (running, waiting):
        assert mobilerun.until(task_id, "failed")["message"] == "The device was terminated"
    refused = mobilerun.post("tasks", 409, task="x", llmModel=MODEL, deviceId=device_id)
    assert refused == {"detail": "Device is terminated"}
    wait_for(lambda: mobilerun.get(f"devices/{device_id}")["activeTaskId"], lambda active: active == "")
