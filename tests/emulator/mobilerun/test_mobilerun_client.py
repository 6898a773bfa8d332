"""The generated Python client against the emulated Mobilerun: every method, and typed refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from emulated_mobilerun import MODEL
from served_emulator import ServedEmulator

from xgodo_dev.errors import ApiError, NotFound
from xgodo_dev.platform.clients import Mobilerun
from xgodo_dev.platform.credentials import Server


@pytest.fixture
async def client(emulator: ServedEmulator) -> AsyncIterator[Mobilerun]:
    """The client, with the emulator's key."""
    url = f"{emulator.record.url}/mobilerun/v1"
    async with Mobilerun(Server("test", url, "test", emulator.record.mobilerun_key)) as mobilerun:
        yield mobilerun


async def phone(client: Mobilerun) -> str:
    """The id of the personal phone that is connected."""
    (device,) = (await client.devices.list(provider="personal", state=["ready"]))["items"]
    return device["id"]


async def test_a_device_is_provisioned_found_and_terminated(client: Mobilerun) -> None:
    created = await client.devices.provision(
        name="mine", country="US", apps=["com.example.app"], device_type="device_slot", provider="limrun"
    )
    device_id = created["id"]
    try:
        assert (await client.devices.wait(device_id=device_id))["state"] == "ready"
        assert (await client.devices.get(device_id=device_id))["apps"] == ["com.example.app"]
        assert (await client.devices.count())["ready"] >= 2
        assert device_id in [each["id"] async for each in client.devices.iter_list(page_size=1)]
        assert (await client.devices.tasks(device_id=device_id))["items"] == []
    finally:
        await client.devices.terminate(device_id=device_id)
    assert device_id not in [each["id"] async for each in client.devices.iter_list()]

    with pytest.raises(NotFound, match="Device not found"):
        await client.devices.get(device_id="nobody")
    with pytest.raises(ApiError, match="Personal devices cannot be terminated") as refused:
        await client.devices.terminate(device_id=await phone(client))
    assert refused.value.status == 403


async def test_a_task_is_run_followed_and_looked_at(client: Mobilerun) -> None:
    device_id = await phone(client)
    run = await client.tasks.run(task="Open Chrome", llm_model=MODEL, device_id=device_id, reasoning=False)
    task_id = run["id"]

    attached = [event async for event in client.tasks.attach(task_id=task_id)]

    assert attached == (await client.tasks.trajectory(task_id=task_id))["trajectory"]
    assert (await client.tasks.status(task_id=task_id))["status"] == "completed"
    assert (await client.tasks.get(task_id=task_id))["task"]["steps"] == 3
    shots = (await client.tasks.screenshots(task_id=task_id))["urls"]
    assert (await client.tasks.screenshot(task_id=task_id, index=1))["url"] == shots[1]
    states = (await client.tasks.ui_states(task_id=task_id))["urls"]
    assert (await client.tasks.ui_state(task_id=task_id, index=2))["url"] == states[2]
    newest = await anext(client.tasks.iter_list(query="open chrome", status="completed"))
    assert newest["id"] == task_id
    assert (await anext(client.devices.iter_tasks(device_id=device_id)))["taskId"] == task_id


async def test_a_streamed_task_is_cancelled(client: Mobilerun) -> None:
    device_id, events = await phone(client), []
    async for event in client.tasks.stream(task="wait", llm_model=MODEL, device_id=device_id):
        events.append(event)
        if event["event"] == "StartEvent":
            assert await client.tasks.cancel(task_id=events[0]["data"]["id"]) == {"cancelled": True}

    names = [event["event"] for event in events]
    assert (names[:2], names[-1]) == (["CreatedEvent", "StartEvent"], "CancelEvent")


async def test_webhooks_apps_models_and_feedback_are_reached(client: Mobilerun) -> None:
    made = await client.hooks.subscribe(target_url="https://example.com/", events=["failed"], service="n8n")
    hook_id = made["id"]
    assert (await anext(client.hooks.iter_list()))["id"] == hook_id
    assert (await client.hooks.list(page_size=1))["items"][0]["service"] == "n8n"
    assert (await client.hooks.edit(hook_id=hook_id, state="disabled"))["events"] == ["failed"]
    assert (await client.hooks.get(hook_id=hook_id))["state"] == "disabled"
    assert (await client.hooks.unsubscribe(hook_id=hook_id))["unsubscribed"]

    assert len([app async for app in client.apps.iter_list(source="store", page_size=4)]) == 10
    assert MODEL in [model["id"] for model in (await client.models.list())["data"]]
    answer = await client.feedback.submit(title="Great", feedback="It worked perfectly.", rating=5)
    assert answer == {"success": True}
