"""Mobilerun's official Python SDK, unmodified, against the emulator.

Its answers are validated strictly against the SDK's own types, so that a member it relies on can't be
missing. It has no feedback, and knows webhooks by other endpoints than the documentation has.
"""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from emulated_mobilerun import MODEL
from mobilerun_sdk import ConflictError, Mobilerun, NotFoundError, PermissionDeniedError, Stream
from mobilerun_sdk.types import TaskGetTrajectoryResponse, TaskRetrieveResponse
from served_emulator import DEADLINE, ServedEmulator, wait_for

from xgodo_dev.emulator.mobilerun.device_store import DEVICE_SLOTS
from xgodo_dev.emulator.mobilerun.tasks import KEEP_ALIVE


@pytest.fixture(scope="module")
def sdk(emulator: ServedEmulator) -> Iterator[Mobilerun]:
    """The SDK's client, as a person would make it."""
    with Mobilerun(
        api_key=emulator.record.mobilerun_key,
        base_url=f"{emulator.record.url}/mobilerun/v1",
        timeout=DEADLINE,
        max_retries=0,
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture
def device(sdk: Mobilerun) -> Iterator[str]:
    """The id of a ready cloud device."""
    device_id = sdk.devices.create(name="sdk", device_type="android_cloud_phone").id
    sdk.devices.wait_ready(device_id)
    yield device_id
    sdk.devices.terminate(device_id)


def finished(sdk: Mobilerun, task_id: str) -> TaskRetrieveResponse:
    """The task, when it has ended."""
    wait_for(
        lambda: sdk.tasks.get_status(task_id).status, lambda status: status not in ("created", "running")
    )
    return sdk.tasks.retrieve(task_id)


def test_it_lists_provisions_waits_for_and_terminates_devices(sdk: Mobilerun) -> None:
    created = sdk.devices.create(
        name="by sdk", apps=["com.example.app"], body_country="US", device_type="android_cloud_phone"
    )
    assert (created.name, created.state, created.assigned_at) == ("by sdk", "creating", None)

    ready = sdk.devices.wait_ready(created.id)
    assert (ready.state, ready.platform, ready.type) == ("ready", "android", "android_cloud_phone")
    listed = sdk.devices.list(
        state=["ready", "assigned"], type="android_cloud_phone", order_by="createdAt", page_size=5
    )
    assert listed.items is not None
    assert listed.items[0].id == created.id
    assert (listed.pagination.page, listed.pagination.has_prev) == (1, False)
    with pytest.deprecated_call():
        assert sdk.devices.count()["ready"] >= 2

    sdk.devices.terminate(created.id)
    assert sdk.devices.retrieve(created.id).state == "terminated"
    with pytest.raises(ConflictError):
        sdk.devices.wait_ready(created.id)
    with pytest.raises(NotFoundError):
        sdk.devices.retrieve("nobody")


def test_it_is_told_that_there_is_no_slot_left(sdk: Mobilerun) -> None:
    devices: list[str] = []
    try:
        with pytest.raises(PermissionDeniedError) as refused:
            devices.extend(sdk.devices.create().id for _ in range(DEVICE_SLOTS + 1))
        assert refused.value.body == {"detail": "device_slot limit reached"}
    finally:
        for device_id in devices:
            sdk.devices.terminate(device_id)


def test_it_runs_a_task_and_reads_all_about_it(sdk: Mobilerun, device: str) -> None:
    run = sdk.tasks.run(device_id=device, task="Open Chrome by SDK", llm_model=MODEL, humanize=True)
    task = finished(sdk, run.id).task

    assert (task.status, task.succeeded, task.steps) == ("completed", True, 3)
    assert sdk.tasks.get_status(run.id).message == "Done: Open Chrome by SDK"
    found = sdk.tasks.list(query="chrome by sdk", status="completed", order_by_direction="asc")
    assert run.id in [item.id for item in found.items]
    of_device = sdk.devices.tasks.list(device, order_by="createdAt")
    assert of_device.items is not None
    assert [item.task_id for item in of_device.items] == [run.id]

    trajectory = sdk.tasks.get_trajectory(run.id).trajectory
    kinds = [type(event).__name__ for event in trajectory]
    assert "TrajectoryTrajectoryUnknownEvent" not in kinds
    assert trajectory[-1].event == "ResultEvent"
    shots = sdk.tasks.screenshots.list(run.id).urls
    states = sdk.tasks.ui_states.list(run.id).urls
    assert sdk.tasks.screenshots.retrieve(0, task_id=run.id).url == shots[0]
    assert sdk.tasks.ui_states.retrieve(2, task_id=run.id).url == states[2]
    assert httpx.get(shots[0], trust_env=False).content.startswith(b"\x89PNG")
    assert "a11y_tree" in httpx.get(states[2], trust_env=False).json()


def test_it_streams_a_task(sdk: Mobilerun, device: str) -> None:
    with sdk.tasks.with_streaming_response.run_streamed(
        device_id=device, task="Open Chrome", llm_model=MODEL, reasoning=False
    ) as response:
        stream = Stream[object](cast_to=object, response=response.http_response, client=sdk)
        events = list(stream)

    read = TaskGetTrajectoryResponse.model_validate({"trajectory": events})
    created, *_, result = read.trajectory
    assert (created.event, result.event) == ("CreatedEvent", "ResultEvent")
    assert read == sdk.tasks.get_trajectory(created.data.id)


def test_it_cancels_a_task_and_attaches_to_it(sdk: Mobilerun, device: str) -> None:
    run = sdk.tasks.run(device_id=device, task="wait", llm_model=MODEL)
    wait_for(lambda: sdk.tasks.get_status(run.id).status, lambda status: status == "running")

    with sdk.tasks.with_streaming_response.attach(run.id) as response:
        events = Stream[object](cast_to=object, response=response.http_response, client=sdk)
        seen = [next(events)]
        assert sdk.tasks.stop(run.id).cancelled
        seen.extend(events)

    assert [event.event for event in sdk.tasks.get_trajectory(run.id).trajectory][-1] == "CancelEvent"
    assert (
        TaskGetTrajectoryResponse.model_validate({"trajectory": seen}).trajectory[-1].event == "CancelEvent"
    )
    assert sdk.tasks.get_status(run.id).status == "cancelled"
    with pytest.raises(ConflictError):
        sdk.tasks.stop(run.id)


def test_it_takes_what_keeps_a_stream_alive_for_no_event(sdk: Mobilerun) -> None:
    event = 'id: {}\nevent: StartEvent\ndata: {{"event": "StartEvent", "data": {{}}}}\n\n'
    text = event.format(0) + KEEP_ALIVE + KEEP_ALIVE + event.format(1)
    response = httpx.Response(200, text=text, request=httpx.Request("GET", "http://localhost"))

    events = list(Stream[object](cast_to=object, response=response, client=sdk))

    assert events == [{"event": "StartEvent", "data": {}}] * 2


def test_it_lists_models_and_apps(sdk: Mobilerun) -> None:
    assert MODEL in [model.id for model in sdk.models.list().data]
    apps = sdk.apps.list(query="chrome", sort_by="name", order="asc")
    (chrome,) = apps.items
    assert (chrome.bundle_id, chrome.version.version_name) == ("com.android.chrome", "131.0")
    assert apps.count.available_count == 12
