"""Tasks of Mobilerun over a real socket, and across a restart."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import Any

import httpx
import pytest
from emulated_mobilerun import MODEL, SETTINGS, Mobilerun, OpenAccount
from served_emulator import DEADLINE, ServedEmulator, list_of

from xgodo_dev.emulator.mobilerun.account import MobilerunAccount
from xgodo_dev.emulator.timestamps import read, written


def streamed(response: httpx.Response) -> list[tuple[int, str, dict[str, Any]]]:
    """The events of a stream that has ended, each with its id and its name."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    events = []
    for block in response.text.split("\n\n")[:-1]:
        lines = dict(line.split(": ", 1) for line in block.splitlines())
        events.append((int(lines["id"]), lines["event"], json.loads(lines["data"])))
    return events


def trajectory(mobilerun: Mobilerun, task_id: str) -> list[dict[str, Any]]:
    """What happened in a task."""
    return list_of(mobilerun.get(f"tasks/{task_id}/trajectory")["trajectory"])


@pytest.fixture(scope="module")
def finished(mobilerun: Mobilerun) -> str:
    """The id of a task that completed on the personal phone."""
    task_id = mobilerun.run("Open Chrome and search for weather", deviceId=mobilerun.phone(), reasoning=False)
    mobilerun.until(task_id, "completed")
    return task_id


def test_a_task_is_completed_in_steps_that_its_trajectory_tells(mobilerun: Mobilerun) -> None:
    phone = mobilerun.phone()
    begun = mobilerun.post("tasks", task="Open Chrome", llmModel=MODEL, deviceId=phone, reasoning=False)
    device = mobilerun.get(f"devices/{phone}")
    task_id = str(begun["id"])

    assert begun == {
        "id": task_id,
        "status": "created",
        "streamUrl": device["streamUrl"],
        "token": device["streamToken"],
    }
    assert mobilerun.until(task_id, "completed") == {
        "status": "completed",
        "succeeded": True,
        "steps": 3,
        "message": "Done: Open Chrome",
        "output": None,
    }
    events = trajectory(mobilerun, task_id)
    step = ["ScreenshotEvent", "RecordUIStateEvent", "FastAgentResponseEvent", "ToolExecutionEvent"]
    end = ["FinalizeEvent", "ResultEvent"]
    assert [event["event"] for event in events] == ["CreatedEvent", "StartEvent", *step * 3, *end]
    assert events[0]["data"]["id"] == task_id
    assert events[-1]["data"].items() >= {"success": True, "message": "Done: Open Chrome", "steps": 3}.items()


def test_a_task_tells_what_it_was_given_and_when_it_ended(mobilerun: Mobilerun, finished: str) -> None:
    task: Any = mobilerun.get(f"tasks/{finished}")["task"]

    assert (
        task.items()
        >= {
            "id": finished,
            "task": "Open Chrome and search for weather",
            "status": "completed",
            "llmModel": MODEL,
            "deviceId": mobilerun.phone(),
            "tmpDevice": False,
            "maxSteps": 100,
            "reasoning": False,
            "executionTimeout": 1000,
            "vpnCountry": None,
            "succeeded": True,
        }.items()
    )
    assert task["createdAt"] < task["finishedAt"] <= task["updatedAt"]


def test_a_streamed_task_is_followed_until_it_ends(mobilerun: Mobilerun) -> None:
    body = {"task": "Open Chrome", "llmModel": MODEL, "deviceId": mobilerun.phone()}
    events = streamed(mobilerun.client.post("tasks/stream", json=body))
    task_id = events[0][2]["data"]["id"]

    assert [number for number, _, _ in events] == list(range(len(events)))
    assert all(name == event["event"] for _, name, event in events)
    assert [event for _, _, event in events] == trajectory(mobilerun, task_id)
    assert events[-1][1] == "ResultEvent"
    assert "ExecutorActionEvent" in {name for _, name, _ in events}
    assert mobilerun.status(task_id) == "completed"


def test_a_task_goes_on_where_its_stream_breaks_off_and_can_be_attached_to(mobilerun: Mobilerun) -> None:
    body = {"task": "Open Chrome", "llmModel": MODEL, "deviceId": mobilerun.phone()}
    with mobilerun.client.stream("POST", "tasks/stream", json=body) as response:
        lines = response.iter_lines()
        number = int(next(lines).removeprefix("id: "))
        next(lines)
        task_id = json.loads(next(lines).removeprefix("data: "))["data"]["id"]

    headers = {"Last-Event-ID": str(number)}
    events = streamed(mobilerun.client.get(f"tasks/{task_id}/attach", headers=headers))

    assert events[0][0] == number + 1
    assert events[-1][1] == "ResultEvent"
    assert mobilerun.status(task_id) == "completed"


@pytest.mark.parametrize("known", ["", "nonsense", "-1", "9" * 40])
def test_attaching_to_a_task_that_has_ended_tells_all_of_it(
    mobilerun: Mobilerun, finished: str, known: str
) -> None:
    answer = mobilerun.client.get(f"tasks/{finished}/attach", headers={"Last-Event-ID": known})

    assert [event for _, _, event in streamed(answer)] == trajectory(mobilerun, finished)


def test_each_step_has_a_screenshot_and_a_ui_state(mobilerun: Mobilerun, finished: str) -> None:
    shots, states = (
        list(mobilerun.get(f"tasks/{finished}/{kind}")["urls"])  # type: ignore[call-overload]
        for kind in ("screenshots", "ui_states")
    )
    told = {event["data"]["url"] for event in trajectory(mobilerun, finished) if "url" in event["data"]}

    assert told == {*shots, *states}
    assert len(shots) == len(states) == 3
    # Without the key: whoever has the URL may see it.
    with httpx.Client(trust_env=False, timeout=DEADLINE) as anybody:
        pictures = {anybody.get(url).content for url in shots}
        assert len(pictures) == 3
        assert all(picture.startswith(b"\x89PNG") for picture in pictures)
        assert anybody.get(shots[0]).headers["content-type"] == "image/png"
        assert anybody.get(states[1]).json()["phone_state"]["currentApp"] == "Browser"
        for wrong in (shots[0].replace("/0.", "/3."), shots[0].replace(finished, str(uuid.uuid4()))):
            assert anybody.get(wrong).status_code == 404
        *_, key, _, _ = shots[0].split("/")
        assert anybody.get(shots[0].replace(key, "guess")).status_code == 404


@pytest.mark.parametrize("kind", ["screenshots", "ui_states"])
def test_one_picture_is_asked_for_by_its_index(mobilerun: Mobilerun, finished: str, kind: str) -> None:
    urls: Any = mobilerun.get(f"tasks/{finished}/{kind}")["urls"]

    assert mobilerun.get(f"tasks/{finished}/{kind}/2") == {"url": urls[2]}
    assert mobilerun.get(f"tasks/{finished}/{kind}/3", 404) == {"detail": "Media not found"}
    assert mobilerun.get(f"tasks/{finished}/{kind}/-1", 400)
    assert mobilerun.get(f"tasks/{finished}/{kind}/last", 400)


def test_a_task_fails_where_it_says_so(mobilerun: Mobilerun) -> None:
    task_id = mobilerun.run("fail: no network", deviceId=mobilerun.phone())

    answer = mobilerun.until(task_id, "failed", "completed")

    assert answer.items() >= {"succeeded": False, "message": "no network", "steps": 1}.items()
    assert trajectory(mobilerun, task_id)[-1]["data"]["success"] is False


def test_a_task_fails_where_it_may_take_too_few_steps(mobilerun: Mobilerun) -> None:
    task_id = mobilerun.run("Open Chrome", deviceId=mobilerun.phone(), maxSteps=2)

    answer = mobilerun.until(task_id, "failed", "completed")
    assert answer.items() >= {"message": "Reached the maximum of 2 steps", "steps": 2}.items()


@pytest.mark.parametrize(("task", "status"), [("wait", "running"), ("pause", "paused")])
def test_a_task_fails_when_its_time_is_over(
    emulator: ServedEmulator, mobilerun: Mobilerun, task: str, status: str
) -> None:
    task_id = mobilerun.run(task, deviceId=mobilerun.phone(), executionTimeout=600)
    mobilerun.until(task_id, status)

    emulator.client.post("/_emulator/clock", json={"seconds": 600})

    assert mobilerun.until(task_id, "failed")["message"] == "Execution timed out after 600 seconds"


def test_a_task_fails_at_the_moment_that_its_device_was_set_to_end(
    emulator: ServedEmulator, mobilerun: Mobilerun, device: str
) -> None:
    task_id = mobilerun.run("wait", deviceId=device)
    mobilerun.until(task_id, "running")
    moment = written(read(str(mobilerun.get(f"devices/{device}")["createdAt"])) + 60)
    mobilerun.client.request("DELETE", f"devices/{device}", json={"terminateAt": moment})

    emulator.client.post("/_emulator/clock", json={"seconds": 60})

    assert mobilerun.until(task_id, "failed")["message"] == "The device was terminated"


@pytest.mark.parametrize(("task", "state"), [("wait", "created"), ("wait", "running"), ("pause", "paused")])
def test_a_task_is_cancelled_from_any_state_that_is_not_final(
    mobilerun: Mobilerun, task: str, state: str
) -> None:
    device_id = mobilerun.provision()
    try:
        task_id = mobilerun.run(task, deviceId=device_id)
        if state != "created":
            mobilerun.until(task_id, state)

        assert mobilerun.post(f"tasks/{task_id}/cancel") == {"cancelled": True}

        answer = mobilerun.get(f"tasks/{task_id}/status")
        assert answer.items() >= {"status": "cancelled", "succeeded": False}.items()
        assert trajectory(mobilerun, task_id)[-1]["event"] == "CancelEvent"
        assert mobilerun.post(f"tasks/{task_id}/cancel", 409) == {"detail": "Task is already cancelled"}
    finally:
        mobilerun.terminate(device_id)


def test_a_task_without_a_device_has_one_of_its_own_for_as_long_as_it_takes(mobilerun: Mobilerun) -> None:
    task_id = mobilerun.run("Open Chrome", apps=["com.example.app"])
    task: Any = mobilerun.get(f"tasks/{task_id}")["task"]
    device_id = task["deviceId"]

    assert task["tmpDevice"] is True
    assert mobilerun.get(f"devices/{device_id}").items() >= {"apps": ["com.example.app"]}.items()
    mobilerun.until(task_id, "completed")
    assert mobilerun.get(f"devices/{device_id}")["state"] == "terminated"


def test_the_output_has_the_form_that_was_asked_for(mobilerun: Mobilerun) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}, "hot": {"type": "boolean"}}}
    task_id = mobilerun.run("How is the weather?", deviceId=mobilerun.phone(), outputSchema=schema)

    output = {"city": "", "hot": False}
    assert mobilerun.until(task_id, "completed")["output"] == output
    assert trajectory(mobilerun, task_id)[-1]["data"]["structured_output"] == output


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        ({"llmModel": MODEL}, 400, "task"),
        ({"task": "x"}, 400, "llmModel"),
        ({"task": "", "llmModel": MODEL}, 400, "task"),
        ({"task": "x", "llmModel": "acme/none"}, 400, "acme/none"),
        ({"task": "x", "llmModel": MODEL, "deviceId": "phone"}, 400, "deviceId"),
        ({"task": "x", "llmModel": MODEL, "deviceId": str(uuid.uuid4())}, 404, "Device"),
        ({"task": "x", "llmModel": MODEL, "vpnCountry": "XX"}, 400, "vpnCountry"),
        ({"task": "x", "llmModel": MODEL, "maxSteps": 0}, 400, "maxSteps"),
        ({"task": "x", "llmModel": MODEL, "executionTimeout": 0}, 400, "executionTimeout"),
        ({"task": "x", "llmModel": MODEL, "credentials": [{"packageName": "a"}]}, 400, "credentials"),
    ],
)
@pytest.mark.parametrize("path", ["tasks", "tasks/stream"])
def test_a_task_that_cannot_be_begun_is_refused(
    mobilerun: Mobilerun, path: str, body: dict[str, Any], status: int, named: str
) -> None:
    assert named in str(mobilerun.post(path, status, **body)["detail"])


def test_no_task_is_begun_on_a_phone_that_is_not_connected(mobilerun: Mobilerun) -> None:
    refused = mobilerun.post("tasks", 409, task="x", llmModel=MODEL, deviceId=mobilerun.phone("disconnected"))

    assert refused == {"detail": "Device is disconnected"}


@pytest.mark.parametrize(
    "path",
    ["", "/status", "/attach", "/trajectory", "/screenshots", "/screenshots/0", "/ui_states", "/ui_states/0"],
)
def test_a_task_that_nobody_gave_is_not_found(mobilerun: Mobilerun, path: str) -> None:
    assert mobilerun.get(f"tasks/{uuid.uuid4()}{path}", 404) == {"detail": "Task not found"}
    assert mobilerun.post(f"tasks/{uuid.uuid4()}/cancel", 404) == {"detail": "Task not found"}


def test_tasks_are_found_by_what_they_say_and_by_their_state(mobilerun: Mobilerun) -> None:
    word, phone = f"Word{uuid.uuid4().hex}", mobilerun.phone()
    first = mobilerun.run(f"{word} one", deviceId=phone)
    failed = mobilerun.run(f"fail: {word}", deviceId=phone)
    second = mobilerun.run(f"{word} two", deviceId=phone)
    mobilerun.until(second, "completed")

    def found(**query: object) -> list[object]:
        return [item["id"] for item in list_of(mobilerun.get("tasks", **query)["items"])]

    assert found(query=word.upper()) == [second, failed, first]
    assert found(query=word, status="completed", orderByDirection="asc") == [first, second]
    assert found(query=word, orderBy="status") == [failed, second, first]
    assert found(query=word, orderBy="finishedAt") == [second, failed, first]
    assert found(query=word, orderBy="id") == sorted([first, failed, second], reverse=True)
    assert found(query=word, page=2, pageSize=1) == [failed]
    assert found(query="x" * 128) == []
    assert mobilerun.get("tasks", 400, query="x" * 129)
    assert mobilerun.get("tasks", pageSize=100)["pagination"]
    assert mobilerun.get("tasks", 400, pageSize=101)


def begin(account: MobilerunAccount, task: str, device_id: str | None) -> str:
    """The id of a task begun without a server."""
    return account.runner.run(task, device_id, SETTINGS).id


async def ended(account: MobilerunAccount, task_id: str) -> str:
    """How a task ended."""
    async with asyncio.timeout(DEADLINE):
        async for _ in account.runner.follow(task_id):
            pass
    return account.tasks.require(task_id).status


async def test_tasks_that_a_stop_interrupts_go_on_after_it(open_account: OpenAccount) -> None:
    async with open_account() as account:
        (phone,) = account.devices.in_states(["ready"])
        waiting = begin(account, "pause", phone.id)
        behind = begin(account, "Open Chrome", phone.id)
        alone = begin(account, "Open Chrome", None)
        async for happened in account.runner.follow(alone):
            if happened and happened.event.name == "ScreenshotEvent":
                break
        while account.tasks.require(waiting).status != "paused":
            await account.tasks.changed.wait(DEADLINE)

    async with open_account() as account:
        assert await ended(account, alone) == "completed"
        names = [happened.event.name for happened in account.tasks.events(alone)]
        assert (names.count("StartEvent"), names.count("ScreenshotEvent")) == (1, 3)
        assert account.tasks.require(waiting).status == "paused"
        assert account.tasks.require(behind).status == "created"
        account.runner.cancel(waiting)
        assert await ended(account, behind) == "completed"


async def test_a_task_waits_for_its_device_to_be_ready(open_account: OpenAccount) -> None:
    async with open_account() as account:
        device = account.devices.provision()
        task_id = begin(account, "Open Chrome", device.id)
        assert account.tasks.require(task_id).status == "created"

        assert await ended(account, task_id) == "completed"
        started_at = account.tasks.require(task_id).started_at
        assert started_at is not None
        assert device.state(started_at) == "ready"
